import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'

/** What keeps a value from fitting a schema, each with its JSON pointer; none: it fits. */
export function schemaProblems(schema: TSchema, value: unknown): string[] {
  return Value.Errors(schema, value).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`)
}

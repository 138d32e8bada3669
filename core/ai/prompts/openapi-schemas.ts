import type { JsonObject } from '../members.js'
import { movedSchema } from './moved-schema.js'

/** The schemas of a document under names of their own: what refers to the root of a schema has to find it there. */
export class SchemaParts {
  readonly all: JsonObject

  constructor(first: JsonObject) {
    this.all = { ...first }
  }

  /** @returns what refers to it */
  add(name: string, schema: object): JsonObject {
    const at = `#/components/schemas/${name}`
    this.all[name] = movedSchema(schema, at)
    return { $ref: at }
  }

  /** Any of these; each once. */
  anyOf(schemas: readonly object[]): object {
    const kinds = new Map(schemas.map(schema => [JSON.stringify(this.content(schema)), schema]))
    const [first, ...more] = kinds.values()
    return first === undefined || more.length === 0 ? (first ?? {}) : { anyOf: [...kinds.values()] }
  }

  /** What a reference made here leads to, so that the same schema of two versions is one. */
  private content(schema: object): unknown {
    const reference = '$ref' in schema ? String(schema.$ref) : ''
    return this.all[reference.replace('#/components/schemas/', '')] ?? schema
  }
}

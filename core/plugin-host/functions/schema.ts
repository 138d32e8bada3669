import { Buffer } from 'node:buffer'
import { answerAt, copyAt, type GuestBytes, memoryAt, type Run } from '../guest-bytes.js'
import { parseJson } from '../json-document.js'
import type { JsonSchema } from '../schema-check.js'
import { type MakePattern, SchemaMistake } from '../schema-prepare.js'

const MAX_SCHEMAS = 64
const MAX_SCHEMA_BYTES = 1 << 20
const MAX_VALUE_BYTES = 4 << 20
const MAX_ERRORS = 100
const NO_JSON = -2

/** What checks schemas. It is a lot of code, which is loaded for plugins that need it. */
export type SchemaChecker = typeof JsonSchema

/** @returns undefined: the plugin checks no schemas */
export async function schemaChecker(module: WebAssembly.Module): Promise<SchemaChecker | undefined> {
  const needed = WebAssembly.Module.imports(module).some(({ name }) => name.startsWith('schema_'))
  return needed ? (await import('../schema-check.js')).JsonSchema : undefined
}

/**
 * JSON Schemas. `schema_compile` answers a handle, or with the size of what is wrong, negative, written to `out` as far as it fits.
 * `schema_check` writes a JSON array of {"pointer","message"}; its size is 0 when the value is as it should be.
 */
export function schemaFunctions(
  guest: GuestBytes,
  makePattern: MakePattern,
  checker: SchemaChecker | undefined
): Record<string, Run> {
  if (checker === undefined) return {}
  const schemas: JsonSchema[] = []
  const mistake = (text: string, out: number, room: number): number => {
    const bytes = Buffer.from(text)
    bytes.copy(memoryAt(guest, out, room))
    return -Math.max(1, Math.min(bytes.length, room >>> 0))
  }
  return {
    schema_compile: (ptr = 0, length = 0, out = 0, room = 0) => {
      const text = copyAt(guest, ptr, length)
      if (schemas.length >= MAX_SCHEMAS) return mistake(`there are more than ${MAX_SCHEMAS} schemas`, out, room)
      if (text.length > MAX_SCHEMA_BYTES) return mistake(`the schema has ${text.length} bytes`, out, room)
      try {
        return schemas.push(checker.parse(text, makePattern))
      } catch (thrown) {
        if (thrown instanceof SchemaMistake) return mistake(thrown.message, out, room)
        throw thrown
      }
    },
    schema_check: (handle = 0, ptr = 0, length = 0, out = 0, room = 0, max = 0) => {
      const schema = schemas[handle - 1]
      if (schema === undefined) return -1
      const bytes = copyAt(guest, ptr, length)
      const value = bytes.length > MAX_VALUE_BYTES ? undefined : parseJson(bytes)
      if (value === undefined) return NO_JSON
      const found = schema.errors(value, Math.max(1, Math.min(max, MAX_ERRORS)))
      const errors = found.map(({ pointer, message }) => ({ pointer, message }))
      return answerAt(guest, out, room, Buffer.from(errors.length === 0 ? '' : JSON.stringify(errors)))
    }
  }
}

import type { Buffer } from 'node:buffer'
import { Check, Errors } from 'typebox/schema'
import { Settings } from 'typebox/system'
import { parseJson } from './json-document.js'
import { type MakePattern, prepareSchema, SchemaMistake } from './schema-prepare.js'

/** One thing that is wrong with a value. */
export interface SchemaError {
  /** A JSON pointer into the value. */
  readonly pointer: string
  readonly message: string
  /** The only values it may have, where that is what is wrong. */
  readonly allowed?: readonly unknown[]
}

/**
 * A JSON Schema (2020-12 and before) that strangers' values are checked with. It is interpreted: nothing of it becomes code.
 */
export class JsonSchema {
  private constructor(private readonly schema: object) {}

  /** @throws SchemaMistake when it is none, or refers to what is not in it */
  static parse(bytes: Buffer, makePattern: MakePattern): JsonSchema {
    const schema = parseJson(bytes)
    if (typeof schema !== 'boolean' && (typeof schema !== 'object' || schema === null || Array.isArray(schema))) {
      throw new SchemaMistake('the schema is no JSON object')
    }
    prepareSchema(schema, makePattern)
    return new JsonSchema(schema === true ? {} : schema === false ? { not: {} } : schema)
  }

  /** What is wrong with a value, at most `max` of it. */
  errors(value: unknown, max: number): SchemaError[] {
    const { maxErrors } = Settings.Get()
    try {
      if (Check(this.schema, value)) return []
      Settings.Set({ maxErrors: max })
      const [, errors] = Errors(this.schema, value)
      // What was found inside says more than that something was.
      const telling = errors.filter(({ keyword }) => keyword !== 'additionalProperties')
      return (telling.length === 0 ? errors : telling).map(error => ({
        pointer: error.instancePath,
        message: error.keyword === 'boolean' ? 'must not be there' : error.message,
        ...(error.keyword === 'enum' && { allowed: error.params.allowedValues })
      }))
    } finally {
      Settings.Set({ maxErrors })
    }
  }
}

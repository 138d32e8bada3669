import { isObject, type JsonObject } from '../../members.js'
import { referred } from '../schema-reference.js'
import { withoutRefused } from './schema-refused.js'

/** A schema in Gemini's subset of OpenAPI 3.0. */
export interface GeminiSchema {
  readonly schema: JsonObject
  /** It says less than the JSON Schema it was made from, which models that take that should have. */
  readonly lossy: boolean
}

/**
 * Writes JSON Schema in the subset of OpenAPI that Gemini takes: references are put in place, constants become enums, lists of types and
 * `null` become `nullable`, `oneOf` becomes `anyOf`, keywords it does not know are left out.
 * https://ai.google.dev/api/caching#Schema
 */
export function writeSchema(root: JsonObject): GeminiSchema {
  const writer = new SchemaWriter(root)
  // What was put together from several places may require what is in none of them.
  const schema = withoutRefused(writer.write(root, []), new Set())
  return { schema, lossy: writer.lossy }
}

/** Keywords that are the same there. */
const SAME = [
  'title',
  'description',
  'default',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minLength',
  'maxLength',
  'pattern',
  'minimum',
  'maximum',
  'required',
  'propertyOrdering'
]
/** Keywords without which other values are valid: where the model takes JSON Schema itself, it should have them. */
const STRUCTURE = ['patternProperties', 'prefixItems', 'not', 'if', 'dependentSchemas', 'contains', 'propertyNames']
const FORMATS = new Set(['enum', 'date-time', 'int32', 'int64', 'float', 'double'])
const MAX_DEPTH = 32

class SchemaWriter {
  lossy = false

  constructor(private readonly root: JsonObject) {}

  /** @param references - those being put in place around this: one of them again has no end */
  write(schema: unknown, references: readonly string[], depth = 0): JsonObject {
    const out = this.piece(schema, references, depth)
    if (out.anyOf !== undefined) return this.alone(out)
    if (out.type === 'array' && out.items === undefined) out.items = this.less({ type: 'string' })
    if (out.type === undefined) return this.less({ ...out, type: 'string' })
    return out
  }

  /** Beside alternatives Vertex takes nothing that says what the value is. */
  private alone(out: JsonObject): JsonObject {
    const { anyOf, title, description, nullable, default: preset } = out
    const beside = { title, description, nullable, default: preset }
    const kept = Object.fromEntries(Object.entries(beside).filter(([, value]) => value !== undefined))
    const whole = { ...kept, anyOf }
    return Object.keys(whole).length < Object.keys(out).length ? this.less(whole) : whole
  }

  /** A schema that need not be whole: one of those in `allOf` may say a length and no type. */
  private piece(schema: unknown, references: readonly string[], depth: number): JsonObject {
    if (!isObject(schema) || depth > MAX_DEPTH) return this.less({ type: 'object' })
    if (typeof schema.$ref === 'string') return this.reference(schema, schema.$ref, references, depth)
    const into = (each: unknown) => this.write(each, references, depth + 1)
    const out: JsonObject = {}
    for (const name of SAME) if (schema[name] !== undefined) out[name] = schema[name]
    if (typeof schema.format === 'string' && FORMATS.has(schema.format)) out.format = schema.format
    if (STRUCTURE.some(name => schema[name] !== undefined)) this.lossy = true
    this.bounds(schema, out)
    this.types(schema, out)
    this.values(schema, out)
    if (isObject(schema.properties)) {
      const properties = Object.entries(schema.properties).map(([name, each]) => [name, into(each)])
      if (properties.length > 0) out.properties = Object.fromEntries(properties)
      out.type ??= 'object'
    }
    if (isObject(schema.additionalProperties) || schema.additionalProperties === true) this.lossy = true
    if (isObject(schema.items)) {
      out.items = into(schema.items)
      out.type ??= 'array'
    }
    for (const each of Array.isArray(schema.allOf) ? schema.allOf : [])
      merge(out, this.piece(each, references, depth + 1))
    this.alternatives(schema, out, into)
    return out
  }

  private reference(schema: JsonObject, name: string, references: readonly string[], depth: number): JsonObject {
    const found = referred(this.root, name)
    if (found === undefined || references.includes(name)) return this.less({ type: 'object' })
    const { $ref, ...beside } = schema
    const target = isObject(found) ? { ...found, ...beside } : found
    return this.piece(target, [...references, name], depth + 1)
  }

  private bounds(schema: JsonObject, out: JsonObject): void {
    const step = schema.type === 'integer' ? 1 : 0
    if (typeof schema.exclusiveMinimum === 'number') out.minimum ??= schema.exclusiveMinimum + step
    if (typeof schema.exclusiveMaximum === 'number') out.maximum ??= schema.exclusiveMaximum - step
  }

  private types(schema: JsonObject, out: JsonObject): void {
    const named = Array.isArray(schema.type) ? schema.type : [schema.type]
    const types = named.filter(type => typeof type === 'string' && type !== 'null')
    if (schema.nullable === true || (named.includes('null') && types.length > 0)) out.nullable = true
    if (types.length === 1) out.type = types[0]
    else if (types.length > 1) out.anyOf = types.map(type => withItems({ type }))
    else if (named.includes('null')) out.type = 'null'
  }

  private values(schema: JsonObject, out: JsonObject): void {
    const listed = Array.isArray(schema.enum) ? schema.enum : schema.const === undefined ? undefined : [schema.const]
    if (listed === undefined) return
    const values = listed.filter(value => value !== null)
    if (values.length < listed.length) out.nullable = true
    if (values.length > 0 && values.every(value => typeof value === 'string')) {
      out.enum = values
      out.type = 'string'
      return
    }
    // Only strings may be listed there: the model is told, if not held to it.
    this.lossy = true
    const first = values[0]
    if (typeof first === 'number') out.type ??= values.every(Number.isInteger) ? 'integer' : 'number'
    else if (typeof first === 'boolean') out.type ??= 'boolean'
    const told = `One of: ${values.map(value => JSON.stringify(value)).join(', ')}.`
    out.description = typeof out.description === 'string' ? `${out.description} ${told}` : told
  }

  private alternatives(schema: JsonObject, out: JsonObject, into: (schema: unknown) => JsonObject): void {
    for (const name of ['anyOf', 'oneOf']) {
      const all = schema[name]
      if (!Array.isArray(all)) continue
      const some = all.filter(each => !(isObject(each) && each.type === 'null'))
      if (some.length < all.length) out.nullable = true
      const [only] = some
      if (some.length === 1) merge(out, into(only))
      else if (some.length > 1) out.anyOf = some.map(into)
    }
  }

  private less(schema: JsonObject): JsonObject {
    this.lossy = true
    return schema
  }
}

function withItems(schema: JsonObject): JsonObject {
  return schema.type === 'array' ? { ...schema, items: { type: 'string' } } : schema
}

/** Adds what another schema demands: what is there already stays. */
function merge(out: JsonObject, other: JsonObject): void {
  for (const [name, value] of Object.entries(other)) {
    if (name === 'properties' && isObject(out.properties) && isObject(value)) {
      out.properties = { ...value, ...out.properties }
    } else if (name === 'required' && Array.isArray(out.required) && Array.isArray(value)) {
      out.required = [...new Set([...out.required, ...value])]
    } else out[name] ??= value
  }
}

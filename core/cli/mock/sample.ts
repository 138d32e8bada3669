import { isObject, type JsonObject } from '../../ai/members.js'

/**
 * A value that fits a JSON Schema, always the same for the same schema. Knows what tools and structured output use:
 * type (one or several), enum, const, default, properties, items, prefixItems, minItems, anyOf, oneOf, allOf, $ref
 * within the schema, lengths, bounds, multipleOf and common formats; not pattern.
 */
export function sample(schema: unknown): unknown {
  return value(schema, isObject(schema) ? schema : {}, 0, 'value')
}

/** Deeper than that, what may be left out is left out: schemas can refer to themselves. */
const DEEP = 8

function value(schema: unknown, root: JsonObject, depth: number, name: string): unknown {
  if (!isObject(schema)) return name
  if (typeof schema.$ref === 'string') return value(referred(schema.$ref, root), root, depth + 1, name)
  if ('const' in schema) return schema.const
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0]
  if ('default' in schema) return schema.default
  if (Array.isArray(schema.allOf) && schema.allOf.length > 0) return value(merged(schema, root), root, depth + 1, name)
  const choices = Array.isArray(schema.anyOf) ? schema.anyOf : schema.oneOf
  if (Array.isArray(choices) && choices.length > 0) {
    const plain = depth > DEEP ? choices.find(each => isObject(each) && each.type === 'null') : undefined
    return value(plain ?? choices[0], root, depth + 1, name)
  }
  switch (typeOf(schema)) {
    case 'object':
      return object(schema, root, depth)
    case 'array':
      return array(schema, root, depth, name)
    case 'integer':
      return number(schema, 1)
    case 'number':
      return number(schema, 0)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return text(schema, name)
  }
}

/** The first type that is not null; Gemini writes types in capitals. */
function typeOf(schema: JsonObject): string {
  const types = [schema.type ?? []].flat().filter(type => typeof type === 'string')
  const type = types.find(each => each !== 'null') ?? types[0]
  if (type !== undefined) return type.toLowerCase()
  if (isObject(schema.properties)) return 'object'
  return schema.items === undefined ? 'string' : 'array'
}

function object(schema: JsonObject, root: JsonObject, depth: number): JsonObject {
  const required = Array.isArray(schema.required) ? schema.required : []
  const properties = isObject(schema.properties) ? Object.entries(schema.properties) : []
  const wanted = depth > DEEP ? properties.filter(([name]) => required.includes(name)) : properties
  return Object.fromEntries(wanted.map(([name, each]) => [name, value(each, root, depth + 1, name)]))
}

function array(schema: JsonObject, root: JsonObject, depth: number, name: string): unknown[] {
  if (Array.isArray(schema.prefixItems)) return schema.prefixItems.map(each => value(each, root, depth + 1, name))
  const least = whole(schema.minItems) ?? 0
  const most = whole(schema.maxItems) ?? Number.POSITIVE_INFINITY
  const length = Math.min(Math.max(least, depth > DEEP ? 0 : 1), most)
  return Array.from({ length }, () => value(schema.items, root, depth + 1, name))
}

function number(schema: JsonObject, step: number): number {
  const multiple = typeof schema.multipleOf === 'number' && schema.multipleOf > 0 ? schema.multipleOf : step
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = schema
  if (typeof minimum === 'number') return multiple === 0 ? minimum : Math.ceil(minimum / multiple) * multiple
  if (typeof exclusiveMinimum === 'number') {
    return multiple === 0 ? exclusiveMinimum + 1 : (Math.floor(exclusiveMinimum / multiple) + 1) * multiple
  }
  if (typeof maximum === 'number' && maximum < 1) return Math.floor(maximum / (multiple || 1)) * (multiple || 1)
  if (typeof exclusiveMaximum === 'number' && exclusiveMaximum <= 1) return exclusiveMaximum - (multiple || 1)
  return multiple || 1
}

const FORMATS: Readonly<Record<string, string>> = {
  date: '2026-01-01',
  'date-time': '2026-01-01T00:00:00Z',
  time: '00:00:00Z',
  duration: 'P1D',
  email: 'someone@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000'
}

function text(schema: JsonObject, name: string): string {
  const known = typeof schema.format === 'string' ? FORMATS[schema.format] : undefined
  if (known !== undefined) return known
  const least = whole(schema.minLength) ?? 0
  const padded = name.length < least ? name.padEnd(least, 'x') : name
  return padded.slice(0, whole(schema.maxLength) ?? padded.length)
}

/** All of `allOf` as one schema. */
function merged(schema: JsonObject, root: JsonObject): JsonObject {
  const { allOf, ...own } = schema
  const parts = [own, ...(Array.isArray(allOf) ? allOf : [])].map(each =>
    isObject(each) && typeof each.$ref === 'string' ? referred(each.$ref, root) : each
  )
  const all: JsonObject = {}
  for (const part of parts) {
    if (!isObject(part)) continue
    const properties = {
      ...(isObject(all.properties) && all.properties),
      ...(isObject(part.properties) && part.properties)
    }
    Object.assign(all, part)
    if (Object.keys(properties).length > 0) all.properties = properties
  }
  return all
}

/** "#/$defs/Place" */
function referred(ref: string, root: JsonObject): unknown {
  let at: unknown = root
  for (const name of ref.split('/').slice(1)) {
    at = isObject(at) ? at[name.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined
  }
  return at
}

function whole(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

import { isObject, type JsonObject } from '../../members.js'

/**
 * A JSON schema as Anthropic's structured outputs and strict tools take it: objects are closed, `oneOf` is `anyOf`, and limits that the grammar
 * has no way to hold (lengths, ranges, patterns) move into the description, where the model still reads them.
 */
export function strictSchema(schema: unknown, depth = 0): unknown {
  if (!isObject(schema) || depth > MAX_DEPTH) return schema
  const strict: JsonObject = {}
  const limits: string[] = []
  for (const [name, value] of Object.entries(schema)) {
    if (name === '$schema' || value === undefined) continue
    if (MAPS.has(name) && isObject(value)) {
      strict[name] = Object.fromEntries(
        Object.entries(value).map(([key, each]) => [key, strictSchema(each, depth + 1)])
      )
    } else if (UNIONS.has(name) && Array.isArray(value)) {
      strict[name === 'oneOf' ? 'anyOf' : name] = value.map(each => strictSchema(each, depth + 1))
    } else if (name === 'items') strict.items = strictSchema(value, depth + 1)
    else if (KNOWN.has(name) || takes(name, value)) strict[name] = value
    else if (name !== 'additionalProperties') limits.push(`${name}: ${JSON.stringify(value)}`)
  }
  if (strict.type === 'object' || isObject(strict.properties)) {
    strict.properties ??= {}
    strict.additionalProperties = false
  }
  if (limits.length > 0) {
    const description = typeof strict.description === 'string' ? `${strict.description}\n\n` : ''
    strict.description = `${description}{${limits.join(', ')}}`
  }
  return strict
}

/**
 * Whether a JSON schema still means the same when all its objects are closed: none of them may have members by other names (a map), and
 * lists have no places of their own.
 */
export function fitsStrict(schema: unknown, depth = 0): boolean {
  if (!isObject(schema) || depth > MAX_DEPTH) return true
  if (isOpen(schema) || schema.prefixItems !== undefined || Array.isArray(schema.items)) return false
  return Object.entries(schema).every(([name, value]) => {
    if (MAPS.has(name)) return !isObject(value) || Object.values(value).every(each => fitsStrict(each, depth + 1))
    if (UNIONS.has(name)) return !Array.isArray(value) || value.every(each => fitsStrict(each, depth + 1))
    return name !== 'items' || fitsStrict(value, depth + 1)
  })
}

/** An object that says nothing of its members may have any. */
function isOpen(schema: JsonObject): boolean {
  const { type, properties, additionalProperties, patternProperties } = schema
  if (patternProperties !== undefined || additionalProperties === true || isObject(additionalProperties)) return true
  const object = type === 'object' || (Array.isArray(type) && type.includes('object'))
  return (
    object &&
    properties === undefined &&
    additionalProperties === undefined &&
    ELSEWHERE.every(name => schema[name] === undefined)
  )
}

/** Deeper than any schema of use; what is below stays as it is. */
const MAX_DEPTH = 64
const MAPS = new Set(['properties', '$defs', 'definitions'])
const UNIONS = new Set(['anyOf', 'oneOf', 'allOf'])
/** Where else an object's members may be said. */
const ELSEWHERE = ['$ref', 'anyOf', 'oneOf', 'allOf', 'enum', 'const']
const KNOWN = new Set(['type', 'enum', 'const', 'description', 'title', 'required', '$ref', 'default'])
const FORMATS = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid'])

function takes(name: string, value: unknown): boolean {
  if (name === 'format') return typeof value === 'string' && FORMATS.has(value)
  return name === 'minItems' && (value === 0 || value === 1)
}

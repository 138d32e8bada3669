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
    } else if ((name === 'anyOf' || name === 'oneOf' || name === 'allOf') && Array.isArray(value)) {
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

/** Deeper than any schema of use; what is below stays as it is. */
const MAX_DEPTH = 64
const MAPS = new Set(['properties', '$defs', 'definitions'])
const KNOWN = new Set(['type', 'enum', 'const', 'description', 'title', 'required', '$ref', 'default'])
const FORMATS = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid'])

function takes(name: string, value: unknown): boolean {
  if (name === 'format') return typeof value === 'string' && FORMATS.has(value)
  return name === 'minItems' && (value === 0 || value === 1)
}

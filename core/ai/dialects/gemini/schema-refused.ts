import { isObject, type JsonObject } from '../../members.js'

/** Schemas within a schema by name, and lists of them. */
const MAPS = new Set(['properties', '$defs', 'definitions'])
const LISTS = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems'])
/** Where else properties may be said. */
const ELSEWHERE = ['$ref', 'anyOf', 'oneOf', 'allOf']
/** Deeper than any schema of use; what is below stays as it is. */
const MAX_DEPTH = 64

/**
 * A JSON schema without what Gemini refuses in any form of it: to require a property that it is not told of, and to list an empty text
 * ("required[0]: property is not defined", "enum[0]: cannot be empty").
 * @param lost - gets the keywords of which something was left out
 */
export function withoutRefused(schema: JsonObject, lost: Set<string>, depth = 0): JsonObject {
  if (depth > MAX_DEPTH) return schema
  const into = (each: unknown) => (isObject(each) ? withoutRefused(each, lost, depth + 1) : each)
  const out: JsonObject = {}
  for (const [name, value] of Object.entries(schema)) {
    if (MAPS.has(name) && isObject(value)) {
      out[name] = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, into(each)]))
    } else if (LISTS.has(name) && Array.isArray(value)) out[name] = value.map(into)
    else if (name === 'items' || name === 'additionalProperties') out[name] = into(value)
    else if (name === 'required' && Array.isArray(value)) put(out, name, knownOf(value, schema), value, lost)
    else if (name === 'enum' && Array.isArray(value)) {
      put(
        out,
        name,
        value.filter(each => each !== ''),
        value,
        lost
      )
    } else out[name] = value
  }
  return out
}

function put(out: JsonObject, name: string, kept: unknown[], all: readonly unknown[], lost: Set<string>): void {
  if (kept.length < all.length) lost.add(name)
  if (kept.length > 0) out[name] = kept
}

/** The required properties that there are, as far as is said in one place. */
function knownOf(required: unknown[], schema: JsonObject): unknown[] {
  const { properties } = schema
  if (ELSEWHERE.some(name => schema[name] !== undefined)) return required
  if (!isObject(properties)) return [schema.type].flat().includes('object') ? [] : required
  return required.filter(name => typeof name === 'string' && Object.hasOwn(properties, name))
}

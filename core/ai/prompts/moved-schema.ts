import { isObject, type JsonObject } from '../members.js'

/** Keywords whose value is data, in which a "$ref" is no reference. */
const DATA = new Set(['const', 'default', 'enum', 'example', 'examples'])

/** Keywords whose value has schemas by name: the names are no keywords. */
const NAMED = new Set(['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties'])

/**
 * A schema at another place, of another document: its references lead there.
 * @param at - the place as a JSON pointer, with its "#"
 */
export function movedSchema(schema: object, at: string): JsonObject {
  const copy = moved(schema, at)
  return isObject(copy) ? copy : {}
}

function moved(schema: unknown, at: string): unknown {
  if (Array.isArray(schema)) return schema.map(each => moved(each, at))
  if (!isObject(schema)) return schema
  const copy: JsonObject = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === '$ref' && typeof value === 'string' && value.startsWith('#')) copy.$ref = `${at}${value.slice(1)}`
    else if (keyword === '$id' || keyword === '$schema') continue
    else if (NAMED.has(keyword) && isObject(value)) copy[keyword] = byName(value, at)
    else copy[keyword] = DATA.has(keyword) ? value : moved(value, at)
  }
  return copy
}

function byName(schemas: JsonObject, at: string): JsonObject {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, moved(schema, at)]))
}

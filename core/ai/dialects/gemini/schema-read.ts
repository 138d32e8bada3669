import { numberIn } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'

const COUNTS = new Set(['minItems', 'maxItems', 'minProperties', 'maxProperties', 'minLength', 'maxLength'])
const CAMEL: Readonly<Record<string, string>> = {
  any_of: 'anyOf',
  min_items: 'minItems',
  max_items: 'maxItems',
  min_properties: 'minProperties',
  max_properties: 'maxProperties',
  min_length: 'minLength',
  max_length: 'maxLength',
  property_ordering: 'propertyOrdering'
}

/** JSON Schema of what Gemini's clients send: types in upper case, `nullable`, counts as strings. */
export function readSchema(schema: JsonObject): JsonObject {
  const out: JsonObject = {}
  for (const [written, value] of Object.entries(schema)) {
    const name = CAMEL[written] ?? written
    if (value === null || name === 'nullable' || name === 'propertyOrdering') continue
    if (name === 'type' && typeof value === 'string') out.type = value.toLowerCase()
    else if (name === 'format' && value === 'enum') continue
    else if (name === 'example') out.examples = [value]
    else if (COUNTS.has(name)) out[name] = numberIn(value) ?? value
    else if (name === 'properties' && isObject(value)) out.properties = mapped(value)
    else if (name === 'items' && isObject(value)) out.items = readSchema(value)
    else if (name === 'anyOf' && Array.isArray(value))
      out.anyOf = value.map(each => (isObject(each) ? readSchema(each) : each))
    else out[name] = value
  }
  if (out.type === 'type_unspecified') delete out.type
  return schema.nullable === true ? nullable(out) : out
}

function mapped(properties: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([name, each]) => [name, isObject(each) ? readSchema(each) : each])
  )
}

function nullable(schema: JsonObject): JsonObject {
  const out = { ...schema }
  if (typeof out.type === 'string') out.type = [out.type, 'null']
  else if (Array.isArray(out.anyOf)) out.anyOf = [...out.anyOf, { type: 'null' }]
  if (Array.isArray(out.enum)) out.enum = [...out.enum, null]
  return out
}

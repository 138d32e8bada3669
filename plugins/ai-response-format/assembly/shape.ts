import { Json, JsonKind } from '@sluice/plugin-sdk/assembly'

/**
 * What clients ask for with response_format, as far as providers hold models to it. A client's schema is checked here and not by the host, which
 * keeps the few schemas of the operator for good. What it does not know of a schema says nothing.
 */

const MAX_DEPTH: i32 = 100
/** References and alternatives make a short schema long; one that is longer is not looked at to its end. */
const MAX_STEPS: i32 = 200_000

let root: Json = Json.missing()
let steps = 0

/** What is wrong with a value, with its place; "" when nothing is. */
export function shapeMistake(value: Json, schema: Json): string {
  root = schema
  steps = 0
  return mistakeIn(value, schema, '', 0)
}

function mistakeIn(value: Json, schema: Json, path: string, depth: i32): string {
  if (++steps > MAX_STEPS || depth > MAX_DEPTH) return ''
  if (schema.isBool) return schema.asBool() ? '' : wrong(path, 'must not be there')
  if (!schema.isObject) return ''
  const reference = schema.get('$ref')
  if (reference.isString) {
    const found = mistakeIn(value, referred(reference.asString()), path, depth + 1)
    if (found != '') return found
  }
  if (schema.has('type') && !hasType(value, schema.get('type'))) return wrong(path, 'is not of the type ' + schema.get('type').toString())
  if (schema.has('const') && !same(value, schema.get('const'))) return wrong(path, 'is not ' + schema.get('const').toString())
  const values = schema.get('enum')
  if (values.isArray && !isAmong(value, values)) return wrong(path, 'is none of ' + values.toString())
  const combined = combinedMistake(value, schema, path, depth)
  if (combined != '') return combined
  if (value.isObject) return objectMistake(value, schema, path, depth)
  if (value.isArray) return arrayMistake(value, schema, path, depth)
  if (value.isString) return outside(<f64>value.asString().length, schema, 'minLength', 'maxLength') ? wrong(path, 'is too short or too long') : ''
  if (!value.isNumber) return ''
  const number = value.asNumber()
  const least = schema.get('exclusiveMinimum')
  const most = schema.get('exclusiveMaximum')
  const over = (least.isNumber && number <= least.asNumber()) || (most.isNumber && number >= most.asNumber())
  return over || outside(number, schema, 'minimum', 'maximum') ? wrong(path, 'is too small or too large') : ''
}

function combinedMistake(value: Json, schema: Json, path: string, depth: i32): string {
  const all = schema.get('allOf')
  for (let i = 0; i < all.length; i++) {
    const found = mistakeIn(value, all.at(i), path, depth + 1)
    if (found != '') return found
  }
  const any = schema.has('anyOf') ? schema.get('anyOf') : schema.get('oneOf')
  let first = ''
  for (let i = 0; i < any.length; i++) {
    const found = mistakeIn(value, any.at(i), path, depth + 1)
    if (found == '') return ''
    if (first == '') first = found
  }
  return first
}

function objectMistake(value: Json, schema: Json, path: string, depth: i32): string {
  const required = schema.get('required')
  for (let i = 0; i < required.length; i++) {
    const name = required.at(i).asString()
    if (!value.has(name)) return wrong(path + '/' + name, 'is missing')
  }
  const properties = schema.get('properties')
  const more = schema.get('additionalProperties')
  for (let i = 0; i < value.length; i++) {
    const name = value.keyAt(i)
    const known = properties.isObject && properties.has(name)
    if (!known && schema.has('patternProperties')) continue
    const found = mistakeIn(value.at(i), known ? properties.get(name) : more, path + '/' + name, depth + 1)
    if (found != '') return found
  }
  return ''
}

function arrayMistake(value: Json, schema: Json, path: string, depth: i32): string {
  if (outside(<f64>value.length, schema, 'minItems', 'maxItems')) return wrong(path, 'has too few or too many items')
  const items = schema.get('items')
  const first = schema.get('prefixItems')
  for (let i = 0; i < value.length; i++) {
    const own = i < first.length ? first.at(i) : items
    const found = mistakeIn(value.at(i), own, path + '/' + i.toString(), depth + 1)
    if (found != '') return found
  }
  return ''
}

function hasType(value: Json, type: Json): bool {
  if (!type.isArray) return isOf(value, type.asString())
  for (let i = 0; i < type.length; i++) if (isOf(value, type.at(i).asString())) return true
  return false
}

function isOf(value: Json, type: string): bool {
  if (type == 'integer') return value.isNumber && Math.floor(value.asNumber()) == value.asNumber()
  if (type == 'object') return value.isObject
  if (type == 'array') return value.isArray
  if (type == 'string') return value.isString
  if (type == 'number') return value.isNumber
  if (type == 'boolean') return value.isBool
  return type != 'null' || value.isNull
}

function isAmong(value: Json, values: Json): bool {
  for (let i = 0; i < values.length; i++) if (same(value, values.at(i))) return true
  return false
}

function same(one: Json, other: Json): bool {
  if (one.kind == JsonKind.NUMBER && other.kind == JsonKind.NUMBER) return one.asNumber() == other.asNumber()
  if (one.isString && other.isString) return one.asString() == other.asString()
  return one.toString() == other.toString()
}

function outside(number: f64, schema: Json, least: string, most: string): bool {
  const min = schema.get(least)
  const max = schema.get(most)
  return (min.isNumber && number < min.asNumber()) || (max.isNumber && number > max.asNumber())
}

/** What "#/$defs/name" leads to; what leads nowhere asks for nothing. */
function referred(reference: string): Json {
  if (!reference.startsWith('#')) return Json.missing()
  let found = root
  const names = reference.split('/')
  for (let i = 1; i < names.length; i++) found = found.get(names[i].replaceAll('~1', '/').replaceAll('~0', '~'))
  return found
}

function wrong(path: string, what: string): string {
  return (path == '' ? 'the answer' : path) + ' ' + what
}

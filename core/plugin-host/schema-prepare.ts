import { percentDecoded } from '../base/percent.js'

/** A JSON object of a schema that was parsed here: it is changed in place. */
type Schema = Record<string, unknown>

/** What is wrong with a schema, for the operator. */
export class SchemaMistake extends Error {}

/** Keywords with one schema, with a list, with schemas by name. */
const ONE = [
  'additionalItems',
  'additionalProperties',
  'contains',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties'
]
const MANY = ['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems']
const NAMED = ['$defs', 'definitions', 'dependencies', 'dependentSchemas', 'patternProperties', 'properties']
/** Those of them that judge the same value as the schema they are in. */
const SAME_VALUE = ['allOf', 'anyOf', 'dependentSchemas', 'else', 'if', 'not', 'oneOf', 'then']
const REFUSED = ['$dynamicRef', '$recursiveRef']

/** How patterns are matched: in linear time. @throws when it is none */
export type MakePattern = (source: string) => RegExp

/**
 * Makes a schema safe to check strangers' values with, and fast: its patterns are matched in linear time, equal items are found
 * in linear time; what it refers to, which must be in it, is put in place of the references.
 * @throws SchemaMistake saying where
 */
export function prepareSchema(root: unknown, makePattern: MakePattern): void {
  const seen = new Set<unknown>()
  const references: [schema: Schema, target: unknown][] = []
  const visit = (value: unknown, path: string): void => {
    if (typeof value === 'boolean' || seen.has(value)) return
    if (!isSchema(value)) throw new SchemaMistake(`${path || '/'} is neither an object nor a boolean`)
    seen.add(value)
    checkKeywords(value, path)
    for (const [each, where] of subschemas(value, path)) visit(each, where)
    tame(value, path, makePattern)
    if (!Object.hasOwn(value, '$ref')) return
    const referred = target(root, value.$ref, `${path}/$ref`)
    visit(referred, `${path}/$ref`)
    references.push([value, referred])
  }
  visit(root, '')
  for (const [schema, referred] of references) {
    delete schema.$ref
    schema.allOf = [...(Array.isArray(schema.allOf) ? schema.allOf : []), referred]
  }
  refuseLoops(seen)
}

/** The schemas right inside of one, with their places. */
function* subschemas(schema: Schema, path: string): Generator<readonly [value: unknown, path: string]> {
  for (const keyword of ONE) {
    if (Object.hasOwn(schema, keyword) && !Array.isArray(schema[keyword])) yield [schema[keyword], `${path}/${keyword}`]
  }
  for (const keyword of MANY) {
    const list = schema[keyword]
    if (Array.isArray(list)) for (const [i, each] of list.entries()) yield [each, `${path}/${keyword}/${i}`]
    else if (Object.hasOwn(schema, keyword) && keyword !== 'items') {
      throw new SchemaMistake(`${path}/${keyword} is no list`)
    }
  }
  for (const keyword of NAMED) {
    if (!Object.hasOwn(schema, keyword)) continue
    const named = schema[keyword]
    if (!isSchema(named)) throw new SchemaMistake(`${path}/${keyword} is no object`)
    for (const [name, each] of Object.entries(named)) {
      if (!(keyword === 'dependencies' && Array.isArray(each))) yield [each, `${path}/${keyword}/${name}`]
    }
  }
}

const TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']
const NUMBERS = [
  'exclusiveMaximum',
  'exclusiveMinimum',
  'maxContains',
  'maxItems',
  'maxLength',
  'maxProperties',
  'maximum',
  'minContains',
  'minItems',
  'minLength',
  'minProperties',
  'minimum',
  'multipleOf'
]

/** What would be taken for no condition at all is a mistake. */
function checkKeywords(schema: Schema, path: string): void {
  for (const keyword of REFUSED) {
    if (Object.hasOwn(schema, keyword)) throw new SchemaMistake(`${path}/${keyword} is not supported: use $ref`)
  }
  if (path !== '' && Object.hasOwn(schema, '$id')) throw new SchemaMistake(`${path}/$id: a schema inside has none`)
  for (const keyword of NUMBERS) {
    if (Object.hasOwn(schema, keyword) && typeof schema[keyword] !== 'number') {
      throw new SchemaMistake(`${path}/${keyword} is no number`)
    }
  }
  const { type, required, enum: values } = schema
  for (const name of [type].flat()) {
    if (type !== undefined && !TYPES.some(each => each === name)) {
      throw new SchemaMistake(`${path}/type: there is no type ${JSON.stringify(name)}`)
    }
  }
  if (required !== undefined && !(Array.isArray(required) && required.every(each => typeof each === 'string'))) {
    throw new SchemaMistake(`${path}/required is no list of names`)
  }
  if (values !== undefined && !Array.isArray(values)) throw new SchemaMistake(`${path}/enum is no list`)
}

/** A schema that leads back to itself for the same value is never done with it. */
function refuseLoops(schemas: ReadonlySet<unknown>): void {
  const done = new Set<unknown>()
  const under = new Set<unknown>()
  const walk = (schema: unknown): void => {
    if (!isSchema(schema) || done.has(schema)) return
    if (under.has(schema)) throw new SchemaMistake('the schema refers to itself without an end')
    under.add(schema)
    for (const keyword of SAME_VALUE) {
      const inside = schema[keyword]
      if (keyword === 'dependentSchemas' || Array.isArray(inside)) Object.values(inside ?? {}).forEach(walk)
      else walk(inside)
    }
    under.delete(schema)
    done.add(schema)
  }
  schemas.forEach(walk)
}

/** Puts what takes linear time in place of what might not. */
function tame(schema: Schema, path: string, makePattern: MakePattern): void {
  const { pattern, patternProperties, uniqueItems } = schema
  if (typeof pattern === 'string') schema.pattern = attempt(() => makePattern(pattern), `${path}/pattern`)
  else if (pattern !== undefined) throw new SchemaMistake(`${path}/pattern is no text`)
  for (const name of Object.keys(isSchema(patternProperties) ? patternProperties : {})) {
    if (/[*+{].*[*+{]/s.test(name)) throw new SchemaMistake(`${path}/patternProperties/${name} repeats more than once`)
    attempt(() => new RegExp(name, 'u'), `${path}/patternProperties/${name}`)
  }
  if (uniqueItems !== true) return
  delete schema.uniqueItems
  schema['~refine'] = [{ check: hasUniqueItems, error: () => 'must not have duplicate items' }]
}

function attempt(make: () => RegExp, where: string): RegExp {
  try {
    return make()
  } catch (thrown) {
    throw new SchemaMistake(`${where}: ${thrown instanceof Error ? thrown.message : thrown}`)
  }
}

/** What a reference leads to: a place in the same document, by pointer or anchor. */
function target(root: unknown, reference: unknown, where: string): unknown {
  if (typeof reference !== 'string') throw new SchemaMistake(`${where} is no text`)
  if (!reference.startsWith('#')) throw new SchemaMistake(`${where}: "${reference}" is not in this document`)
  if (reference === '#') return root
  if (!reference.startsWith('#/')) {
    const found = anchored(root, reference.slice(1))
    if (found === undefined) throw new SchemaMistake(`${where}: there is no anchor "${reference.slice(1)}"`)
    return found
  }
  let value = root
  for (const step of percentDecoded(reference.slice(2)).split('/')) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) {
      throw new SchemaMistake(`${where}: there is nothing at "${reference}"`)
    }
    value = Reflect.get(value, key)
  }
  return value
}

function anchored(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if (Reflect.get(value, '$anchor') === name) return value
  for (const each of Object.values(value)) {
    const found = anchored(each, name)
    if (found !== undefined) return found
  }
  return undefined
}

function hasUniqueItems(value: unknown): boolean {
  return !Array.isArray(value) || new Set(value.map(canonical)).size === value.length
}

/** JSON text that is the same for equal values. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (!isSchema(value)) return JSON.stringify(value)
  const keys = Object.keys(value).sort()
  return `{${keys.map(key => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

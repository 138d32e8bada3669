import { isObject } from '../../members.js'
import type { Dropped } from '../dialect.js'

/**
 * The `strict` of a tool or an answer: other APIs hold to schemas that OpenAI refuses to, and their clients do not even ask for it.
 * @param path - of what has the schema
 */
export function strictFor(
  schema: unknown,
  strict: boolean | undefined,
  path: string,
  dropped: Dropped
): boolean | undefined {
  if (strict !== true || fitsStrict(schema)) return strict
  dropped.drop(`${path}.strict`)
  return undefined
}

/**
 * Whether a JSON schema is within what OpenAI holds a model to strictly: every object is closed and requires all of its properties. With
 * "strict" it refuses any other (https://platform.openai.com/docs/guides/structured-outputs#supported-schemas).
 */
function fitsStrict(schema: unknown): boolean {
  return isObject(schema) && schema.type === 'object' && schema.anyOf === undefined && fits(schema, 0)
}

/** OpenAI takes ten levels of objects; each is some steps deep here. */
const MAX_DEPTH = 40

const REFUSED = [
  'allOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'patternProperties',
  'propertyNames',
  'dependentRequired',
  'dependentSchemas',
  'unevaluatedProperties',
  'prefixItems',
  'contains'
] as const

function fits(schema: unknown, depth: number): boolean {
  if (!isObject(schema) || depth > MAX_DEPTH) return false
  if (REFUSED.some(name => schema[name] !== undefined)) return false
  const { type, anyOf, items, $ref, properties } = schema
  // Anything at all cannot be held to.
  if (type === undefined && anyOf === undefined && $ref === undefined) return false
  const is = (name: string) => type === name || (Array.isArray(type) && type.includes(name))
  if ((is('object') || properties !== undefined) && !isClosed(schema)) return false
  if ((is('array') || items !== undefined) && !fits(items, depth + 1)) return false
  if (anyOf !== undefined && !(Array.isArray(anyOf) && anyOf.every(each => fits(each, depth + 1)))) return false
  return [properties, schema.$defs, schema.definitions].every(
    map => map === undefined || (isObject(map) && Object.values(map).every(each => fits(each, depth + 1)))
  )
}

function isClosed({ properties = {}, required = [], additionalProperties }: Record<string, unknown>): boolean {
  if (additionalProperties !== false || !isObject(properties) || !Array.isArray(required)) return false
  const names = new Set<unknown>(required)
  return Object.keys(properties).every(name => names.has(name))
}

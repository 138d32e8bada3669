import { dereference, isRecord } from './json.js'
import { PATTERN_TITLES } from './values.js'

/** What a schema takes, as a noun phrase: `a duration like 250ms or 30s`, `a whole number from 1 to 64`. */
export function expected(schema: unknown, root: unknown = schema): string {
  const found = dereference(schema, root)
  if (!isRecord(found)) return 'another value'
  if (typeof found.title === 'string') return found.title + like(found.examples)
  if ('const' in found) return JSON.stringify(found.const)
  if (Array.isArray(found.enum)) return oneOf(found.enum)
  const branches = found.anyOf ?? found.oneOf
  if (Array.isArray(branches)) return branches.map(branch => expected(branch, root)).join(', or ')
  if (Array.isArray(found.type)) return found.type.map(type => expected({ ...found, type }, root)).join(' or ')
  return ofType(found, root) + like(found.examples)
}

/** `a`, or `one of a, b, c`. */
export function oneOf(values: readonly unknown[]): string {
  const shown = values.map(value => (typeof value === 'string' ? value : JSON.stringify(value)))
  return shown.length === 1 ? `${shown[0]}` : `one of ${shown.join(', ')}`
}

function ofType(schema: Record<string, unknown>, root: unknown): string {
  const { type, minimum, maximum } = schema
  switch (type) {
    case 'string':
      return text(schema)
    case 'integer':
      return `a whole number${range(minimum, maximum)}`
    case 'number':
      return `a number${range(minimum, maximum)}`
    case 'boolean':
      return 'true or false'
    case 'null':
      return 'null'
    case 'array':
      return list(schema, root)
    case 'object':
      return 'a mapping'
    default:
      return 'another value'
  }
}

function text({ pattern, minLength, maxLength }: Record<string, unknown>): string {
  if (typeof pattern === 'string') return PATTERN_TITLES[pattern] ?? `text that matches ${pattern}`
  if (minLength === 1 && maxLength === undefined) return 'text that is not empty'
  return `text${range(minLength, maxLength, ' characters')}`
}

function list({ items, minItems, maxItems }: Record<string, unknown>, root: unknown): string {
  const count = range(minItems, maxItems, minItems === 1 && maxItems === undefined ? ' item' : ' items')
  return items === undefined ? `a list${count}` : `a list${count}, each ${expected(items, root)}`
}

function range(min: unknown, max: unknown, unit = ''): string {
  if (typeof min === 'number' && typeof max === 'number') {
    return unit === '' ? ` from ${min} to ${max}` : ` of ${min} to ${max}${unit}`
  }
  if (typeof min === 'number') return ` of at least ${min}${unit}`
  return typeof max === 'number' ? ` of at most ${max}${unit}` : ''
}

function like(examples: unknown): string {
  if (!Array.isArray(examples) || examples.length === 0) return ''
  const shown = examples.map(example => (typeof example === 'string' ? example : JSON.stringify(example)))
  const last = shown.pop()
  return ` like ${shown.length === 0 ? last : `${shown.join(', ')} or ${last}`}`
}

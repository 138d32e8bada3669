import { expected, oneOf } from './expected.js'
import { isRecord } from './json.js'
import type { Origin } from './origin.js'
import { didYouMean, HINT } from './suggest.js'
import { PATTERN_TITLES } from './values.js'

/** One thing a validator found. */
export interface Failure {
  readonly keyword: string
  readonly schemaPath: string
  readonly instancePath: string
  readonly params: object
  readonly message: string
}

/** A value as a message may show it: as written in the file, shortened, without the password of a URL. */
export function shown(value: unknown, origin: Origin | undefined, secret: boolean): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return 'a mapping'
  if (secret) return typeof value === 'string' ? 'this text' : `this ${typeof value}`
  const text = origin?.written ?? value
  if (typeof text !== 'string') return String(text)
  const safe = text.replace(/\/\/.*@/s, '//…@')
  return JSON.stringify(safe.length > 80 ? `${safe.slice(0, 80)}…` : safe)
}

/** What is wrong with a value, and what was expected. `got` is the value as it may be shown. */
export function wording(
  { keyword, message, params }: Failure,
  got: string,
  value: unknown,
  schema: unknown,
  root: unknown,
  origin: Origin | undefined
): string {
  const wanted = `; expected ${expected(schema, root)}`
  switch (keyword) {
    case '~refine': {
      const reason = 'message' in params ? String(params.message) : 'cannot be used'
      // A hint is made from the value, which a message must not show when it was interpolated.
      return `${got} ${origin?.written === undefined ? reason : reason.split(HINT)[0]}`
    }
    case 'enum':
    case 'const':
      return `got ${got}${wanted}${typeof value === 'string' && origin?.written === undefined ? didYouMean(value, choices(schema)) : ''}`
    case 'type':
      return `got ${got}${wanted}${value !== null && wantsPlainText(schema) ? ', in quotes if it looks like something else' : ''}`
    case 'uniqueItems':
      return 'the list holds the same item twice; expected each item once'
    case 'pattern':
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
    case 'minLength':
    case 'maxLength':
    case 'minItems':
    case 'maxItems':
    case 'anyOf':
      return `got ${got}${wanted}`
    default:
      return `${got} does not fit; ${message}`
  }
}

/** What is wrong with a key the schema does not have. */
export function unknownKey(key: string, schema: unknown): string {
  if (!isRecord(schema)) return `unknown key "${key}"`
  const [pattern] = isRecord(schema.patternProperties) ? Object.keys(schema.patternProperties) : []
  if (pattern !== undefined)
    return `"${key}" cannot be a name here; expected ${PATTERN_TITLES[pattern] ?? `one that matches ${pattern}`}`
  const known = isRecord(schema.properties) ? Object.keys(schema.properties) : []
  if (known.length === 0) return `unknown key "${key}"; expected no keys here`
  return `unknown key "${key}"; expected ${oneOf(known)}${didYouMean(key, known)}`
}

/** What a mapping wants under a key. */
export function expectedAt(schema: unknown, key: string, root: unknown): string {
  return expected(isRecord(schema) && isRecord(schema.properties) ? schema.properties[key] : undefined, root)
}

function choices(schema: unknown): string[] {
  if (!isRecord(schema)) return []
  const values = Array.isArray(schema.enum) ? schema.enum : [schema.const]
  return values.filter(value => typeof value === 'string')
}

function wantsPlainText(schema: unknown): boolean {
  return isRecord(schema) && schema.type === 'string' && schema.title === undefined && schema.pattern === undefined
}

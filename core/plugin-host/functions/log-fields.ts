import { Buffer } from 'node:buffer'

/** A plugin's log line must be found by the gateway's own fields, and no field of a plugin's may stand in for one. */
const OWN = new Set([
  'level',
  'time',
  'msg',
  'id',
  'plugin',
  'where',
  'reason',
  'pid',
  'hostname',
  'name',
  'err',
  'v',
  'code'
])
const MAX_FIELDS = 16
const MAX_NAME = 64
const MAX_TEXT = 512
/** Of the JSON text a plugin hands over. */
export const MAX_FIELDS_BYTES = 8_192

export type LogFields = Record<string, string | number | boolean | null>

/**
 * The fields of a log line, from a JSON object: texts, numbers, booleans, null; what else is there as its JSON text. Names keep
 * letters, digits and "_.-"; those that begin otherwise than with a letter, or are the gateway's, get "field_" in front.
 * @returns undefined when it is no JSON object, or too large
 */
export function readLogFields(json: Buffer): LogFields | undefined {
  if (json.length > MAX_FIELDS_BYTES) return undefined
  let value: unknown
  try {
    value = JSON.parse(json.toString('utf8'))
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const fields: LogFields = Object.create(null)
  for (const [name, field] of Object.entries(value).slice(0, MAX_FIELDS)) fields[nameOf(name)] = plain(field)
  return fields
}

/** A log line as bytes of an arena entry: a level digit, then the text; with fields 4 is added to the level, and they come first, on a line. */
export function encodeLine(level: number, text: string, fields: LogFields | undefined): Buffer {
  return Buffer.from(fields === undefined ? `${level}${text}` : `${level + 4}${JSON.stringify(fields)}\n${text}`)
}

function nameOf(name: string): string {
  const plainName = name.slice(0, MAX_NAME).replace(/[^A-Za-z0-9_.-]/g, '_')
  return /^[A-Za-z]/.test(plainName) && !OWN.has(plainName) ? plainName : `field_${plainName}`
}

function plain(value: unknown): string | number | boolean | null {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
}

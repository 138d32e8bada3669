import { Buffer } from 'node:buffer'
import { ENUMS, FIELDS, type FieldType } from './gen/fields.js'

/**
 * The JSON mapping of the messages (proto3), after the contract's descriptors: names in lowerCamelCase, bytes as base64, 64-bit
 * integers as decimal strings, enums by their names, and what has its default left out.
 */

/** Of a message, or of its JSON. */
export type Members = Readonly<Record<string, unknown>>

const MAX_UINT32 = 2 ** 32 - 1
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/

/** @param message - of that name, as its codec reads it */
export function toJson(name: string, message: Members): Members {
  const json: Record<string, unknown> = {}
  for (const [field, [type, label]] of Object.entries(FIELDS[name] ?? {})) {
    const value = message[field]
    if (value === undefined || value === null) continue
    if (label === 'repeated') {
      if (Array.isArray(value) && value.length > 0) json[field] = value.map(each => valueToJson(type, each))
    } else if (label === 'optional' || !isDefault(value)) {
      json[field] = valueToJson(type, value)
    }
  }
  return json
}

function isDefault(value: unknown): boolean {
  return value instanceof Uint8Array ? value.length === 0 : value === '' || value === 0 || value === false
}

function valueToJson(type: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (isMembers(value)) return toJson(type, value)
  if (type.endsWith('64')) return String(value)
  const names = ENUMS[type]
  return names === undefined ? value : (Object.keys(names).find(each => names[each] === value) ?? value)
}

/**
 * Reads a message of that name strictly: a mistyped field would change nothing without a word. `null` is as good as absent; of
 * 64-bit integers and enums it takes numbers too, and of bytes base64url.
 * @param where - what is told of the place of a mistake
 * @returns what its codec writes
 * @throws Error saying where there is a name it does not have, or a value of another type
 */
export function fromJson(name: string, json: unknown, where = ''): Members {
  if (!isMembers(json)) throw wrong(where, 'is not an object')
  const message: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(json)) {
    const at = where === '' ? field : `${where}.${field}`
    const fields = FIELDS[name] ?? {}
    const known = Object.hasOwn(fields, field) ? fields[field] : undefined
    if (known === undefined) throw wrong(at, 'is no field')
    if (value !== null) message[field] = fieldFromJson(known, value, at)
  }
  return message
}

function fieldFromJson([type, label]: FieldType, value: unknown, at: string): unknown {
  if (label !== 'repeated') return valueFromJson(type, value, at)
  if (!Array.isArray(value)) throw wrong(at, 'is not a list')
  return value.map((each: unknown, index) => valueFromJson(type, each, `${at}[${index}]`))
}

function valueFromJson(type: string, value: unknown, at: string): unknown {
  switch (type) {
    case 'string':
      if (typeof value === 'string') return value
      throw wrong(at, 'is not a string')
    case 'bool':
      if (typeof value === 'boolean') return value
      throw wrong(at, 'is not true or false')
    case 'bytes':
      if (typeof value === 'string' && isBase64(value)) return Buffer.from(value, 'base64')
      throw wrong(at, 'is not base64')
    case 'uint32':
      if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_UINT32) return value
      throw wrong(at, 'is not an integer from 0 to 2^32 - 1')
    case 'uint64':
    case 'int64':
      return wideInteger(type, value, at)
    default:
      return type in ENUMS ? enumValue(type, value, at) : fromJson(type, value, at)
  }
}

function isBase64(text: string): boolean {
  return BASE64.test(text) && text.replace(/=+$/, '').length % 4 !== 1
}

/** The host keeps them exact up to 2^53 - 1. */
function wideInteger(type: string, value: unknown, at: string): number {
  const number = typeof value === 'string' && /^-?[0-9]+$/.test(value) ? Number(value) : value
  const exact = typeof number === 'number' && Number.isSafeInteger(number)
  if (!exact || (type === 'uint64' && number < 0)) throw wrong(at, 'is not an integer in a string, up to 2^53 - 1')
  return number
}

function enumValue(type: string, value: unknown, at: string): number {
  const values = ENUMS[type] ?? {}
  for (const [name, number] of Object.entries(values)) if (value === name || value === number) return number
  throw wrong(at, `is none of ${Object.keys(values).join(', ')}`)
}

/** Whether it is an object of any kind but a list. */
export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(where: string, what: string): Error {
  return new Error(`${where === '' ? 'it' : where} ${what}`)
}

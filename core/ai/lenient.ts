import { isObject, type JsonObject } from './members.js'

/** How replies of providers are read where any form has to do: what is not as expected counts as absent. */

const NOTHING: JsonObject = Object.freeze({})

/** The object, or one without members. */
export function objectIn(value: unknown): JsonObject {
  return isObject(value) ? value : NOTHING
}

/** The objects of a list; a single object counts as a list of one. */
export function objectsIn(value: unknown): JsonObject[] {
  if (Array.isArray(value)) return value.filter(isObject)
  return isObject(value) ? [value] : []
}

/** The string, or an empty one. */
export function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The string; undefined when there is none or it is empty. */
export function someText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The number, also when it came as a string. */
export function numberIn(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** The numbers of a list; what is none is NaN. */
export function numbersIn(value: unknown): number[] {
  return Array.isArray(value) ? value.map(each => numberIn(each) ?? Number.NaN) : []
}

/** A count: whole, at least 0; 0 when there is none. */
export function countIn(value: unknown): number {
  return Math.max(0, Math.round(numberIn(value) ?? 0))
}

/** The JSON value of a text; undefined when it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The object that a text is in JSON; undefined when it is something else. */
export function parsedObject(text: string): JsonObject | undefined {
  const value = parsed(text)
  return isObject(value) ? value : undefined
}

/** Seconds since 1970 of an ISO date; 0: there is none. */
export function secondsIn(value: unknown): number {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(ms) ? 0 : Math.floor(ms / 1_000)
}

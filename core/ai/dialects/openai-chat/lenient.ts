import { isObject, type JsonObject } from '../../members.js'

/** The object, or an empty one: for what providers send, where nothing can be relied on. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

/** The objects of a list; whatever else is in it is passed over. */
export function objectsOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** The text, or an empty one. */
export function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The text, or undefined when it is none or empty. */
export function optional(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A number, also where a provider writes it as a string; undefined when it is none or negative. */
export function numberIn(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined
}

/** A whole number, at least 0. */
export function countIn(value: unknown): number | undefined {
  const number = numberIn(value)
  return number === undefined || number > Number.MAX_SAFE_INTEGER ? undefined : Math.round(number)
}

import { isObject, type JsonObject } from '../../members.js'

/** Reading what providers send without minding what is odd in it. */

export function looseText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** A number of tokens: whole, at least 0; anything else counts as absent. Some relays send them as strings. */
export function looseCount(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? Math.trunc(number) : undefined
}

export function looseObject(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

/** The objects of a list; empty when it is none. */
export function looseObjects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from './members.js'

/**
 * A message as its provider wrote it, with those members set that policies changed: which they are tells what would be written for the answer
 * before and after. All others, and those that nobody here would write, stay.
 */
export function editedMembers(message: JsonObject, was: JsonObject, now: JsonObject): JsonObject {
  const edited: JsonObject = { ...message }
  for (const name of new Set([...Object.keys(was), ...Object.keys(now)])) {
    if (isDeepStrictEqual(was[name], now[name])) continue
    if (now[name] === undefined) delete edited[name]
    else edited[name] = now[name]
  }
  return edited
}

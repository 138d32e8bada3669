import { isObject, type JsonObject } from '../../ai/members.js'

/** RFC 7396. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged: JsonObject = { ...target }
  for (const [name, value] of Object.entries(patch)) {
    const now = merged[name]
    if (value === null) delete merged[name]
    else merged[name] = isObject(value) ? mergePatch(isObject(now) ? now : {}, value) : value
  }
  return merged
}

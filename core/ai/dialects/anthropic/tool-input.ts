import { isObject, type JsonObject } from '../../members.js'

/** The arguments of a call as the object these dialects want; text that is no JSON object is kept under a name that says so. */
export function inputOf(call: { arguments: string; custom?: boolean | undefined }): JsonObject {
  if (call.custom === true) return { input: call.arguments }
  if (call.arguments.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(call.arguments)
    return isObject(value) ? value : { INVALID_JSON: call.arguments }
  } catch {
    return { INVALID_JSON: call.arguments }
  }
}

/** Whether a call's arguments are whole: nothing that comes can belong to them. */
export function isWhole(text: string): boolean {
  if (!text.trimEnd().endsWith('}')) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

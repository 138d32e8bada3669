import { Json, utf8Bytes } from '@sluice/plugin-sdk/assembly'
import { Rule } from './rules'
import { clean, maskedBy, sift, stoppedBy } from './window'

/** Arguments of tool calls: the texts in them, read without their escapes. */

/** The rule that forbids the call that was looked at last; null: none does. */
export let forbiddenBy: Rule | null = null
/** The first rule that masked something in it. */
export let changedBy: Rule | null = null

/** The arguments with their masks. Keys are looked at and not masked. */
export function moderatedArguments(text: string): string {
  forbiddenBy = null
  changedBy = null
  const json = Json.parse(text)
  if (json === null) return checked(text)
  const now = walked(json)
  return changedBy === null ? text : now.toString()
}

function walked(json: Json): Json {
  if (json.isString) {
    const before = json.asString()
    const now = checked(before)
    return now == before ? json : Json.string(now)
  }
  for (let i = 0; i < json.length && forbiddenBy === null; i++) {
    if (json.isObject) {
      const masked = changedBy
      checked(json.keyAt(i))
      changedBy = masked
    }
    json.setAt(i, walked(json.at(i)))
  }
  return json
}

function checked(text: string): string {
  if (text == '') return text
  sift(utf8Bytes(text))
  if (stoppedBy !== null) {
    forbiddenBy = stoppedBy
    return text
  }
  if (maskedBy === null) return text
  if (changedBy === null) changedBy = maskedBy
  return clean
}

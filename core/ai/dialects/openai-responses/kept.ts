import { isObject, type JsonObject } from '../../members.js'

/** Where a request that stays in the dialect keeps, in `extra`, what has no canonical shape. */
export const KEPT_TOOLS = 'openai-responses: tools'
export const KEPT_ITEMS = 'openai-responses: input'
export const KEPT_CHOICE = 'openai-responses: tool_choice'

/** An item of the input that only OpenAI's own models know, and the message before which it stands. */
export interface KeptItem {
  readonly before: number
  readonly item: JsonObject
}

export function keptItems(value: unknown): KeptItem[] {
  if (!Array.isArray(value)) return []
  return value.filter(
    (each): each is KeptItem => isObject(each) && typeof each.before === 'number' && isObject(each.item)
  )
}

export function keptTools(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

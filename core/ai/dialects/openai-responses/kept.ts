import { isObject, type JsonObject } from '../../members.js'

/** Where a request that stays in the dialect keeps, in `extra`, what has no canonical shape. */
export const KEPT_TOOLS = 'openai-responses: tools'
export const KEPT_CHOICE = 'openai-responses: tool_choice'
/** Such a request is there: nothing is asked for that its caller did not ask for. */
export const KEPT_WISHES = 'openai-responses: wishes'

export function keptTools(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

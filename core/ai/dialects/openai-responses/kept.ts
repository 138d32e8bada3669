import { type ChatRequest, take } from '../../chat.js'
import { isObject, type JsonObject } from '../../members.js'

/** Where a request that stays in the dialect keeps, in `extra`, what has no canonical shape. */
export const KEPT_TOOLS = 'openai-responses: tools'
export const KEPT_CHOICE = 'openai-responses: tool_choice'
/** Such a request is there: nothing is asked for that its caller did not ask for. */
export const KEPT_WISHES = 'openai-responses: wishes'

/** A tool that has no canonical shape, and what policies call it, who see it among the parameters. */
export class KeptTool {
  constructor(
    readonly tool: JsonObject,
    readonly path: string
  ) {}
}

/** Those of a chat, as policies have left them. */
export function keptTools(chat: ChatRequest): JsonObject[] {
  const kept = take(chat, KEPT_TOOLS)
  return (Array.isArray(kept) ? kept : []).flatMap((each): JsonObject[] => {
    if (!(each instanceof KeptTool)) return []
    const now = take(chat, each.path) ?? each.tool
    return isObject(now) ? [now] : []
  })
}

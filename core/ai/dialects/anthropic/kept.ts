import type { ChatRequest } from '../../chat.js'
import type { JsonObject } from '../../members.js'

/**
 * What only Anthropic has a word for stays in a chat's `extra` under the name the caller knows: written back when the chat is written in this
 * dialect again, named as dropped when it is written in any other.
 */

/** A content block, such as the result of a tool that Anthropic runs itself. */
export class KeptBlock {
  /**
   * @param path - its name for the caller
   * @param turn - which turn it is in, counting from 0; messages of one role that follow each other are one turn
   * @param place - where among the blocks of the turn
   */
  constructor(
    readonly block: JsonObject,
    readonly path: string,
    readonly role: 'user' | 'assistant',
    readonly turn: number,
    readonly place: number
  ) {}
}

/** A tool that Anthropic runs itself, or knows by its type. */
export class KeptTool {
  constructor(
    readonly tool: JsonObject,
    readonly place: number
  ) {}
}

/** A member of a tool ("defer_loading"). */
export class KeptToolMember {
  constructor(
    readonly tool: string,
    readonly member: string,
    readonly value: unknown
  ) {}
}

/** The line that Claude Code puts before its system prompt; it changes with every request, so caches elsewhere would never hit. */
export class KeptAttribution {
  constructor(readonly block: JsonObject) {}
}

/** The name under which the attribution is kept, and named as dropped. */
export const ATTRIBUTION = 'x-anthropic-billing-header'

/** Takes everything of one kind out of `extra`. */
export function takeKept<T>(chat: ChatRequest, kind: abstract new (...args: never[]) => T): T[] {
  const found: T[] = []
  for (const [name, value] of chat.extra) {
    if (!(value instanceof kind)) continue
    found.push(value)
    chat.extra.delete(name)
  }
  return found
}

/** Whether the text of a system block is Claude Code's attribution. */
export function isAttribution(text: string): boolean {
  return text.startsWith(`${ATTRIBUTION}:`)
}

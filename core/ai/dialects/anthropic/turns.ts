import type { ChatMessage, ChatRequest, ChatTool, TextPart } from '../../chat.js'
import type { JsonObject } from '../../members.js'

/** What one side says before the other does. */
export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly content: JsonObject[]
}

/** Messages of one role that follow each other become one turn: these APIs want the roles to alternate. */
export function addTo(turns: Turn[], role: Turn['role'], blocks: readonly JsonObject[]): void {
  const last = turns.at(-1)
  if (last?.role === role) last.content.push(...blocks)
  else turns.push({ role, content: [...blocks] })
}

/** What instructs the model, wherever it stands: these APIs have one place for it. */
export function instructionsOf(messages: readonly ChatMessage[]): TextPart[] {
  return messages.flatMap(message => (message.role === 'system' || message.role === 'developer' ? message.content : []))
}

/**
 * The tools of a request; where it has none but its history calls some, those, without a schema: the APIs refuse a call of a tool that is
 * not there.
 */
export function toolsFor(chat: ChatRequest): { tools: readonly ChatTool[]; ofHistory: boolean } {
  if (chat.tools !== undefined && chat.tools.length > 0) return { tools: chat.tools, ofHistory: false }
  const names = new Set<string>()
  for (const message of chat.messages) {
    if (message.role !== 'assistant') continue
    for (const part of message.content) {
      if (part.type === 'tool_call' && part.block === undefined) names.add(part.name)
    }
  }
  return { tools: [...names].map(name => ({ name })), ofHistory: true }
}

/** Whether the last turn is the beginning of an answer that the model is to go on with: text, and not a call or what a tool of the provider's came to. */
export function isBegun(turns: readonly Turn[]): boolean {
  const last = turns.at(-1)
  return last?.role === 'assistant' && last.content.at(-1)?.text !== undefined
}

/** Asks for the rest of an answer where it cannot be begun for the model: the conversation has to end with the user. */
export const GO_ON = 'Go on with your answer exactly where it ends, and do not repeat any of it.'

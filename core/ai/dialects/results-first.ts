import type { ChatMessage } from '../chat.js'

/** A message, and where the caller has it. */
export interface Placed {
  readonly message: ChatMessage
  readonly place: number
}

/**
 * The messages in an order in which nothing stands between calls and what they came to: what the user says among the results comes after them.
 * Most APIs refuse any other; Gemini's and Bedrock's clients mix results with text.
 */
export function resultsFirst(messages: readonly ChatMessage[]): Placed[] {
  const ordered: Placed[] = []
  /** What waits for the results of the calls before it. */
  let waiting: Placed[] = []
  let calls = false
  messages.forEach((message, place) => {
    if (message.role === 'assistant') {
      ordered.push(...waiting)
      waiting = []
      calls = message.content.some(part => part.type === 'tool_call')
    }
    const waits = calls && message.role !== 'assistant' && message.role !== 'tool'
    const list = waits ? waiting : ordered
    list.push({ message, place })
  })
  return [...ordered, ...waiting]
}

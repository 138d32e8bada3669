import { AiMessage, MessageView } from '@sluice/plugin-sdk/assembly'

/** Messages that are written anew, with other texts. */

type Change = (text: string) => string

/** A message of a prompt, changed; null: nothing in it is. */
export function changedMessage(message: MessageView, text: Change, json: Change): AiMessage | null {
  const thinks = mayKeepThoughts(message, text)
  const made = AiMessage.of(message.role)
  made.name = text(message.name)
  made.toolCallId = message.toolCallId
  let changed = !thinks || made.name != message.name
  for (let i = 0; i < message.content.length; i++) {
    const part = message.content.at(i)
    const type = part.type
    if (type == 'thinking' && !thinks) continue
    const now = type == 'text' || type == 'refusal' || type == 'file' ? text(part.text) : part.text
    if (now != part.text) changed = true
    // A refusal cannot be written anew, its words can.
    made.part(type == 'refusal' && now != part.text ? 'text' : type, now, part.url, part.mediaType)
  }
  for (let i = 0; i < message.toolCalls.length; i++) {
    const call = message.toolCalls.at(i)
    const now = json(call.argumentsText)
    if (now != call.argumentsText) changed = true
    made.call(call.id, call.name, now)
  }
  return changed ? made : null
}

/** A message of an answer with other texts; null: nothing in it is another one. Its calls were seen before. */
export function changedAnswer(message: MessageView, text: Change): AiMessage | null {
  const made = AiMessage.of(message.role)
  let changed = false
  for (let i = 0; i < message.content.length; i++) {
    const part = message.content.at(i)
    const now = part.isText ? text(part.text) : part.text
    if (now != part.text) changed = true
    made.part(part.type, now, part.url, part.mediaType)
  }
  for (let i = 0; i < message.toolCalls.length; i++) {
    const call = message.toolCalls.at(i)
    made.call(call.id, call.name, call.argumentsText)
  }
  return changed ? made : null
}

/** A thought is the provider's own and cannot be written anew. Where one has personal data in it, the message loses its thoughts. */
function mayKeepThoughts(message: MessageView, text: Change): bool {
  for (let i = 0; i < message.content.length; i++) {
    const part = message.content.at(i)
    if (part.type == 'thinking' && text(part.text) != part.text) return false
  }
  return true
}

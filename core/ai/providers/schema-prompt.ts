import type { ChatRequest } from '../chat.js'

/**
 * Asks in words for an answer that fits a JSON schema, of models that are only held to JSON as such.
 * Such providers also want the word "JSON" to be somewhere in the conversation.
 */
export function askForSchema(chat: ChatRequest): void {
  const format = chat.response_format
  if (format?.type !== 'json_schema') return
  const text = `Answer with JSON that fits this JSON schema, and nothing else:\n${JSON.stringify(format.schema)}`
  chat.response_format = { type: 'json_object' }
  const after = chat.messages.findLastIndex(message => message.role === 'system' || message.role === 'developer')
  chat.messages.splice(after + 1, 0, { role: 'system', content: [{ type: 'text', text }] })
}

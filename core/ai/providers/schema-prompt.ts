import { type ChatMessage, type ChatRequest, textOf } from '../chat.js'
import type { Dropped } from '../dialects/dialect.js'
import { JSON_ONLY } from '../dialects/json-only.js'

/**
 * Asks in words for an answer that fits a JSON schema, of models that are only held to JSON as such.
 * Such providers also want the word "JSON" to be somewhere in the conversation.
 */
export function askForSchema(chat: ChatRequest): void {
  const format = chat.response_format
  if (format?.type !== 'json_schema') return
  const text = `Answer with JSON that fits this JSON schema, and nothing else:\n${JSON.stringify(format.schema)}`
  chat.response_format = { type: 'json_object' }
  instruct(chat, 'system', text)
}

/** Of those who hold answers to objects alone: where another one is wanted, or one of several, it is asked for in words. */
export function askForOtherRoot(chat: ChatRequest, dropped: Dropped): void {
  const { response_format: format } = chat
  if (format?.type !== 'json_schema') return
  const { type, anyOf, oneOf } = format.schema
  if (anyOf === undefined && oneOf === undefined && (type === undefined || type === 'object')) return
  askForSchema(chat)
  chat.response_format = undefined // an object is what JSON as such would be, too
  dropped.drop('response_format')
}

/** Of a model that is held to a format only where it has no tools: with some the format is asked for in words. */
export function askBesideTools(chat: ChatRequest, dropped: Dropped): void {
  const { response_format: format, tools = [] } = chat
  if (format === undefined || format.type === 'text' || tools.length === 0) return
  if (chat.tool_choice === 'none') {
    chat.tools = undefined
    chat.tool_choice = undefined
    return
  }
  askForSchema(chat)
  askForJson(chat, false)
  chat.response_format = undefined
  dropped.drop('response_format')
}

/**
 * Asks for JSON in words where nobody did: OpenAI, and most who speak its dialect, refuse to be held to JSON as such unless the word is said.
 * @param inInput - it has to be said besides the instructions (Responses)
 */
export function askForJson(chat: ChatRequest, inInput: boolean): void {
  if (chat.response_format?.type !== 'json_object') return
  const heard = inInput && chat.messages[0]?.role === 'system' ? chat.messages.slice(1) : chat.messages
  if (!heard.some(saysJson)) instruct(chat, inInput ? 'developer' : 'system', JSON_ONLY)
}

/** What models and tools said does not count. */
function saysJson(message: ChatMessage): boolean {
  return message.role !== 'assistant' && message.role !== 'tool' && /json/i.test(textOf(message.content))
}

function instruct({ messages }: ChatRequest, role: 'system' | 'developer', text: string): void {
  const after = messages.findLastIndex(message => message.role === 'system' || message.role === 'developer')
  messages.splice(after + 1, 0, { role, content: [{ type: 'text', text }] })
}

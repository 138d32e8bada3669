import { type ChatMessage, type ChatRequest, take, textOf, type UserPart } from '../../chat.js'
import { badRequest, type JsonObject, Members } from '../../members.js'
import type { Dropped, RequestHints } from '../dialect.js'
import { nameLosses } from '../losses.js'
import { LACKS, readCommon, writeCommon } from '../ollama/options.js'
import { readImages } from '../ollama-chat/request-read.js'
import { imagesOf } from '../ollama-chat/request-write.js'

/** Reads what clients of /api/generate send: a prompt, and perhaps a system prompt. https://docs.ollama.com/api/generate */
export function readRequest(whole: JsonObject, hints: RequestHints): ChatRequest {
  const body = Members.of(whole, '', badRequest)
  const extra = new Map<string, unknown>()
  const system = body.optionalText('system') ?? ''
  const prompt = body.optionalText('prompt') ?? ''
  const content: UserPart[] = [{ type: 'text', text: prompt }, ...readImages(body)]
  const messages: ChatMessage[] = [{ role: 'user', content }]
  if (system !== '') messages.unshift({ role: 'system', content: [{ type: 'text', text: system }] })
  const chat: ChatRequest = {
    model: hints.model === '' ? body.text('model') : hints.model,
    messages,
    stream: body.flag('stream') ?? hints.stream ?? true,
    ...readCommon(body, extra),
    extra
  }
  body.ignore('model')
  for (const [name, value] of body.rest()) extra.set(name, value)
  return chat
}

/** Members that its own clients use and nobody else knows. */
const OWN = ['suffix', 'template', 'context', 'raw'] as const

/** A conversation of several turns is told as one text. */
export function writeRequest(chat: ChatRequest, dropped: Dropped): JsonObject {
  nameLosses(chat, LACKS, dropped)
  const system = chat.messages.filter(({ role }) => role === 'system' || role === 'developer').map(textIn)
  const rest = chat.messages.filter(({ role }) => role !== 'system' && role !== 'developer')
  const images = chat.messages.flatMap((message, i) =>
    message.role === 'user' || message.role === 'tool' ? imagesOf(message.content, `messages[${i}]`, dropped) : []
  )
  if (chat.tools !== undefined) dropped.drop('tools')
  if (chat.tool_choice !== undefined) dropped.drop('tool_choice')
  const body: JsonObject = {
    model: chat.model,
    prompt: rest.length === 1 ? rest.map(textIn).join('') : rest.map(told).join('\n\n'),
    ...(system.length > 0 && { system: system.join('\n\n') }),
    ...(images.length > 0 && { images }),
    ...writeCommon(chat, dropped)
  }
  for (const name of OWN) {
    const value = take(chat, name)
    if (value !== undefined) body[name] = value
  }
  return body
}

function textIn(message: ChatMessage): string {
  return textOf(message.content)
}

function told(message: ChatMessage): string {
  const who = message.role === 'assistant' ? 'Assistant' : message.role === 'tool' ? 'Tool' : 'User'
  return `${who}: ${textIn(message)}`
}

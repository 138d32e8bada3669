import { createHash } from 'node:crypto'
import type { Need } from '../../config/schema-ai-conditions.js'
import { type ChatMessage, type ChatRequest, textOf } from '../chat.js'
import { unreadParts } from '../unread-parts.js'
import type { Needs } from './request.js'

/** What a chat asks of a model. @param inputTokens - of the prompt, as counted or estimated */
export function needsOf(chat: ChatRequest, inputTokens: number): Needs {
  const has = new Set<Need>()
  if (chat.tools !== undefined && chat.tools.length > 0) has.add('tools')
  for (const { content } of chat.messages) for (const { type } of content) addPart(has, type)
  for (const { type } of unreadParts(chat)) addPart(has, type)
  if (chat.response_format?.type === 'json_object') has.add('json')
  if (chat.response_format?.type === 'json_schema') has.add('json-schema')
  if (chat.reasoning !== undefined && wantsThought(chat.reasoning)) has.add('reasoning')
  const modalities = chat.extra.get('modalities')
  if (Array.isArray(modalities)) {
    if (modalities.includes('image')) has.add('image-output')
    if (modalities.includes('audio')) has.add('audio-output')
  }
  return { inputTokens, outputTokens: chat.max_tokens ?? 0, has }
}

function addPart(has: Set<Need>, type: string): void {
  if (type === 'image') has.add('images')
  else if (type === 'audio') has.add('audio')
  else if (type === 'file') has.add('files')
}

function wantsThought({ effort, budget_tokens: budget }: NonNullable<ChatRequest['reasoning']>): boolean {
  return (effort !== undefined && effort !== 'none') || (budget !== undefined && budget > 0)
}

/** So much of a text tells conversations apart. */
const TEXT_CHARS = 4_096

/**
 * What the requests of one conversation have in common: who calls, what the system says, and how it began. The prompt cache of a provider goes by the
 * same. undefined: there is no message yet.
 */
export function conversationKey({ messages }: Pick<ChatRequest, 'messages'>, consumer: string): string | undefined {
  const begun = messages.findIndex(({ role }) => role === 'user')
  const opening = messages.slice(0, begun === -1 ? 1 : begun + 1)
  if (opening.length === 0) return undefined
  const hash = createHash('sha256').update(consumer)
  for (const message of opening) hash.update('\0').update(message.role).update('\0').update(textIn(message))
  return hash.digest('base64url')
}

function textIn({ content }: ChatMessage): string {
  return textOf(content).slice(0, TEXT_CHARS)
}

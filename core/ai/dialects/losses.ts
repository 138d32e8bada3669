import type { AssistantPart, ChatMessage, ChatRequest, UserPart } from '../chat.js'
import type { Dropped } from './dialect.js'

/** What of a message a dialect may have no place for, beside its parts. */
export interface Lacks {
  /** Who of several users, or assistants, says something. */
  readonly names?: boolean
  /** That a tool failed. */
  readonly errors?: boolean
  /** How closely an image is to be looked at. */
  readonly details?: boolean
  /** Marks for caches: they save money and change no answer, so one word is for all of them. */
  readonly marks?: boolean
  /** Reasoning that only its provider can read. */
  readonly redacted?: boolean
  /** Signatures that are not taken; left out: all are, or it is said elsewhere. */
  readonly signature?: (signature: string, type: string) => boolean
}

/** Names what is lost of a chat's messages where a dialect has no place for it. */
export function nameLosses(chat: ChatRequest, lacks: Lacks, dropped: Dropped): void {
  chat.messages.forEach((message, i) => {
    const path = `messages[${i}]`
    if (lacks.names && message.role !== 'tool' && 'name' in message && message.name) dropped.drop(`${path}.name`)
    if (lacks.errors && message.role === 'tool' && message.is_error === true) dropped.drop(`${path}.is_error`)
    message.content.forEach((part, at) => {
      const lost = lostOf(part, lacks)
      if (lost !== undefined) dropped.drop(`${path}.content[${at}].${lost}`)
    })
  })
  if (lacks.marks && isMarked(chat)) dropped.drop('cache_control')
}

function lostOf(part: UserPart | AssistantPart, lacks: Lacks): string | undefined {
  if (part.type === 'redacted_thinking') return lacks.redacted ? part.type : undefined
  if (part.type === 'image' && lacks.details && (part.detail ?? 'auto') !== 'auto') return 'detail'
  const signature = 'signature' in part ? part.signature : undefined
  return signature && lacks.signature?.(signature, part.type) ? 'signature' : undefined
}

function isMarked({ messages, tools = [] }: ChatRequest): boolean {
  const marked = (each: object): boolean => 'cache_control' in each && each.cache_control !== undefined
  return tools.some(marked) || messages.some(message => marked(message) || partsOf(message).some(marked))
}

function partsOf({ content }: ChatMessage): readonly object[] {
  return content
}

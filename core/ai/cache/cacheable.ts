import type { AiCacheRules } from '../../config/resolve-ai-cache.js'
import type { ChatRequest } from '../chat.js'
import { isObject, type JsonObject } from '../members.js'

/** Members of a Responses request by which its provider remembers something, answers later, or says more than is here. */
export function isKeptElsewhere({
  background,
  conversation,
  previous_response_id,
  prompt,
  input
}: JsonObject): boolean {
  if (background === true || isSaid(conversation) || isSaid(previous_response_id) || isSaid(prompt)) return true
  return Array.isArray(input) && input.some(item => isObject(item) && item.type === 'item_reference')
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null
}

/** Members by which the provider remembers something, or answers later: the same request again is not the same. */
const STATEFUL = ['background', 'conversation', 'previous_response_id'] as const

/** Why answers to this request are neither stored nor shared, in a word or two; undefined: they are. */
export function whyNotCached(chat: ChatRequest, requests: AiCacheRules['requests']): string | undefined {
  for (const name of STATEFUL) {
    const value = chat.extra.get(name)
    if (value !== undefined && value !== null && value !== false) return name
  }
  if (requests === 'all' || chat.temperature === 0 || chat.seed !== undefined) return undefined
  if (requests === 'deterministic') return 'not-deterministic'
  return (chat.temperature ?? 0) > 0 || (chat.n ?? 1) > 1 ? 'varied' : undefined
}

import type { AiCacheRules } from '../../config/resolve-ai-cache.js'
import type { ChatRequest } from '../chat.js'
import { isObject, type JsonObject } from '../members.js'

/** Members by which the provider remembers something, or answers later: the same request again is not the same. */
const STATEFUL = ['background', 'conversation', 'previous_response_id'] as const

/** Whether a Responses request is one of those, or refers to what its provider has of it: there is more to it than is here. */
export function isKeptElsewhere(body: JsonObject): boolean {
  const { prompt, input } = body
  if (STATEFUL.some(name => isSaid(body[name])) || isSaid(prompt)) return true
  return Array.isArray(input) && input.some(item => isObject(item) && item.type === 'item_reference')
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false
}

/** Why answers to this request are neither stored nor shared, in a word or two; undefined: they are. */
export function whyNotCached(chat: ChatRequest, requests: AiCacheRules['requests']): string | undefined {
  const stateful = STATEFUL.find(name => isSaid(chat.extra.get(name)))
  if (stateful !== undefined) return stateful
  if (requests === 'all' || chat.temperature === 0 || chat.seed !== undefined) return undefined
  if (requests === 'deterministic') return 'not-deterministic'
  return (chat.temperature ?? 0) > 0 || (chat.n ?? 1) > 1 ? 'varied' : undefined
}

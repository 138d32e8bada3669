import type { AiCacheRules } from '../../config/resolve-ai-cache.js'
import type { ChatRequest } from '../chat.js'

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

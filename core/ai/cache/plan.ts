import type { AiCacheRules } from '../../config/resolve-ai-cache.js'
import type { Ask } from './ask.js'
import { whyNotCached } from './cacheable.js'
import { exactKey, type Meaning, meaningOf } from './key.js'
import { type CacheWishes, readWishes } from './wishes.js'

/** What the cache is to do for a request. */
export interface CachePlan {
  readonly ask: Ask
  readonly rules: AiCacheRules
  readonly wishes: CacheWishes
  readonly key: string
  /** undefined: it is not compared by meaning. */
  readonly meaning: Meaning | undefined
}

/** @returns the plan, or why the cache has no part in it */
export function planCache(ask: Ask, rules: AiCacheRules): CachePlan | { readonly bypass: string } {
  const why = whyNotCached(ask.chat, rules.requests)
  if (why !== undefined) return { bypass: why }
  const wishes = readWishes(ask.headers, rules)
  if (!wishes.lookUp && !wishes.store && !wishes.share) return { bypass: 'asked' }
  const key = exactKey(ask, rules.key)
  if (key === undefined) return { bypass: 'too-deep' }
  const meaning = rules.semantic && meaningOf(ask, rules.key, rules.semantic)
  return { ask, rules, wishes, key, meaning }
}

import { bytes, milliseconds } from '../base/units.js'
import type { RouteAiCache } from './schema-ai-cache.js'

/** What makes two requests the same to the AI cache. */
export interface AiKeyRules {
  readonly scope: 'tenant' | 'consumer' | 'shared'
  readonly dialects: 'own' | 'any'
  /** Members of the metadata that count, sorted. */
  readonly metadata: readonly string[]
  readonly ignore: ReadonlySet<string>
}

export interface SemanticRules {
  /** The model that embeds. */
  readonly embedding: string
  readonly threshold: number
  readonly messages: number
  readonly maxEntries: number
  readonly maxCharacters: number
  readonly timeoutMs: number
}

/** How a route caches answers of models, compiled. */
export interface AiCacheRules {
  readonly ttlMs: number
  /** At least ttlMs. */
  readonly maxTtlMs: number
  readonly entryBytes: number
  readonly requests: 'deterministic' | 'unvaried' | 'all'
  readonly clientControl: boolean
  readonly coalesce: boolean
  readonly coalesceWaitMs: number
  readonly finish: boolean
  readonly exact: boolean
  readonly semantic: SemanticRules | undefined
  readonly statusHeaders: boolean
  readonly key: AiKeyRules
}

export function resolveRouteAiCache(cache: RouteAiCache): AiCacheRules {
  const { requests, clientControl, coalesce, finish, exact, semantic, statusHeaders, key } = cache
  const ttlMs = milliseconds(cache.ttl)
  return {
    ttlMs,
    maxTtlMs: Math.max(ttlMs, cache.maxTtl === undefined ? 0 : milliseconds(cache.maxTtl)),
    entryBytes: bytes(cache.entryBytes),
    requests,
    clientControl,
    coalesce,
    coalesceWaitMs: milliseconds(cache.coalesceWait),
    finish,
    exact,
    semantic: semantic && {
      embedding: semantic.embedding,
      threshold: semantic.threshold,
      messages: semantic.messages,
      maxEntries: semantic.maxEntries,
      maxCharacters: semantic.maxCharacters,
      timeoutMs: milliseconds(semantic.timeout)
    },
    statusHeaders,
    key: {
      scope: key.scope,
      dialects: key.dialects,
      metadata: [...key.metadata].sort(),
      ignore: new Set(key.ignore)
    }
  }
}

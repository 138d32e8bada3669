import { bytes, milliseconds } from '../base/units.js'
import type { RouteCache } from './schema-cache.js'

/** What makes two requests the same to a cache. */
export interface KeyRules {
  /** Of the query: these parameters alone; undefined: all but `queryIgnore`. */
  readonly queryOnly: ReadonlySet<string> | undefined
  readonly queryIgnore: ReadonlySet<string>
  /** Parameters in any order are the same. */
  readonly sortQuery: boolean
  /** Names in lower case. */
  readonly headers: readonly string[]
  /** Undefined: nobody said which cookies matter. */
  readonly cookies: ReadonlySet<string> | undefined
  /** Replies that say they are for everybody are shared by all consumers. */
  readonly shareAcrossConsumers: boolean
}

/** How a route caches, compiled. Times are milliseconds; undefined: not at all. */
export interface CacheRules {
  /** False: nothing is stored or looked up, unsafe requests still invalidate. */
  readonly store: boolean
  /** For replies that do not say how long they are fresh. */
  readonly ttlMs: number | undefined
  /** The same for 404 and 410. */
  readonly notFoundTtlMs: number | undefined
  /** Guess from Last-Modified (RFC 9111 §4.2.2). */
  readonly heuristic: boolean
  /** Where the reply says nothing. */
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  /** The largest body that is stored, bytes. */
  readonly entryBytes: number
  /** Whether the client's Cache-Control counts. */
  readonly clientControl: boolean
  readonly coalesce: boolean
  /** How long a request waits for the head of another's reply. */
  readonly coalesceWaitMs: number
  /** Take Surrogate-Key, Surrogate-Control and CDN-Cache-Control off replies. */
  readonly stripSurrogate: boolean
  /** Say in a Cache-Status header what the cache did. */
  readonly cacheStatus: boolean
  readonly key: KeyRules
}

export function resolveRouteCache(cache: RouteCache): CacheRules {
  const { store, ttl, notFoundTtl, heuristic, clientControl, coalesce, cacheStatus, key } = cache
  return {
    store,
    ttlMs: ttl === undefined ? undefined : milliseconds(ttl),
    notFoundTtlMs: notFoundTtl === undefined ? undefined : milliseconds(notFoundTtl),
    heuristic,
    staleWhileRevalidateMs: milliseconds(cache.staleWhileRevalidate),
    staleIfErrorMs: milliseconds(cache.staleIfError),
    entryBytes: bytes(cache.entryBytes),
    clientControl,
    coalesce,
    coalesceWaitMs: milliseconds(cache.coalesceWait),
    stripSurrogate: cache.surrogateHeaders === 'strip',
    cacheStatus,
    key: {
      queryOnly: key.query && new Set(key.query),
      queryIgnore: new Set(key.ignoreQuery),
      sortQuery: key.sortQuery,
      headers: [...key.headers].sort(),
      cookies: key.cookies && new Set(key.cookies),
      shareAcrossConsumers: key.shareAcrossConsumers
    }
  }
}

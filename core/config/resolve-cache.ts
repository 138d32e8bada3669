import { bytes, milliseconds } from '../base/units.js'
import type { RouteCache } from './schema-cache.js'

/** How a route caches. Times are milliseconds; undefined: not at all. */
export interface RouteCacheConfig {
  readonly store: boolean
  readonly ttlMs: number | undefined
  readonly notFoundTtlMs: number | undefined
  readonly heuristic: boolean
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  readonly entryBytes: number
  readonly clientControl: boolean
  readonly coalesce: boolean
  readonly coalesceWaitMs: number
  readonly stripSurrogate: boolean
  readonly cacheStatus: boolean
  readonly key: {
    readonly queryOnly: ReadonlySet<string> | undefined
    readonly queryIgnore: ReadonlySet<string>
    readonly sortQuery: boolean
    readonly headers: readonly string[]
    readonly cookies: ReadonlySet<string> | undefined
    readonly shareAcrossConsumers: boolean
  }
}

export function resolveRouteCache(cache: RouteCache): RouteCacheConfig {
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

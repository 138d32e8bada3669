/** What the cache did for a request. */
export type CacheStatus = 'hit' | 'semantic-hit' | 'coalesced' | 'miss' | 'bypass'

/** How often it did what. */
export type CacheCounts = Record<CacheStatus, number>

export function noCounts(): CacheCounts {
  return { hit: 0, 'semantic-hit': 0, coalesced: 0, miss: 0, bypass: 0 }
}

import { allValues, type HeaderList, header } from '../../base/headers.js'
import { DURATION_PATTERN, milliseconds } from '../../base/units.js'
import type { AiCacheRules } from '../../config/resolve-ai-cache.js'

/** What a client wants of the cache. */
export interface CacheWishes {
  /** Take a stored answer. */
  readonly lookUp: boolean
  readonly store: boolean
  /** Share an upstream call with others. */
  readonly share: boolean
  readonly ttlMs: number
  /** The oldest stored answer that will do. */
  readonly maxAgeMs: number
}

const BYPASS = { lookUp: false, store: false, share: false }

/**
 * Reads `x-sluice-cache` (bypass, refresh, no-store), `x-sluice-cache-ttl` (a duration, or seconds) and Cache-Control (no-store, no-cache,
 * max-age). What is not understood does not count: a cache must never be the reason that a request fails.
 */
export function readWishes(headers: HeaderList, rules: AiCacheRules): CacheWishes {
  const wishes = { lookUp: true, store: true, share: true, ttlMs: rules.ttlMs, maxAgeMs: Number.POSITIVE_INFINITY }
  if (!rules.clientControl) return wishes
  for (const word of words(headers, 'x-sluice-cache')) {
    if (word === 'bypass') Object.assign(wishes, BYPASS)
    else if (word === 'refresh' || word === 'no-cache') wishes.lookUp = false
    else if (word === 'no-store') Object.assign(wishes, { store: false, share: false })
  }
  for (const word of words(headers, 'cache-control')) {
    if (word === 'no-store') Object.assign(wishes, { store: false, share: false })
    else if (word === 'no-cache') wishes.lookUp = false
    else if (word.startsWith('max-age=')) wishes.maxAgeMs = seconds(word.slice(8)) ?? wishes.maxAgeMs
  }
  const ttl = wantedTtl(header(headers, 'x-sluice-cache-ttl')?.trim())
  if (ttl === 0) wishes.store = false
  else if (ttl !== undefined) wishes.ttlMs = Math.min(ttl, rules.maxTtlMs)
  return wishes
}

function words(headers: HeaderList, name: string): string[] {
  const line = allValues(headers, name)
  return line === '' ? [] : line.split(',').map(word => word.trim().toLowerCase())
}

function wantedTtl(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  return new RegExp(DURATION_PATTERN).test(text) ? milliseconds(text) : seconds(text)
}

function seconds(text: string): number | undefined {
  return /^[0-9]{1,12}$/.test(text) ? Number(text) * 1_000 : undefined
}

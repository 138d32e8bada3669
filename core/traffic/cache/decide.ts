import { ageOf, freshFor } from './assess.js'
import type { Directives } from './directives.js'
import type { Entry } from './entry.js'

/** What to do with a stored reply: use it as it is, use it and validate it meanwhile, or ask the upstream first. */
export type Decision =
  | { readonly use: 'fresh' }
  | { readonly use: 'stale'; readonly detail: 'max-stale' | 'stale-while-revalidate' | 'stale-if-error' }
  | { readonly use: 'ask'; readonly fwd: 'request' | 'stale' }

const FRESH: Decision = { use: 'fresh' }
const ASKED: Decision = { use: 'ask', fwd: 'request' }
const STALE: Decision = { use: 'ask', fwd: 'stale' }

/** @param control - the client's Cache-Control; undefined: it says nothing, or nobody listens (RFC 9111 §4.2, §5.2.1) */
export function decide(entry: Entry, control: Directives | undefined, now: number): Decision {
  const { found } = entry
  const fresh = freshFor(found, now)
  if (control !== undefined && refuses(control, ageOf(found, now), fresh)) return ASKED
  if (found.noCache) return STALE
  if (fresh > 0) return FRESH
  const { maxStale } = control ?? {}
  if (maxStale !== undefined && !found.strict && -fresh <= maxStale * 1_000)
    return { use: 'stale', detail: 'max-stale' }
  if (-fresh < found.staleWhileRevalidateMs) return { use: 'stale', detail: 'stale-while-revalidate' }
  // The upstream failed a moment ago: it need not fail for each request.
  if (now < entry.retryAt && usableOnError(entry, now)) return { use: 'stale', detail: 'stale-if-error' }
  return STALE
}

/** After a failure, how long stored replies are used without another try, milliseconds. */
export const RETRY_MS = 1_000

/** Replies that stored ones stand in for (RFC 5861 §4). */
export const ERRORS: ReadonlySet<number> = new Set([500, 502, 503, 504])

/** Whether it may be used though the upstream cannot confirm it (RFC 5861 §4). */
export function usableOnError({ found }: Entry, now: number): boolean {
  return -freshFor(found, now) < found.staleIfErrorMs
}

function refuses(control: Directives, age: number, fresh: number): boolean {
  const { noCache, maxAge, minFresh } = control
  if (noCache || maxAge === 0) return true // 0 is how clients have always said no-cache
  return (maxAge !== undefined && age > maxAge * 1_000) || (minFresh !== undefined && fresh < minFresh * 1_000)
}

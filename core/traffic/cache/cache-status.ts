import { type HeaderList, header, setHeader } from '../../base/headers.js'

/** Why a request went on to the upstream (RFC 9211 §2.2). */
export type Forwarded = 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'request' | 'stale'

/** What the cache did for one reply. */
export interface CacheOutcome {
  /** Undefined: it was answered with what is stored. */
  readonly fwd: Forwarded | undefined
  /** What the upstream answered, when that is not what the client gets. */
  readonly fwdStatus?: number
  readonly stored?: boolean
  /** The request shared the upstream call of another. */
  readonly collapsed?: boolean
  readonly detail?: 'stale-if-error' | 'stale-while-revalidate' | 'max-stale' | undefined
}

/**
 * Says it in the reply's Cache-Status header (RFC 9211), after what caches nearer to the origin say.
 * @param ttlMs - how long what is stored stays fresh, milliseconds
 */
export function tellStatus(headers: HeaderList, outcome: CacheOutcome, ttlMs?: number): void {
  const before = header(headers, 'cache-status')
  const own = statusText(outcome, ttlMs === undefined ? undefined : Math.trunc(ttlMs / 1_000))
  if (before === undefined) headers.push('cache-status', own)
  else setHeader(headers, 'cache-status', `${before}, ${own}`)
}

function statusText({ fwd, fwdStatus, stored, collapsed, detail }: CacheOutcome, ttl: number | undefined): string {
  if (fwd === undefined && detail === undefined && ttl !== undefined) return hitText(ttl)
  let text = fwd === undefined ? 'sluice; hit' : `sluice; fwd=${fwd}`
  if (fwdStatus !== undefined) text += `; fwd-status=${fwdStatus}`
  if (stored === true) text += '; stored'
  if (collapsed === true) text += '; collapsed'
  if (ttl !== undefined) text += `; ttl=${ttl}`
  if (detail !== undefined) text += `; detail=${detail}`
  return text
}

/** The last that was made: hits of one second have the same. */
let lastHit = { ttl: 0, text: 'sluice; hit; ttl=0' }

function hitText(ttl: number): string {
  if (ttl !== lastHit.ttl) lastHit = { ttl, text: `sluice; hit; ttl=${ttl}` }
  return lastHit.text
}

import { addHeader, type HeaderList, removeHeader } from '../base/headers.js'
import { Refusal } from '../base/refusal.js'
import type { BrownoutConfig, DeprecationConfig } from '../config/resolve-deprecation.js'

/** What a deprecated route does with a request at a moment. */
export type Standing =
  | { readonly kind: 'serves' }
  /** Switched off until then, milliseconds since 1970. */
  | { readonly kind: 'brownout'; readonly until: number }
  | { readonly kind: 'gone' }

/** @param now - milliseconds since 1970 */
export function standingAt({ goneFrom, brownouts }: DeprecationConfig, now: number): Standing {
  if (goneFrom !== undefined && now >= goneFrom) return { kind: 'gone' }
  const ends = brownouts.flatMap(brownout => endOf(brownout, now) ?? [])
  return ends.length === 0 ? { kind: 'serves' } : { kind: 'brownout', until: Math.max(...ends) }
}

/** When the brown-out that is on ends; undefined when none is. */
function endOf({ from, forMs, everyMs, until }: BrownoutConfig, now: number): number | undefined {
  if (now < from) return undefined
  const begin = everyMs === undefined ? from : from + Math.floor((now - from) / everyMs) * everyMs
  if (until !== undefined && begin >= until) return undefined
  return now < begin + forMs ? begin + forMs : undefined
}

/** With what it refuses what comes in a brown-out or after the end: GW_ROUTE_BROWNOUT, GW_ROUTE_GONE. Undefined: it serves. */
export function gate(config: DeprecationConfig, now: () => number): () => Refusal | undefined {
  return () => {
    const moment = now()
    const standing = standingAt(config, moment)
    if (standing.kind === 'gone') return new Refusal('GW_ROUTE_GONE', 'its sunset is over', [])
    if (standing.kind === 'serves') return undefined
    const code = config.brownoutStatus === 410 ? 'GW_ROUTE_GONE' : 'GW_ROUTE_BROWNOUT'
    const seconds = Math.ceil((standing.until - moment) / 1_000)
    const message = `a brown-out until ${new Date(standing.until).toISOString()}`
    return new Refusal(code, message, ['retry-after', String(seconds)])
  }
}

/** What every reply of a deprecated route says: RFC 9745, RFC 8594, and where to read more. */
export function deprecationHeaders({ since, sunset, link, sunsetLink, successor }: DeprecationConfig): HeaderList {
  const list: HeaderList = ['deprecation', `@${Math.floor(since / 1_000)}`]
  if (sunset !== undefined) list.push('sunset', new Date(sunset).toUTCString())
  const links = [
    [link, 'deprecation'],
    [sunsetLink, 'sunset'],
    [successor, 'successor-version']
  ].flatMap(([target, relation]) => (target === undefined ? [] : [`<${target}>; rel="${relation}"`]))
  if (links.length > 0) list.push('link', links.join(', '))
  return list
}

/** What a route says in its replies, in place of what the upstream says of the same. Vary and Link come beside the upstream's. */
export function addNotes(headers: HeaderList, notes: HeaderList): void {
  for (let i = 0; i < notes.length; i += 2) {
    const name = notes[i] ?? ''
    if (name === 'deprecation' || name === 'sunset') removeHeader(headers, name)
    addHeader(headers, name, notes[i + 1] ?? '')
  }
}

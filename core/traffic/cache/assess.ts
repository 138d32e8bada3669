import { allValues, type HeaderList, header, PEER_HEADERS } from '../../base/headers.js'
import { STATUS_CODES } from '../../base/http.js'
import type { CacheRules } from '../../config/resolve-cache.js'
import { type Directives, fieldNames, parseDirectives } from './directives.js'
import { parseHttpDate } from './http-date.js'
import { targetedDirectives } from './targeted.js'

/** What of a request decides whether the reply to it may be stored. */
export interface RequestFacts {
  /** It has credentials for the upstream that are no part of the key: Authorization, or what it is told of a client's certificate. */
  readonly authorized: boolean
  /** It has cookies, and nobody said which of them matter. */
  readonly cookies: boolean
}

export interface ReplyHead {
  readonly status: number
  readonly headers: HeaderList
}

/** When a reply was asked for and when its head came, milliseconds. */
export interface ReplyTimes {
  readonly requestedAt: number
  readonly receivedAt: number
}

/** A reply that may be stored: how, and for whom. */
export interface Assessment {
  /** How long it is fresh, counted from when it was made, milliseconds. */
  readonly lifetimeMs: number
  /** How old it was when it came. */
  readonly initialAgeMs: number
  readonly receivedAt: number
  /** The reply itself says how long. */
  readonly explicit: boolean
  /** It must be validated each time. */
  readonly noCache: boolean
  /** It must not be used stale, unless it says itself for how long it may be. */
  readonly strict: boolean
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  /** It says that it is for everybody (RFC 9111 §5.2.2.9, §5.2.2.10). */
  readonly public: boolean
  /** It may answer requests with credentials (RFC 9111 §3.5). */
  readonly forAuthorized: boolean
  /** Names of request headers that selected it. */
  readonly vary: readonly string[]
  /** Of its fields, those that must not be stored. */
  readonly withoutFields: readonly string[]
}

/** RFC 9110 §15.1: what may be kept without being told how long. */
const HEURISTIC: ReadonlySet<number> = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])
const NOT_FOUND: ReadonlySet<number> = new Set([404, 410])
/** A tenth of its age is how long a reply is probably good for (RFC 9111 §4.2.2), and never longer than a day. */
const HEURISTIC_SHARE = 0.1
const MAX_HEURISTIC_MS = 86_400_000

/**
 * Whether and how a shared cache may store a reply to a GET (RFC 9111 §3).
 * @returns undefined: it must not, or it would be of no use
 */
export function assess(
  reply: ReplyHead,
  request: RequestFacts,
  rules: CacheRules,
  times: ReplyTimes
): Assessment | undefined {
  const { status, headers } = reply
  // A cookie that is set is for one client, whatever the reply says of itself.
  if (status < 200 || status === 206 || status === 304 || header(headers, 'set-cookie') !== undefined) return undefined
  // Who comes late to a stream of events would get those of the past.
  if (header(headers, 'content-type')?.startsWith('text/event-stream')) return undefined
  const targeted = targetedDirectives(headers)
  const said = targeted ?? parseDirectives(allValues(headers, 'cache-control'))
  if (forbidden(said, status)) return undefined
  const vary = fieldNames(allValues(headers, 'vary'))
  // What varies by the peer is for one client, whatever that one sent.
  if (vary.includes('*') || vary.some(name => PEER_HEADERS.has(name))) return undefined
  const forAuthorized = said.public || said.sMaxAge !== undefined || said.mustRevalidate
  if (request.authorized && !forAuthorized) return undefined
  const now = times.receivedAt
  const madeAt = dateOf(headers, 'date', now) ?? now
  const told = lifetimeSaid(said, headers, targeted === undefined, madeAt, now)
  // Nobody has said that cookies do not matter: then a reply that says nothing may be for this client alone.
  if (told === undefined && request.cookies) return undefined
  const lifetimeMs = told ?? lifetimeGuessed(said, status, headers, madeAt, rules, now)
  if (lifetimeMs === undefined) return undefined
  const never = said.noCache || said.mustRevalidate || said.proxyRevalidate
  // s-maxage forbids use when stale too (§5.2.2.10); but beside it, the reply's own stale-* say otherwise, as CDNs read them.
  const strict = never || said.sMaxAge !== undefined
  const found: Assessment = {
    lifetimeMs,
    initialAgeMs: initialAge(headers, madeAt, times),
    receivedAt: now,
    explicit: told !== undefined,
    noCache: said.noCache,
    strict,
    staleWhileRevalidateMs: never ? 0 : (ms(said.staleWhileRevalidate) ?? (strict ? 0 : rules.staleWhileRevalidateMs)),
    staleIfErrorMs: never ? 0 : (ms(said.staleIfError) ?? (strict ? 0 : rules.staleIfErrorMs)),
    public: said.public || said.sMaxAge !== undefined,
    forAuthorized,
    vary,
    withoutFields: said.withoutFields
  }
  return useful(found, headers) ? found : undefined
}

/** A reply's age now, milliseconds (RFC 9111 §4.2.3). */
export function ageOf(found: Assessment, now: number): number {
  return found.initialAgeMs + Math.max(0, now - found.receivedAt)
}

/** How long it stays fresh, milliseconds; negative: for how long it has been stale. */
export function freshFor(found: Assessment, now: number): number {
  return found.lifetimeMs - ageOf(found, now)
}

function forbidden(said: Directives, status: number): boolean {
  if (said.private) return true
  if (!said.mustUnderstand) return said.noStore
  return STATUS_CODES[status] === undefined // who understands the status ignores the no-store beside it (§5.2.2.3)
}

function lifetimeSaid(
  said: Directives,
  headers: HeaderList,
  expires: boolean,
  madeAt: number,
  now: number
): number | undefined {
  const seconds = said.sMaxAge ?? said.maxAge
  if (seconds !== undefined) return seconds * 1_000
  const until = expires ? header(headers, 'expires') : undefined
  // An Expires that is no date, "0" above all, is one that has passed (§5.3).
  if (until !== undefined) return Math.max(0, (parseHttpDate(until, now) ?? madeAt) - madeAt)
  return said.noCache ? 0 : undefined
}

function lifetimeGuessed(
  said: Directives,
  status: number,
  headers: HeaderList,
  madeAt: number,
  rules: CacheRules,
  now: number
): number | undefined {
  if (!HEURISTIC.has(status) && !said.public) return undefined
  if (NOT_FOUND.has(status)) {
    if (rules.notFoundTtlMs !== undefined) return rules.notFoundTtlMs
  } else if (rules.ttlMs !== undefined && status < 400) return rules.ttlMs
  const modified = rules.heuristic ? dateOf(headers, 'last-modified', now) : undefined
  if (modified === undefined || modified >= madeAt) return undefined
  return Math.min((madeAt - modified) * HEURISTIC_SHARE, MAX_HEURISTIC_MS)
}

function initialAge(headers: HeaderList, madeAt: number, { requestedAt, receivedAt }: ReplyTimes): number {
  const apparent = Math.max(0, receivedAt - madeAt)
  // Of a list, the first member counts (§5.1); what is no number is ignored.
  const age = /^\s*([0-9]+)\s*(?:,|$)/.exec(header(headers, 'age') ?? '')?.[1]
  const corrected = Math.min(Number(age ?? 0), 2_147_483_648) * 1_000 + (receivedAt - requestedAt)
  return Math.max(apparent, corrected)
}

function dateOf(headers: HeaderList, name: string, now: number): number | undefined {
  const text = header(headers, name)
  return text === undefined ? undefined : parseHttpDate(text, now)
}

function ms(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000
}

/** What can neither be used as it is nor be validated only takes room. */
function useful(found: Assessment, headers: HeaderList): boolean {
  if (header(headers, 'etag') !== undefined || header(headers, 'last-modified') !== undefined) return true
  const usable = found.lifetimeMs + Math.max(found.staleWhileRevalidateMs, found.staleIfErrorMs)
  return !found.noCache && usable > found.initialAgeMs
}

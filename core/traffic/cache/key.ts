import { createHash } from 'node:crypto'
import { cookiePairs } from '../../base/cookies.js'
import { allValues, type HeaderList, header, removeHeader, setHeader } from '../../base/headers.js'
import type { KeyRules } from '../../config/resolve-cache.js'
import type { CacheRequest } from './request.js'

/** For whom a stored reply is. */
export type Audience = 'own' | 'public'

/** More keys than this are not kept, nor longer ones. */
const MAX_RECENT = 4_096
const MAX_KEY = 512

/** Makes the keys of one route. */
export class Keys {
  /** The last key for each path with what it was made of: a text that was looked up before is found without being put together. */
  private readonly recent = new Map<string, KeyParts & { readonly key: string }>()
  /** Of the request's headers none counts. */
  readonly simple: boolean

  /** @param route - name of the route and whatever else changes what keys mean */
  constructor(
    private readonly route: string,
    private readonly rules: KeyRules
  ) {
    this.simple = rules.headers.length === 0 && (rules.cookies === undefined || rules.cookies.size === 0)
  }

  /** For the consumer of a request alone. */
  own(request: CacheRequest): string {
    if (!this.simple) return cacheKey(this.route, request, this.rules, 'own')
    const { path } = request
    const before = this.recent.get(path)
    if (before !== undefined && isAlike(before, request)) return before.key
    const key = cacheKey(this.route, request, this.rules, 'own')
    if (key.length > MAX_KEY) return key
    if (this.recent.size >= MAX_RECENT) this.recent.clear()
    const { host, query, scheme, forwarded, upstream, consumer } = request
    this.recent.set(path, { host, query, scheme, forwarded, upstream, consumer, key })
    return key
  }

  /** For everybody; undefined where nothing is. */
  public(request: CacheRequest): string | undefined {
    return this.rules.shareAcrossConsumers ? cacheKey(this.route, request, this.rules, 'public') : undefined
  }
}

/** All that a key without headers and cookies is made of, but for the path. */
type KeyParts = Pick<CacheRequest, 'host' | 'query' | 'scheme' | 'forwarded' | 'upstream' | 'consumer'>

function isAlike(a: KeyParts, b: KeyParts): boolean {
  return (
    a.host === b.host &&
    a.query === b.query &&
    a.scheme === b.scheme &&
    a.forwarded === b.forwarded &&
    a.upstream === b.upstream &&
    a.consumer === b.consumer
  )
}

/**
 * The primary key of a request: all that may make replies differ, but for what Vary names. The parts are kept apart by a character that
 * none of them can have.
 * @param route - name of the route and whatever else changes what keys mean
 */
export function cacheKey(route: string, request: CacheRequest, rules: KeyRules, audience: Audience): string {
  const { scheme, host, path, upstream, consumer, forwarded } = request
  const whom = audience === 'public' ? 'public' : consumer === '' ? 'anyone' : `consumer ${consumer}`
  const place = `${host.toLowerCase()}\n${path}\n${keyQuery(request.query, rules)}\n${scheme}\n${forwarded}`
  return `${route}\n${upstream}\n${place}\n${whom}\n${secondary(request, rules)}`
}

/** The query without the parameters that do not matter, in the order they came: so it goes upstream too. */
export function relevantQuery(query: string, { queryOnly, queryIgnore }: KeyRules): string {
  if (query === '' || (queryOnly === undefined && queryIgnore.size === 0)) return query
  const matters = (name: string): boolean => (queryOnly === undefined ? !queryIgnore.has(name) : queryOnly.has(name))
  return query
    .split('&')
    .filter(part => matters(parameterName(part)))
    .join('&')
}

/** The query as it stands in the key. */
export function keyQuery(query: string, rules: KeyRules): string {
  const kept = relevantQuery(query, rules)
  if (!rules.sortQuery || !kept.includes('&')) return kept
  const parts = kept.split('&').map(part => ({ part, name: parameterName(part) }))
  // Those of one name stay in their order: it may mean something.
  return parts
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ part }) => part)
    .join('&')
}

/**
 * Takes off a request what the key leaves out, so that it cannot change what is stored for others: whoever puts something into a
 * parameter that does not count would otherwise write everybody's page.
 */
export function dropUnkeyed(request: { query: string; headers: HeaderList }, rules: KeyRules): void {
  request.query = relevantQuery(request.query, rules)
  if (rules.cookies === undefined) return
  const kept = keptCookies(request.headers, rules.cookies)
  if (kept === '') removeHeader(request.headers, 'cookie')
  else setHeader(request.headers, 'cookie', kept)
}

function keptCookies(headers: HeaderList, names: ReadonlySet<string>): string {
  if (names.size === 0) return ''
  return cookiePairs(headers)
    .filter(pair => names.has(pair.slice(0, Math.max(0, pair.indexOf('='))).trim()))
    .join('; ')
}

function parameterName(part: string): string {
  const at = part.indexOf('=')
  const name = (at === -1 ? part : part.slice(0, at)).replaceAll('+', ' ')
  if (!name.includes('%')) return name
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** The listed headers and cookies, digested: they may be credentials, and long. Empty when there are none to list. */
function secondary(request: CacheRequest, rules: KeyRules): string {
  const { headers, cookies } = rules
  const cookie = cookies !== undefined && cookies.size > 0 ? header(request.headers, 'cookie') : undefined
  if (headers.length === 0 && cookie === undefined) return ''
  const values = headers.map(name => allValues(request.headers, name))
  return createHash('sha256')
    .update(JSON.stringify([values, cookie ?? '']))
    .digest('base64')
}

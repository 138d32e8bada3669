import { Buffer } from 'node:buffer'
import { type HeaderList, HOP_BY_HOP, header, isToken, removeHeader } from '../base/headers.js'
import { RecentLists } from '../base/recent-lists.js'
import type { Exchange } from './exchange.js'
import { moveDate } from './move-date.js'

const VIA = '1.1 sluice'

/** What was made of the headers of a request, and of what else it depends on. */
interface Forwarded extends ForwardOptions {
  readonly host: string
  readonly scheme: string
  readonly clientIp: string
  readonly sentHost: string | undefined
  readonly length: number | undefined
  readonly underscores: boolean
  readonly list: readonly string[]
}

const forwarded = new RecentLists<Forwarded>(2_048)

/** The headers that go upstream: end-to-end ones, and who the request is forwarded for. */
export function requestHeaders(exchange: Exchange, options: ForwardOptions): readonly string[] {
  const { request, clientIp, body, underscores } = exchange
  const sentHost = exchange.route?.rewrite?.host ?? (options.preserveHost ? request.host : undefined)
  const length = Buffer.isBuffer(body) || body.length === 0 ? undefined : body.length
  const before = forwarded.get(request.headers)
  if (
    before !== undefined &&
    before.host === request.host &&
    before.scheme === request.scheme &&
    before.clientIp === clientIp &&
    before.sentHost === sentHost &&
    before.length === length &&
    before.underscores === underscores &&
    before.peer === options.peer &&
    before.trusted === options.trusted
  )
    return before.list
  const list = made(exchange, options, sentHost, length)
  const { host, scheme } = request
  forwarded.set(request.headers, () => ({ ...options, host, scheme, clientIp, sentHost, length, underscores, list }))
  return list
}

function made(
  { request, clientIp, underscores }: Exchange,
  { trusted, peer }: ForwardOptions,
  sentHost: string | undefined,
  length: number | undefined
): HeaderList {
  const list = endToEnd(request.headers, NOT_SENT_UPSTREAM)
  if (sentHost !== undefined) list.push('host', sentHost)
  if (length !== undefined) list.push('content-length', String(length))
  // An untrusted client may say anything about where it comes from: what it said is replaced, not extended.
  const before = trusted ? request.headers : []
  list.push('x-forwarded-for', extended(before, 'x-forwarded-for', peer))
  list.push('x-forwarded-host', header(before, 'x-forwarded-host') ?? request.host)
  list.push('x-forwarded-proto', header(before, 'x-forwarded-proto') ?? request.scheme)
  const element = forwardedElement(peer, request.host, request.scheme)
  list.push('forwarded', told(before, clientIp) + extended(before, 'forwarded', element))
  list.push('via', extended(request.headers, 'via', VIA))
  if (clientIp !== '' && clientIp !== peer) list.push('x-real-ip', clientIp)
  if (underscores) dropLookalikes(list)
  return list
}

/**
 * Many servers (CGI, WSGI and all that came of them) take "x_forwarded_for" for "x-forwarded-for": a name that would be taken for one
 * of the request, or for one that is not the client's to send, does not go on. Others with an underscore do.
 */
function dropLookalikes(list: HeaderList): void {
  const names = new Set(list.filter((_, i) => i % 2 === 0))
  for (const name of names) {
    if (!name.includes('_')) continue
    const meant = name.replaceAll('_', '-')
    if (names.has(meant) || NOT_SENT_UPSTREAM.has(meant)) removeHeader(list, name)
  }
}

export interface ForwardOptions {
  readonly preserveHost: boolean
  /** Address of the connection's other end. */
  readonly peer: string
  /** Whether the peer is a proxy whose forwarding headers are believed. */
  readonly trusted: boolean
}

/** What was made of the headers of a reply. */
interface PassedBack {
  readonly list: readonly string[]
  /** Of which second, since 1970, it is true; undefined: of all. */
  readonly second: number | undefined
}

const passedBack = new RecentLists<PassedBack>(2_048)

/** The headers that go to the client. The listener writes Date, Content-Length and Transfer-Encoding itself. */
export function responseHeaders(headers: HeaderList): HeaderList {
  const before = passedBack.get(headers)
  if (before !== undefined && (before.second === undefined || before.second === secondOf(Date.now()))) {
    return before.list.slice()
  }
  const list = endToEnd(headers, NOT_SENT_TO_CLIENT)
  const date = header(headers, 'date')
  const now = Date.now()
  const moved = date !== undefined && moveDate(list, date, now)
  list.push('via', extended(headers, 'via', VIA))
  passedBack.set(headers, () => ({ list: list.slice(), second: moved ? secondOf(now) : undefined }))
  return list
}

function secondOf(ms: number): number {
  return Math.floor(ms / 1_000)
}

/** Hop-by-hop, or written by `requestHeaders` itself or by the client. */
const NOT_SENT_UPSTREAM: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'host',
  'content-length',
  'expect',
  'via',
  'forwarded',
  'x-real-ip',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto'
])

/** Hop-by-hop, or written by `responseHeaders` itself or by uWebSockets.js. */
const NOT_SENT_TO_CLIENT: ReadonlySet<string> = new Set([...HOP_BY_HOP, 'content-length', 'date', 'via'])

/** Without those `dropped`. What the Connection header names went on arrival (`dropNamedByConnection`). */
function endToEnd(headers: HeaderList, dropped: ReadonlySet<string>): HeaderList {
  const list: HeaderList = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]
    const value = headers[i + 1]
    if (name === undefined || value === undefined) continue
    if (dropped.has(name)) continue
    list.push(name, value)
  }
  return list
}

/** Every value of `name` in one line, and `added` at the end. */
function extended(headers: HeaderList, name: string, added: string): string {
  let line = ''
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] === name) line += `${headers[i + 1]}, `
  }
  return line + added
}

/**
 * What a believed proxy says in X-Forwarded-* alone, in the words of Forwarded (RFC 7239 §7.4): servers that know both heed only that. Of
 * all the addresses it has the client's, as Sluice knows it.
 */
function told(before: HeaderList, clientIp: string): string {
  if (before.length === 0 || header(before, 'forwarded') !== undefined) return ''
  const host = first(header(before, 'x-forwarded-host'))
  const proto = first(header(before, 'x-forwarded-proto'))
  if (host === '' && proto === '' && header(before, 'x-forwarded-for') === undefined) return ''
  let element = `for=${clientIp === '' ? 'unknown' : node(clientIp)}`
  if (/^[A-Za-z0-9.:_[\]-]+$/.test(host)) element += `;host=${isToken(host) ? host : `"${host}"`}`
  if (/^[A-Za-z][A-Za-z0-9+.-]*$/.test(proto)) element += `;proto=${proto}`
  return `${element}, `
}

/** Of a list, the entry of the proxy that was the first. */
function first(list = ''): string {
  const comma = list.indexOf(',')
  return (comma === -1 ? list : list.slice(0, comma)).trim()
}

function node(address: string): string {
  return address.includes(':') ? `"[${address}]"` : address
}

/** The last that was made: most requests of a client, or of the proxy before us, have the same. */
let last = { peer: '', host: '', proto: '', element: '' }

/** RFC 7239 §4; an IPv6 address is quoted and bracketed (§6). */
function forwardedElement(peer: string, host: string, proto: string): string {
  if (last.peer === peer && last.host === host && last.proto === proto) return last.element
  const authority = isToken(host) ? host : `"${host}"` // the listener let no quote or backslash in
  last = { peer, host, proto, element: `for=${node(peer)};host=${authority};proto=${proto}` }
  return last.element
}

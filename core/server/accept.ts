import type { HttpRequest } from 'uWebSockets.js'
import { GatewayError } from '../base/errors.js'
import { allValues, type HeaderList, header, isCount, isFieldValue, isHeaderName, isToken } from '../base/headers.js'
import { normalPercents, type RequestHead } from '../base/http.js'
import { RecentLists } from '../base/recent-lists.js'
import { hasDotSegment, isPath, isQuery } from '../base/request-target.js'

export interface HeadLimits {
  /** Bytes of the request line, and of all names and values and their four separators each. */
  readonly headerBytes: number
  readonly headers: number
}

/** How the body of a request is framed (RFC 9112 §6.3). */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'sized'; readonly length: number }
  | { readonly kind: 'chunked' }

/** Methods that cannot be forwarded: CONNECT makes a tunnel, TRACE would show a client the gateway's own headers. */
const NOT_SUPPORTED = new Set(['CONNECT', 'TRACE'])

/** What was found of headers that are right. */
export interface Checked {
  readonly framing: Framing
  /** Connection lists "close": the request is the client's last. */
  readonly last: boolean
}

/** A head, and what its headers are known as. */
export interface ReceivedHead extends RequestHead {
  readonly known: Known | undefined
}

/** Headers that were found right, as they came, and what was found of them. */
interface Known {
  readonly list: readonly string[]
  readonly host: string
  /** Of names, values and their four separators each. */
  readonly bytes: number
  readonly checked: Checked
  /** Within which they were found right. */
  readonly limits: HeadLimits
}

/** Most clients write the same headers again and again, to the last character: they are looked through once. */
const recent = new RecentLists<Known>(2_048)

/** Of the request that is being read: names and values of its headers, and how many there are. */
const texts: string[] = []
let count = 0

/** One function for every request. */
function take(name: string, value: string): void {
  texts[count++] = name
  texts[count++] = value
}

/**
 * Copies the head out of `request`, which is gone after the handler's first await. Nothing is judged here, so that
 * a refused request still has a log line.
 */
export function readHead(request: HttpRequest, method: string, scheme: RequestHead['scheme']): ReceivedHead {
  count = 0
  request.forEach(take)
  const path = samePath(request.getUrl())
  const query = request.getQuery() ?? ''
  const known = recent.get(texts, count)
  if (known !== undefined) {
    // The texts that are known: they are found again by their identity, too. The list is the exchange's to change.
    return { method, scheme, host: known.host, path, query, headers: known.list.slice(), known }
  }
  const headers: HeaderList = []
  let host = ''
  for (let i = 0; i < count; i += 2) {
    const name = texts[i] ?? ''
    const value = texts[i + 1] ?? ''
    if (name === 'host') host = value
    headers.push(sameName(name, i), sameValue(value, i))
  }
  return { method, scheme, host, path, query, headers, known: undefined }
}

/** Of the last request, by their places: the next one mostly has the same, and whoever looks them up finds them by their identity. */
const lastNames: string[] = []

/** `name`, as the string it was last time where it stood there then, too. */
function sameName(name: string, place: number): string {
  const before = lastNames[place]
  if (before === name) return before
  lastNames[place] = name
  return name
}

/** Of the last request that was found right: who looks it up again finds it by its identity. */
let lastPath = ''

function samePath(path: string): string {
  return path === lastPath ? lastPath : path
}

/**
 * As `checkHead`, of a head whose headers may be known.
 * @throws GatewayError as `checkHead` does
 */
export function checkReceived(head: ReceivedHead, limits: HeadLimits): Checked {
  const { known, headers, host } = head
  if (known?.limits === limits) {
    const bytes = checkLine(head) + known.bytes
    if (bytes > limits.headerBytes) throw tooLarge(bytes, limits)
    return known.checked
  }
  const checked = { framing: checkHead(head, limits), last: closes(headers) }
  recent.set(headers, list => ({ list, host, bytes: bytesOf(list), checked, limits }))
  return checked
}

/**
 * Refuses what must not be forwarded: smuggling shapes, bad names, dot segments, too much of anything. uWebSockets.js
 * has parsed the message, leniently; this is the strict reading of RFC 9112.
 * @throws GatewayError GW_BAD_REQUEST, GW_HEADERS_TOO_LARGE, GW_METHOD_NOT_SUPPORTED, GW_EXPECTATION_FAILED
 */
export function checkHead(head: RequestHead, limits: HeadLimits): Framing {
  const lineBytes = checkLine(head)
  if (head.host !== lastHost) checkHost(head.host)
  return checkHeaders(head.headers, limits, lineBytes)
}

/** @returns the bytes of the request line, which count too */
function checkLine(head: RequestHead): number {
  if (head.method !== 'GET') checkMethod(head.method)
  if (head.path !== lastPath) {
    head.path = normalPercents(head.path)
    checkPath(head.path)
    lastPath = head.path
  }
  if (head.query !== '' && !isQuery(head.query)) {
    throw bad('the query has a character that must be percent-encoded')
  }
  // With two spaces, HTTP/1.1, an end of line and maybe a question mark.
  return head.method.length + head.path.length + head.query.length + 13
}

function bytesOf(headers: readonly string[]): number {
  return headers.reduce((bytes, text) => bytes + text.length + 2, 0)
}

/** Whether Connection lists "close". */
function closes(headers: HeaderList): boolean {
  const value = header(headers, 'connection')
  // Mostly there is none, or it is this.
  if (value === undefined || value === 'keep-alive') return false
  return /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i.test(allValues(headers, 'connection'))
}

function checkMethod(method: string): void {
  if (!isToken(method)) throw bad(`the method is not a token`)
  if (NOT_SUPPORTED.has(method)) throw new GatewayError('GW_METHOD_NOT_SUPPORTED', `${method} is not forwarded`)
}

/** The last that was found to be one: most requests are for the same. */
let lastHost = ''

function checkHost(host: string): void {
  if (!AUTHORITY.test(host)) throw bad('the Host header is not a host and maybe a port')
  lastHost = host
}

/** RFC 9110 §7.2: uri-host [":" port]; empty when the target has no authority. */
const AUTHORITY = /^(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?$/

const BAD_PERCENT = /%(?![0-9A-F]{2})/

function checkPath(path: string): void {
  if (!isPath(path)) throw bad('the path has a character that must be percent-encoded')
  if (path.includes('%') && BAD_PERCENT.test(path)) throw bad('the path has a "%" without two hex digits')
  if (hasDotSegment(path)) throw bad('the path has a dot segment; send it resolved')
}

/** Of the last request, by their places: what was found right there mostly comes again. */
const lastValues: string[] = []
/** Longer ones are not remembered here: those that come again mostly do so with all of their head, which is known then. */
const MAX_REMEMBERED = 128

function sameValue(value: string, place: number): string {
  const before = lastValues[place]
  return before === value ? before : value
}

function isRightValue(value: string, place: number): boolean {
  if (lastValues[place] === value) return true
  if (!isFieldValue(value)) return false
  if (value.length <= MAX_REMEMBERED) lastValues[place] = value
  return true
}

function checkHeaders(headers: HeaderList, limits: HeadLimits, lineBytes: number): Framing {
  if (headers.length / 2 > limits.headers) {
    throw new GatewayError('GW_HEADERS_TOO_LARGE', `${headers.length / 2} headers; the limit is ${limits.headers}`)
  }
  let size = lineBytes
  let hosts = 0
  let length: string | undefined
  let coding: string | undefined
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? ''
    const value = headers[i + 1] ?? ''
    size += name.length + value.length + 4
    if (!isHeaderName(name)) throw bad('a header name has a character that is not allowed')
    if (!isRightValue(value, i)) throw bad(`the value of ${name} has a control character`)
    if (name === 'host') hosts++
    else if (name === 'content-length') {
      if (length !== undefined) throw bad('two Content-Length headers')
      length = value
    } else if (name === 'transfer-encoding') {
      if (coding !== undefined) throw bad('two Transfer-Encoding headers')
      coding = value
    } else if (name === 'expect' && value.toLowerCase() !== '100-continue') {
      throw new GatewayError('GW_EXPECTATION_FAILED', `Expect: only 100-continue is known`)
    }
  }
  if (size > limits.headerBytes) throw tooLarge(size, limits)
  if (hosts !== 1) throw bad(`${hosts} Host headers`)
  return framing(length, coding)
}

function framing(length: string | undefined, coding: string | undefined): Framing {
  if (coding !== undefined) {
    if (length !== undefined) throw bad('both Content-Length and Transfer-Encoding')
    if (coding.toLowerCase() !== 'chunked') throw bad('a transfer coding other than chunked')
    return { kind: 'chunked' }
  }
  if (length === undefined) return { kind: 'none' }
  if (!isCount(length)) throw bad('Content-Length is not a number')
  return { kind: 'sized', length: Number(length) }
}

function tooLarge(bytes: number, limits: HeadLimits): GatewayError {
  return new GatewayError('GW_HEADERS_TOO_LARGE', `${bytes} bytes of headers; the limit is ${limits.headerBytes}`)
}

function bad(message: string): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', message)
}

import { Buffer } from 'node:buffer'
import { codeAt, latin1Of } from '../../base/bare.js'
import { GatewayError } from '../../base/errors.js'
import { toLatin1 } from '../../base/header-text.js'
import { isAsciiValue, isCount, isFieldValue, isHeaderName, isToken } from '../../base/headers.js'
import { RecentLists } from '../../base/recent-lists.js'
import type { OutgoingRequest } from '../http-client.js'

/** The head of a request without its framing and its end, which depend on how the body comes. */
export interface RequestHead {
  /** As Latin-1, a character for each byte. */
  readonly text: string
  /** Its Content-Length, which is not in `text`. */
  readonly length: number | undefined
  /** Whether a body belongs to such requests: then its absence is said, too (RFC 9110 §8.6). */
  readonly expectsBody: boolean
  /** The connection is not to be used again. */
  readonly last: boolean
}

const EXPECTS_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH'])

const SLASH = 47

/** Whether each of its characters is a byte that ends nothing (RFC 9112 §3). In a loop: regular expressions take longer to begin. */
function isTarget(text: string): boolean {
  if (text.length === 0 || codeAt(text, 0) !== SLASH) return false
  for (let i = 1; i < text.length; i++) {
    const code = codeAt(text, i)
    if (code < 0x21 || code > 0xff) return false
  }
  return true
}

/**
 * @param authority - the Host header, unless the request has one
 * @param kept - what was made of other requests to that server
 * @throws GatewayError GW_BAD_REQUEST for what could be read as something else
 */
export function requestHead(request: OutgoingRequest, authority: string, kept: KeptSections): RequestHead {
  const { method, target, headers, body } = request
  if (method !== 'GET' && !isToken(method)) throw wrong(authority, 'the method is no token')
  if (!isTarget(target)) throw wrong(authority, 'the target is no path')
  const expectsBody = EXPECTS_BODY.has(method)
  const section = sectionOf(headers, authority, kept)
  const { length } = section
  if (Buffer.isBuffer(body) && length !== undefined && length !== body.length && expectsBody) {
    throw wrong(authority, `a body of ${body.length} bytes; ${length} announced`)
  }
  // Servers that send what a HEAD must not have, or read no body where none is expected, would answer the next request wrong.
  const last = section.saysClose || method === 'HEAD' || (body !== undefined && !expectsBody && body.length !== 0)
  const connection = last ? 'close' : 'keep-alive'
  return { text: `${method} ${target}${section.text}connection: ${connection}\r\n`, length, expectsBody, last }
}

/** The header section of a request, as it is on the wire. */
interface Section {
  /** From behind the target to before the framing. */
  readonly text: string
  readonly length: number | undefined
  readonly saysClose: boolean
}

/** The header sections that went to one server last. */
export type KeptSections = RecentLists<Section>

export function keptSections(): KeptSections {
  return new RecentLists(4_096)
}

function sectionOf(headers: readonly string[], authority: string, kept: KeptSections): Section {
  const before = kept.get(headers)
  if (before !== undefined) return before
  const made = section(headers, authority)
  kept.set(headers, () => ({ ...made, text: inOnePiece(made.text) }))
  return made
}

function section(headers: readonly string[], authority: string): Section {
  let host: string | undefined
  let length: number | undefined
  let saysClose = false
  let lines = ''
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? ''
    const value = wireValue(headers[i + 1] ?? '', name, authority)
    switch (name) {
      case 'host':
        if (host !== undefined) throw wrong(authority, 'two Host headers')
        host = value
        break
      case 'content-length':
        if (length !== undefined || !isCount(value)) throw wrong(authority, 'not one Content-Length')
        length = Number(value)
        break
      case 'connection':
        saysClose ||= /(?:^|,)\s*close\s*(?:$|,)/i.test(value)
        break
      case 'transfer-encoding':
      case 'keep-alive':
      case 'upgrade':
      case 'expect':
        throw wrong(authority, `${name} is not for callers to say`)
      default:
        if (!isHeaderName(name)) throw wrong(authority, 'a header name is no token')
        lines += `${name}: ${value}\r\n`
    }
  }
  return { text: ` HTTP/1.1\r\nhost: ${host ?? authority}\r\n${lines}`, length, saysClose }
}

/** What is in one piece is copied faster than its parts, each time. */
function inOnePiece(text: string): string {
  const bytes = Buffer.from(text, 'latin1')
  return latin1Of(bytes, 0, bytes.length)
}

/** What is not ASCII goes as its UTF-8 bytes. */
function wireValue(value: string, name: string, authority: string): string {
  if (isAsciiValue(value)) return value
  if (!isFieldValue(value)) throw wrong(authority, `a control character in the header ${name}`)
  return toLatin1(value)
}

function wrong(authority: string, what: string): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', `${authority}: ${what}`)
}

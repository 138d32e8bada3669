import { Buffer } from 'node:buffer'
import { codeAt } from '../../base/bare.js'
import { GatewayError } from '../../base/errors.js'
import { toLatin1 } from '../../base/header-text.js'
import { isAsciiValue, isFieldValue, isHeaderName, isToken } from '../../base/headers.js'
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
 * @throws GatewayError GW_BAD_REQUEST for what could be read as something else
 */
export function requestHead(request: OutgoingRequest, authority: string): RequestHead {
  const { method, target, headers, body } = request
  if (method !== 'GET' && !isToken(method)) throw wrong(authority, 'the method is no token')
  if (!isTarget(target)) throw wrong(authority, 'the target is no path')
  const expectsBody = EXPECTS_BODY.has(method)
  let host: string | undefined
  let length: number | undefined
  // Servers that send what a HEAD must not have, or read no body where none is expected, would answer the next request wrong.
  let last = method === 'HEAD' || (body !== undefined && !expectsBody && body.length !== 0)
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
        if (length !== undefined || !/^[0-9]+$/.test(value)) throw wrong(authority, 'not one Content-Length')
        length = Number(value)
        break
      case 'connection':
        last ||= /(?:^|,)\s*close\s*(?:$|,)/i.test(value)
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
  if (Buffer.isBuffer(body) && length !== undefined && length !== body.length && expectsBody) {
    throw wrong(authority, `a body of ${body.length} bytes; ${length} announced`)
  }
  const connection = last ? 'close' : 'keep-alive'
  const text = `${method} ${target} HTTP/1.1\r\nhost: ${host ?? authority}\r\nconnection: ${connection}\r\n${lines}`
  return { text, length, expectsBody, last }
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

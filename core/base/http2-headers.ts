import type { OutgoingHttpHeaders } from 'node:http2'
import { toLatin1 } from './header-text.js'

/**
 * A header list as Node's HTTP/2 takes it, without what is about a connection of HTTP/1.1 (RFC 9113 §8.2.2). Node refuses several values
 * of some headers: those that are lists become one line (RFC 9110 §5.3), of the others the first value counts, as it does for policies.
 */
export function http2Headers(list: readonly string[]): OutgoingHttpHeaders {
  const object: OutgoingHttpHeaders = Object.create(null)
  for (let i = 0; i + 1 < list.length; i += 2) {
    const name = list[i] ?? ''
    if (OF_CONNECTION.has(name)) continue
    const value = toLatin1(list[i + 1] ?? '')
    const before = object[name]
    if (before === undefined) object[name] = value
    else if (Array.isArray(before)) before.push(value)
    else if (LISTS.has(name)) object[name] = `${before}, ${value}`
    else if (!SINGLE.has(name)) object[name] = [String(before), value]
  }
  return object
}

/** With those Node throws; `te` may say "trailers", and who means that says so itself. */
const OF_CONNECTION = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade'
])

/** Lists by their grammar, though Node takes one line of them alone. */
const LISTS = new Set(['content-encoding', 'content-language', 'if-match', 'if-none-match'])

/** The others of which Node takes one line alone (its `kSingleValueHeaders`). */
const SINGLE = new Set([
  'access-control-allow-credentials',
  'access-control-max-age',
  'access-control-request-method',
  'age',
  'authorization',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'date',
  'dnt',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'range',
  'referer',
  'retry-after',
  'tk',
  'upgrade-insecure-requests',
  'user-agent',
  'x-content-type-options'
])

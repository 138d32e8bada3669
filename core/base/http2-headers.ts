import type { OutgoingHttpHeaders } from 'node:http2'
import { toLatin1 } from './header-text.js'
import type { HeaderList } from './headers.js'

/**
 * A header list as Node's HTTP/2 takes it, without what is about a connection of HTTP/1.1 (RFC 9113 §8.2.2). Where Node takes no list,
 * the first value counts.
 */
export function http2Headers(list: HeaderList): OutgoingHttpHeaders {
  const object: OutgoingHttpHeaders = Object.create(null)
  for (let i = 0; i + 1 < list.length; i += 2) {
    const name = list[i] ?? ''
    if (OF_CONNECTION.has(name)) continue
    const value = toLatin1(list[i + 1] ?? '')
    const before = object[name]
    if (before === undefined) object[name] = value
    else if (SINGLE.has(name)) continue
    else if (Array.isArray(before)) before.push(value)
    else object[name] = [String(before), value]
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

/** Those for which Node refuses a list. */
const SINGLE = new Set([
  'access-control-allow-credentials',
  'access-control-max-age',
  'age',
  'authorization',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'date',
  'dnt',
  'etag',
  'expires',
  'last-modified',
  'location',
  'proxy-authorization',
  'range',
  'referer',
  'retry-after',
  'tk',
  'upgrade-insecure-requests',
  'user-agent',
  'x-content-type-options'
])

import { hostName, hostPort } from '../../base/host-name.js'
import { normalPercents } from '../../base/http.js'

/** Most hosts and paths are in normal form: nothing is put together for them. */
const NORMAL_HOST = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/
const NORMAL_PATH = /^[A-Za-z0-9/!$&'()*+,\-.:;=@_~]*$/

/**
 * Where a reply was: what is invalidated and purged, whatever the query, the consumer or the variant. One text for all
 * spellings that are one resource to RFC 3986 §6.2.2 and §6.2.3; "//" is none of "/". The scheme is not in it (a proxy
 * before the gateway may have another), so neither port is that goes without saying.
 */
export function placeOf(host: string, path: string): string {
  return placeHost(host) + normalReference(path)
}

/** Where the reply to a request is, and where its client asks for it: policies may have made another path of that. */
export function placesOf({ host, path, asked }: { host: string; path: string; asked: string }): string[] {
  const place = placeOf(host, path)
  return asked === path ? [place] : [place, placeOf(host, asked)]
}

export function placeHost(host: string): string {
  if (NORMAL_HOST.test(host)) return host
  const port = hostPort(host)
  return port === undefined || port === 80 || port === 443 ? hostName(host) : `${hostName(host)}:${port}`
}

/** A path or a query in normal form, with what must be percent-encoded, and clients send as it is, in that form too. */
export function normalReference(text: string): string {
  if (NORMAL_PATH.test(text)) return text
  return normalPercents(text.replace(/[^!$%&'()*+,\-./0-9:;=?@A-Z_a-z~]+/g, encoded))
}

function encoded(characters: string): string {
  try {
    return encodeURIComponent(characters)
  } catch {
    return characters // half of a surrogate pair, in what an operator wrote
  }
}

/** A path without "." and ".." as segments (RFC 3986 §5.2.4). */
export function withoutDotSegments(path: string): string {
  if (!/\/\.{1,2}(?:\/|$)/.test(path)) return path
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  for (const segment of segments) {
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
  }
  const last = segments.at(-1)
  return `/${kept.join('/')}${(last === '.' || last === '..') && kept.length > 0 ? '/' : ''}`
}

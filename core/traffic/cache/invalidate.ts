import { header } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import type { HttpCache } from './http-cache.js'
import { placeHost, placeOf, placesOf } from './place.js'
import type { CacheRequest } from './request.js'

/** RFC 9110 §9.2.1, and those of WebDAV and SEARCH: they change nothing. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'REPORT', 'SEARCH', 'QUERY'])

/**
 * After a request that may have changed something: what is stored of its place is out of date, and of the places its reply
 * names on the same host (RFC 9111 §4.4).
 * @returns when it is gone from every event loop: whoever has the reply may ask any of them; undefined: it is
 */
export function invalidateAfter(cache: HttpCache, request: CacheRequest, reply: Reply): Promise<void> | undefined {
  if (SAFE.has(request.method) || reply.status < 200 || reply.status >= 400) return undefined
  const { host, path } = request
  const places = placesOf(request)
  for (const name of ['location', 'content-location']) {
    const place = named(header(reply.headers, name), host, path)
    if (place !== undefined) places.push(place)
  }
  return cache.invalidate(places)
}

function named(reference: string | undefined, host: string, path: string): string | undefined {
  if (reference === undefined) return undefined
  try {
    const base = new URL(`http://${host}${path}`)
    const url = new URL(reference, base)
    return placeHost(url.host) === placeHost(base.host) ? placeOf(host, url.pathname) : undefined
  } catch {
    return undefined
  }
}

import { allValues, type HeaderList } from '../../base/headers.js'
import { type Directives, parseDirectives } from './directives.js'
import type { Entry } from './entry.js'

/** Preconditions that only the origin can judge (RFC 9111 §4.3.2). */
export function aboutOrigin(headers: HeaderList): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] === 'if-match' || headers[i] === 'if-unmodified-since') return true
  }
  return false
}

/** What the client asks of caches. */
export function clientControl(headers: HeaderList): Directives | undefined {
  const text = allValues(headers, 'cache-control')
  return text === '' ? undefined : parseDirectives(text)
}

const CONDITIONS: ReadonlySet<string> = new Set(['if-none-match', 'if-modified-since', 'range', 'if-range'])

/** A request for the whole reply, or, with a stored one, for a newer one. */
export function outgoing(headers: HeaderList, entry: Entry | undefined): HeaderList {
  const list: HeaderList = []
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? ''
    if (!CONDITIONS.has(name)) list.push(name, headers[i + 1] ?? '')
  }
  if (entry?.etag !== undefined) list.push('if-none-match', entry.etag)
  if (entry?.lastModified !== undefined) list.push('if-modified-since', entry.lastModified)
  return list
}

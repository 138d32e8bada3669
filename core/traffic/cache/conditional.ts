import { allValues, type HeaderList, header } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import { parseHttpDate } from './http-date.js'

/** What of a stored reply preconditions are held against. */
export interface Validators {
  readonly etag: string | undefined
  readonly lastModified: string | undefined
  /** When it came, milliseconds: counts where it does not say when it was modified. */
  readonly receivedAt: number
}

/** Whether the client has it already, so that 304 is the answer (RFC 9110 §13.2.2, RFC 9111 §4.3.2). */
export function unchanged(headers: HeaderList, stored: Validators, now: number): boolean {
  const tags = header(headers, 'if-none-match')
  if (tags !== undefined) return matchesAny(allValues(headers, 'if-none-match'), stored.etag)
  const since = header(headers, 'if-modified-since')
  if (since === undefined) return false
  const at = parseHttpDate(since, now)
  if (at === undefined) return false
  const modified = stored.lastModified === undefined ? undefined : parseHttpDate(stored.lastModified, now)
  return (modified ?? stored.receivedAt) <= at
}

/** Whether a range of the stored reply may be sent: If-Range names exactly this one (RFC 9110 §13.1.5). */
export function sameForRange(condition: string, stored: Validators): boolean {
  if (condition.startsWith('"')) return condition === stored.etag
  return !condition.startsWith('W/') && condition === stored.lastModified
}

// An entity tag, weak or strong; without quotes it is none, but servers that write such tags mean them.
const TAG = /(?:W\/)?"[^"]*"|[^\s,"]+/g

function matchesAny(list: string, etag: string | undefined): boolean {
  if (list.trim() === '*') return true
  if (etag === undefined) return false
  const wanted = opaque(etag)
  return (list.match(TAG) ?? []).some(tag => opaque(tag) === wanted)
}

/** For If-None-Match weak tags equal strong ones (RFC 9110 §8.8.3.2). */
function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag
}

/** Whether a reply to HEAD is about another body than the one that is stored. */
export function contradicts({ status, headers }: Pick<Reply, 'status' | 'headers'>, stored: StoredReply): boolean {
  if (status !== 200) return status === 404 || status === 410
  const etag = header(headers, 'etag')
  if (etag !== undefined && stored.etag !== undefined) return opaque(etag) !== opaque(stored.etag)
  const modified = header(headers, 'last-modified')
  if (modified !== undefined && stored.lastModified !== undefined) return modified !== stored.lastModified
  const length = header(headers, 'content-length')
  return length !== undefined && Number(length) !== stored.body.length
}

interface StoredReply extends Omit<Validators, 'receivedAt'> {
  readonly body: { readonly length: number }
}

/** Fields of a 304 (RFC 9110 §15.4.5): what describes the body it does not have stays away. */
export function notModifiedHeaders(headers: HeaderList): HeaderList {
  const kept: HeaderList = []
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? ''
    if (name.startsWith('content-') && name !== 'content-location') continue
    kept.push(name, headers[i + 1] ?? '')
  }
  return kept
}

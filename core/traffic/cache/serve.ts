import { EMPTY_BODY, UNMEASURED_BODY } from '../../base/body.js'
import { type HeaderList, header, removeHeader, setHeader } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import { ageOf, freshFor } from './assess.js'
import { type CacheOutcome, tellStatus } from './cache-status.js'
import { notModifiedHeaders, sameForRange, unchanged, type Validators } from './conditional.js'
import { type Entry, withoutSurrogate } from './entry.js'
import { parseRange } from './range.js'
import type { CacheRequest } from './request.js'

/** The reply to `request` from what is stored: whole, a part of it, or that nothing has changed (RFC 9111 §4). */
export function serveStored(
  entry: Entry,
  request: CacheRequest,
  now: number,
  outcome: CacheOutcome | undefined
): Reply {
  const { status, body, found } = entry
  const headers = headersNow(entry, now, outcome)
  if (status !== 200) return { status, headers, body }
  const stored = { etag: entry.etag, lastModified: entry.lastModified, receivedAt: found.receivedAt }
  if (conditional(request) && unchanged(request.headers, stored, now)) return notModified(headers)
  const range = request.method === 'GET' ? header(request.headers, 'range') : undefined
  return range === undefined ? { status, headers, body } : partOf(entry, headers, range, request, stored)
}

/** The headers of what is stored, with its age. @param outcome - undefined: nobody is told what the cache did */
export function headersNow({ sent, found }: Entry, now: number, outcome: CacheOutcome | undefined): HeaderList {
  const headers = sent.slice()
  headers.push('age', String(Math.floor(ageOf(found, now) / 1_000)))
  if (outcome !== undefined) tellStatus(headers, outcome, freshFor(found, now))
  return headers
}

/** A reply that comes from upstream while others share it, or for this request alone. */
export function serveLive(
  reply: Reply,
  request: CacheRequest,
  now: number,
  outcome: CacheOutcome | undefined,
  strip: boolean
): Reply {
  const headers = strip ? withoutSurrogate(reply.headers) : reply.headers.slice()
  if (outcome !== undefined) tellStatus(headers, outcome)
  if (reply.status !== 200 || !conditional(request)) return { status: reply.status, headers, body: reply.body }
  const validators = { etag: header(headers, 'etag'), lastModified: header(headers, 'last-modified') }
  // A reply without either was never seen by the client before: it cannot be unchanged.
  const known = validators.etag !== undefined || validators.lastModified !== undefined
  if (known && unchanged(request.headers, { ...validators, receivedAt: now }, now)) return notModified(headers)
  return { status: reply.status, headers, body: reply.body }
}

/** A reply to the client's own request: its preconditions were the upstream's to judge. */
export function servePassed(reply: Reply, outcome: CacheOutcome | undefined, strip: boolean): Reply {
  if (strip) reply.headers = withoutSurrogate(reply.headers)
  if (outcome !== undefined) tellStatus(reply.headers, outcome)
  return reply
}

/** Whether the client has something, and asks for what is newer. */
export function conditional({ headers }: CacheRequest): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] === 'if-none-match' || headers[i] === 'if-modified-since') return true
  }
  return false
}

function notModified(headers: HeaderList): Reply {
  return { status: 304, headers: notModifiedHeaders(headers), body: UNMEASURED_BODY }
}

function partOf(entry: Entry, headers: HeaderList, text: string, request: CacheRequest, stored: Validators): Reply {
  const { body } = entry
  const condition = header(request.headers, 'if-range')
  const range = condition === undefined || sameForRange(condition, stored) ? parseRange(text, body.length) : undefined
  if (range === undefined) return { status: 200, headers, body }
  if (range === 'unsatisfiable') {
    removeHeader(headers, 'content-type')
    setHeader(headers, 'content-range', `bytes */${body.length}`)
    return { status: 416, headers, body: EMPTY_BODY }
  }
  setHeader(headers, 'content-range', `bytes ${range.from}-${range.to - 1}/${body.length}`)
  return { status: 206, headers, body: body.subarray(range.from, range.to) }
}

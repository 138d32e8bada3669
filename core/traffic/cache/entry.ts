import type { Buffer } from 'node:buffer'
import { type HeaderList, HOP_BY_HOP, header } from '../../base/headers.js'
import type { Queue, Queued } from '../../base/queue.js'
import type { KeyRules } from '../../config/resolve-cache.js'
import type { Assessment } from './assess.js'
import { SURROGATE_HEADERS } from './targeted.js'

/** Where and for whom a reply is stored. */
export interface Slot {
  readonly key: string
  readonly route: string
  /** Where it was, and where clients ask for it, where policies have made another path of that. */
  readonly places: readonly string[]
  readonly query: string
  readonly rules: KeyRules
  /** The request headers that selected it, with their values. */
  readonly selected: readonly string[]
}

/** What an entry takes beside its texts and its body, bytes: the objects around them and its places in the indexes. */
const OVERHEAD_BYTES = 1_024

/** A stored reply. What changes is when it was last known to be good; its body never does. */
export class Entry implements Queued<Entry> {
  /** All fields, as they came. */
  headers: HeaderList = []
  /** Those that clients get. */
  sent: HeaderList = []
  tags: readonly string[] = []
  etag: string | undefined
  lastModified: string | undefined
  /** Bytes it counts for. */
  bytes = 0
  /** After a failure to validate it, when the next try is due: milliseconds. */
  retryAt = 0
  /** Asked for since the eviction hand last came by. */
  visited = false
  /** No longer in the store. */
  removed = false
  queue: Queue<Entry> | undefined
  before: Entry | undefined
  behind: Entry | undefined

  constructor(
    readonly slot: Slot,
    readonly status: number,
    headers: HeaderList,
    readonly body: Buffer,
    public found: Assessment,
    strip: boolean
  ) {
    this.describe(headers, found, strip)
  }

  /** Whether it can be validated. */
  get validatable(): boolean {
    return this.etag !== undefined || this.lastModified !== undefined
  }

  /** Sets everything that comes from the fields. */
  describe(headers: HeaderList, found: Assessment, strip: boolean): void {
    this.found = found
    this.headers = storedHeaders(headers, found.withoutFields)
    // RFC 9110 §6.6.1: without a Date, when it came.
    if (header(headers, 'date') === undefined) this.headers.push('date', new Date(found.receivedAt).toUTCString())
    this.tags = tagsOf(this.headers)
    this.sent = strip ? withoutSurrogate(this.headers) : this.headers
    this.etag = header(this.headers, 'etag')
    this.lastModified = header(this.headers, 'last-modified')
    this.bytes = this.weigh()
  }

  private weigh(): number {
    const { slot, body, headers, sent, tags } = this
    // Clients may write slot texts; a character counts for two bytes, which is the most one takes.
    const texts = [slot.key, ...slot.places, slot.query, ...slot.selected, ...headers, ...tags]
    if (sent !== headers) texts.push(...sent)
    let characters = 0
    for (const text of texts) characters += text.length
    return OVERHEAD_BYTES + body.length + 2 * characters + 8 * texts.length
  }
}

/** RFC 9111 §3.1, and what is computed anew for each use: Age, and the length. */
const NOT_STORED: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'age',
  'content-length',
  'proxy-authentication-info',
  'cache-status'
])

function storedHeaders(headers: HeaderList, withoutFields: readonly string[]): HeaderList {
  return withoutNames(headers, [...NOT_STORED, ...withoutFields])
}

/** Of the fields of a 304, those that describe the message or the body that it does not have (RFC 9111 §3.2). */
const NOT_UPDATED: ReadonlySet<string> = new Set(['content-encoding', 'content-range', 'content-length'])

/** Stored fields with those of a 304 in place of the ones they name. */
export function updatedHeaders(stored: HeaderList, fresh: HeaderList): HeaderList {
  const news: HeaderList = []
  const names = new Set<string>()
  for (let i = 0; i + 1 < fresh.length; i += 2) {
    const name = fresh[i] ?? ''
    if (NOT_UPDATED.has(name)) continue
    news.push(name, fresh[i + 1] ?? '')
    names.add(name)
  }
  const kept: HeaderList = []
  for (let i = 0; i + 1 < stored.length; i += 2) {
    const name = stored[i] ?? ''
    if (!names.has(name)) kept.push(name, stored[i + 1] ?? '')
  }
  return [...kept, ...news]
}

export function withoutSurrogate(headers: HeaderList): HeaderList {
  return headers.some((name, i) => i % 2 === 0 && SURROGATE_HEADERS.has(name))
    ? withoutNames(headers, [...SURROGATE_HEADERS])
    : headers.slice()
}

/** A copy without the fields of these names. */
export function withoutNames(headers: HeaderList, names: readonly string[]): HeaderList {
  const kept: HeaderList = []
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? ''
    if (!names.includes(name)) kept.push(name, headers[i + 1] ?? '')
  }
  return kept
}

/** Tags of one reply; more are left out. */
const MAX_TAGS = 256

/** Surrogate-Key: tags with blanks between them. */
export function tagsOf(headers: HeaderList): readonly string[] {
  const tags = new Set<string>()
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] !== 'surrogate-key') continue
    for (const tag of (headers[i + 1] ?? '').split(/\s+/)) if (tag !== '' && tags.size < MAX_TAGS) tags.add(tag)
  }
  return [...tags]
}

import { CacheCounts } from './counts.js'
import type { Entry } from './entry.js'
import type { Fill } from './fill.js'
import { keyQuery } from './key.js'
import { normalReference, placeOf, withoutDotSegments } from './place.js'
import { EntryStore } from './store.js'

export interface HttpCacheOptions {
  /** Bytes of all that is stored, and of what is arriving to be stored. */
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** Tells other event loops what is out of date there too; left out: there are none. */
  readonly tellOthers?: ((places: readonly string[]) => Promise<void>) | undefined
}

/** What is to go: exactly one of these. */
export type Purge =
  | { readonly url: string }
  | { readonly tags: readonly string[] }
  | { readonly route: string }
  | { readonly all: true }

/**
 * The stored replies of one event loop, and what is counted of them. It outlives snapshots: entries are kept by the name of their route.
 */
export class HttpCache {
  readonly store: EntryStore
  readonly counts = new CacheCounts()
  readonly now: () => number
  private readonly fills = new Set<Fill>()
  private readonly tellOthers: HttpCacheOptions['tellOthers']

  constructor({ bytes, now, tellOthers }: HttpCacheOptions) {
    this.store = new EntryStore(bytes)
    this.tellOthers = tellOthers
    this.now = now ?? (() => Date.now())
  }

  /** Upstream calls under way that may end in a stored reply. */
  get arriving(): number {
    return this.fills.size
  }

  begin(route: string, places: readonly string[]): Fill {
    const fill: Fill = { route, places, tags: undefined, spoiled: false }
    this.fills.add(fill)
    return fill
  }

  over(fill: Fill): void {
    this.fills.delete(fill)
  }

  /**
   * Something at these places was changed: what is stored of them, with whatever query, is out of date (RFC 9111 §4.4).
   * @returns when it is gone from other event loops too; undefined: there are none
   */
  invalidate(places: readonly string[]): Promise<void> | undefined {
    this.takeOut(places)
    return this.tellOthers?.(places)
  }

  /** Takes out what is stored at these places, in this event loop alone, and keeps from being stored what is on its way. */
  takeOut(places: readonly string[]): void {
    for (const place of places) for (const entry of this.store.at(place)) this.store.remove(entry)
    for (const fill of this.fills) if (fill.places.some(place => places.includes(place))) fill.spoiled = true
  }

  /**
   * Removes stored replies, and keeps those from being stored that are on their way.
   * @param soft - they become stale instead: used while they are validated, or when that fails, as far as they allow it
   * @returns how many were stored
   * @throws RangeError for a URL that is none
   */
  purge(what: Purge, soft = false): number {
    const { entries, spoils } = this.affected(what)
    for (const fill of this.fills) if (spoils(fill)) fill.spoiled = true
    let count = 0
    for (const entry of entries) {
      count++
      if (soft) entry.found = { ...entry.found, lifetimeMs: Math.min(entry.found.lifetimeMs, this.ageNow(entry)) }
      else this.store.remove(entry)
    }
    return count
  }

  private ageNow({ found }: Entry): number {
    return found.initialAgeMs + Math.max(0, this.now() - found.receivedAt)
  }

  private affected(what: Purge): { entries: Iterable<Entry>; spoils: (fill: Fill) => boolean } {
    if ('tags' in what) {
      const entries = new Set(what.tags.flatMap(tag => [...this.store.tagged(tag)]))
      // A reply that is not here yet may have any tag.
      return { entries, spoils: ({ tags }) => tags === undefined || what.tags.some(tag => tags.includes(tag)) }
    }
    if ('route' in what) {
      const { route } = what
      return { entries: this.where(entry => entry.slot.route === route), spoils: fill => fill.route === route }
    }
    if ('all' in what) return { entries: this.store.all(), spoils: () => true }
    return this.atUrl(what.url)
  }

  private atUrl(text: string): { entries: Iterable<Entry>; spoils: (fill: Fill) => boolean } {
    const found = /^https?:\/\/([^/?#*]+)(\/[^?#]*|\*?)(?:\?([^#]*))?$/i.exec(text.replace(/#.*/s, ''))
    if (found === null) throw new RangeError('not an http: or https: URL')
    const [, host = '', written = '', query] = found
    if (found[0].endsWith('*')) {
      const start = query === undefined ? placeStart(host, written.slice(0, -1)) : purgedPlace(host, written)
      const queryStart = query === undefined ? undefined : normalReference(query.slice(0, -1))
      const fits = ({ slot }: Entry): boolean =>
        queryStart === undefined
          ? slot.places.some(place => place.startsWith(start))
          : slot.places.includes(start) && slot.query.startsWith(queryStart)
      return { entries: this.where(fits), spoils: ({ places }) => places.some(place => place.startsWith(start)) }
    }
    const place = purgedPlace(host, written)
    const isIt = ({ slot }: Entry): boolean => normalReference(keyQuery(query ?? '', slot.rules)) === slot.query
    return { entries: [...this.store.at(place)].filter(isIt), spoils: ({ places }) => places.includes(place) }
  }

  private *where(fits: (entry: Entry) => boolean): Iterable<Entry> {
    for (const entry of this.store.all()) if (fits(entry)) yield entry
  }
}

function purgedPlace(host: string, path: string): string {
  return placeOf(host, path === '' ? '/' : withoutDotSegments(path))
}

/** What the places begin with that are meant by a path with a "*" behind it. */
function placeStart(host: string, path: string): string {
  const segment = path.lastIndexOf('/') + 1
  return purgedPlace(host, path.slice(0, segment)) + normalReference(path.slice(segment))
}

import type { HeaderList } from '../../base/headers.js'
import { Queue } from '../../base/queue.js'
import { sameTexts } from '../../base/same-texts.js'
import { BoundedStore } from '../../bodies/bounded-store.js'
import type { Entry } from './entry.js'
import { selects } from './vary.js'

/** Variants of one key: a reply that varies by what every client writes differently must not be searched through forever. */
const MAX_VARIANTS = 64

/**
 * Stored replies within a budget of bytes. What goes first is chosen by SIEVE (Zhang et al., NSDI 2024): entries stay in the order they
 * came, being used sets a mark, and a hand goes from old to new, takes marks off and evicts what has none. A hit writes one
 * boolean, and what is asked for once does not push out what is asked for often.
 */
export class EntryStore extends BoundedStore<Entry> {
  entries = 0
  private readonly keys = new Map<string, Entry[]>()
  private readonly places = new Map<string, Set<Entry>>()
  private readonly tags = new Map<string, Set<Entry>>()
  /** The oldest first. */
  private readonly order = new Queue<Entry>()
  private hand: Entry | undefined

  /** The newest variant stored under `key` that a request with these headers selects. */
  find(key: string, headers: HeaderList): Entry | 'no-variant' | undefined {
    const variants = this.keys.get(key)
    if (variants === undefined) return undefined
    let best: Entry | undefined
    for (const entry of variants) {
      if (!selects(entry.slot.selected, headers)) continue
      if (best === undefined || entry.found.receivedAt >= best.found.receivedAt) best = entry
    }
    return best ?? 'no-variant'
  }

  /** The request headers that what is stored under `key` varies by. */
  varyOf(key: string): readonly string[] {
    return this.keys.get(key)?.at(-1)?.found.vary ?? []
  }

  /** Takes the place of whatever is stored for the same key and headers. @returns false when there is no room for it */
  add(entry: Entry): boolean {
    const { key, selected } = entry.slot
    const before = this.keys.get(key)?.filter(other => sameTexts(other.slot.selected, selected)) ?? []
    for (const other of before) this.remove(other)
    if (!this.makeRoom(entry.bytes)) return false
    const variants = this.keys.get(key)
    if (variants === undefined) this.keys.set(key, [entry])
    else {
      const [first] = variants
      if (first !== undefined && variants.length >= MAX_VARIANTS) this.remove(first)
      // The last variant that went took the list with it.
      if (this.keys.get(key) === variants) variants.push(entry)
      else this.keys.set(key, [entry])
    }
    this.index(entry)
    this.order.push(entry)
    this.bytes += entry.bytes
    this.entries++
    return true
  }

  /** The entry's fields change, and with them its tags and its size. */
  update(entry: Entry, change: () => void): void {
    if (entry.removed) {
      change()
      return
    }
    this.unindex(entry)
    this.bytes -= entry.bytes
    change()
    this.bytes += entry.bytes
    this.index(entry)
    this.makeRoom(0)
  }

  remove(entry: Entry): void {
    if (entry.removed) return
    entry.removed = true
    const { key } = entry.slot
    const variants = this.keys.get(key)
    const at = variants?.indexOf(entry) ?? -1
    if (variants !== undefined && at !== -1) variants.splice(at, 1)
    if (variants?.length === 0) this.keys.delete(key)
    this.unindex(entry)
    if (this.hand === entry) this.hand = entry.behind
    this.order.remove(entry)
    this.bytes -= entry.bytes
    this.entries--
  }

  at(place: string): Iterable<Entry> {
    return [...(this.places.get(place) ?? [])]
  }

  tagged(tag: string): Iterable<Entry> {
    return [...(this.tags.get(tag) ?? [])]
  }

  *all(): Iterable<Entry> {
    for (let entry = this.order.first; entry !== undefined; ) {
      const next: Entry | undefined = entry.behind // it may be removed meanwhile
      yield entry
      entry = next
    }
  }

  protected victim(): Entry | undefined {
    let entry = this.hand ?? this.order.first
    while (entry?.visited) {
      entry.visited = false
      entry = entry.behind ?? this.order.first
    }
    this.hand = entry?.behind
    return entry
  }

  private index(entry: Entry): void {
    for (const place of entry.slot.places) addTo(this.places, place, entry)
    for (const tag of entry.tags) addTo(this.tags, tag, entry)
  }

  private unindex(entry: Entry): void {
    for (const place of entry.slot.places) takeFrom(this.places, place, entry)
    for (const tag of entry.tags) takeFrom(this.tags, tag, entry)
  }
}

function addTo(index: Map<string, Set<Entry>>, name: string, entry: Entry): void {
  const known = index.get(name)
  if (known === undefined) index.set(name, new Set([entry]))
  else known.add(entry)
}

function takeFrom(index: Map<string, Set<Entry>>, name: string, entry: Entry): void {
  const known = index.get(name)
  known?.delete(entry)
  if (known?.size === 0) index.delete(name)
}

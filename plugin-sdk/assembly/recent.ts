import { HASH } from 'util/hash'

@final
class Entry<T> {
  constructor(
    readonly key: string,
    readonly value: T,
    readonly weight: i32
  ) {}
}

/**
 * What was found for the keys asked for last, so that it need not be found again: two generations of a bounded size.
 * When the young one is full it becomes the old one, and what was not asked for since then is forgotten. Each thread
 * has its own. Of two keys with one hash the later stays.
 */
// @ts-ignore: decorator
@final
export class Recent<T> {
  private young: Map<u32, Entry<T>> = new Map<u32, Entry<T>>()
  private old: Map<u32, Entry<T>> = new Map<u32, Entry<T>>()
  private entries: i32 = 0
  private weight: i32 = 0

  /** @param maxWeight - of all that is kept together, in what put() is told */
  constructor(private readonly maxWeight: i32 = i32.MAX_VALUE) {}

  /** How many entries are kept; 0, as in the beginning, keeps none. */
  keep(entries: i32): void {
    this.entries = entries
  }

  /** The value of a key; null when there is none. */
  get(key: string): T | null {
    const hash = HASH<string>(key)
    const young = this.young
    if (young.has(hash)) {
      const entry = young.get(hash)
      if (entry.key == key) return entry.value
    }
    const old = this.old
    if (!old.has(hash)) return null
    const entry = old.get(hash)
    if (entry.key != key) return null
    this.add(hash, entry)
    return entry.value
  }

  put(key: string, value: T, weight: i32 = 1): void {
    if (this.entries > 0) this.add(HASH<string>(key), new Entry<T>(key, value, weight))
  }

  private add(hash: u32, entry: Entry<T>): void {
    if (this.young.size >= (this.entries + 1) >> 1 || this.weight + entry.weight > this.maxWeight >> 1) {
      this.old = this.young
      this.young = new Map<u32, Entry<T>>()
      this.weight = 0
    }
    this.young.set(hash, entry)
    this.weight += entry.weight
  }
}

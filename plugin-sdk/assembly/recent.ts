@final
class Entry<T> {
  constructor(
    readonly value: T,
    readonly weight: i32
  ) {}
}

/**
 * What was found for the keys asked for last, so that it need not be found again: two generations of a bounded size.
 * When the young one is full it becomes the old one, and what was not asked for since then is forgotten. Each thread
 * has its own.
 */
// @ts-ignore: decorator
@final
export class Recent<T> {
  private young: Map<string, Entry<T>> = new Map<string, Entry<T>>()
  private old: Map<string, Entry<T>> = new Map<string, Entry<T>>()
  private entries: i32 = 0
  private weight: i32 = 0

  /** @param maxWeight - of all that is kept together, in what put() is told */
  constructor(private readonly maxWeight: i32 = i32.MAX_VALUE) {}

  /** How many entries are kept; 0, as in the beginning, keeps none. */
  keep(entries: i32): void {
    this.entries = entries
  }

  has(key: string): bool {
    return this.young.has(key) || this.old.has(key)
  }

  /** The value of a key, which must be there. */
  get(key: string): T {
    if (this.young.has(key)) return this.young.get(key).value
    const entry = this.old.get(key)
    this.add(key, entry)
    return entry.value
  }

  put(key: string, value: T, weight: i32 = 1): void {
    if (this.entries > 0) this.add(key, new Entry<T>(value, weight))
  }

  private add(key: string, entry: Entry<T>): void {
    if (this.young.size >= (this.entries + 1) >> 1 || this.weight + entry.weight > this.maxWeight >> 1) {
      this.old = this.young
      this.young = new Map<string, Entry<T>>()
      this.weight = 0
    }
    this.young.set(key, entry)
    this.weight += entry.weight
  }
}

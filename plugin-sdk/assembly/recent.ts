@final
class Entry<T> {
  constructor(
    readonly key: ArrayBuffer,
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
    return this.getAt(changetype<usize>(key), key.length << 1)
  }

  put(key: string, value: T, weight: i32 = 1): void {
    this.putAt(changetype<usize>(key), key.length << 1, value, weight)
  }

  /** As get, of a key that is the `size` bytes at `at`. The bytes of a string are another key than the string. */
  getAt(at: usize, size: i32): T | null {
    const hash = hashOf(at, size)
    const young = this.young
    if (young.has(hash)) {
      const entry = young.get(hash)
      if (isKey(entry.key, at, size)) return entry.value
    }
    const old = this.old
    if (!old.has(hash)) return null
    const entry = old.get(hash)
    if (!isKey(entry.key, at, size)) return null
    this.add(hash, entry)
    return entry.value
  }

  /** As put, of a key that is the `size` bytes at `at`; they are copied. */
  putAt(at: usize, size: i32, value: T, weight: i32 = 1): void {
    if (this.entries == 0) return
    const key = new ArrayBuffer(size)
    memory.copy(changetype<usize>(key), at, <usize>size)
    this.add(hashOf(at, size), new Entry<T>(key, value, weight))
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

function isKey(key: ArrayBuffer, at: usize, size: i32): bool {
  return key.byteLength == size && memory.compare(changetype<usize>(key), at, <usize>size) == 0
}

/** Odd, with its bits well spread: the golden ratio in 64 bits. */
const SPREAD: u64 = 0x9e3779b97f4a7c15

function hashOf(at: usize, size: i32): u32 {
  let hash = <u64>size * SPREAD
  const end = at + <usize>size
  for (; at + 8 <= end; at += 8) hash = rotl<u64>(hash ^ load<u64>(at), 29) * SPREAD
  let rest: u64 = 0
  for (; at < end; at++) rest = (rest << 8) | <u64>load<u8>(at)
  hash = (hash ^ rest) * SPREAD
  return <u32>(hash >> 32)
}

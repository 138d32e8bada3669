@final
class Entry<T> {
  constructor(
    readonly hash: u32,
    readonly key: ArrayBuffer,
    readonly value: T,
    readonly weight: i32
  ) {}
}

/** Entries by their hash, at most half as many as there are slots: what is in the slot of another goes into the next that is free. */
@final
class Table<T> {
  count: i32 = 0
  private readonly slots: StaticArray<Entry<T> | null>

  /** @param capacity - how many entries it can take */
  constructor(capacity: i32) {
    let slots = 4
    while (slots < capacity << 1) slots <<= 1
    this.slots = new StaticArray<Entry<T> | null>(slots)
  }

  get(hash: u32): Entry<T> | null {
    return unchecked(this.slots[this.slotOf(hash)])
  }

  /** In the place of the one with the same hash. */
  put(entry: Entry<T>): void {
    const slot = this.slotOf(entry.hash)
    if (unchecked(this.slots[slot]) === null) this.count++
    unchecked((this.slots[slot] = entry))
  }

  /** Where the entry with that hash is, or goes. */
  private slotOf(hash: u32): i32 {
    const mask = this.slots.length - 1
    let slot = <i32>hash & mask
    while (true) {
      const entry = unchecked(this.slots[slot])
      if (entry === null || entry.hash == hash) return slot
      slot = (slot + 1) & mask
    }
  }
}

/**
 * What was found for the keys asked for last, so that it need not be found again: two generations of a bounded size.
 * When the young one is full it becomes the old one, and what was not asked for since then is forgotten. Each thread
 * has its own. Of two keys with one hash the later stays.
 */
// @ts-ignore: decorator
@final
export class Recent<T> {
  /** How many entries a generation has. */
  private capacity: i32 = 0
  private young: Table<T> = new Table<T>(0)
  private old: Table<T> = new Table<T>(0)
  private weight: i32 = 0

  /** @param maxWeight - of all that is kept together, in what put() is told */
  constructor(private readonly maxWeight: i32 = i32.MAX_VALUE) {}

  /** How many entries are kept; 0, as in the beginning, keeps none. What was kept is forgotten. */
  keep(entries: i32): void {
    this.capacity = (entries + 1) >> 1
    this.young = new Table<T>(this.capacity)
    this.old = new Table<T>(0)
    this.weight = 0
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
    const young = this.young.get(hash)
    if (young !== null && isKey(young.key, at, size)) return young.value
    const old = this.old.get(hash)
    if (old === null || !isKey(old.key, at, size)) return null
    this.add(old)
    return old.value
  }

  /** As put, of a key that is the `size` bytes at `at`; they are copied. */
  putAt(at: usize, size: i32, value: T, weight: i32 = 1): void {
    if (this.capacity == 0) return
    const key = new ArrayBuffer(size)
    memory.copy(changetype<usize>(key), at, <usize>size)
    this.add(new Entry<T>(hashOf(at, size), key, value, weight))
  }

  private add(entry: Entry<T>): void {
    if (this.young.count >= this.capacity || this.weight + entry.weight > this.maxWeight >> 1) {
      this.old = this.young
      this.young = new Table<T>(this.capacity)
      this.weight = 0
    }
    this.young.put(entry)
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

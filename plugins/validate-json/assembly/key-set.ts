import { random } from '@sluice/plugin-sdk/assembly'

/** Slots of the table at first; it grows with the largest body. */
const SLOTS: i32 = 1024
/** Of a slot: the object, 0 when it was never used; the hash; where the key lies and how long it is. */
const WIDTH: i32 = 4
/** Objects are numbered on from body to body; before there are no more numbers, it all begins anew. */
const LAST_OBJECT: u32 = 0xf0000000

/** A prime, 2^31 - 1: to calculate by its remainders takes no division. */
const PRIME: u64 = 0x7fffffff
const POINTS: f64 = 1_073_741_824

/**
 * The keys of the objects of one JSON text: one table for all, in which nothing is ever taken back. What is left of the text
 * before is told by the numbers of its objects.
 */
@final
export class KeySet {
  private slots: StaticArray<u32> = new StaticArray<u32>(SLOTS * WIDTH)
  private used: i32 = 0
  private firstObject: u32 = 1
  private lastObject: u32 = 0
  /** A secret of this instance: whoever chooses the keys cannot make them meet in one slot. */
  private point: u64 = 0

  /** Begins with another text. */
  begin(): void {
    if (this.point == 0) this.point = 1 + <u64>(random() * (POINTS - 1))
    if (this.lastObject > LAST_OBJECT) {
      this.slots = new StaticArray<u32>(SLOTS * WIDTH)
      this.lastObject = 0
    }
    this.firstObject = this.lastObject + 1
    this.used = 0
  }

  /** The number of an object that begins. */
  newObject(): u32 {
    return ++this.lastObject
  }

  /** @returns false when the object has the key already; its bytes must stay where they are until the next begin() */
  add(object: u32, at: usize, size: i32): bool {
    if (this.used * 2 > this.slots.length / WIDTH) this.grow()
    const hash = this.hashOf(object, at, size)
    const slot = this.slotOf(object, hash, at, size)
    if (this.isTaken(slot)) return false
    this.put(slot, object, hash, <u32>at, size)
    return true
  }

  /** The slot that has the key, or the free one where it belongs. */
  private slotOf(object: u32, hash: u32, at: usize, size: i32): i32 {
    const slots = this.slots
    const mask = slots.length - 1
    let slot = (hash * WIDTH) & mask
    while (this.isTaken(slot)) {
      const same = unchecked(slots[slot]) == object && unchecked(slots[slot + 1]) == hash && <i32>unchecked(slots[slot + 3]) == size
      if (same && memory.compare(unchecked(slots[slot + 2]), at, size) == 0) break
      slot = (slot + WIDTH) & mask
    }
    return slot
  }

  private isTaken(slot: i32): bool {
    return unchecked(this.slots[slot]) >= this.firstObject
  }

  private put(slot: i32, object: u32, hash: u32, at: u32, size: u32): void {
    const slots = this.slots
    unchecked((slots[slot] = object))
    unchecked((slots[slot + 1] = hash))
    unchecked((slots[slot + 2] = at))
    unchecked((slots[slot + 3] = size))
    this.used++
  }

  /** A polynomial of the bytes at a secret point, three at a time: few points in 2^30 give two keys the same hash. */
  private hashOf(object: u32, at: usize, size: i32): u32 {
    const point = this.point
    const end = at + <usize>size
    let hash: u64 = object
    for (; at + 4 <= end; at += 3) hash = folded((hash + <u64>(load<u32>(at) & 0xffffff) + 1) * point)
    for (; at < end; at++) hash = folded((hash + <u64>load<u8>(at) + 1) * point)
    return <u32>hash
  }

  private grow(): void {
    const old = this.slots
    this.slots = new StaticArray<u32>(old.length * 2)
    this.used = 0
    for (let i = 0; i < old.length; i += WIDTH) {
      if (old[i] < this.firstObject) continue
      this.put(this.slotOf(old[i], old[i + 1], old[i + 2], old[i + 3]), old[i], old[i + 1], old[i + 2], old[i + 3])
    }
  }
}

/** A smaller number with the same remainder: below 2^34, which times a point is below 2^64. */
@inline
function folded(value: u64): u64 {
  return (value & PRIME) + (value >> 31)
}

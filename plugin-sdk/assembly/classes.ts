import { fold, FOLDED_RANGES, isIgnorable, utf8Size } from './points'

/** The class of a point that is in no word: it leads back to the start. */
export const NONE: u32 = 0
/** The class of a point that a plain scan cannot deal with: it is passed over, or as a folded one has another size. */
export const ODD: u32 = 0xffff

const PAGES: i32 = 0x110000 >> 8
const PAGE_BYTES: usize = 512

/**
 * Gives each code point a class, the same for all that count as the same letter: the offset of its column in a row of u32.
 * One table lookup each.
 */
@final
export class Classes {
  /** Addresses of pages of 256 u16, by the upper bits of the point. Pages are made when they are needed. */
  private readonly pages: usize = heap.alloc(<usize>PAGES * sizeof<usize>())
  private readonly empty: usize = heap.alloc(PAGE_BYTES)
  /** How many classes there are, with NONE. */
  count: u32 = 1

  constructor() {
    memory.fill(this.empty, 0, PAGE_BYTES)
    for (let i = 0; i < PAGES; i++) store<usize>(this.pages + (<usize>i << 2), this.empty)
  }

  @inline
  of(point: u32): u32 {
    return <u32>load<u16>(load<usize>(this.pages + (<usize>(point >> 8) << 2)) + (<usize>(point & 255) << 1))
  }

  /** The class of a point of a word, which is folded; a new one when it has none yet. */
  claim(point: u32): u32 {
    const known = this.of(point)
    if (known != NONE) return known
    const fresh = this.count++ << 2
    this.put(point, fresh)
    return fresh
  }

  /** Once all words are in: gives every other form of a letter its class. */
  spread(): void {
    for (let i = 0; i < FOLDED_RANGES.length; i += 2) {
      for (let point = FOLDED_RANGES[i]; point < FOLDED_RANGES[i + 1]; point++) this.settle(point)
    }
  }

  private settle(point: u32): void {
    if (isIgnorable(point)) return this.put(point, ODD)
    const plain = fold(point)
    if (plain == point) return
    const known = this.of(plain)
    if (known != NONE) this.put(point, utf8Size(plain) == utf8Size(point) ? known : ODD)
  }

  private put(point: u32, value: u32): void {
    store<u16>(this.own(point >> 8) + (<usize>(point & 255) << 1), <u16>value)
  }

  private own(page: u32): usize {
    const place = this.pages + (<usize>page << 2)
    if (load<usize>(place) == this.empty) {
      const fresh = heap.alloc(PAGE_BYTES)
      memory.fill(fresh, 0, PAGE_BYTES)
      store<usize>(place, fresh)
    }
    return load<usize>(place)
  }
}

/** Bytes of one chunk. */
export const CHUNK_BYTES = 128
const END = 0xffff_ffff
/** A chain that nobody refers to after this long was left behind by a thread that was ended. */
const LOST_MS = 10_000
/** A thread that took longer than this from taking a chain to publishing it must not publish it any more. */
export const MAX_HOLD_MS = 2_000

/** A chain of chunks: its first one, and the number of the taking, which no other taking has. */
export interface Chain {
  readonly first: number
  readonly id: number
}

/** Shared memory that a store is made of. */
export interface ChunkMemory {
  /** Word 0: the free list's head, the number of its changes above the chunk's own number plus 1. */
  readonly head: BigUint64Array
  /** Word 0: the last number given to a taking. */
  readonly ids: Uint32Array
  /** By chunk: the one that follows it in its chain or in the free list. */
  readonly next: Uint32Array
  /** By chunk: 0, or the number of the taking whose chain begins there. */
  readonly owner: Uint32Array
  /** By chunk: when the chain that begins there was taken, milliseconds (its low 32 bits). */
  readonly since: Uint32Array
  readonly bytes: Uint8Array
}

/**
 * Chunks of shared memory, taken and given back in chains by one compare-and-exchange each: there is nothing to lock. A thread that is
 * ended between taking a chain and publishing it leaves it behind; `sweep` finds those.
 */
export class Chunks {
  readonly count: number

  constructor(private readonly memory: ChunkMemory) {
    this.count = memory.next.length
  }

  /** Makes all chunks free; for new memory, before any thread has it. */
  static init({ head, next }: Pick<ChunkMemory, 'head' | 'next'>): void {
    for (let i = 0; i < next.length; i++) next[i] = i + 1 < next.length ? i + 1 : END
    head[0] = 1n
  }

  /** A chain of `count` chunks; undefined when there are not as many. */
  take(count: number, nowMs: number): Chain | undefined {
    const { head, ids, next, owner, since } = this.memory
    for (;;) {
      const seen = Atomics.load(head, 0)
      const first = Number(seen & 0xffff_ffffn) - 1
      let last = first
      for (let i = 1; i < count && last >= 0 && last < this.count; i++) last = Atomics.load(next, last)
      if (last < 0) return undefined
      if (last >= this.count) {
        if (Atomics.load(head, 0) === seen) return undefined
        continue
      }
      const rest = Atomics.load(next, last)
      if (Atomics.compareExchange(head, 0, seen, headOf(seen, rest)) !== seen) continue
      const id = (Atomics.add(ids, 0, 1) + 1) >>> 0 || (Atomics.add(ids, 0, 1) + 1) >>> 0 // 0 is none
      Atomics.store(next, last, END)
      Atomics.store(since, first, nowMs >>> 0)
      Atomics.store(owner, first, id) // last: from now on it can be found and given back by others
      return { first, id }
    }
  }

  /** Gives a chain back; nothing when somebody else has done that. */
  free({ first, id }: Chain): void {
    const { head, next, owner } = this.memory
    let last = first
    for (let i = 0; i < this.count; i++) {
      const following = Atomics.load(next, last)
      if (following >= this.count) break
      last = following
    }
    if (Atomics.compareExchange(owner, first, id, 0) !== id) return
    for (;;) {
      const seen = Atomics.load(head, 0)
      const top = Number(seen & 0xffff_ffffn)
      Atomics.store(next, last, top === 0 ? END : top - 1)
      if (Atomics.compareExchange(head, 0, seen, headOf(seen, first)) === seen) return
    }
  }

  /** Writes into a chain that this thread has taken. */
  write({ first }: Chain, source: Uint8Array): void {
    let at = first
    for (let from = 0; from < source.length; from += CHUNK_BYTES) {
      this.memory.bytes.set(source.subarray(from, from + CHUNK_BYTES), at * CHUNK_BYTES)
      at = Atomics.load(this.memory.next, at)
    }
  }

  /** Copies the first bytes of a chain. The caller must see to it that the chain was not given back meanwhile. */
  read(first: number, target: Uint8Array): void {
    let at = first
    for (let from = 0; from < target.length && at < this.count; from += CHUNK_BYTES) {
      const size = Math.min(CHUNK_BYTES, target.length - from)
      target.set(this.memory.bytes.subarray(at * CHUNK_BYTES, at * CHUNK_BYTES + size), from)
      at = Atomics.load(this.memory.next, at)
    }
  }

  /** Gives back the chains that were taken long ago and that are not among those in use. @returns how many */
  sweep(used: ReadonlySet<number>, nowMs: number): number {
    const { owner, since } = this.memory
    let found = 0
    for (let first = 0; first < this.count; first++) {
      const id = Atomics.load(owner, first)
      if (id === 0 || used.has(first) || ((nowMs >>> 0) - Atomics.load(since, first)) >>> 0 < LOST_MS) continue
      this.free({ first, id })
      found++
    }
    return found
  }
}

/** The free list's head when the one before it was `seen` and the list now begins with `first`. */
function headOf(seen: bigint, first: number): bigint {
  return BigInt.asUintN(64, (((seen >> 32n) + 1n) << 32n) | (first === END ? 0n : BigInt(first) + 1n))
}

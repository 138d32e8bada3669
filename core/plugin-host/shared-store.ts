import { Buffer } from 'node:buffer'
import { hash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { CHUNK_BYTES, type Chain, type ChunkMemory, Chunks, MAX_HOLD_MS } from './chunks.js'
import { type Entry, packEntries, packedSize, unpackEntries } from './store-entries.js'

export const MAX_STORE_KEY_BYTES = 1_024
export const MAX_VALUE_BYTES = 65_536
/** Ten years: entries that are to stay longer do not. */
const MAX_TTL_MS = 315_360_000_000
/** Keys that share a bucket; one more, and the one that expires soonest goes. */
const MAX_IN_BUCKET = 8
/** Of so many, drawn at random, the bucket that expires soonest is given up when there is no room. */
const DRAWN = 16
const SEED_BYTES = 16
/** Of a bucket's chain: its size in bytes, the checksum of what follows, when the last of its entries is over. */
const HEAD_BYTES = 16

/**
 * Memory for one plugin's keys and values: made once for the process, shared by all its threads and all its snapshots.
 * @param capacity - bytes its entries may take: each its key, its value and 16 bytes more, and buckets of them rounded up to 128
 */
export function storeMemory(capacity: number): SharedArrayBuffer {
  const chunks = Math.max(1, Math.floor(capacity / CHUNK_BYTES))
  const memory = new SharedArrayBuffer(layout(chunks).end)
  new Uint8Array(memory, 0, SEED_BYTES).set(randomBytes(SEED_BYTES))
  Chunks.init(chunkMemory(memory, chunks))
  return memory
}

/** The capacity that memory was made for, rounded down to whole chunks. */
export function capacityOf(memory: SharedArrayBuffer): number {
  return chunkCount(memory) * CHUNK_BYTES
}

/**
 * Keys and values that all threads share. A bucket's entries lie together in a chain of chunks that is never written again once a
 * word names it: every change makes another chain and puts its name in place of the old one's by one compare-and-exchange. So
 * there is nothing to lock; a reader that finds the same name before and after has copied what was there; and a thread
 * that is ended leaves at most a chain that nobody names, which is found later. A checksum tells what a thread wrote that
 * stood still for seconds in the middle of a change.
 */
export class SharedStore {
  private readonly seed: Buffer
  private readonly chunks: Chunks
  /** By bucket: the number of the taking in the upper half, the first chunk plus 1 in the lower; 0: no entries. */
  private readonly buckets: BigUint64Array
  /** The same memory as halves: even ones are 0 where the bucket has no entries. Much faster to look through. */
  private readonly firsts: Uint32Array

  /** @param now - Unix milliseconds, what the time of a value goes by */
  constructor(
    memory: SharedArrayBuffer,
    private readonly now: () => number = Date.now
  ) {
    const count = chunkCount(memory)
    this.seed = Buffer.from(new Uint8Array(memory, 0, SEED_BYTES))
    this.chunks = new Chunks(chunkMemory(memory, count))
    this.buckets = new BigUint64Array(memory, layout(count).buckets, count * 2)
    this.firsts = new Uint32Array(memory, layout(count).buckets, count * 4)
  }

  /** A copy of the value of this key; undefined when it has none, or its time is over. */
  get(key: Uint8Array): Buffer | undefined {
    return find(this.read(this.bucketOf(key)).entries, key, this.now())?.value
  }

  /**
   * @param ttlMs - greater than 0: after it the key has no value
   * @returns false when it is too large, or the time makes no sense
   */
  set(key: Uint8Array, value: Uint8Array, ttlMs: number): boolean {
    return this.change(key, () => true, value, ttlMs) === true
  }

  /** @returns whether there was a value */
  delete(key: Uint8Array): boolean {
    return this.change(key, current => current !== undefined, undefined, 1) === true
  }

  /**
   * Sets the value when the one that is there is `expected`; undefined: when there is none.
   * @returns undefined when the value is too large, or the time makes no sense
   */
  compareAndSet(
    key: Uint8Array,
    expected: Uint8Array | undefined,
    value: Uint8Array,
    ttlMs: number
  ): boolean | undefined {
    const same = (current: Buffer | undefined): boolean =>
      expected === undefined || current === undefined ? current === expected : current.equals(expected)
    return this.change(key, same, value, ttlMs)
  }

  /** False: `when` said no. undefined: it cannot be kept. */
  private change(
    key: Uint8Array,
    when: (current: Buffer | undefined) => boolean,
    value: Uint8Array | undefined,
    ttlMs: number
  ): boolean | undefined {
    if (!this.fits(key, value) || !(ttlMs > 0)) return undefined
    const bucket = this.bucketOf(key)
    for (;;) {
      const [begun, now] = [performance.now(), this.now()]
      const { name, entries } = this.read(bucket)
      if (!when(find(entries, key, now)?.value)) return false
      const rest = entries.filter(entry => entry.expiresAt > now && !entry.key.equals(key))
      if (value !== undefined) {
        while (rest.length > 0 && this.crowded(rest, key, value)) rest.splice(soonest(rest), 1)
        rest.push({ key: Buffer.from(key), value: Buffer.from(value), expiresAt: now + Math.min(ttlMs, MAX_TTL_MS) })
      }
      const chain = rest.length === 0 ? NONE : this.store(rest, bucket)
      if (chain === undefined) return undefined
      const late = performance.now() - begun > MAX_HOLD_MS
      if (!late && Atomics.compareExchange(this.buckets, bucket, name, nameOf(chain)) === name) {
        this.free(name)
        return true
      }
      this.free(nameOf(chain))
    }
  }

  /** An eighth of the memory at most, so that there is always room for what a bucket holds and what it is to hold. */
  private fits(key: Uint8Array, value: Uint8Array = key): boolean {
    if (key.length > MAX_STORE_KEY_BYTES || value.length > MAX_VALUE_BYTES) return false
    return key.length + value.length <= Math.max(CHUNK_BYTES, (this.chunks.count * CHUNK_BYTES) >> 3)
  }

  private crowded(others: readonly Entry[], key: Uint8Array, value: Uint8Array): boolean {
    if (others.length >= MAX_IN_BUCKET) return true
    return packedSize(others) + key.length + value.length > (this.chunks.count * CHUNK_BYTES) >> 2
  }

  /** The entries of a bucket as they were at one moment. */
  private read(bucket: number): { name: bigint; entries: Entry[] } {
    for (;;) {
      const name = Atomics.load(this.buckets, bucket)
      if (name === 0n) return { name, entries: [] }
      const packed = this.copy(firstOf(name))
      if (Atomics.load(this.buckets, bucket) !== name) continue
      return { name, entries: packed === undefined ? [] : unpackEntries(packed) }
    }
  }

  /** What a chain holds; undefined when it is not whole: its name must be looked at again. */
  private copy(first: number): Buffer | undefined {
    const head = Buffer.alloc(HEAD_BYTES)
    this.chunks.read(first, head)
    const size = head.readUInt32LE(0)
    if (size > this.chunks.count * CHUNK_BYTES) return undefined
    const whole = Buffer.alloc(HEAD_BYTES + size)
    this.chunks.read(first, whole)
    const packed = whole.subarray(HEAD_BYTES)
    return whole.readUInt32LE(4) === crc32(packed) ? packed : undefined
  }

  /** Writes entries into a chain of their own, for which others may have to go. */
  private store(entries: readonly Entry[], keep: number): Chain | undefined {
    const size = packedSize(entries)
    const whole = Buffer.alloc(HEAD_BYTES + size)
    packEntries(entries, whole.subarray(HEAD_BYTES))
    whole.writeUInt32LE(size, 0)
    whole.writeUInt32LE(crc32(whole.subarray(HEAD_BYTES)), 4)
    whole.writeDoubleLE(Math.max(...entries.map(({ expiresAt }) => expiresAt)), 8)
    const count = Math.ceil(whole.length / CHUNK_BYTES)
    for (let swept = false; ; ) {
      const chain = this.chunks.take(count, Date.now())
      if (chain !== undefined) {
        this.chunks.write(chain, whole)
        return chain
      }
      if (this.evict(keep)) continue
      if (swept || this.sweep() === 0) return undefined
      swept = true
    }
  }

  /** Gives up the entries of a bucket. @returns false when there are none but those of `keep` */
  private evict(keep: number): boolean {
    const count = this.buckets.length
    let at = Math.floor(Math.random() * count)
    let [best, bestName, bestEnd] = [-1, 0n, Number.POSITIVE_INFINITY]
    const head = Buffer.alloc(HEAD_BYTES)
    for (let seen = 0, i = 0; i < count && seen < DRAWN; i++, at = at + 1 === count ? 0 : at + 1) {
      if (Atomics.load(this.firsts, at * 2) === 0 || at === keep) continue
      const name = Atomics.load(this.buckets, at)
      if (name === 0n) continue
      seen++
      this.chunks.read(firstOf(name), head)
      const end = head.readDoubleLE(8)
      if (best < 0 || end < bestEnd) [best, bestName, bestEnd] = [at, name, end]
    }
    if (best < 0) return false
    if (Atomics.compareExchange(this.buckets, best, bestName, 0n) === bestName) this.free(bestName)
    return true
  }

  /** Finds what threads left behind that were ended. */
  private sweep(): number {
    const used = new Set<number>()
    const { length } = this.buckets
    for (let i = 0; i < length; i++) {
      const name = Atomics.load(this.buckets, i)
      if (name !== 0n) used.add(firstOf(name))
    }
    return this.chunks.sweep(used, Date.now())
  }

  private free(name: bigint): void {
    if (name !== 0n) this.chunks.free({ first: firstOf(name), id: Number(name >> 32n) })
  }

  /** The seed keeps clients from finding keys that share a bucket. */
  private bucketOf(key: Uint8Array): number {
    return hash('sha256', Buffer.concat([this.seed, key]), 'buffer').readUInt32LE(0) % this.buckets.length
  }
}

const NONE = { first: -1, id: 0 } as const

function nameOf({ first, id }: Chain): bigint {
  return first < 0 ? 0n : (BigInt(id) << 32n) | BigInt(first + 1)
}

function firstOf(name: bigint): number {
  return Number(name & 0xffff_ffffn) - 1
}

function find(entries: readonly Entry[], key: Uint8Array, now: number): Entry | undefined {
  return entries.find(entry => entry.expiresAt > now && entry.key.equals(key))
}

function soonest(entries: readonly Entry[]): number {
  let best = 0
  for (const [i, { expiresAt }] of entries.entries()) if (expiresAt < (entries[best]?.expiresAt ?? 0)) best = i
  return best
}

/** Where the parts of the memory begin. */
function layout(chunks: number): { head: number; buckets: number; words: number; bytes: number; end: number } {
  const head = SEED_BYTES
  const buckets = head + 16
  const words = buckets + chunks * 16
  const bytes = words + chunks * 12
  return { head, buckets, words, bytes, end: bytes + chunks * CHUNK_BYTES }
}

const BYTES_A_CHUNK = CHUNK_BYTES + 28

function chunkCount(memory: SharedArrayBuffer): number {
  return Math.floor((memory.byteLength - SEED_BYTES - 16) / BYTES_A_CHUNK)
}

function chunkMemory(memory: SharedArrayBuffer, chunks: number): ChunkMemory {
  const { head, words, bytes } = layout(chunks)
  return {
    head: new BigUint64Array(memory, head, 1),
    ids: new Uint32Array(memory, head + 8, 1),
    next: new Uint32Array(memory, words, chunks),
    owner: new Uint32Array(memory, words + chunks * 4, chunks),
    since: new Uint32Array(memory, words + chunks * 8, chunks),
    bytes: new Uint8Array(memory, bytes, chunks * CHUNK_BYTES)
  }
}

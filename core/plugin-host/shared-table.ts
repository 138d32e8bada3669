import { Buffer } from 'node:buffer'
import { hash, randomBytes } from 'node:crypto'
import { latin1Of } from '../base/bare.js'
import { type Clock, MACHINE } from './clock.js'

/** Entries of each kind. In a full table, who needs a new one gives up one of the same namespace, the one whose time is over soonest. */
const CAPACITY = 131_072
/** Places in which a key may be. */
const PROBES = 16
const SEED_BYTES = 16
const HEAD_BYTES = 32
/** A claim takes about a microsecond: one that is older was left behind by a thread that was ended in the middle of it. */
const STALE_CLAIM_NS = 100_000_000n
export const MAX_KEY_BYTES = 4_096
/** Keys whose fingerprints are remembered, of each plugin instance, and how long one of them may be. */
const MAX_KNOWN_KEYS = 1_024
const MAX_KNOWN_KEY_BYTES = 256
/** Of a fingerprint: what is left for the key, and where the bits of the namespace begin. */
const TAG_SHIFT = 56n
const KEY_BITS = (1n << TAG_SHIFT) - 1n
/** The greatest count: 32 bits of an entry hold it. */
export const MAX_COUNT = 0xffff_ffff

/** What came of asking a bucket for tokens. Times in milliseconds. */
export interface Taken {
  readonly allowed: boolean
  /** Whole and partial tokens left. */
  readonly remaining: number
  /** Until as many as were asked for are there; 0 when they were given. */
  readonly retryMs: number
  /** Until the bucket is full again. */
  readonly fullMs: number
}

/** Memory for one table: made once for the process, shared by all its threads and all its snapshots. */
export function sharedTableMemory(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(HEAD_BYTES + 2 * CAPACITY * 16)
  new Uint8Array(memory, 0, SEED_BYTES).set(randomBytes(SEED_BYTES))
  return memory
}

/**
 * Counters and token buckets that every thread shares. Each is one 64-bit word that changes by one compare-and-exchange: there is
 * nothing to lock, so N threads together never take more than there is, and a thread that is ended leaves no lock behind.
 * Keys are kept as keyed fingerprints of 64 bits, eight of which tell the namespace.
 */
export class SharedTable {
  /** What is hashed: the seed and the namespace, then room for the key. */
  private readonly hashed: Buffer
  private readonly prefix: number
  /** The upper eight bits of its fingerprints. */
  private readonly tag: bigint
  /** Value: the time at which the bucket is full again, monotonic nanoseconds (the generic cell rate algorithm). */
  private readonly buckets: Entries
  /** Value: when it is over, seconds since 1970, in the upper half; the count in the lower. */
  private readonly counters: Entries

  /** Fingerprints of keys that were asked for lately: most callers come again, and to hash is most of what a bucket costs (1.5 µs). */
  private known = new Map<string, bigint>()

  /** @param namespace - keeps the keys of one plugin apart from those of the others */
  constructor(
    memory: SharedArrayBuffer = sharedTableMemory(),
    namespace = '',
    private readonly clock: Clock = MACHINE
  ) {
    const prefix = Buffer.concat([new Uint8Array(memory, 0, SEED_BYTES), Buffer.from(`${namespace}\n`)])
    this.prefix = prefix.length
    this.tag = BigInt(hash('sha256', prefix, 'buffer').readUInt8(0)) << TAG_SHIFT
    this.hashed = Buffer.concat([prefix, Buffer.alloc(MAX_KEY_BYTES)])
    const claim = new BigUint64Array(memory, SEED_BYTES, 1)
    this.buckets = new Entries(new BigUint64Array(memory, HEAD_BYTES, CAPACITY * 2), claim)
    this.counters = new Entries(new BigUint64Array(memory, HEAD_BYTES + CAPACITY * 16, CAPACITY * 2), claim)
  }

  /**
   * Takes `cost` tokens from the bucket of this key, all or none; a negative cost gives some back. It holds `burst` tokens and gets `perSecond` new ones
   * a second; one that was never used is full.
   * @param perSecond - greater than 0
   */
  take(key: Buffer, perSecond: number, burst: number, cost: number): Taken {
    const print = this.fingerprint(key)
    const perToken = 1e9 / perSecond
    const room = BigInt(Math.round(perToken * burst))
    const asked = BigInt(Math.round(perToken * cost))
    const now = this.clock.nanoseconds()
    for (;;) {
      const at = this.buckets.find(print, now)
      const value = this.buckets.value(at)
      const full = later(value, now)
      const lack = full + asked - now - room
      const allowed = lack <= 0n
      const after = later(full + asked, now) // given back: no fuller than full
      if (allowed && !this.buckets.change(at, print, value, after)) continue
      const emptied = (allowed ? after : full) - now
      return {
        allowed,
        remaining: Math.max(0, Number(room - emptied) / perToken),
        retryMs: allowed ? 0 : Number(lack) / 1e6,
        fullMs: Number(emptied) / 1e6
      }
    }
  }

  /**
   * Adds `delta` to the counter of this key, unless that makes it greater than `limit`.
   * @param expiresAt - Unix milliseconds: when a counter that begins now is over; one that runs keeps its own time
   * @returns the new count, at most MAX_COUNT; undefined when the limit is in the way
   */
  add(key: Buffer, delta: number, limit: number, expiresAt: number): number | undefined {
    const print = this.fingerprint(key)
    const now = BigInt(Math.floor(this.clock.now() / 1000))
    for (;;) {
      const at = this.counters.find(print, (now + 1n) << 32n)
      const value = this.counters.value(at)
      const runs = value >> 32n > now
      const count = Math.min(MAX_COUNT, Math.max(0, (runs ? Number(value & 0xffff_ffffn) : 0) + delta))
      if (delta > 0 && count > limit) return undefined
      const end = runs ? value >> 32n : BigInt(Math.min(MAX_COUNT, Math.max(0, Math.ceil(expiresAt / 1000))))
      if (this.counters.change(at, print, value, (end << 32n) | BigInt(Math.trunc(count)))) return Math.trunc(count)
    }
  }

  /** The count of this key; 0 when it has none, or its time is over. */
  count(key: Buffer): number {
    const value = this.counters.read(this.fingerprint(key))
    return value >> 32n > BigInt(Math.floor(this.clock.now() / 1000)) ? Number(value & 0xffff_ffffn) : 0
  }

  /**
   * The seed keeps clients from finding keys that share an entry.
   * @throws RangeError for a key longer than MAX_KEY_BYTES
   */
  private fingerprint(key: Buffer): bigint {
    if (key.length > MAX_KNOWN_KEY_BYTES) return this.newFingerprint(key)
    const text = latin1Of(key, 0, key.length)
    const known = this.known.get(text)
    if (known !== undefined) return known
    const print = this.newFingerprint(key)
    if (this.known.size >= MAX_KNOWN_KEYS) this.known = new Map()
    this.known.set(text, print)
    return print
  }

  private newFingerprint(key: Buffer): bigint {
    this.hashed.set(key, this.prefix)
    const digest = hash('sha256', this.hashed.subarray(0, this.prefix + key.length), 'buffer')
    const print = (digest.readBigUInt64LE(0) & KEY_BITS) | this.tag
    return print === 0n ? 1n : print
  }
}

function later(a: bigint, b: bigint): bigint {
  return a < b ? b : a
}

/** Pairs of words: a fingerprint (0: never used) and a value, of which 0 and whatever is over mean the same. */
class Entries {
  constructor(
    private readonly words: BigUint64Array,
    /** Since when a thread claims an entry, monotonic nanoseconds; 0: none does. */
    private readonly claim: BigUint64Array
  ) {}

  /** Where the entry of this key is; takes one for it when it has none. @param over - values below it are over */
  find(print: bigint, over: bigint): number {
    const known = this.lookUp(print)
    if (known !== undefined) return known
    const since = this.lock()
    let at = this.lookUp(print) ?? this.take(print, over)
    // A thread that was not run for so long that its claim was taken over finds out here.
    while (at === undefined) at = this.lookUp(print) ?? this.take(print, over)
    Atomics.compareExchange(this.claim, 0, since, 0n)
    return at
  }

  value(at: number): bigint {
    return Atomics.load(this.words, at + 1)
  }

  /** The value of this key, without taking an entry for it. */
  read(print: bigint): bigint {
    const at = this.lookUp(print)
    return at === undefined ? 0n : this.value(at)
  }

  /**
   * False: it was changed by another thread, or taken for another key; look again. In the second case what was taken counts
   * against the other key, which is never more than it may.
   */
  change(at: number, print: bigint, from: bigint, to: bigint): boolean {
    return Atomics.compareExchange(this.words, at + 1, from, to) === from && Atomics.load(this.words, at) === print
  }

  private lookUp(print: bigint): number | undefined {
    for (let i = 0; i < PROBES; i++) {
      const at = this.place(print, i)
      const known = Atomics.load(this.words, at)
      if (known === print) return at
      if (known === 0n) return undefined // entries are never emptied: it is not behind an empty one
    }
    return undefined
  }

  /**
   * An entry for this key, with nothing in it: what another key had counted is not for this one to pay.
   * @returns undefined: another thread was quicker; look again
   */
  private take(print: bigint, over: bigint): number | undefined {
    const at = this.freest(print, over)
    const owner = Atomics.load(this.words, at)
    // Before the fingerprint: whoever finds that already counts.
    if (owner !== 0n) Atomics.store(this.words, at + 1, 0n)
    return Atomics.compareExchange(this.words, at, owner, print) === owner ? at : undefined
  }

  /**
   * Of the places in which a key may be: one that is empty, else one whose value is over, else one of the same namespace, so that who makes up keys
   * without end loses their own; of these the one that is over soonest.
   */
  private freest(print: bigint, over: bigint): number {
    let best = this.place(print, 0)
    let bestRank = Number.POSITIVE_INFINITY
    for (let i = 0; i < PROBES; i++) {
      const at = this.place(print, i)
      const owner = Atomics.load(this.words, at)
      if (owner === 0n) return at
      const rank = this.value(at) < over ? 0 : owner >> TAG_SHIFT === print >> TAG_SHIFT ? 1 : 2
      if (rank > bestRank || (rank === bestRank && this.value(at) >= this.value(best))) continue
      best = at
      bestRank = rank
    }
    return best
  }

  private place(print: bigint, probe: number): number {
    return ((Number(print & 0xffff_ffffn) + probe) % (this.words.length / 2)) * 2
  }

  /** One thread at a time gives out entries, or a key could get two. */
  private lock(): bigint {
    for (;;) {
      const now = process.hrtime.bigint()
      const since = Atomics.load(this.claim, 0)
      if (since !== 0n && now - since < STALE_CLAIM_NS) continue
      if (Atomics.compareExchange(this.claim, 0, since, now) === since) return now
    }
  }
}

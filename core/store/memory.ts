import { Buffer } from 'node:buffer'
import type { Store } from './store.js'

/** Past this many bytes the entries that were written longest ago go. */
const MAX_BYTES = 64 << 20
/** What an entry takes beside its key and value, about. */
const ENTRY_BYTES = 128

interface Kept {
  readonly value: Buffer
  /** Clock time, milliseconds; Infinity: never. */
  readonly until: number
}

/** A store in this process's memory: nothing outlives it. */
export function memoryStore(now: () => number = Date.now): Store {
  const entries = new Map<string, Kept>()
  let bytes = 0

  const drop = (key: string): void => {
    const known = entries.get(key)
    if (known === undefined) return
    bytes -= sizeOf(key, known)
    entries.delete(key)
  }
  const read = (key: string): Kept | undefined => {
    const known = entries.get(key)
    if (known === undefined || known.until > now()) return known
    drop(key)
    return undefined
  }
  const write = (key: string, value: Uint8Array, until: number): void => {
    drop(key) // also so that it moves to the end: the map is in the order of writing
    const kept = { value: Buffer.from(value), until }
    entries.set(key, kept)
    bytes += sizeOf(key, kept)
    for (const oldest of entries.keys()) {
      if (bytes <= MAX_BYTES) break
      drop(oldest)
    }
  }
  const untilOf = (ttlMs: number): number => (ttlMs === 0 ? Number.POSITIVE_INFINITY : now() + ttlMs)

  return {
    get: async key => read(key)?.value,
    set: async (key, value, ttlMs) => write(key, value, untilOf(ttlMs)),
    delete: async key => {
      const known = read(key) !== undefined
      drop(key)
      return known
    },
    swap: async (key, expected, value, ttlMs) => {
      const known = read(key)?.value
      if (expected === undefined ? known !== undefined : known === undefined || !known.equals(expected)) return false
      write(key, value, untilOf(ttlMs))
      return true
    },
    add: async (key, delta, ttlMs) => {
      const known = read(key)
      const number = known === undefined ? 0 : Number(known.value.toString('latin1'))
      if (!Number.isSafeInteger(number)) throw new Error('the stored value is not a number')
      const sum = number + delta
      if (!Number.isSafeInteger(sum)) throw new Error('the sum is beyond what a number holds exactly')
      write(key, Buffer.from(String(sum)), known?.until ?? untilOf(ttlMs))
      return sum
    },
    close: async () => entries.clear()
  }
}

function sizeOf(key: string, { value }: Kept): number {
  return key.length * 2 + value.length + ENTRY_BYTES
}

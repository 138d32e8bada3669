import type { Buffer } from 'node:buffer'

/** A key and its value, until its time is over (Unix milliseconds). */
export interface Entry {
  readonly key: Buffer
  readonly value: Buffer
  readonly expiresAt: number
}

const ENTRY_BYTES = 16

/** Bytes that `packEntries` fills. */
export function packedSize(entries: readonly Entry[]): number {
  return entries.reduce((sum, { key, value }) => sum + ENTRY_BYTES + key.length + value.length, 0)
}

export function packEntries(entries: readonly Entry[], target: Buffer): void {
  let at = 0
  for (const { key, value, expiresAt } of entries) {
    target.writeDoubleLE(expiresAt, at)
    target.writeUInt32LE(key.length, at + 8)
    target.writeUInt32LE(value.length, at + 12)
    target.set(key, at + ENTRY_BYTES)
    target.set(value, at + ENTRY_BYTES + key.length)
    at += ENTRY_BYTES + key.length + value.length
  }
}

/** The entries, as views of `packed`. */
export function unpackEntries(packed: Buffer): Entry[] {
  const entries: Entry[] = []
  for (let at = 0; at + ENTRY_BYTES <= packed.length; ) {
    const keyAt = at + ENTRY_BYTES
    const valueAt = keyAt + packed.readUInt32LE(at + 8)
    const end = valueAt + packed.readUInt32LE(at + 12)
    entries.push({
      key: packed.subarray(keyAt, valueAt),
      value: packed.subarray(valueAt, end),
      expiresAt: packed.readDoubleLE(at)
    })
    at = end
  }
  return entries
}

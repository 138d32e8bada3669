import { Buffer } from 'node:buffer'
import { copyTo, partOf } from './bare.js'

/** Small pieces stand in memory like this, one behind another. Each keeps all of it from being freed, so it is not large. */
const SLAB_BYTES = 32_768
/** A larger piece has memory of its own: to allocate that takes about 1.5 µs, a place in the slab a tenth. */
const LARGE_BYTES = 8_192

let slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
let free = 0

/** A copy of bytes that their owner will overwrite. Who keeps it for long copies it again, for the memory around it. */
export function pieceOf(bytes: Buffer, from: number, to: number): Buffer {
  const length = to - from
  const own = length > LARGE_BYTES ? Buffer.allocUnsafeSlow(length) : place(length)
  copyTo(own, length === bytes.length ? bytes : partOf(bytes, from, to), 0)
  return own
}

function place(length: number): Buffer {
  if (free + length > SLAB_BYTES) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
    free = 0
  }
  const at = free
  free += length
  return partOf(slab, at, at + length)
}

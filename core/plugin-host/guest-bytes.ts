import { Buffer } from 'node:buffer'
import { partOf } from '../base/bare.js'
import { PluginFault } from './fault.js'
import type { GuestMemory } from './guest-memory.js'

/** The guest whose memory pointers are into. */
export interface GuestBytes {
  readonly memory: GuestMemory | undefined
}

/** What a host function is given is numbers; what it answers is one, or nothing. */
export type Run = (...args: number[]) => number | undefined

/** A view of the guest's memory, good until the guest runs again. @throws PluginFault when it is not all there */
export function memoryAt(guest: GuestBytes, ptr: number, length: number): Buffer {
  const from = ptr >>> 0
  const size = length < 0 ? length + 0x1_0000_0000 : length // a product of what the guest gave may need more than 32 bits
  return partOf(memoryWith(guest, from, size).bytes, from, from + size)
}

/** The guest's memory, in which these bytes are. @throws PluginFault when they are not all there */
export function memoryWith({ memory }: GuestBytes, from: number, size: number): GuestMemory {
  if (memory === undefined) {
    throw new PluginFault('trap', 'calls the host from its _initialize; the first it may do so from is on_configure')
  }
  if (from + size > memory.bytes.length) {
    throw new PluginFault('trap', `handed the host ${size} bytes at ${from}, outside its memory`)
  }
  return memory
}

/** A copy of bytes of the guest, which it may change when it runs again. */
export function copyAt(guest: GuestBytes, ptr: number, length: number): Buffer<ArrayBuffer> {
  const view = memoryAt(guest, ptr, length)
  const copy = Buffer.allocUnsafeSlow(view.length)
  copy.set(view)
  return copy
}

/**
 * Hands over an answer whose size the guest cannot know: written when it fits into the `room` it offers.
 * @returns its size; when that is more than `room` nothing was written, and the guest asks again with more
 */
export function answerAt(guest: GuestBytes, out: number, room: number, answer: Uint8Array): number {
  const target = memoryAt(guest, out, room)
  if (answer.length <= target.length) target.set(answer)
  return answer.length
}

import { Buffer } from 'node:buffer'
import type { PhaseHook } from '../base/hooks.js'
import type { ReadVerdict } from './read-verdict.js'
import { type Reader, rewriteInput } from './rewrite.js'

/**
 * The input of a later plugin of the chain, as rewriteInput() makes it. Where each of the verdicts before it has a patch, they are put
 * behind each other; most say nothing to most readers, and the input is taken as it is. It saves 1 to 1.5 µs for each plugin but the
 * first.
 */
export function inputAfter(
  bytes: Buffer,
  hook: PhaseHook,
  earlier: readonly ReadVerdict[],
  reader: Reader
): Uint8Array {
  let size = 0
  let editing = 0
  for (const each of earlier) {
    const patch = each.patchFor(reader, hook)
    if (patch === undefined) return rewriteInput(bytes, hook, earlier, reader)
    size += patch.bytes.length
    if (patch.lacking.length > 0) editing++
    // Two that edit headers may edit the same one: that takes more than looking at the input.
    if (editing > 1 || hasAny(bytes, patch.lacking)) return rewriteInput(bytes, hook, earlier, reader)
  }
  if (size === 0) return bytes
  const whole = Buffer.allocUnsafe(bytes.length + size)
  whole.set(bytes)
  let at = bytes.length
  for (const each of earlier) {
    const patch = each.patchFor(reader, hook)
    if (patch === undefined || patch.bytes.length === 0) continue
    whole.set(patch.bytes, at)
    at += patch.bytes.length
  }
  return whole
}

function hasAny(bytes: Buffer, names: readonly Buffer[]): boolean {
  for (const name of names) if (bytes.includes(name)) return true
  return false
}

import { ByteWriter } from '@sluice/plugin-sdk/assembly'

/** What was found in the body at hand. */

/** Places to mask beyond this many are as bad as a match that may not pass. */
const MAX_HITS: i32 = 1 << 16

/** The rule that was hit first; -1 for none. Words come first, then patterns. */
export let firstRule: i32 = -1
let count: i32 = 0

/** How many masks the last `masked` put in. */
export let masks: i32 = 0

let stopAtFirst = true
let spans: u64[] = []

/** Begins a body. With `stop`, one hit is enough. */
export function beginHits(stop: bool): void {
  stopAtFirst = stop
  firstRule = -1
  count = 0
  if (spans.length > 0) spans = []
}

/** Takes a match of `rule` at bytes `from` to `to` of the body. False: nothing more need be looked for. */
export function hit(rule: i32, from: i32, to: i32): bool {
  if (firstRule < 0) firstRule = rule
  count++
  if (stopAtFirst || count > MAX_HITS) return false
  spans.push((<u64>from << 32) | <u64>to)
  return true
}

/** Forgets what was found, to look again in another way. */
export function forgetHits(): void {
  beginHits(stopAtFirst)
}

/** Whether looking further would change nothing. */
export function isDecided(): bool {
  return firstRule >= 0 && (stopAtFirst || count > MAX_HITS)
}

/** Whether there is too much to mask. */
export function isTooMuch(): bool {
  return count > MAX_HITS
}

/** The body with `mask` in place of each match; matches that overlap are one. All other bytes are as they were. */
export function masked(body: usize, size: i32, mask: Uint8Array): Uint8Array {
  spans.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const writer = new ByteWriter(size + mask.length * 8)
  let kept = 0
  masks = 0
  for (let i = 0; i < spans.length; ) {
    const from = <i32>(spans[i] >> 32)
    let to = <i32>spans[i]
    for (i++; i < spans.length && <i32>(spans[i] >> 32) < to; i++) to = max(to, <i32>spans[i])
    if (from > kept) writer.raw(body + <usize>kept, from - kept)
    writer.raw(mask.dataStart, mask.length)
    kept = to
    masks++
  }
  if (size > kept) writer.raw(body + <usize>kept, size - kept)
  return writer.toBytes()
}

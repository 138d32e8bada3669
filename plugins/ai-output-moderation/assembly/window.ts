import { isIgnorable, isWordPoint, pointBefore, pointSize, utf8Text } from '@sluice/plugin-sdk/assembly'
import { Action, Hit, hitsIn, Rule } from './rules'

/** The part of a text that may go out. */

/** So far back the end of a word is looked for: what has none there is no language. */
const LONGEST_WORD: i32 = 64

let window = 200
let maxHold = 4096
let mask = '***'

export function prepareWindow(theWindow: i32, theMaxHold: i32, theMask: string): void {
  window = theWindow
  maxHold = theMaxHold
  mask = theMask
}

/** What may go out now, with its masks. */
export let clean = ''
/** What is held back, as it came. */
export let held = ''
/** The rule that ends the text behind `clean`; null: none does. */
export let stoppedBy: Rule | null = null
/** The first rule that masked something in `clean`. */
export let maskedBy: Rule | null = null

/**
 * Divides a text.
 * @param last - nothing comes behind it
 * @param late - nothing has come for long: all goes out that is not in the middle of something
 */
export function divide(bytes: Uint8Array, last: bool, late: bool): void {
  const size = bytes.length
  const hits = hitsIn(bytes, false)
  let decided = last
  let cut = last ? size : cutFor(bytes, hits, late ? 0 : window)
  // What goes on for too long is taken for what it is by now.
  if (!decided && pointsFrom(bytes, cut) > maxHold) {
    decided = true
    cut = size
  }
  const stop = firstStop(hits, decided ? size + 1 : size)
  stoppedBy = null
  if (stop !== null) {
    stoppedBy = stop.rule
    cut = outside(hits, min(stop.from, decided ? size : openFrom(hits, size)))
  }
  clean = masked(bytes, hits, cut)
  held = stop === null ? utf8Text(bytes.subarray(cut)) : ''
}

/** All of a text, with its masks. */
export function sift(bytes: Uint8Array): void {
  divide(bytes, true, false)
}

/** Where what may go out ends: `back` characters before the end, between two words, and in the middle of nothing that was found. */
function cutFor(bytes: Uint8Array, hits: Hit[], back: i32): i32 {
  let cut = min(placeBefore(bytes, back), openFrom(hits, bytes.length))
  for (let before = -1; before != cut; ) {
    before = cut
    cut = outside(hits, wordEnd(bytes, cut))
  }
  return cut
}

/** `cut`, or where the things begin that it would divide. */
function outside(hits: Hit[], cut: i32): i32 {
  // Backwards: what begins earlier may reach over what begins later.
  for (let i = hits.length - 1; i >= 0; i--) if (hits[i].from < cut && hits[i].to > cut) cut = hits[i].from
  return cut
}

/** Where the first thing begins that may go on behind the end. */
function openFrom(hits: Hit[], size: i32): i32 {
  let from = size
  for (let i = 0; i < hits.length; i++) if (hits[i].to == size) from = min(from, hits[i].from)
  return from
}

/** The first hit that stops and ends before `end`. */
function firstStop(hits: Hit[], end: i32): Hit | null {
  for (let i = 0; i < hits.length; i++) if (hits[i].rule.action == Action.STOP && hits[i].to < end) return hits[i]
  return null
}

function placeBefore(bytes: Uint8Array, characters: i32): i32 {
  let at = bytes.length
  for (; characters > 0 && at > 0; characters--) at -= sizeBefore(bytes, at)
  return at
}

/** How many characters stand behind `from`. */
function pointsFrom(bytes: Uint8Array, from: i32): i32 {
  let count = 0
  for (let i = from; i < bytes.length; i++) if ((unchecked(bytes[i]) & 0xc0) != 0x80) count++
  return count
}

/** The nearest place at or before `cut` behind which a word may begin. */
function wordEnd(bytes: Uint8Array, cut: i32): i32 {
  let at = cut
  for (let i = 0; i < LONGEST_WORD && at > 0; i++) {
    const point = pointBefore(bytes.dataStart, bytes.dataStart + <usize>at)
    if (!isWordPoint(point) && !isIgnorable(point)) return at
    at -= pointSize
  }
  return at == 0 ? 0 : cut
}

function sizeBefore(bytes: Uint8Array, at: i32): i32 {
  let from = at - 1
  while (from > 0 && (bytes[from] & 0xc0) == 0x80) from--
  return at - from
}

function masked(bytes: Uint8Array, hits: Hit[], cut: i32): string {
  let text = ''
  let kept = 0
  maskedBy = null
  for (let i = 0; i < hits.length; i++) {
    const hit = hits[i]
    if (hit.rule.action != Action.MASK || hit.to > cut || hit.to <= kept) continue
    if (maskedBy === null) maskedBy = hit.rule
    // Of two that overlap the second one is masked as well: under the same mask.
    if (hit.from >= kept) text += utf8Text(bytes.subarray(kept, hit.from)) + mask
    kept = hit.to
  }
  return text + utf8Text(bytes.subarray(kept, cut))
}

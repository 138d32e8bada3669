import { ENDS } from '../word-table'
import { latin, Lexicon, others, Part } from './lexicon'
import { note, Sign } from './signs'

/**
 * Finds sentences by their parts: what is to be ignored, what is to be shown, who is to be without limits. The parts stand near
 * each other; the order is that of the language.
 */

const NEAR: i32 = 8
const FAR: i32 = -1000

/** Where each part was seen last, counted in words. */
const last = new StaticArray<i32>(Part.COUNT)
let word = 0
/** Where someone was without limits first; -1 for nowhere. */
let freeAt = -1

/** Looks through words: `size` points at `start`, with one blank between words; `mixed`: not all letters are Latin. */
export function readSentences(start: usize, size: i32, mixed: bool): void {
  last.fill(FAR)
  word = 0
  freeAt = -1
  let state: usize = 0
  let other: usize = 0
  for (let i = 0; i < size; i++) {
    const point = load<u32>(start + (<usize>i << 2))
    if (point == 0x20) word++
    state = step(latin, state, point, start, i, size)
    if (mixed) other = step(others, other, point, start, i, size)
  }
}

// @ts-ignore: decorator
@inline
function step(lexicon: Lexicon, state: usize, point: u32, start: usize, i: i32, size: i32): usize {
  const kind = lexicon.table.kindOf(point)
  const next = load<u32>(lexicon.table.table + state + <usize>kind)
  const then = <usize>(next & ~ENDS)
  if (next & ENDS) meet(lexicon, then, start, i, size)
  return then
}

/** Every entry that ends with point `i`, shorter ones last. */
function meet(lexicon: Lexicon, state: usize, start: usize, i: i32, size: i32): void {
  const table = lexicon.table
  for (let index = table.endingIn(state); index >= 0; index = table.shorter(index)) {
    const entry = lexicon.entry(table.ruleOf(index))
    const from = i + 1 - table.lengthOf(index)
    if (table.opensWord(index) && from > 0 && load<u32>(start + (<usize>(from - 1) << 2)) != 0x20) continue
    if (!entry.isOpen && table.closesWord(index) && i + 1 < size && load<u32>(start + (<usize>(i + 1) << 2)) != 0x20) continue
    const first = word - entry.gaps
    const denied = first > last[Part.NOT] && first - last[Part.NOT] <= 2 // "do not ignore", but not "do not follow"
    if (entry.score > 0 && !denied) note(entry.sign, entry.score)
    if (entry.own > 0) note(Sign.PHRASE, entry.own)
    for (let parts = entry.parts; parts != 0; parts &= parts - 1) take(<Part>ctz(parts), denied)
  }
}

function take(part: Part, denied: bool): void {
  if (part == Part.IGNORE && denied) return
  last[part] = word
  switch (part) {
    case Part.IGNORE_LAST:
    case Part.EARLIER:
    case Part.ALL:
    case Part.ORDERS:
    case Part.THINGS:
      checkOverride()
      if (part == Part.EARLIER) checkOwner()
      return
    case Part.CANCEL:
      if (isNear(Part.ORDERS, 4) && isNear(Part.EARLIER, 6)) note(Sign.OVERRIDE, 3)
      return
    case Part.SECRET:
      return checkSecret(isNear(Part.WHOSE, 3))
    case Part.FIRST:
      return checkSecret(isNear(Part.YOUR, 3))
    case Part.OWN:
      return checkSecret(true)
    case Part.LIMITS:
    case Part.FREE:
    case Part.PERSONA:
      return checkFree()
    default:
  }
}

/** Ignore all previous instructions. */
function checkOverride(): void {
  const orders = last[Part.ORDERS]
  const things = last[Part.THINGS]
  if (isOrder(orders)) {
    if (isBeside(Part.EARLIER, orders)) note(Sign.OVERRIDE, 5)
    else if (isBeside(Part.ALL, orders)) note(Sign.OVERRIDE, 4)
    else note(Sign.OVERRIDE, 2)
  }
  if (isOrder(things)) note(Sign.OVERRIDE, isBeside(Part.EARLIER, things) ? 3 : isBeside(Part.ALL, things) ? 2 : 1)
}

/** Whether someone is told to ignore what stands at `place`. */
function isOrder(place: i32): bool {
  if (word - place > NEAR) return false
  const ignore = last[Part.IGNORE]
  if (place > ignore && place - ignore <= NEAR) return true
  return abs(place - last[Part.IGNORE_LAST]) <= NEAR
}

function isBeside(part: Part, place: i32): bool {
  return abs(last[part] - place) <= NEAR && last[part] + NEAR >= last[Part.IGNORE] && last[part] > FAR
}

/** Show me the system prompt. */
function checkSecret(owned: bool): void {
  if (!owned || word - last[Part.REVEAL] > NEAR) return
  // Someone who writes a prompt asks how.
  if (word - last[Part.CREATE] <= NEAR + 4 && word - last[Part.OWN] > 1) return note(Sign.EXTRACTION, 2)
  note(Sign.EXTRACTION, 5)
}

/** "the system prompt you were given": its owner comes behind. */
function checkOwner(): void {
  if (word - last[Part.ORDERS] <= 4 && word - last[Part.REVEAL] <= NEAR && word > last[Part.ORDERS] && last[Part.WHOSE] < last[Part.ORDERS] && isNear(Part.WHOSE, NEAR)) {
    note(Sign.EXTRACTION, 4)
  }
}

/** You have no restrictions. */
function checkFree(): void {
  if (isNear(Part.PERSONA, 1) && isNear(Part.YOU, 4)) note(Sign.JAILBREAK, 4)
  if (!isNear(Part.FREE, 4) || !isNear(Part.LIMITS, 4) || !isNear(Part.YOU, NEAR + 2)) return
  // Once may be about a diet; twice, or of a model, is not.
  const again = freeAt >= 0 && word - freeAt > 4
  if (freeAt < 0) freeAt = word
  note(Sign.JAILBREAK, again || isNear(Part.MODEL, NEAR) ? 5 : 3)
}

function isNear(part: Part, most: i32): bool {
  return word - last[part] <= most
}

import { byteAt, isDigit, isLetter, isWord } from './text'

/** A run of digits in groups, with blanks, dots, dashes or slashes between them: read once, then judged by each kind. */

const MAX_GROUPS: i32 = 8
const MAX_DIGITS: i32 = 20
/** The sign between groups that two blanks stand between. */
export const WIDE: u32 = 0x2020

/** How many groups there are. */
export let groups: i32 = 0
/** Whether one more was read, which a letter touches. */
export let hasCutGroup: bool = false
/** The digits' values, without what is between them. */
export const digits = new StaticArray<u8>(64)
const sizes = new StaticArray<i32>(MAX_GROUPS)
const totals = new StaticArray<i32>(MAX_GROUPS)
const ends = new StaticArray<usize>(MAX_GROUPS)
const signs = new StaticArray<u32>(MAX_GROUPS + 1)

/** How many digits group `index` has. */
@inline
export function sizeOf(index: i32): i32 {
  return unchecked(sizes[index])
}

/** How many digits the groups up to `index` have. */
@inline
export function total(index: i32): i32 {
  return unchecked(totals[index])
}

/** Where group `index` ends. */
@inline
export function endOf(index: i32): usize {
  return unchecked(ends[index])
}

/** What stands before group `index`. */
@inline
export function sign(index: i32): u32 {
  return unchecked(signs[index])
}

/** Reads the groups from `at` on. One that touches a letter ends the run, and is none but for what asks for it. */
export function readGroups(at: usize): void {
  groups = 0
  hasCutGroup = false
  let count = 0
  unchecked((signs[0] = 0))
  while (groups < MAX_GROUPS) {
    const from = at
    while (isDigit(byteAt(at)) && count < 64) {
      unchecked((digits[count++] = <u8>(byteAt(at) - 0x30)))
      at++
    }
    unchecked((sizes[groups] = <i32>(at - from)))
    unchecked((totals[groups] = count))
    unchecked((ends[groups] = at))
    if (isWord(byteAt(at))) {
      hasCutGroup = isLetter(byteAt(at))
      return
    }
    groups++
    let between = byteAt(at)
    if (between == 0x20 && byteAt(at + 1) == 0x20) {
      between = WIDE
      at++
    }
    unchecked((signs[groups] = between))
    if (count >= MAX_DIGITS || !joins(between) || !isDigit(byteAt(at + 1))) return
    at++
  }
}

/** Whether a number may end with group `index`: what follows is not its next part. */
export function mayEnd(index: i32): bool {
  if (index == groups - 1) return true
  const next = sign(index + 1)
  return next == 0x20 || next == WIDE || (next == 0x2f && (index == 0 || sign(index) != 0x2f))
}

/** Whether the signs before groups `from` to `to` are all `byte`. */
export function allSigns(from: i32, to: i32, byte: u32): bool {
  for (let i = from; i <= to; i++) if (sign(i) != byte) return false
  return true
}

/** Whether the number at `at` goes on from digits before it: "2023-0171-12", "1.2.3". */
export function isContinued(at: usize): bool {
  const before = byteAt(at - 1)
  return isDigit(before) || (isSign(before) && isDigit(byteAt(at - 2)))
}

/** Whether the number at `at` is no part of something before it, of digits or letters: "id-0171-12", "/api/0171/12". */
export function standsAlone(at: usize): bool {
  const before = byteAt(at - 1)
  return !isWord(before) && !(isSign(before) && isWord(byteAt(at - 2)))
}

function isSign(byte: u32): bool {
  return byte == 0x2e || byte == 0x2d || byte == 0x2f || byte == 0x5f
}

function joins(byte: u32): bool {
  return byte == 0x20 || byte == WIDE || byte == 0x2d || byte == 0x2e || byte == 0x2f
}

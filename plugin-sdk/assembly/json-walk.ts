import { decodedKey, Field } from './json-fields'
import { endOfEscape, endOfNumber, isOrdinary, skipBlanks } from './json-lexer'

/** Deeper nesting is taken for text. */
const MAX_DEPTH: i32 = 200

/**
 * Called with each string that is looked at: its bytes in the body, without quotes, and whether it has escapes. False:
 * no more strings are wanted.
 */
export type Visit = (from: i32, to: i32, escaped: bool) => bool

/** While a string is visited: where the key lies whose member it is, or whose array holds it; 0 when there is none. */
export let visitedKey: usize = 0
/** Size in bytes of the key at visitedKey. */
export let visitedKeySize: i32 = 0

let body: usize = 0
let at: usize = 0
let end: usize = 0
let visit: Visit = nobody
let stopped: bool = false

/**
 * Goes through a JSON text (RFC 8259) and visits the strings that `fields` name, or all but the keys when it is null.
 * False: it is not JSON, or too deep; strings before the mistake were visited. True as soon as `visitor` wants no more.
 * Builds nothing.
 */
export function walkJson(start: usize, size: i32, fields: Field | null, visitor: Visit): bool {
  body = start
  at = start
  end = start + <usize>size
  visit = visitor
  stopped = false
  visitedKey = 0
  visitedKeySize = 0
  if (size >= 3 && (load<u8>(at) == 0xef && load<u8>(at, 1) == 0xbb && load<u8>(at, 2) == 0xbf)) at += 3
  if (!value(0, fields === null || fields.isEnd, fields)) return false
  at = skipBlanks(at, end)
  return at == end || stopped
}

/** `inside`: all of it is looked at. Else `field` says what below it is; null for nothing. */
function value(depth: i32, inside: bool, field: Field | null): bool {
  at = skipBlanks(at, end)
  if (at >= end) return false
  switch (load<u8>(at)) {
    case 0x22:
      return text(inside)
    case 0x7b:
      return depth < MAX_DEPTH && object(depth + 1, inside, field)
    case 0x5b:
      return depth < MAX_DEPTH && array(depth + 1, inside, field)
    case 0x74:
      return word(0x65757274, 4)
    case 0x6e:
      return word(0x6c6c756e, 4)
    case 0x66:
      return at + 5 <= end && load<u8>(at, 4) == 0x65 && word(0x736c6166, 5)
    default:
      at = endOfNumber(at, end)
      return at != 0
  }
}

function object(depth: i32, inside: bool, field: Field | null): bool {
  at++
  at = skipBlanks(at, end)
  if (take(0x7d)) return true
  do {
    at = skipBlanks(at, end)
    if (at >= end || load<u8>(at) != 0x22) return false
    const key = at + 1
    if (!text(false)) return false
    const size = <i32>(at - 1 - key)
    at = skipBlanks(at, end)
    if (!take(0x3a)) return false
    visitedKey = key
    visitedKeySize = size
    const below: Field | null = inside || field === null ? null : member(field, key, size)
    if (!value(depth, inside || (below !== null && below.isEnd), below)) return false
    if (stopped) return true
    at = skipBlanks(at, end)
  } while (take(0x2c))
  return take(0x7d)
}

function array(depth: i32, inside: bool, field: Field | null): bool {
  at++
  at = skipBlanks(at, end)
  if (take(0x5d)) return true
  let index = 0
  const key = visitedKey
  const size = visitedKeySize
  do {
    visitedKey = key
    visitedKeySize = size
    const below: Field | null = inside || field === null ? null : field.element(index++)
    if (!value(depth, inside || (below !== null && below.isEnd), below)) return false
    if (stopped) return true
    at = skipBlanks(at, end)
  } while (take(0x2c))
  return take(0x5d)
}

/** What is below a member. Its key is compared as it is meant: escapes hide nothing. */
function member(field: Field, key: usize, size: i32): Field | null {
  for (let i = 0; i < size; i++) {
    if (load<u8>(key + <usize>i) != 0x5c) continue
    const name = decodedKey(key, size)
    return field.member(name.dataStart, name.length)
  }
  return field.member(key, size)
}

/** A string; visited when it is looked at. Eight bytes at a time, while none of them is a quote, a "\" or a control. */
function text(looked: bool): bool {
  const from = ++at
  let escaped = false
  while (true) {
    while (at + 8 <= end && isOrdinary(load<u64>(at))) at += 8
    if (at >= end) return false
    const byte = load<u8>(at)
    if (byte == 0x22) break
    if (byte < 0x20) return false
    at++
    if (byte != 0x5c) continue
    escaped = true
    at = endOfEscape(at, end)
    if (at == 0) return false
  }
  if (looked && at > from && !visit(<i32>(from - body), <i32>(at - body), escaped)) stopped = true
  at++
  return true
}

/** The first four letters of true, null or false, which has one more. */
function word(letters: u32, size: usize): bool {
  if (at + size > end || load<u32>(at) != letters) return false
  at += size
  return true
}

function take(byte: u8): bool {
  if (at >= end || load<u8>(at) != byte) return false
  at++
  return true
}

function nobody(_from: i32, _to: i32, _escaped: bool): bool {
  return true
}

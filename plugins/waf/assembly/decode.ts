import { Coding, escapeSize, isIgnorable, isMark, pointAt, pointSize, readEscape, Room } from '@sluice/plugin-sdk/assembly'
import { hexDigit } from '@sluice/plugin-sdk/assembly/text'
import { utf8WritePoint } from '@sluice/plugin-sdk/assembly/utf8'
import { hit, Rule } from './rules'

/**
 * Values as an application may come to see them: percent-encoding (also doubled, and %uXXXX), the escapes of JSON and
 * JavaScript, HTML's numbered entities, overlong UTF-8 and full-width letters are undone; then all is lower case, and blanks
 * are one.
 */

const ROUNDS: i32 = 3

const room = new Room()
/** The decoded text. */
export let decoded: usize = 0
export let decodedSize: i32 = 0
/** Whether it has what may begin a shell command, or a comment. */
export let hasSeparator: bool = false
export let hasComment: bool = false
/** Whether a line end stands before it all. */
export let beginsLine: bool = false

/** Decodes `size` bytes at `at`, which are written in `coding`. */
export function decode(at: usize, size: i32, coding: Coding): void {
  room.reserve(size + 16)
  decoded = room.start
  if (coding == Coding.PLAIN) {
    memory.copy(decoded, at, <usize>size)
    decodedSize = size
  } else {
    undo(at, size, coding)
  }
  for (let round = 0; round < ROUNDS; round++) if (!undoMore(round)) break
  settle()
}

/** The escapes of the place where the value stands. */
function undo(at: usize, size: i32, coding: Coding): void {
  const end = at + <usize>size
  let to = decoded
  while (at < end) {
    const byte = load<u8>(at)
    if (!isMark(byte, coding)) {
      store<u8>(to++, byte)
      at++
      continue
    }
    const value = readEscape(at, end, coding)
    if (coding == Coding.JSON) to += <usize>utf8WritePoint(value, to)
    else {
      if (byte == 0x25 && escapeSize == 1 && !(at + 1 < end && (load<u8>(at, 1) | 0x20) == 0x75)) hit(Rule.PROTO_PERCENT)
      store<u8>(to++, <u8>value)
    }
    at += escapeSize
  }
  decodedSize = <i32>(to - decoded)
}

/** What is written as an escape once more. False: nothing was. */
function undoMore(round: i32): bool {
  const end = decoded + <usize>decodedSize
  let to = decoded
  let changed = false
  for (let at = decoded; at < end; ) {
    const byte = load<u8>(at)
    if (byte == 0x25 || byte == 0x26 || byte == 0x5c) {
      const size = byte == 0x25 ? percent(at, end) : byte == 0x26 ? entity(at, end) : backslash(at, end)
      if (size != 0) {
        if (byte == 0x25 && round == 0 && point < 0x80) hit(Rule.PROTO_ENCODED)
        if (isByte) store<u8>(to++, <u8>point)
        else to += <usize>utf8WritePoint(point, to)
        at += size
        changed = true
        continue
      }
    }
    store<u8>(to++, byte)
    at++
  }
  decodedSize = <i32>(to - decoded)
  return changed
}

/** What the escape stands for that was read last, and whether that is a byte or a character. */
let point: u32 = 0
let isByte: bool = false

/** %XX and %uXXXX */
function percent(at: usize, end: usize): usize {
  if (at + 2 >= end) return 0
  if ((load<u8>(at, 1) | 0x20) == 0x75) return hex(at + 2, end, 4, false) ? 6 : 0
  return hex(at + 1, end, 2, true) ? 3 : 0
}

/** \xXX, \uXXXX, \u{…} */
function backslash(at: usize, end: usize): usize {
  if (at + 3 >= end) return 0
  const letter = load<u8>(at, 1)
  if (letter == 0x78) return hex(at + 2, end, 2, false) ? 4 : 0
  if (letter != 0x75) return 0
  if (load<u8>(at, 2) != 0x7b) return hex(at + 2, end, 4, false) ? 6 : 0
  let digits = 0
  while (digits < 6 && at + 3 + <usize>digits < end && hexDigit(load<u8>(at + 3 + <usize>digits)) >= 0) digits++
  if (digits == 0 || at + 3 + <usize>digits >= end || load<u8>(at + 3 + <usize>digits) != 0x7d) return 0
  return hex(at + 3, end, digits, false) ? <usize>digits + 4 : 0
}

function hex(at: usize, end: usize, digits: i32, byte: bool): bool {
  if (at + <usize>digits > end) return false
  let value = 0
  for (let i = 0; i < digits; i++) {
    const digit = hexDigit(load<u8>(at + <usize>i))
    if (digit < 0) return false
    value = (value << 4) | digit
  }
  if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return false
  point = <u32>value
  isByte = byte
  return true
}

/** &#106; &#x6a; and a few names that hide signs. What stands for "<" stays: browsers make no tag of it. */
function entity(at: usize, end: usize): usize {
  isByte = false
  if (at + 2 >= end || load<u8>(at, 1) != 0x23) return named(at, end)
  let from = at + 2
  const sixteen = (load<u8>(from) | 0x20) == 0x78
  if (sixteen) from++
  let stop = from
  let value: u32 = 0
  for (; stop < end && stop - from < 8; stop++) {
    const digit = hexDigit(load<u8>(stop))
    if (digit < 0 || (!sixteen && digit > 9)) break
    value = value * (sixteen ? 16 : 10) + <u32>digit
  }
  if (stop == from || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff) || value == 0x3c) return 0
  point = value
  if (stop < end && load<u8>(stop) == 0x3b) stop++
  // It must not grow: "&#9" is three bytes for one.
  return stop - at
}

function named(at: usize, end: usize): usize {
  if (isNamed(at, end, '&colon;')) return put(0x3a, 7)
  if (isNamed(at, end, '&tab;')) return put(0x09, 5)
  if (isNamed(at, end, '&newline;')) return put(0x0a, 9)
  if (isNamed(at, end, '&lpar;')) return put(0x28, 6)
  if (isNamed(at, end, '&rpar;')) return put(0x29, 6)
  if (isNamed(at, end, '&sol;')) return put(0x2f, 5)
  return 0
}

function put(value: u32, size: usize): usize {
  point = value
  return size
}

function isNamed(at: usize, end: usize, name: string): bool {
  if (at + <usize>name.length > end) return false
  for (let i = 0; i < name.length; i++) {
    const byte = <i32>load<u8>(at + <usize>i)
    if ((byte - 0x41 < 26 && byte >= 0x41 ? byte | 0x20 : byte) != name.charCodeAt(i)) return false
  }
  return true
}

/** Lower case, one blank for many, no characters that show nothing. */
function settle(): void {
  const end = decoded + <usize>decodedSize
  let to = decoded
  let blank: u8 = 0
  hasSeparator = false
  hasComment = false
  beginsLine = false
  let ends = false // a comment that the end of its line ends
  for (let at = decoded; at < end; ) {
    let value = <u32>load<u8>(at)
    let size: usize = 1
    if (value >= 0x80) {
      value = wide(at, end)
      size = wideSize
    }
    if (value - 0x41 < 26) value |= 0x20
    if (value <= 0x20) {
      if (value == 0) hit(Rule.PROTO_NULL)
      else if (value == 0x20 || (value >= 0x09 && value <= 0x0d)) blank = value == 0x0a || value == 0x0d || blank == 0x0a ? 0x0a : 0x20
      else if (value != DROPPED) hit(Rule.PROTO_CONTROL)
      at += size
      continue
    }
    if (blank != 0) {
      if (to > decoded) store<u8>(to++, blank)
      else if (blank == 0x0a) beginsLine = true
      if (blank == 0x0a) {
        hasSeparator = true
        if (ends) hasComment = true
      }
      blank = 0
    }
    if (value < 0x80) {
      if (value == 0x3b || value == 0x7c || value == 0x26 || value == 0x60 || value == 0x24 || value == 0x7b) hasSeparator = true
      if (value == 0x28 && to > decoded && (load<u8>(to - 1) == 0x3c || load<u8>(to - 1) == 0x3e)) hasSeparator = true
      if (value == 0x2a && to > decoded && load<u8>(to - 1) == 0x2f) hasComment = true
      if (value == 0x23 || (value == 0x2d && to > decoded && load<u8>(to - 1) == 0x2d)) ends = true
      store<u8>(to++, <u8>value)
    } else {
      memory.copy(to, at, size)
      to += size
    }
    at += size
  }
  if (blank == 0x0a && to > decoded) store<u8>(to++, blank)
  decodedSize = <i32>(to - decoded)
}

/** Stands for what shows nothing; a control character, so that it is dropped. */
const DROPPED: u32 = 1

/** How many bytes the character takes that `wide` read. */
let wideSize: usize = 1

/** The ASCII character that is meant by a longer one, or the character itself. */
function wide(at: usize, end: usize): u32 {
  const lead = <u32>load<u8>(at)
  // Overlong forms: refused by every honest decoder, and read by some.
  if ((lead == 0xc0 || lead == 0xc1) && at + 1 < end && (load<u8>(at, 1) & 0xc0) == 0x80) {
    hit(Rule.PROTO_OVERLONG)
    wideSize = 2
    return ((lead & 1) << 6) | (<u32>load<u8>(at, 1) & 0x3f)
  }
  const value = pointAt(at, end)
  wideSize = <usize>pointSize
  if (value >= 0xff01 && value <= 0xff5e) return value - 0xfee0
  if (value == 0xa0 || value == 0x3000 || (value >= 0x2000 && value <= 0x200a)) return 0x20
  return isIgnorable(value) ? DROPPED : value
}

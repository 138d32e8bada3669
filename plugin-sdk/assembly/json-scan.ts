import { MAX_DEPTH } from './json'
import { endOfEscape, endOfNumber, isOrdinary, skipBlanks } from './json-lexer'

/** Goes through a JSON text (RFC 8259) without making anything of it. */

// One text is checked at a time, so one cursor is enough.
let at: usize = 0
let end: usize = 0

/** Whether the string that skipString() went past has escapes. */
export let hadEscape: bool = false

/**
 * Whether the bytes from `start` to `stop` are one JSON text, nested 128 deep at most; blanks around it are none of it.
 */
export function isJson(start: usize, stop: usize): bool {
  at = start
  end = stop
  if (!value(0)) return false
  at = skipBlanks(at, end)
  return at == end
}

/**
 * The end of the value that begins at `from`, in a text that isJson() has found good and that ends at `stop` or later.
 */
export function skipValue(from: usize, stop: usize): usize {
  const first = load<u8>(from)
  if (first == 0x22) return skipString(from, stop)
  if (first != 0x7b && first != 0x5b) return skipWord(from)
  let depth = 0
  while (true) {
    const byte = load<u8>(from)
    if (byte == 0x22) {
      from = skipString(from, stop)
      continue
    }
    from++
    if (byte == 0x7b || byte == 0x5b) depth++
    else if ((byte == 0x7d || byte == 0x5d) && --depth == 0) return from
  }
}

/** As skipValue, for what begins with a quote. */
export function skipString(from: usize, stop: usize): usize {
  from++
  hadEscape = false
  while (true) {
    while (from + 8 <= stop && isOrdinary(load<u64>(from))) from += 8
    const byte = load<u8>(from)
    if (byte == 0x22) return from + 1
    if (byte == 0x5c) {
      hadEscape = true
      from++
    }
    from++
  }
}

/** A number, true, false or null ends where none of their characters follows: the text around it may end there too. */
function skipWord(from: usize): usize {
  while (true) {
    const byte = <u32>load<u8>(from)
    const lower = byte | 0x20
    if (byte - 0x30 >= 10 && lower - 0x61 >= 26 && byte != 0x2b && byte != 0x2d && byte != 0x2e) return from
    from++
  }
}

function value(depth: i32): bool {
  at = skipBlanks(at, end)
  if (at >= end) return false
  switch (load<u8>(at)) {
    case 0x22:
      return text()
    case 0x7b:
      return depth < MAX_DEPTH && object(depth + 1)
    case 0x5b:
      return depth < MAX_DEPTH && array(depth + 1)
    case 0x74:
      return word(0x65757274)
    case 0x6e:
      return word(0x6c6c756e)
    case 0x66:
      at++
      return word(0x65736c61)
    default:
      at = endOfNumber(at, end)
      return at != 0
  }
}

function object(depth: i32): bool {
  at++
  if (closes(0x7d)) return true
  do {
    at = skipBlanks(at, end)
    if (at >= end || load<u8>(at) != 0x22 || !text()) return false
    at = skipBlanks(at, end)
    if (!take(0x3a) || !value(depth)) return false
    at = skipBlanks(at, end)
  } while (take(0x2c))
  return take(0x7d)
}

function array(depth: i32): bool {
  at++
  if (closes(0x5d)) return true
  do {
    if (!value(depth)) return false
    at = skipBlanks(at, end)
  } while (take(0x2c))
  return take(0x5d)
}

function closes(byte: u8): bool {
  at = skipBlanks(at, end)
  return take(byte)
}

/** A string; eight bytes at a time while none of them is a quote, a "\" or a control character. */
function text(): bool {
  at++
  while (true) {
    while (at + 8 <= end && isOrdinary(load<u64>(at))) at += 8
    if (at >= end) return false
    const byte = load<u8>(at++)
    if (byte == 0x22) return true
    if (byte < 0x20) return false
    if (byte != 0x5c) continue
    at = endOfEscape(at, end)
    if (at == 0) return false
  }
}

function word(letters: u32): bool {
  if (at + 4 > end || load<u32>(at) != letters) return false
  at += 4
  return true
}

function take(byte: u8): bool {
  if (at >= end || load<u8>(at) != byte) return false
  at++
  return true
}

import { hexDigit } from './text'

/** The pieces that every reader of JSON texts (RFC 8259) needs, by address. */

const LOW: u64 = 0x0101010101010101
const HIGH: u64 = 0x8080808080808080

/** Whether none of eight bytes of a string is a quote, a "\" or a control character. */
// @ts-ignore: decorator
@inline
export function isOrdinary(eight: u64): bool {
  const quotes = eight ^ (LOW * 0x22)
  const slashes = eight ^ (LOW * 0x5c)
  const found = ((quotes - LOW) & ~quotes) | ((slashes - LOW) & ~slashes) | ((eight - LOW * 0x20) & ~eight)
  return (found & HIGH) == 0
}

/** The first address from `at` on, up to `end`, that holds no blank. */
export function skipBlanks(at: usize, end: usize): usize {
  while (at < end) {
    const byte = load<u8>(at)
    if (byte != 0x20 && byte != 0x0a && byte != 0x0d && byte != 0x09) break
    at++
  }
  return at
}

/** The end of the escape whose "\" lies before `at`; 0 when it is none. */
export function endOfEscape(at: usize, end: usize): usize {
  switch (at < end ? load<u8>(at) : 0) {
    case 0x22:
    case 0x5c:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return at + 1
    case 0x75: {
      if (at + 5 > end) return 0
      const first = hexDigit(load<u8>(at, 1)) | hexDigit(load<u8>(at, 2))
      const digits = first | hexDigit(load<u8>(at, 3)) | hexDigit(load<u8>(at, 4))
      return digits < 0 ? 0 : at + 5
    }
    default:
      return 0
  }
}

/** The end of the number that begins at `at`; 0 when none does. */
export function endOfNumber(at: usize, end: usize): usize {
  if (is(at, end, 0x2d)) at++
  at = is(at, end, 0x30) ? at + 1 : endOfDigits(at, end)
  if (at != 0 && is(at, end, 0x2e)) at = endOfDigits(at + 1, end)
  if (at == 0 || !(is(at, end, 0x65) || is(at, end, 0x45))) return at
  at++
  return endOfDigits(is(at, end, 0x2b) || is(at, end, 0x2d) ? at + 1 : at, end)
}

function endOfDigits(at: usize, end: usize): usize {
  const from = at
  while (at < end && <u32>load<u8>(at) - 0x30 < 10) at++
  return at > from ? at : 0
}

// @ts-ignore: decorator
@inline
function is(at: usize, end: usize, byte: u8): bool {
  return at < end && load<u8>(at) == byte
}

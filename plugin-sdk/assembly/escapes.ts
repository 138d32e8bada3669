import { hexDigit } from './text'
import { REPLACEMENT } from './points'

/** How a text is written in the body. */
export enum Coding {
  /** As it is meant. */
  PLAIN,
  /** With the escapes of a JSON string. */
  JSON,
  /** With "+" and percent-encoding, as a form. */
  FORM
}

/** How many bytes of the source the escape that was read takes. */
export let escapeSize: usize = 0

/** Whether an escape may begin with this byte. */
export function isMark(byte: u32, coding: Coding): bool {
  return coding == Coding.JSON ? byte == 0x5c : coding == Coding.FORM && (byte == 0x25 || byte == 0x2b)
}

/**
 * What the escape at `at` stands for: a code point in JSON, a byte in a form. What only begins like an escape stands for
 * its own first byte.
 */
export function readEscape(at: usize, end: usize, coding: Coding): u32 {
  escapeSize = 1
  if (coding == Coding.JSON) return at + 1 < end ? jsonEscape(at, end) : 0x5c
  if (load<u8>(at) == 0x2b) return 0x20
  if (at + 2 >= end) return 0x25
  const value = (hexDigit(load<u8>(at, 1)) << 4) | hexDigit(load<u8>(at, 2))
  if (value < 0) return 0x25
  escapeSize = 3
  return <u32>value
}

function jsonEscape(at: usize, end: usize): u32 {
  const letter = load<u8>(at, 1)
  if (letter == 0x75) return unicodeEscape(at, end)
  escapeSize = 2
  switch (letter) {
    case 0x22:
    case 0x5c:
    case 0x2f:
      return <u32>letter
    case 0x62:
      return 0x08
    case 0x66:
      return 0x0c
    case 0x6e:
      return 0x0a
    case 0x72:
      return 0x0d
    case 0x74:
      return 0x09
    default:
      escapeSize = 1
      return 0x5c
  }
}

function unicodeEscape(at: usize, end: usize): u32 {
  const first = unit(at, end)
  if (first < 0) return 0x5c
  escapeSize = 6
  if ((first & 0xf800) != 0xd800) return <u32>first
  const second = first < 0xdc00 ? unit(at + 6, end) : -1
  if (second < 0 || (second & 0xfc00) != 0xdc00) return REPLACEMENT
  escapeSize = 12
  return <u32>(0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff))
}

/** The UTF-16 unit of the escape \uXXXX at `at`; negative when there is none. */
function unit(at: usize, end: usize): i32 {
  if (at + 6 > end || load<u16>(at) != 0x755c) return -1
  return (
    (hexDigit(load<u8>(at, 2)) << 12) |
    (hexDigit(load<u8>(at, 3)) << 8) |
    (hexDigit(load<u8>(at, 4)) << 4) |
    hexDigit(load<u8>(at, 5))
  )
}

import { newString, utf8Bytes } from './utf8'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Base64 with "+", "/" and padding (RFC 4648 section 4). */
export function base64Encode(bytes: Uint8Array): string {
  return encode64(bytes, 0x2b, 0x2f, true)
}

/** Base64 with "-" and "_" and no padding (RFC 4648 section 5). */
export function base64UrlEncode(bytes: Uint8Array): string {
  return encode64(bytes, 0x2d, 0x5f, false)
}

/** Reads either alphabet of base64, padded or not; null when `text` is anything else. */
export function base64Decode(text: string): Uint8Array | null {
  const letters = utf8Bytes(text)
  let length = letters.length
  while (length > 0 && letters.length - length < 2 && unchecked(letters[length - 1]) == 0x3d) length--
  if (letters.length != length && letters.length % 4 != 0) return null
  const bytes = new Uint8Array(base64Size(length))
  return decode64(letters.dataStart, length, bytes.dataStart, EITHER_DIGITS) ? bytes : null
}

/** How many bytes so many letters of base64 without padding are. */
export function base64Size(letters: i32): i32 {
  return <i32>((<i64>letters * 3) >> 2)
}

/**
 * Reads the `size` letters at `at`, base64 with "-" and "_" and no padding, into the base64Size() bytes at `out`; false when they are
 * anything else. Makes no object.
 */
export function base64UrlDecodeAt(at: usize, size: i32, out: usize): bool {
  return decode64(at, size, out, URL_DIGITS)
}

/** Bytes that are no letter stand for this in the tables. */
const NO_DIGIT: u32 = 0x80
const URL_DIGITS: usize = digitTable('-', '_')
const EITHER_DIGITS: usize = digitTable('-+', '_/')

/** What each byte stands for: a table of 256. */
function digitTable(letters62: string, letters63: string): usize {
  const table = heap.alloc(256)
  memory.fill(table, <u8>NO_DIGIT, 256)
  for (let i = 0; i < ALPHABET.length; i++) store<u8>(table + <usize>ALPHABET.charCodeAt(i), <u8>i)
  for (let i = 0; i < letters62.length; i++) store<u8>(table + <usize>letters62.charCodeAt(i), 62)
  for (let i = 0; i < letters63.length; i++) store<u8>(table + <usize>letters63.charCodeAt(i), 63)
  return table
}

// @ts-ignore: decorator
@inline
function digit(table: usize, at: usize): u32 {
  return <u32>load<u8>(table + <usize>load<u8>(at))
}

function decode64(at: usize, size: i32, out: usize, table: usize): bool {
  if (size % 4 == 1) return false
  let wrong: u32 = 0
  for (const end = at + <usize>(size & ~3); at < end; at += 4) {
    const a = digit(table, at)
    const b = digit(table, at + 1)
    const c = digit(table, at + 2)
    const d = digit(table, at + 3)
    wrong |= a | b | c | d
    const bits = (a << 18) | (b << 12) | (c << 6) | d
    store<u8>(out, bits >> 16)
    store<u8>(out, bits >> 8, 1)
    store<u8>(out, bits, 2)
    out += 3
  }
  const rest = size & 3
  if (rest > 0) {
    const a = digit(table, at)
    const b = digit(table, at + 1)
    const c = rest == 3 ? digit(table, at + 2) : 0
    wrong |= a | b | c
    const bits = (a << 18) | (b << 12) | (c << 6)
    store<u8>(out, bits >> 16)
    if (rest == 3) store<u8>(out, bits >> 8, 1)
    // Bits left over must be zero: one text for one value.
    if (bits & (rest == 3 ? 0xff : 0xffff)) return false
  }
  return (wrong & NO_DIGIT) == 0
}

function encode64(bytes: Uint8Array, digit62: u16, digit63: u16, pad: bool): string {
  const whole = bytes.length / 3
  const rest = bytes.length % 3
  const units = whole * 4 + (rest == 0 ? 0 : pad ? 4 : rest + 1)
  const text = newString(units)
  let to = changetype<usize>(text)
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const bits =
      (<u32>unchecked(bytes[i]) << 16) |
      (left > 1 ? <u32>unchecked(bytes[i + 1]) << 8 : 0) |
      (left > 2 ? <u32>unchecked(bytes[i + 2]) : 0)
    const digits = left > 2 ? 4 : left + 1
    for (let d = 0; d < 4; d++) {
      if (d >= digits && !pad) break
      const value = <i32>((bits >> (18 - 6 * d)) & 63)
      let unit: u16 = 0x3d
      if (d < digits) unit = value < 62 ? <u16>ALPHABET.charCodeAt(value) : value == 62 ? digit62 : digit63
      store<u16>(to, unit)
      to += 2
    }
  }
  return text
}

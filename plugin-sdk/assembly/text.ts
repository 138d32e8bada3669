import { newString, utf8Bytes, utf8Decode } from './utf8'

/** Small conversions that policies need and the standard library lacks. */

const HEX = '0123456789abcdef'
const UPPER_HEX = '0123456789ABCDEF'
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** `text` with A–Z in lower case and everything else unchanged: what header names and host names want. */
export function lowerAscii(text: string): string {
  let i = 0
  while (i < text.length && !isUpper(text.charCodeAt(i))) i++
  if (i == text.length) return text
  const lower = newString(text.length)
  for (let at: usize = 0, end = <usize>text.length << 1; at < end; at += 2) {
    const unit = <i32>load<u16>(changetype<usize>(text) + at)
    store<u16>(changetype<usize>(lower) + at, <u16>(isUpper(unit) ? unit | 0x20 : unit))
  }
  return lower
}

/** Whether two byte arrays are equal, in a time that does not tell where they differ (only their lengths show). */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): bool {
  if (a.length != b.length) return false
  let difference: u32 = 0
  for (let i = 0; i < a.length; i++) difference |= unchecked(a[i]) ^ unchecked(b[i])
  return difference == 0
}

/** Lower-case hexadecimal digits, two for each byte. */
export function hexEncode(bytes: Uint8Array): string {
  const text = newString(bytes.length << 1)
  for (let i = 0; i < bytes.length; i++) {
    const at = changetype<usize>(text) + (<usize>i << 2)
    store<u16>(at, <u16>HEX.charCodeAt(unchecked(bytes[i]) >> 4))
    store<u16>(at, <u16>HEX.charCodeAt(unchecked(bytes[i]) & 15), 2)
  }
  return text
}

/** The bytes that pairs of hexadecimal digits stand for; null when `text` is anything else. */
export function hexDecode(text: string): Uint8Array | null {
  if (text.length & 1) return null
  const bytes = new Uint8Array(text.length >> 1)
  for (let i = 0; i < bytes.length; i++) {
    const value = (hexDigit(text.charCodeAt(i << 1)) << 4) | hexDigit(text.charCodeAt((i << 1) + 1))
    if (value < 0) return null
    unchecked((bytes[i] = <u8>value))
  }
  return bytes
}

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
  let length = text.length
  while (length > 0 && text.length - length < 2 && text.charCodeAt(length - 1) == 0x3d) length--
  if (text.length != length && text.length % 4 != 0) return null
  return base64DecodePart(text, 0, length)
}

/** Reads the units `from` to `to` of `text`, either alphabet of base64 without padding; null when they are anything else. */
export function base64DecodePart(text: string, from: i32, to: i32): Uint8Array | null {
  if (from < 0 || to > text.length || from > to) return null
  const bytes = new Uint8Array(base64Size(to - from))
  return base64DecodeTo(text, from, to, bytes.dataStart) ? bytes : null
}

/** How many bytes so many units of base64 without padding are. */
export function base64Size(units: i32): i32 {
  return <i32>((<i64>units * 3) >> 2)
}

/** As base64DecodePart, of a part that is within the text, into the base64Size() bytes at `out`; false when it is anything else. */
export function base64DecodeTo(text: string, from: i32, to: i32, out: usize): bool {
  const length = to - from
  if (length % 4 == 1) return false
  let at = changetype<usize>(text) + (<usize>from << 1)
  let wrong: u32 = 0
  for (const end = at + (<usize>(length & ~3) << 1); at < end; at += 8) {
    if (load<u64>(at) & NOT_ASCII_UNITS) return false
    const a = digit64(at)
    const b = digit64(at + 2)
    const c = digit64(at + 4)
    const d = digit64(at + 6)
    wrong |= a | b | c | d
    const bits = (a << 18) | (b << 12) | (c << 6) | d
    store<u8>(out, bits >> 16)
    store<u8>(out, bits >> 8, 1)
    store<u8>(out, bits, 2)
    out += 3
  }
  const rest = length & 3
  if (rest > 0) {
    for (let i = 0; i < rest; i++) if (load<u16>(at + (<usize>i << 1)) > 127) return false
    const a = digit64(at)
    const b = digit64(at + 2)
    const c = rest == 3 ? digit64(at + 4) : 0
    wrong |= a | b | c
    const bits = (a << 18) | (b << 12) | (c << 6)
    store<u8>(out, bits >> 16)
    if (rest == 3) store<u8>(out, bits >> 8, 1)
    // Bits left over must be zero: one text for one value.
    if (bits & (rest == 3 ? 0xff : 0xffff)) return false
  }
  return (wrong & NO_DIGIT) == 0
}

/** A bit that is set in some of four UTF-16 units when one of them is not ASCII. */
const NOT_ASCII_UNITS: u64 = 0xff80ff80ff80ff80
const NO_DIGIT: u32 = 0x80
const digits64: usize = digitTable()

/** The digit that the ASCII unit at `at` is, or NO_DIGIT. */
// @ts-ignore: decorator
@inline
function digit64(at: usize): u32 {
  return <u32>load<u8>(digits64 + <usize>load<u16>(at))
}

function digitTable(): usize {
  const table = heap.alloc(128)
  memory.fill(table, <u8>NO_DIGIT, 128)
  for (let i: u32 = 0; i < 26; i++) {
    store<u8>(table + 0x41 + <usize>i, <u8>i)
    store<u8>(table + 0x61 + <usize>i, <u8>(26 + i))
  }
  for (let i: u32 = 0; i < 10; i++) store<u8>(table + 0x30 + <usize>i, <u8>(52 + i))
  store<u8>(table + 0x2b, 62)
  store<u8>(table + 0x2d, 62)
  store<u8>(table + 0x2f, 63)
  store<u8>(table + 0x5f, 63)
  return table
}

/** Percent-decodes the bytes at `at`, as UTF-8; a "%" that begins no escape stays. In a form, "+" is a blank. */
export function percentDecodeAt(at: usize, size: i32, form: bool): string {
  let escaped = false
  for (let i = 0; i < size && !escaped; i++) {
    const byte = load<u8>(at + <usize>i)
    if (byte == 0x25 || (form && byte == 0x2b)) escaped = true
  }
  if (!escaped) return utf8Decode(at, size)
  const decoded = new ArrayBuffer(size)
  let to = changetype<usize>(decoded)
  for (let i = 0; i < size; ) {
    const byte = <i32>load<u8>(at + <usize>i)
    const value = byte == 0x25 && i + 2 < size ? escape(at + <usize>i + 1) : -1
    if (value >= 0) {
      store<u8>(to++, <u8>value)
      i += 3
    } else {
      store<u8>(to++, <u8>(form && byte == 0x2b ? 0x20 : byte))
      i++
    }
  }
  return utf8Decode(changetype<usize>(decoded), <i32>(to - changetype<usize>(decoded)))
}

/** `text` percent-decoded as UTF-8; a "%" that begins no escape stays as it is. */
export function percentDecode(text: string): string {
  const bytes = utf8Bytes(text)
  return percentDecodeAt(bytes.dataStart, bytes.length, false)
}

/**
 * `text` as UTF-8 with everything percent-encoded but letters, digits, "-", ".", "_", "~" and the ASCII characters in
 * `kept`.
 */
export function percentEncode(text: string, kept: string = ''): string {
  let i = 0
  while (i < text.length && isUnreserved(text.charCodeAt(i))) i++
  if (i == text.length) return text
  const bytes = utf8Bytes(text)
  let encoded = ''
  for (i = 0; i < bytes.length; i++) {
    const byte = <i32>unchecked(bytes[i])
    const char = String.fromCharCode(byte)
    if (isUnreserved(byte) || (byte < 0x80 && kept.includes(char))) encoded += char
    else encoded += '%' + UPPER_HEX.charAt(byte >> 4) + UPPER_HEX.charAt(byte & 15)
  }
  return encoded
}

/** `path` with "//" as "/", as routes and most servers read it. */
export function withMergedSlashes(path: string): string {
  if (!path.includes('//')) return path
  let merged = ''
  let from = 0
  for (let at = path.indexOf('//'); at >= 0; at = path.indexOf('//', from)) {
    merged += path.substring(from, at + 1)
    from = at + 1
    while (from < path.length && path.charCodeAt(from) == 0x2f) from++
  }
  return merged + path.substring(from)
}

function isUnreserved(unit: i32): bool {
  if ((unit | 0x20) - 0x61 < 26 && (unit | 0x20) >= 0x61) return unit < 0x80
  return (unit >= 0x30 && unit <= 0x39) || unit == 0x2d || unit == 0x2e || unit == 0x5f || unit == 0x7e
}

function escape(at: usize): i32 {
  return (hexDigit(load<u8>(at)) << 4) | hexDigit(load<u8>(at, 1))
}

/** Value of a hexadecimal digit; -1 when it is none. */
export function hexDigit(unit: i32): i32 {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30
  const lower = unit | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

// @ts-ignore: decorator
@inline
function isUpper(unit: i32): bool {
  return unit >= 0x41 && unit <= 0x5a
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

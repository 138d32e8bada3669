import { newString, utf8Bytes, utf8Decode } from './utf8'

/** Small conversions that policies need and the standard library lacks. */

const HEX = '0123456789abcdef'
const UPPER_HEX = '0123456789ABCDEF'

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

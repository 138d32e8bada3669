import { Coding } from '../escapes'
import { Json } from '../json'
import { percentDecodeAt } from '../text'
import { utf8Bytes, utf8Decode } from '../utf8'

/** Values as they are written in a body of some coding, and back. */

/** What `size` bytes at `at` mean. */
export function decoded(at: usize, size: i32, coding: Coding): string {
  if (coding == Coding.FORM) return percentDecodeAt(at, size, true)
  if (coding == Coding.PLAIN) return utf8Decode(at, size)
  const bytes = new Uint8Array(size + 2)
  const to = bytes.dataStart
  store<u8>(to, 0x22)
  memory.copy(to + 1, at, <usize>size)
  store<u8>(to + <usize>size + 1, 0x22)
  const json = Json.parseBytes(bytes)
  return json === null ? utf8Decode(at, size) : json.asString()
}

/** `value` as it is written. */
export function encoded(value: string, coding: Coding): Uint8Array {
  return utf8Bytes(coding == Coding.FORM ? encodeURIComponent(value) : coding == Coding.JSON ? escaped(value) : value)
}

/** `value` as it is written in a JSON string that holds JSON. */
export function nested(value: string): Uint8Array {
  return utf8Bytes(escaped(escaped(value)))
}

function escaped(value: string): string {
  const quoted = Json.quote(value)
  return quoted.substring(1, quoted.length - 1)
}

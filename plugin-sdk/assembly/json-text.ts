import { hexDigit } from './text'
import { utf8Decode, utf8WritePoint } from './utf8'
import { ByteWriter } from './writer'

/** Writes `text` in quotes, escaped; lone surrogates become U+FFFD. */
export function writeString(writer: ByteWriter, text: string): void {
  writer.byte(0x22)
  let from = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x20 && unit != 0x22 && unit != 0x5c) continue
    if (i > from) writer.text(text.substring(from, i))
    from = i + 1
    writer.byte(0x5c)
    if (unit == 0x22 || unit == 0x5c) writer.byte(<u8>unit)
    else if (unit == 0x0a) writer.byte(0x6e)
    else if (unit == 0x0d) writer.byte(0x72)
    else if (unit == 0x09) writer.byte(0x74)
    else if (unit == 0x08) writer.byte(0x62)
    else if (unit == 0x0c) writer.byte(0x66)
    else writer.text((unit < 16 ? 'u000' : 'u00') + unit.toString(16))
  }
  if (from == 0) writer.text(text)
  else if (from < text.length) writer.text(text.substring(from))
  writer.byte(0x22)
}

/** The text of a checked JSON string, given without its quotes. */
export function unescaped(at: usize, size: i32): string {
  const end = at + <usize>size
  let first = at
  while (first < end && load<u8>(first) != 0x5c) first++
  if (first == end) return utf8Decode(at, size)
  const buffer = new ArrayBuffer(size)
  const start = changetype<usize>(buffer)
  let to = start
  while (at < end) {
    const byte = load<u8>(at++)
    if (byte != 0x5c) {
      store<u8>(to++, byte)
      continue
    }
    const letter = load<u8>(at++)
    if (letter != 0x75) {
      store<u8>(to++, plainEscape(letter))
      continue
    }
    let point = hex4(at)
    at += 4
    if ((point & 0xfc00) == 0xd800 && at + 6 <= end && load<u16>(at) == 0x755c) {
      const low = hex4(at + 2)
      if ((low & 0xfc00) == 0xdc00) {
        point = 0x10000 + ((point & 0x3ff) << 10) + (low & 0x3ff)
        at += 6
      }
    }
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd
    to += <usize>utf8WritePoint(point, to)
  }
  return utf8Decode(start, <i32>(to - start))
}

/** Whether `size` bytes of ASCII are the units of `text`. */
export function isText(text: string, at: usize, size: i32): bool {
  if (text.length != size) return false
  const units = changetype<usize>(text)
  for (let i: usize = 0; i < <usize>size; i++) if (<u16>load<u8>(at + i) != load<u16>(units + (i << 1))) return false
  return true
}

function plainEscape(letter: u8): u8 {
  switch (letter) {
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
      return letter
  }
}

function hex4(at: usize): u32 {
  return <u32>(
    ((hexDigit(load<u8>(at)) << 12) |
      (hexDigit(load<u8>(at, 1)) << 8) |
      (hexDigit(load<u8>(at, 2)) << 4) |
      hexDigit(load<u8>(at, 3)))
  )
}

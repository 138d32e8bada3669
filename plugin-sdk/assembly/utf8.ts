/**
 * UTF-8 in and out, right for every input: malformed bytes become U+FFFD the way the WHATWG decoder does it (one for
 * each maximal subpart), lone surrogates are written as U+FFFD. The standard library does neither.
 */

const HIGH_BITS: u64 = 0x8080808080808080
/** A bit that is set in some of four UTF-16 units when one of them is not ASCII. */
const NOT_ASCII_UNITS: u64 = 0xff80ff80ff80ff80

/** Whether `size` bytes from `at` are all ASCII. */
export function isAscii(at: usize, size: i32): bool {
  const end = at + <usize>size
  while (at + 8 <= end) {
    if (load<u64>(at) & HIGH_BITS) return false
    at += 8
  }
  while (at < end) if (load<u8>(at++) & 0x80) return false
  return true
}

/** The string whose UTF-8 form lies at `at`; malformed parts become U+FFFD. */
export function utf8Decode(at: usize, size: i32): string {
  if (size <= 0) return ''
  if (isAscii(at, size)) {
    const text = newString(size)
    widen(at, size, changetype<usize>(text))
    return text
  }
  const units = transcode(at, at + <usize>size, 0)
  const text = newString(units)
  transcode(at, at + <usize>size, changetype<usize>(text))
  return text
}

/** How many bytes `text` takes in UTF-8. */
export function utf8Length(text: string): i32 {
  let at = changetype<usize>(text)
  const end = at + (<usize>text.length << 1)
  let size = 0
  while (at < end) {
    const unit = <i32>load<u16>(at)
    at += 2
    if (unit < 0x80) size += 1
    else if (unit < 0x800) size += 2
    else if (pairs(unit, at, end)) {
      size += 4
      at += 2
    } else size += 3
  }
  return size
}

/** Writes `text` in UTF-8 to memory from `to` on, where utf8Length(text) bytes are free; returns how many it wrote. */
export function utf8Write(text: string, to: usize): i32 {
  let at = changetype<usize>(text)
  const end = at + (<usize>text.length << 1)
  const start = to
  // Four units at a time while they are ASCII, as they nearly always are.
  while (at + 8 <= end) {
    const four = load<u64>(at)
    if (four & NOT_ASCII_UNITS) break
    const bytes = (four | (four >> 8)) & 0x0000ffff0000ffff
    store<u32>(to, <u32>(bytes | (bytes >> 16)))
    at += 8
    to += 4
  }
  while (at < end) {
    const unit = <u32>load<u16>(at)
    at += 2
    if (unit < 0x80) {
      store<u8>(to++, <u8>unit)
    } else if (unit < 0x800) {
      store<u8>(to, <u8>(0xc0 | (unit >> 6)))
      store<u8>(to, <u8>(0x80 | (unit & 0x3f)), 1)
      to += 2
    } else if (pairs(unit, at, end)) {
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (<u32>load<u16>(at) & 0x3ff)
      at += 2
      store<u8>(to, <u8>(0xf0 | (point >> 18)))
      store<u8>(to, <u8>(0x80 | ((point >> 12) & 0x3f)), 1)
      store<u8>(to, <u8>(0x80 | ((point >> 6) & 0x3f)), 2)
      store<u8>(to, <u8>(0x80 | (point & 0x3f)), 3)
      to += 4
    } else {
      const point: u32 = unit >= 0xd800 && unit <= 0xdfff ? 0xfffd : unit
      store<u8>(to, <u8>(0xe0 | (point >> 12)))
      store<u8>(to, <u8>(0x80 | ((point >> 6) & 0x3f)), 1)
      store<u8>(to, <u8>(0x80 | (point & 0x3f)), 2)
      to += 3
    }
  }
  return <i32>(to - start)
}

/** The UTF-8 form of `text`. */
export function utf8Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text))
  utf8Write(text, bytes.dataStart)
  return bytes
}

/** The string whose UTF-8 form `bytes` are; malformed parts become U+FFFD. */
export function utf8Text(bytes: Uint8Array): string {
  return utf8Decode(bytes.dataStart, bytes.length)
}

/** Writes one code point (not a surrogate) in UTF-8; returns how many bytes it took. */
export function utf8WritePoint(point: u32, to: usize): i32 {
  if (point < 0x80) {
    store<u8>(to, <u8>point)
    return 1
  }
  if (point < 0x800) {
    store<u8>(to, <u8>(0xc0 | (point >> 6)))
    store<u8>(to, <u8>(0x80 | (point & 0x3f)), 1)
    return 2
  }
  if (point < 0x10000) {
    store<u8>(to, <u8>(0xe0 | (point >> 12)))
    store<u8>(to, <u8>(0x80 | ((point >> 6) & 0x3f)), 1)
    store<u8>(to, <u8>(0x80 | (point & 0x3f)), 2)
    return 3
  }
  store<u8>(to, <u8>(0xf0 | (point >> 18)))
  store<u8>(to, <u8>(0x80 | ((point >> 12) & 0x3f)), 1)
  store<u8>(to, <u8>(0x80 | ((point >> 6) & 0x3f)), 2)
  store<u8>(to, <u8>(0x80 | (point & 0x3f)), 3)
  return 4
}

/** A string of `units` UTF-16 units, to be filled before anyone else sees it. */
export function newString(units: i32): string {
  // @ts-ignore: a function of the runtime
  return changetype<string>(__new(<usize>units << 1, idof<string>()))
}

function widen(at: usize, size: i32, to: usize): void {
  const end = at + <usize>size
  while (at + 4 <= end) {
    const four = <u64>load<u32>(at)
    store<u64>(to, (four & 0xff) | ((four & 0xff00) << 8) | ((four & 0xff0000) << 16) | ((four & 0xff000000) << 24))
    at += 4
    to += 8
  }
  while (at < end) {
    store<u16>(to, <u16>load<u8>(at++))
    to += 2
  }
}

// @ts-ignore: decorator
@inline
function pairs(unit: i32, next: usize, end: usize): bool {
  return (unit & 0xfc00) == 0xd800 && next < end && (<i32>load<u16>(next) & 0xfc00) == 0xdc00
}

/** Decodes to UTF-16 at `to`, or only counts the units when `to` is 0. */
function transcode(at: usize, end: usize, to: usize): i32 {
  let units = 0
  while (at < end) {
    const lead = <u32>load<u8>(at++)
    let point: u32 = lead
    if (lead >= 0x80) {
      let need = 0
      let low: u32 = 0x80
      let high: u32 = 0xbf
      if (lead >= 0xc2 && lead <= 0xdf) {
        need = 1
        point = lead & 0x1f
      } else if (lead >= 0xe0 && lead <= 0xef) {
        need = 2
        point = lead & 0x0f
        if (lead == 0xe0) low = 0xa0
        if (lead == 0xed) high = 0x9f
      } else if (lead >= 0xf0 && lead <= 0xf4) {
        need = 3
        point = lead & 0x07
        if (lead == 0xf0) low = 0x90
        if (lead == 0xf4) high = 0x8f
      } else {
        point = 0xfffd
      }
      while (need > 0) {
        const byte: u32 = at < end ? <u32>load<u8>(at) : 0
        if (byte < low || byte > high) {
          point = 0xfffd
          break
        }
        low = 0x80
        high = 0xbf
        point = (point << 6) | (byte & 0x3f)
        at++
        need--
      }
    }
    if (point < 0x10000) {
      if (to) store<u16>(to + (<usize>units << 1), <u16>point)
      units += 1
    } else {
      if (to) {
        store<u16>(to + (<usize>units << 1), <u16>(0xd800 + ((point - 0x10000) >> 10)))
        store<u16>(to + (<usize>units << 1), <u16>(0xdc00 + ((point - 0x10000) & 0x3ff)), 2)
      }
      units += 2
    }
  }
  return units
}

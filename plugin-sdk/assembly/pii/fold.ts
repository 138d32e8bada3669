import { isIgnorable, pointAt, pointSize } from '../points'
import { SourceText } from '../source-text'

/** Other ways to write what is ASCII: full-width letters, digits of other scripts, dashes and blanks of every kind. */

const KEEP: u32 = 0xffffffff
const DROP: u32 = 0
const HIGH_BITS: u64 = 0x8080808080808080

/** Whether the text has characters that `foldText` changes. */
export function needsFolding(from: usize, end: usize): bool {
  let at = from
  while (at < end) {
    if (at + 8 <= end && (load<u64>(at) & HIGH_BITS) == 0) {
      at += 8
    } else if (load<u8>(at) < 0x80) {
      at++
    } else {
      if (plain(pointAt(at, end)) != KEEP) return true
      at += <usize>pointSize
    }
  }
  return false
}

/** Rewrites a decoded text in place; its places in the body go with it. */
export function foldText(text: SourceText): void {
  const end = text.start + <usize>text.size
  let to = text.start
  let origin = text.origins
  let originTo = text.origins
  for (let at = text.start; at < end; ) {
    let size: usize = 1
    let point: u32 = KEEP
    if (load<u8>(at) >= 0x80) {
      point = plain(pointAt(at, end))
      size = <usize>pointSize
    }
    if (point == KEEP) {
      memory.copy(to, at, size)
      memory.copy(originTo, origin, size << 2)
      to += size
      originTo += size << 2
    } else if (point != DROP) {
      store<u8>(to++, <u8>point)
      store<i32>(originTo, load<i32>(origin))
      originTo += 4
    }
    at += size
    origin += size << 2
  }
  store<i32>(originTo, load<i32>(origin))
  text.size = <i32>(to - text.start)
}

/** The ASCII character that is meant; DROP for what shows nothing, KEEP for all else. */
function plain(point: u32): u32 {
  if (point >= 0xff01 && point <= 0xff5e) return point - 0xfee0
  if (point == 0xa0 || point == 0x202f || point == 0x3000 || (point >= 0x2000 && point <= 0x200a)) return 0x20
  if (isIgnorable(point)) return DROP
  if ((point >= 0x2010 && point <= 0x2015) || point == 0x2212 || point == 0xfe58 || point == 0xfe63) return 0x2d
  if (point == 0x2024 || point == 0xfe52) return 0x2e
  if (point == 0xfe6b) return 0x40
  if (point - 0x660 < 10) return point - 0x660 + 0x30
  if (point - 0x6f0 < 10) return point - 0x6f0 + 0x30
  if (point - 0x966 < 10) return point - 0x966 + 0x30
  if (point - 0x1d7ce < 50) return ((point - 0x1d7ce) % 10) + 0x30
  return KEEP
}

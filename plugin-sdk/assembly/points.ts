import { casemap } from 'util/casemap'

/** Code points: reading them from UTF-8, and what counts as the same one. */

/** Stands for what is not UTF-8. */
export const REPLACEMENT: u32 = 0xfffd

/** How many bytes the point that `pointAt` read takes. */
export let pointSize: i32 = 0

/** The code point at `at`, before `end`. Malformed bytes are one U+FFFD each, and so match nothing. */
export function pointAt(at: usize, end: usize): u32 {
  const lead = <u32>load<u8>(at)
  pointSize = 1
  if (lead < 0x80) return lead
  const left = <i32>(end - at)
  if (lead >= 0xc2 && lead <= 0xdf && left >= 2 && isTail(at + 1)) {
    pointSize = 2
    return ((lead & 0x1f) << 6) | tail(at + 1)
  }
  if (lead >= 0xe0 && lead <= 0xef && left >= 3 && isTail(at + 1) && isTail(at + 2)) {
    const point = ((lead & 0x0f) << 12) | (tail(at + 1) << 6) | tail(at + 2)
    if (point < 0x800 || (point >= 0xd800 && point <= 0xdfff)) return REPLACEMENT
    pointSize = 3
    return point
  }
  if (lead >= 0xf0 && lead <= 0xf4 && left >= 4 && isTail(at + 1) && isTail(at + 2) && isTail(at + 3)) {
    const point = ((lead & 0x07) << 18) | (tail(at + 1) << 12) | (tail(at + 2) << 6) | tail(at + 3)
    if (point < 0x10000 || point > 0x10ffff) return REPLACEMENT
    pointSize = 4
    return point
  }
  return REPLACEMENT
}

/** The code point that ends before `at`, not before `start`. */
export function pointBefore(start: usize, at: usize): u32 {
  let from = at - 1
  while (from > start && at - from < 4 && isTail(from)) from--
  const point = pointAt(from, at)
  return from + <usize>pointSize == at ? point : REPLACEMENT
}

/** How many bytes `point` takes in UTF-8. */
export function utf8Size(point: u32): i32 {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
}

/** The code points of `text`. */
export function pointsOf(text: string): u32[] {
  const points: u32[] = []
  for (let i = 0; i < text.length; i++) {
    const point = <u32>text.codePointAt(i)
    if (point > 0xffff) i++
    points.push(point)
  }
  return points
}

const TO_LOWER: i32 = 0
const TO_UPPER: i32 = 1

/**
 * `point` without its case, as far as Unicode has one letter for it: capitals are small letters, and so are other forms
 * with the same capital (the final sigma, the long s). Full-width forms are the ASCII ones, blanks of every kind are one blank.
 */
export function fold(point: u32): u32 {
  if (point < 0x80) {
    if (point - 0x41 < 26) return point + 32
    return point >= 0x09 && point <= 0x0d ? 0x20 : point
  }
  if (isBlank(point)) return 0x20
  if (point - 0xff01 < 94) return fold(point - 0xfee0)
  if (point >= 0x20000) return point // beyond are ideographs and such
  if (point == 0x130) return 0x69 // its small letter is i, with a dot in some languages
  if (point == 0x131 || point == 0xdf) return point // another letter than i; and there is no simple capital of ß
  return <u32>casemap(<u32>casemap(point, TO_UPPER), TO_LOWER)
}

/** Where letters with case, blanks and what shows nothing are: `from`, `to`, `from`, `to` … */
export const FOLDED_RANGES: StaticArray<u32> = [
  0, 0x2e00, 0x3000, 0x3001, 0x3164, 0x3165, 0xa640, 0xac00, 0xfb00, 0x10000, 0x10400, 0x10600, 0x10c80, 0x10d90,
  0x118a0, 0x118e0, 0x16e40, 0x16e80, 0x1d173, 0x1d17b, 0x1e900, 0x1e944, 0xe0000, 0xe1000
]

function isBlank(point: u32): bool {
  if (point < 0x2000) return point == 0xa0 || point == 0x85 || point == 0x1680
  if (point <= 0x205f) return point <= 0x200a || point == 0x2028 || point == 0x2029 || point == 0x202f || point == 0x205f
  return point == 0x3000
}

/** Whether `point` shows nothing and joins nothing (Default_Ignorable_Code_Point): it is passed over in every text. */
export function isIgnorable(point: u32): bool {
  if (point < 0x34f) return point == 0xad
  if (point < 0x2000) {
    return (
      point == 0x34f ||
      point == 0x61c ||
      point == 0x115f ||
      point == 0x1160 ||
      point == 0x17b4 ||
      point == 0x17b5 ||
      (point >= 0x180b && point <= 0x180f)
    )
  }
  if (point < 0x3000) {
    return (
      (point >= 0x200b && point <= 0x200f) ||
      (point >= 0x202a && point <= 0x202e) ||
      (point >= 0x2060 && point <= 0x206f)
    )
  }
  if (point == 0x3164 || (point >= 0xfe00 && point <= 0xfe0f) || point == 0xfeff || point == 0xffa0) return true
  return (point >= 0x1d173 && point <= 0x1d17a) || (point >= 0xe0000 && point <= 0xe0fff)
}

/**
 * Whether `point` holds a word together with its neighbour. Letters of scripts that are written without blanks between
 * words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) do not.
 */
export function isWordPoint(point: u32): bool {
  if (point < 0x80) return point - 0x30 < 10 || (point | 0x20) - 0x61 < 26 || point == 0x5f
  if (point < 0xc0) return point == 0xaa || point == 0xb5 || point == 0xba
  if (point == 0xd7 || point == 0xf7) return false
  if (point < 0xe00) return true
  if (point < 0x1100) return point >= 0x10a0 // Georgian
  if (point < 0x2000) return !(point == 0x1680 || (point >= 0x1780 && point <= 0x17ff))
  if (point < 0x2c00) return point >= 0x2071 && point <= 0x218f && !(point >= 0x20a0 && point <= 0x20cf)
  if (point >= 0x2e00 && point <= 0xabff) return point >= 0xa4d0 && point <= 0xa97f // Lisu, Vai, Devanagari and so on
  if (point >= 0xac00 && point <= 0xd7ff) return true // Hangul
  if (point >= 0xf900 && point <= 0xfaff) return false
  if (point >= 0xfe10 && point <= 0xfe6f) return false
  if (point >= 0xff00 && point <= 0xffef) return point - 0xff10 < 10 || point - 0xff21 < 26 || point - 0xff41 < 26
  return point != REPLACEMENT && point < 0x1f000 // emoji and beyond, ideographs among them
}

// @ts-ignore: decorator
@inline
function isTail(at: usize): bool {
  return (load<u8>(at) & 0xc0) == 0x80
}

// @ts-ignore: decorator
@inline
function tail(at: usize): u32 {
  return <u32>load<u8>(at) & 0x3f
}

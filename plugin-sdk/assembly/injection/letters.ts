import { fold, isIgnorable } from '../points'

/**
 * Letters as a reader (or a model) takes them: without case and accents, and letters of other scripts or of mathematics that
 * look like Latin ones as those. Tables of words go through the same, so that words of other scripts are found too.
 */

/** Nothing is seen. */
export const NOTHING: u32 = 0
/** No letter: it stands between words. */
export const GAP: u32 = 0x20

/** À to ſ: the letter without its mark; "." where there is none. */
const LATIN =
  'aaaaaaaceeeeiiiidnooooo.ouuuuytsaaaaaaaceeeeiiiidnooooo.ouuuuytyaaaaaaccccccccddddeeeeeeeeeegggg' +
  'gggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs'
const SMALL_CAPS: StaticArray<u32> = [
  0x1d00, 0x61, 0x299, 0x62, 0x1d04, 0x63, 0x1d05, 0x64, 0x1d07, 0x65, 0xa730, 0x66, 0x262, 0x67, 0x29c, 0x68, 0x26a, 0x69, 0x1d0a, 0x6a,
  0x1d0b, 0x6b, 0x29f, 0x6c, 0x1d0d, 0x6d, 0x274, 0x6e, 0x1d0f, 0x6f, 0x1d18, 0x70, 0x280, 0x72, 0xa731, 0x73, 0x1d1b, 0x74, 0x1d1c, 0x75,
  0x1d20, 0x76, 0x1d21, 0x77, 0x28f, 0x79, 0x1d22, 0x7a
]
/** Letters of other scripts, and the Latin ones they look like. */
const LIKE: StaticArray<u32> = [
  0x430, 0x61, 0x435, 0x65, 0x451, 0x65, 0x43a, 0x6b, 0x43c, 0x6d, 0x43e, 0x6f, 0x440, 0x70, 0x441, 0x63, 0x442, 0x74, 0x443, 0x79,
  0x445, 0x78, 0x456, 0x69, 0x457, 0x69, 0x458, 0x6a, 0x455, 0x73, 0x501, 0x64, 0x51b, 0x71, 0x51d, 0x77, 0x4bb, 0x68, 0x475, 0x76,
  0x4cf, 0x6c, 0x3b1, 0x61, 0x3ac, 0x61, 0x3b5, 0x65, 0x3ad, 0x65, 0x3b9, 0x69, 0x3af, 0x69, 0x3ba, 0x6b, 0x3bd, 0x76, 0x3bf, 0x6f,
  0x3cc, 0x6f, 0x3c1, 0x70, 0x3c4, 0x74, 0x3c5, 0x75, 0x3c7, 0x78, 0x3c9, 0x77, 0x131, 0x69, 0x251, 0x61, 0x261, 0x67, 0x269, 0x69,
  0x28b, 0x76, 0x578, 0x6e, 0x57d, 0x75, 0x585, 0x6f, 0x566, 0x71, 0x1d26, 0x72, 0x2113, 0x6c, 0x212f, 0x65, 0x2134, 0x6f, 0x210a, 0x67
]

const table = likeTable()

/** The letter that is meant by `point`: NOTHING, GAP, or a folded letter or digit. */
export function letterOf(point: u32): u32 {
  if (point < 0x80) {
    if (point - 0x61 < 26 || point - 0x30 < 10) return point
    if (point - 0x41 < 26) return point | 0x20
    return point == 0x27 ? NOTHING : GAP
  }
  if (point >= 0xc0 && point < 0x180) {
    const plain = <u32>LATIN.charCodeAt(<i32>point - 0xc0)
    return plain == 0x2e ? GAP : plain
  }
  if (point == 0x2019 || point == 0x2bc) return NOTHING // apostrophes
  if (point >= 0x300 && point <= 0x36f) return NOTHING
  if (isIgnorable(point)) return NOTHING
  if (point < 0x250 && point >= 0x180) return extended(point)
  if (point >= 0x1e00 && point < 0x1f00) return extended(point)
  if (point >= 0x1d400 && point <= 0x1d6a3) return mathematical(point)
  if (point >= 0x1d7ce && point <= 0x1d7ff) return ((point - 0x1d7ce) % 10) + 0x30
  if (point >= 0xff01 && point <= 0xff5e) return letterOf(point - 0xfee0)
  if (point >= 0x24b6 && point <= 0x24e9) return ((point - 0x24b6) % 26) + 0x61
  if (point >= 0x249c && point <= 0x24b5) return point - 0x249c + 0x61
  if (point >= 0x1f130 && point <= 0x1f149) return point - 0x1f130 + 0x61
  if (point >= 0x1f150 && point <= 0x1f169) return point - 0x1f150 + 0x61
  if (point >= 0x1f170 && point <= 0x1f189) return point - 0x1f170 + 0x61
  const lower = fold(point)
  if (lower == 0x20) return GAP
  if (lower < 0x2200) {
    const like = <u32>unchecked(table[lower])
    if (like != 0) return like
  } else if (lower == 0xa730) return 0x66
  else if (lower == 0xa731) return 0x73
  return isLetterOrDigit(lower) ? lower : GAP
}

/** The scripts of a letter, for words that mix them: 1 Latin, 2 Cyrillic or Greek, 0 others. */
export function scriptOf(point: u32): u32 {
  if ((point | 0x20) - 0x61 < 26) return 1
  if (point >= 0xc0 && point < 0x250) return 1
  return (point >= 0x370 && point < 0x400 && point != 0x3bc) || (point >= 0x400 && point < 0x530) ? 2 : 0
}

/** Letters with two marks and such, in the order of the Latin alphabet, roughly: the letter by its capital's name. */
function extended(point: u32): u32 {
  if (point >= 0x1e00) {
    if (point < 0x1e02) return 0x61
    if (point < 0x1e08) return 0x62
    if (point < 0x1e0a) return 0x63
    if (point < 0x1e14) return 0x64
    if (point < 0x1e1e) return 0x65
    if (point < 0x1e20) return 0x66
    if (point < 0x1e22) return 0x67
    if (point < 0x1e2c) return 0x68
    if (point < 0x1e30) return 0x69
    if (point < 0x1e36) return 0x6b
    if (point < 0x1e3e) return 0x6c
    if (point < 0x1e44) return 0x6d
    if (point < 0x1e4c) return 0x6e
    if (point < 0x1e54) return 0x6f
    if (point < 0x1e58) return 0x70
    if (point < 0x1e60) return 0x72
    if (point < 0x1e6a) return 0x73
    if (point < 0x1e72) return 0x74
    if (point < 0x1e7c) return 0x75
    if (point < 0x1e80) return 0x76
    if (point < 0x1e8a) return 0x77
    if (point < 0x1e8e) return 0x78
    if (point < 0x1e90) return 0x79
    if (point < 0x1e96) return 0x7a
    if (point >= 0x1ea0 && point < 0x1eb8) return 0x61
    if (point >= 0x1eb8 && point < 0x1ec8) return 0x65
    if (point >= 0x1ec8 && point < 0x1ecc) return 0x69
    if (point >= 0x1ecc && point < 0x1ee4) return 0x6f
    if (point >= 0x1ee4 && point < 0x1ef2) return 0x75
    return point >= 0x1ef2 && point < 0x1efa ? 0x79 : fold(point)
  }
  const lower = fold(point)
  const like = <u32>unchecked(table[lower < 0x2200 ? lower : 0])
  return like != 0 ? like : lower
}

/** Bold, italic, script, Fraktur …: each alphabet is 26 capitals and 26 small letters. */
function mathematical(point: u32): u32 {
  return ((point - 0x1d400) % 26) + 0x61
}

function isLetterOrDigit(point: u32): bool {
  if (point < 0x2000) return !(point < 0xc0 && point != 0xaa && point != 0xba && point != 0xb5) && point != 0xd7 && point != 0xf7
  if (point < 0x2e80) return point >= 0x2c00 && point < 0x2e00
  if (point >= 0x3000 && point < 0x3040) return point >= 0x3005 && point <= 0x3007
  if (point >= 0xfe00 && point < 0xff66) return false
  return point < 0x1f000 || point >= 0x20000
}

function likeTable(): StaticArray<u16> {
  const made = new StaticArray<u16>(0x2200)
  for (let i = 0; i < LIKE.length; i += 2) made[LIKE[i]] = <u16>LIKE[i + 1]
  for (let i = 0; i < SMALL_CAPS.length; i += 2) if (SMALL_CAPS[i] < 0x2200) made[SMALL_CAPS[i]] = <u16>SMALL_CAPS[i + 1]
  return made
}

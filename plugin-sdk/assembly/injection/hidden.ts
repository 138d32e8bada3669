import { base64Decode } from '../base64'
import { hexDecode } from '../text'
import { utf8Decode } from '../utf8'

/** Texts in other texts: base64, hexadecimal, percent-encoding. */

const LEAST: i32 = 20
const MOST: i32 = 16_384
const MOST_RUNS: i32 = 64

/** Texts that were found, for one text. */
let found: string[] = []

/** The readable texts that are encoded in `text`. */
export function encodedIn(text: string): string[] {
  if (found.length > 0) found = []
  let runs = 0
  for (let i = 0; i < text.length && runs < MOST_RUNS; ) {
    // Runs are long: it is enough to look at every twentieth place, and back from there.
    if (i + LEAST - 1 >= text.length) break
    let last = i + LEAST - 1
    while (last >= i && isDigit64(text.charCodeAt(last))) last--
    if (last >= i) {
      i = last + 1
      continue
    }
    const from = i
    while (i < text.length && isDigit64(text.charCodeAt(i))) i++
    if (i - from < LEAST) continue
    runs++
    decode(text.substring(from, min(i, from + MOST)))
  }
  if (percentCount(text) >= 8) keep(percentDecoded(text))
  return found
}

function decode(run: string): void {
  let isHex = run.length % 2 == 0
  let mixed = 0
  for (let i = 0; i < run.length; i++) {
    const unit = run.charCodeAt(i)
    const digit = <u32>(unit - 0x30) < 10
    if (!digit && <u32>((unit | 0x20) - 0x61) >= 6) isHex = false
    if (digit || <u32>(unit - 0x41) < 26) mixed++
  }
  if (isHex) {
    const bytes = hexDecode(run)
    if (bytes !== null) keep(utf8Decode(bytes.dataStart, bytes.length))
    return
  }
  if (mixed < 3) return // a long word
  // Without its rest of one to three digits it can always be read.
  const bytes = base64Decode(run.substring(0, run.length & ~3))
  if (bytes !== null) keep(utf8Decode(bytes.dataStart, bytes.length))
}

/** Keeps what can be read: nearly all of it letters, blanks and signs. */
function keep(text: string): void {
  if (text.length < 8) return
  let odd = 0
  let gaps = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit == 0xfffd || (unit < 0x20 && unit != 0x0a && unit != 0x0d && unit != 0x09)) odd++
    if (unit == 0x20 || unit > 0x2e80) gaps++
  }
  if (odd * 10 <= text.length && gaps > 0) found.push(text)
}

function isDigit64(unit: i32): bool {
  return <u32>((unit | 0x20) - 0x61) < 26 || <u32>(unit - 0x30) < 10 || unit == 0x2b || unit == 0x2f || unit == 0x2d || unit == 0x5f
}

function percentCount(text: string): i32 {
  let count = 0
  for (let at = text.indexOf('%'); at >= 0 && count < 8; at = text.indexOf('%', at + 1)) count++
  return count
}

function percentDecoded(text: string): string {
  let decoded = ''
  let from = 0
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) != 0x25 || i + 2 >= text.length) continue
    const value = (hex(text.charCodeAt(i + 1)) << 4) | hex(text.charCodeAt(i + 2))
    if (value < 0x20 || value > 0x7e) continue
    if (decoded.length > MOST) break
    decoded += text.substring(from, i) + String.fromCharCode(value)
    i += 2
    from = i + 1
  }
  return decoded + text.substring(from, min(text.length, from + MOST))
}

function hex(unit: i32): i32 {
  if (<u32>(unit - 0x30) < 10) return unit - 0x30
  const lower = unit | 0x20
  return <u32>(lower - 0x61) < 6 ? lower - 0x57 : -1
}

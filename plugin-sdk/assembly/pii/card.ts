import { digits, endOf, groups, hasCutGroup, isContinued, mayEnd, sign, sizeOf, total, WIDE } from './digits'
import { byteAt, isDigit, isWord } from './text'

/** Payment cards: the issuers' first digits, their lengths, the usual groups, and the check digit (ISO/IEC 7812-1). */

/**
 * The end of the card whose groups were read from `at` on; 0 when there is none. With a check digit that is right it may touch
 * letters, "No.4111…" and "4111…exp1226", but not those of a hash.
 */
export function cardEnd(at: usize): usize {
  if (isContinued(at)) return 0
  for (let last = min(hasCutGroup ? groups : groups - 1, 4); last >= 0; last--) {
    if ((last < groups && !mayEnd(last)) || !hasForm(last)) continue
    const count = total(last)
    if (isIssued(count, last > 0) && luhn(count) && !isInHash(at, endOf(last))) return endOf(last)
  }
  return 0
}

/** Whether letters touch it, and all of that word is hexadecimal. */
function isInHash(from: usize, to: usize): bool {
  let touched = false
  for (let at = from - 1; isWord(byteAt(at)); at--) {
    if (!isHex(byteAt(at))) return false
    touched = true
  }
  for (let at = to; isWord(byteAt(at)); at++) {
    if (!isHex(byteAt(at))) return false
    touched = true
  }
  return touched
}

function isHex(byte: u32): bool {
  return isDigit(byte) || (byte | 0x20) - 0x61 < 6
}

/** One run of digits, or groups as they are printed: 4-4-4-4, 4-6-5, 4-6-4, 4-4-4-4-3, 8-8. */
function hasForm(last: i32): bool {
  if (last == 0) return true
  if (!hasOneSign(last)) return false
  if (last == 1) return sizeOf(0) == 8 && sizeOf(1) == 8
  if (sizeOf(0) != 4) return false
  if (last == 2) return sizeOf(1) == 6 && (sizeOf(2) == 5 || sizeOf(2) == 4)
  return sizeOf(1) == 4 && sizeOf(2) == 4 && (last == 3 || (sizeOf(3) == 4 && sizeOf(4) == 3))
}

/** One or two blanks are the same. */
function hasOneSign(last: i32): bool {
  const first = narrow(sign(1))
  for (let i = 2; i <= last; i++) if (narrow(sign(i)) != first) return false
  return first != 0x2f
}

function narrow(between: u32): u32 {
  return between == WIDE ? 0x20 : between
}

function isIssued(count: i32, grouped: bool): bool {
  const two = number(2)
  const four = number(4)
  if (count == 15) return two == 34 || two == 37 // American Express
  if (count == 14) return two == 36 || two == 38 || two == 39 || (four >= 3000 && four <= 3059) // Diners Club
  if (count == 19) return two == 62 || (grouped && (two == 63 || two == 67 || digit(0) == 4))
  if (count != 16) return false
  if (digit(0) == 4 || (two >= 51 && two <= 55)) return true // Visa, Mastercard
  if (four >= 2200 && four <= 2720) return four >= 2221 || four <= 2204 // Mastercard, Mir
  if (two == 35 || two == 36 || two == 38 || two == 39) return true // JCB, Diners Club
  // Discover, UnionPay, RuPay, Maestro
  return two == 60 || two == 62 || (two >= 63 && two <= 65) || two == 67 || two == 81 || two == 50 || (two >= 56 && two <= 58)
}

function luhn(count: i32): bool {
  let sum = 0
  for (let i = 0; i < count; i++) {
    let value = <i32>digit(count - 1 - i)
    if (i & 1) {
      value <<= 1
      if (value > 9) value -= 9
    }
    sum += value
  }
  return sum % 10 == 0
}

function digit(index: i32): u32 {
  return <u32>unchecked(digits[index])
}

/** The first `count` digits. */
function number(count: i32): u32 {
  let value: u32 = 0
  for (let i = 0; i < count; i++) value = value * 10 + digit(i)
  return value
}

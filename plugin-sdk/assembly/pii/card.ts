import { allSigns, digits, endOf, groups, mayEnd, sign, sizeOf, standsAlone, total } from './digits'

/** Payment cards: the issuers' first digits, their lengths, the usual groups, and the check digit (ISO/IEC 7812-1). */

/** The end of the card whose groups were read from `at` on; 0 when there is none. */
export function cardEnd(at: usize): usize {
  if (!standsAlone(at)) return 0
  for (let last = min(groups - 1, 4); last >= 0; last--) {
    if (!mayEnd(last) || !hasForm(last)) continue
    const count = total(last)
    if (isIssued(count, last > 0) && luhn(count)) return endOf(last)
  }
  return 0
}

/** One run of digits, or groups as they are printed: 4-4-4-4, 4-6-5, 4-6-4, 4-4-4-4-3, 8-8. */
function hasForm(last: i32): bool {
  if (last == 0) return true
  const between = sign(1)
  if (between == 0x2f || !allSigns(1, last, between)) return false
  if (last == 1) return sizeOf(0) == 8 && sizeOf(1) == 8
  if (sizeOf(0) != 4) return false
  if (last == 2) return sizeOf(1) == 6 && (sizeOf(2) == 5 || sizeOf(2) == 4)
  return sizeOf(1) == 4 && sizeOf(2) == 4 && (last == 3 || (sizeOf(3) == 4 && sizeOf(4) == 3))
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

import { isCalledPhone, saysPhone } from './context'
import { allSigns, digits, endOf, groups, mayEnd, sign, sizeOf, standsAlone, total, WIDE } from './digits'
import { byteAt, isDigit, isWord } from './text'

/** Telephone numbers: international ones, and national ones as they are written where they begin with 0 or as in America. */

const MIN_INTERNATIONAL: i32 = 8
const MAX_INTERNATIONAL: i32 = 15

const number = new StaticArray<u8>(20)

/** The end of a number that begins with "+" or "(" at `at`; 0 when there is none. */
export function signedPhoneEnd(at: usize): usize {
  const plus = byteAt(at) == 0x2b
  if (isWord(byteAt(at - 1))) return 0
  let count = 0
  let marks = 0
  let stop: usize = 0
  let whole: usize = 0 // where a group ended that a number could end with, in case too many follow
  let wholeCount = 0
  let after = at + 1
  if (plus && byteAt(after) == 0x28) after++
  if (!isDigit(byteAt(after)) || (plus && byteAt(after) == 0x30)) return 0
  for (; count <= MAX_INTERNATIONAL; after++) {
    const byte = byteAt(after)
    if (isDigit(byte)) {
      if (count < 20) unchecked((number[count] = <u8>(byte - 0x30)))
      count++
      marks = 0
      stop = after + 1
      // A number of North America is complete with its eleventh digit.
      if (plus ? count == 11 && number[0] == 1 : count == 10 && number[0] >= 2) break
      continue
    }
    if (!isMark(byte) || ++marks > 2) break
    if (marks == 1) {
      whole = stop
      wholeCount = count
    }
  }
  if (count > MAX_INTERNATIONAL || isWord(byteAt(stop))) {
    stop = whole
    count = wholeCount
  }
  if (plus) return isInternational(count, <i32>(stop - at)) ? stop : 0
  return isBracketed(count, at) ? stop : 0
}

/** The end of the number whose groups were read from `at` on; 0 when there is none. */
export function phoneEnd(at: usize): usize {
  let near = groups
  for (let i = 1; i < near; i++) if (sign(i) == WIDE) near = i // what is behind is another number
  if (near == 0 || total(near - 1) < 7 || (!standsAlone(at) && !isCalledPhone(at))) return 0
  const said = saysPhone(at)
  for (let last = near - 1; last >= 0; last--) {
    if (!mayEnd(last)) continue
    const count = total(last)
    if (count < 7) return 0
    if (count > 17) continue
    if (isAmerican(last) || isTrunk(last, count) || isDialled(last, count)) return endOf(last)
    if (said && count <= 13) return endOf(last)
  }
  return 0
}

function isInternational(count: i32, size: i32): bool {
  if (count < MIN_INTERNATIONAL || count > MAX_INTERNATIONAL) return false
  if (number[0] == 1) return count == 11 && number[1] >= 2 && number[4] >= 2
  return count >= 10 || size > count + 1
}

/** (415) 555-2671, (030) 123456 */
function isBracketed(count: i32, at: usize): bool {
  let area = 0
  while (isDigit(byteAt(at + 1 + <usize>area))) area++
  if (byteAt(at + 1 + <usize>area) != 0x29) return false
  if (number[0] == 0) return area >= 2 && area <= 6 && count >= 8 && count <= 12 && number[1] != 0
  return area == 3 && count == 10 && number[0] >= 2 && number[3] >= 2
}

/** 415-555-2671, 1-415-555-2671 */
function isAmerican(last: i32): bool {
  const first = last == 3 && sizeOf(0) == 1 && digits[0] == 1 ? 1 : 0
  if (last - first != 2 || sizeOf(first) != 3 || sizeOf(first + 1) != 3 || sizeOf(last) != 4) return false
  const area = first
  if (digits[area] < 2 || digits[area + 3] < 2) return false
  return !(digits[area + 1] == 1 && digits[area + 2] == 1) // 911 and the like are no areas
}

/** 020 7946 0958, 06.12.34.56.78, 0171/1234567: two groups or more, each of two digits or more, and no date. */
function isTrunk(last: i32, count: i32): bool {
  if (last == 0 || digits[0] != 0 || digits[1] == 0 || count < 9 || count > 11) return false
  if (last > 1 && !allSigns(2, last, sign(2))) return false
  for (let i = 0; i <= last; i++) if (sizeOf(i) < 2) return false
  if (sizeOf(0) > 5 || (last > 1 && sign(2) == 0x2f)) return false
  return !isRow(last)
}

/** 00 44 20 7946 0958 */
function isDialled(last: i32, count: i32): bool {
  return last > 0 && count >= 10 && digits[0] == 0 && digits[1] == 0 && digits[2] != 0 && sizeOf(0) <= 5
}

/** 01 02 03 04 05 counts; it is no number of anyone. */
function isRow(last: i32): bool {
  for (let i = 0; i <= last; i++) if (sizeOf(i) != 2 || <i32>digits[i * 2] * 10 + <i32>digits[i * 2 + 1] != i + 1) return false
  return true
}

function isMark(byte: u32): bool {
  return byte == 0x20 || byte == 0x2d || byte == 0x2e || byte == 0x2f || byte == 0x28 || byte == 0x29
}

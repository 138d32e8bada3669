import { saysSsn } from './context'
import { allSigns, digits, endOf, groups, isContinued, mayEnd, sign, sizeOf, standsAlone } from './digits'

/** US social security numbers, and taxpayer numbers of the same form: only what the rules of their issue allow. */

/** The end of the number whose groups were read from `at` on; 0 when there is none. */
export function ssnEnd(at: usize): usize {
  const stop = formEnd()
  if (stop == 0 || isContinued(at) || !isIssued()) return 0
  // Without dashes it is anything, and behind letters some part number, unless a word says what it is.
  const isPlain = groups >= 3 && allSigns(1, 2, 0x2d) && standsAlone(at)
  return isPlain || saysSsn(at) ? stop : 0
}

/** 123-45-6789, with other signs or none. */
function formEnd(): usize {
  if (groups >= 3 && sizeOf(0) == 3 && sizeOf(1) == 2 && sizeOf(2) == 4 && sign(1) == sign(2) && mayEnd(2)) return endOf(2)
  return groups > 0 && sizeOf(0) == 9 && mayEnd(0) ? endOf(0) : 0
}

function isIssued(): bool {
  const area = number(0, 3)
  const group = number(3, 2)
  const serial = number(5, 4)
  if (area == 0 || area == 666 || group == 0 || serial == 0) return false
  if (area == 78 && group == 5 && serial == 1120) return false // printed on a sample card, never valid since
  if (area >= 900) return group >= 50 && group != 66 && group != 67 && group != 68 && group != 69 && group != 89 && group != 93
  return true
}

function number(from: i32, count: i32): i32 {
  let value = 0
  for (let i = from; i < from + count; i++) value = value * 10 + <i32>unchecked(digits[i])
  return value
}

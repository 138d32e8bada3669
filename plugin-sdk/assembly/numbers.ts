import { parseDecimal } from './decimal'

/** Numbers in JSON's notation. */

const EXACT: i64 = 9007199254740992 // 2^53: every integer up to here is an f64

/** The shortest usual notation of a finite number; -0 is 0, as JSON.stringify has it. */
export function numberText(value: f64): string {
  if (Math.abs(value) <= <f64>EXACT && Math.trunc(value) == value) return (<i64>value).toString()
  return value.toString()
}

/** The whole number that `text`, in JSON's notation, means; the fallback when it has a fraction or does not fit. */
export function parseInteger(text: string, fallback: i64): i64 {
  const negative = text.charCodeAt(0) == 0x2d
  let value: u64 = 0
  for (let i = negative ? 1 : 0; i < text.length; i++) {
    const digit = <u64>(text.charCodeAt(i) - 0x30)
    if (digit > 9) return fromFloat(parseDecimal(text), fallback)
    if (value > (u64.MAX_VALUE - digit) / 10) return fallback
    value = value * 10 + digit
  }
  if (negative) return value <= <u64>1 << 63 ? -(<i64>value) : fallback
  return value <= <u64>i64.MAX_VALUE ? <i64>value : fallback
}

/** Such as 1e3 or 5.0: whole, though not written so. */
function fromFloat(value: f64, fallback: i64): i64 {
  return Math.abs(value) <= <f64>EXACT && Math.trunc(value) == value ? <i64>value : fallback
}

/**
 * The f64 nearest to a decimal number, exactly, ties to even. The standard library's parseFloat is off by one unit in
 * the last place for about one number in a hundred.
 */

const EXACT: u64 = 9007199254740992 // 2^53: every integer up to here is an f64

/** More digits cannot move the result, but whether any of them is not 0 can: a tie has at most 767. */
const MAX_DIGITS: i32 = 800

/** 10^0 to 10^22, which an f64 holds exactly. */
const TENS: StaticArray<f64> = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22
]

/** The value of `text`, which is a number in JSON's notation. Too large for an f64 is infinite, too small is 0. */
export function parseDecimal(text: string): f64 {
  const small = smallInteger<u16>(changetype<usize>(text), text.length)
  return small == small ? small : parseAny(text)
}

/** The value of `count` units in ASCII (u8) or UTF-16 (u16): up to 15 digits and nothing else, which an f64 holds exactly; NaN for others. */
export function smallInteger<T>(at: usize, count: i32): f64 {
  const end = at + <usize>count * sizeof<T>()
  const negative = count > 0 && <u32>load<T>(at) == 0x2d
  if (negative) at += sizeof<T>()
  if (end - at > 15 * sizeof<T>()) return NaN
  let value: u64 = 0
  for (; at < end; at += sizeof<T>()) {
    const digit = <u32>load<T>(at) - 0x30
    if (digit > 9) return NaN
    value = value * 10 + <u64>digit
  }
  return negative ? -(<f64>value) : <f64>value
}

function parseAny(text: string): f64 {
  const negative = text.charCodeAt(0) == 0x2d
  const digits = new StaticArray<u8>(MAX_DIGITS + 1)
  let count = 0
  let exponent = 0
  let fraction = false
  let more = false
  let at = negative ? 1 : 0
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit == 0x2e) {
      fraction = true
      continue
    }
    if (<u32>(unit - 0x30) > 9) break
    if (count == MAX_DIGITS) {
      if (unit != 0x30) more = true
      if (!fraction) exponent++
      continue
    }
    if (fraction) exponent--
    if (count > 0 || unit != 0x30) unchecked((digits[count++] = <u8>(unit - 0x30)))
  }
  if (more) {
    unchecked((digits[count++] = 1))
    exponent--
  }
  const value = combine(digits, count, exponent + exponentOf(text, at + 1))
  return negative ? -value : value
}

/** The number after "e", kept within what matters. */
function exponentOf(text: string, at: i32): i32 {
  let value = 0
  const negative = at < text.length && text.charCodeAt(at) == 0x2d
  for (; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30
    if (<u32>digit < 10) value = min(value * 10 + digit, 99_999_999)
  }
  return negative ? -value : value
}

function combine(digits: StaticArray<u8>, count: i32, exponent: i32): f64 {
  if (count == 0 || count + exponent < -330) return 0
  if (count + exponent > 310) return Infinity
  if (count <= 19) {
    let whole: u64 = 0
    for (let i = 0; i < count; i++) whole = whole * 10 + unchecked(digits[i])
    if (whole <= EXACT && exponent >= -22 && exponent <= 22) {
      return exponent < 0 ? <f64>whole / unchecked(TENS[-exponent]) : <f64>whole * unchecked(TENS[exponent])
    }
  }
  const top = new Big()
  for (let i = 0; i < count; i++) top.multiplyAdd(10, unchecked(digits[i]))
  const bottom = new Big()
  bottom.multiplyAdd(1, 1)
  const scaled = exponent < 0 ? bottom : top
  for (let i = abs(exponent); i > 0; i--) scaled.multiplyAdd(10, 0)
  return divide(top, bottom)
}

/** top / bottom, rounded: the bits of the quotient are worked out one after the other. */
function divide(top: Big, bottom: Big): f64 {
  // Scaled so that the quotient is in [1, 2) and the value is quotient * 2^power.
  let power = top.bits - bottom.bits
  if (power > 0) bottom.shiftLeft(power)
  else top.shiftLeft(-power)
  if (top.compare(bottom) < 0) {
    top.shiftLeft(1)
    power--
  }
  // 53 bits, or as many as a number below 2^-1022 has; none at all when it is below 2^-1074.
  const bits = min(53, power + 1075)
  if (bits < 0) return 0
  let value: u64 = 0
  for (let i = 0; i < bits; i++) {
    value <<= 1
    if (top.compare(bottom) >= 0) {
      top.subtract(bottom)
      value |= 1
    }
    top.shiftLeft(1)
  }
  // The rest is in units of half the last place, relative to bottom.
  const half = top.compare(bottom)
  if (half > 0 || (half == 0 && (value & 1) == 1)) value++
  const normal = bits == 53
  const biased: u64 = normal ? <u64>(power + 1022) << 52 : 0
  // A carry out of the fraction goes into the exponent, which is right, up to infinity.
  return power > 1023 ? Infinity : reinterpret<f64>(biased + value)
}

/** A natural number of any size, in digits of 32 bits, lowest first. */
@final
class Big {
  private limbs: StaticArray<u32> = new StaticArray<u32>(128)
  private size: i32 = 0

  get bits(): i32 {
    return this.size == 0 ? 0 : (this.size << 5) - <i32>clz(unchecked(this.limbs[this.size - 1]))
  }

  multiplyAdd(factor: u32, add: u32): void {
    let carry = <u64>add
    for (let i = 0; i < this.size; i++) {
      carry += <u64>unchecked(this.limbs[i]) * factor
      unchecked((this.limbs[i] = <u32>carry))
      carry >>= 32
    }
    if (carry != 0) this.push(<u32>carry)
  }

  shiftLeft(count: i32): void {
    const words = count >> 5
    const bits = <u32>(count & 31)
    for (let i = 0; i < words; i++) this.push(0)
    if (words > 0) {
      for (let i = this.size - 1; i >= words; i--) unchecked((this.limbs[i] = this.limbs[i - words]))
      for (let i = 0; i < words; i++) unchecked((this.limbs[i] = 0))
    }
    if (bits == 0) return
    let carry: u32 = 0
    for (let i = words; i < this.size; i++) {
      const limb = unchecked(this.limbs[i])
      unchecked((this.limbs[i] = (limb << bits) | carry))
      carry = limb >> (32 - bits)
    }
    if (carry != 0) this.push(carry)
  }

  compare(other: Big): i32 {
    if (this.size != other.size) return this.size - other.size
    for (let i = this.size - 1; i >= 0; i--) {
      const a = unchecked(this.limbs[i])
      const b = unchecked(other.limbs[i])
      if (a != b) return a < b ? -1 : 1
    }
    return 0
  }

  /** Takes away a number that is not larger. */
  subtract(other: Big): void {
    let borrow: i64 = 0
    for (let i = 0; i < this.size; i++) {
      const difference = <i64>unchecked(this.limbs[i]) - (i < other.size ? <i64>unchecked(other.limbs[i]) : 0) + borrow
      unchecked((this.limbs[i] = <u32>difference))
      borrow = difference >> 32
    }
    while (this.size > 0 && unchecked(this.limbs[this.size - 1]) == 0) this.size--
  }

  private push(limb: u32): void {
    if (this.size == this.limbs.length) {
      const more = new StaticArray<u32>(this.size << 1)
      memory.copy(changetype<usize>(more), changetype<usize>(this.limbs), <usize>this.size << 2)
      this.limbs = more
    }
    unchecked((this.limbs[this.size++] = limb))
  }
}

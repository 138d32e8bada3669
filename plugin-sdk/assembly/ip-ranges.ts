import { IpAddress, maskHigh, maskLow } from './ip-address'

/**
 * A set of IP addresses, written as addresses and CIDR ranges. Ranges of IPv4 hold IPv4 addresses alone, those of IPv6
 * IPv6 addresses alone: ::/0 is all of IPv6 and none of IPv4. Looking up takes time logarithmic in the ranges.
 */
@final
export class IpRanges {
  private readonly v4: RangeTable = new RangeTable()
  private readonly v6: RangeTable = new RangeTable()

  get isEmpty(): bool {
    return this.v4.isEmpty && this.v6.isEmpty
  }

  /** Adds an address or a range. Returns "" or what is wrong with it, to be read behind its name. */
  add(text: string): string {
    const slash = text.indexOf('/')
    const written = slash < 0 ? text : text.substring(0, slash)
    if (written.includes('%')) return NO_RANGE
    const address = IpAddress.parse(written)
    if (address === null) return NO_RANGE
    const width = address.isV4 ? 32 : 128
    // The prefix of IPv4 written as IPv6 counts from the left of IPv6.
    const offset = address.isV4 && written.includes(':') ? 96 : 0
    const given = slash < 0 ? width + offset : parsePrefix(text.substring(slash + 1))
    if (given < 0 || given > width + offset) return NO_RANGE
    const prefix = given - offset
    if (prefix < 0) return 'has a prefix too short for an IPv4 address written as IPv6; expected 96 to 128'
    const first = firstOf(address, prefix)
    if (first.high != address.high || first.low != address.low) {
      // 10.1.2.3/8 is either the host or the network: too much may hang on it to guess.
      return 'has bits set beyond its prefix; did you mean "' + first.toString() + '/' + prefix.toString() + '"?'
    }
    if (address.isV4) this.v4.add(0, first.low, 0, first.low | maskLow(96 + prefix, true))
    else this.v6.add(first.high, first.low, first.high | maskHigh(prefix, true), first.low | maskLow(prefix, true))
    return ''
  }

  /** Adds every one of `texts`. Returns "" or what is wrong with the first bad one, after `name` and its index. */
  addAll(texts: string[], name: string): string {
    for (let i = 0; i < texts.length; i++) {
      const wrong = this.add(texts[i])
      if (wrong != '') return name + '[' + i.toString() + '] ' + wrong
    }
    return ''
  }

  has(address: IpAddress): bool {
    return address.isV4 ? this.v4.has(0, address.low) : this.v6.has(address.high, address.low)
  }
}

const NO_RANGE = 'is no IP address and no range; expected one like 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32'

/** -1 when it is no prefix. */
function parsePrefix(text: string): i32 {
  if (text.length == 0 || text.length > 3 || (text.length > 1 && text.charCodeAt(0) == 0x30)) return -1
  let value = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (<u32>digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

function firstOf(address: IpAddress, prefix: i32): IpAddress {
  if (address.isV4) return new IpAddress(true, 0, address.low & maskLow(96 + prefix, false))
  return new IpAddress(false, address.high & maskHigh(prefix, false), address.low & maskLow(prefix, false))
}

@final
class Range {
  constructor(
    readonly startHigh: u64,
    readonly startLow: u64,
    public endHigh: u64,
    public endLow: u64
  ) {}
}

/** Ranges of 128-bit numbers, both ends included. */
@final
class RangeTable {
  private ranges: Range[] = []
  /** Sorted, and none overlaps another: true of `ranges` once it was asked. */
  private settled: bool = true

  get isEmpty(): bool {
    return this.ranges.length == 0
  }

  add(startHigh: u64, startLow: u64, endHigh: u64, endLow: u64): void {
    this.ranges.push(new Range(startHigh, startLow, endHigh, endLow))
    this.settled = false
  }

  has(high: u64, low: u64): bool {
    if (!this.settled) this.settle()
    const ranges = this.ranges
    let from = 0
    let to = ranges.length
    while (from < to) {
      const middle = (from + to) >> 1
      const range = unchecked(ranges[middle])
      if (isBefore(high, low, range.startHigh, range.startLow)) to = middle
      else if (isBefore(range.endHigh, range.endLow, high, low)) from = middle + 1
      else return true
    }
    return false
  }

  private settle(): void {
    this.settled = true
    const sorted = this.ranges.sort(byStart)
    const merged: Range[] = []
    for (let i = 0; i < sorted.length; i++) {
      const range = sorted[i]
      const last = merged.length - 1
      if (last < 0 || isBefore(merged[last].endHigh, merged[last].endLow, range.startHigh, range.startLow)) {
        merged.push(range)
      } else if (isBefore(merged[last].endHigh, merged[last].endLow, range.endHigh, range.endLow)) {
        merged[last].endHigh = range.endHigh
        merged[last].endLow = range.endLow
      }
    }
    this.ranges = merged
  }
}

// @ts-ignore: decorator
@inline
function isBefore(high: u64, low: u64, otherHigh: u64, otherLow: u64): bool {
  return high < otherHigh || (high == otherHigh && low < otherLow)
}

function byStart(a: Range, b: Range): i32 {
  if (isBefore(a.startHigh, a.startLow, b.startHigh, b.startLow)) return -1
  return isBefore(b.startHigh, b.startLow, a.startHigh, a.startLow) ? 1 : 0
}

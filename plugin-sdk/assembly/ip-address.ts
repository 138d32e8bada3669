import { hexDigit } from './text'

/** The group of 16 bits that makes an IPv6 address an IPv4 one: ::ffff:0:0/96 (RFC 4291 section 2.5.5.2). */
const MAPPED: u64 = 0xffff

/**
 * An IP address. IPv4 written as IPv6 (::ffff:192.0.2.7) is IPv4: who can choose the form of an address must not choose
 * which rules it meets.
 */
@final
export class IpAddress {
  constructor(
    readonly isV4: bool,
    /** The upper 64 bits of IPv6; 0 for IPv4. */
    readonly high: u64,
    /** The lower 64 bits; for IPv4 its 32. */
    readonly low: u64
  ) {}

  /** The address that `text` is, in any notation of RFC 4291; a zone ("%eth0") does not count. null when it is none. */
  static parse(text: string): IpAddress | null {
    let end = text.indexOf('%')
    if (end < 0) end = text.length
    else if (end == text.length - 1 || text.indexOf(':') < 0) return null
    if (!parse(text, end)) return null
    return isMapped() ? new IpAddress(true, 0, low & 0xffffffff) : new IpAddress(isV4, high, low)
  }

  /** The usual notation (RFC 5952). */
  toString(): string {
    return ipText(this.isV4, this.high, this.low)
  }
}

// What `parse` found. One address is parsed at a time, and most are looked at once.
let isV4 = false
let high: u64 = 0
let low: u64 = 0

// @ts-ignore: decorator
@inline
function isMapped(): bool {
  return !isV4 && high == 0 && low >> 32 == MAPPED
}

function parse(text: string, end: i32): bool {
  isV4 = text.indexOf(':') < 0
  high = 0
  low = 0
  if (isV4) {
    const value = parseV4(text, 0, end)
    low = <u64>value
    return value >= 0
  }
  return parseV6(text, end)
}

/** Four decimal numbers without leading zeros, which some read as octal; -1 when it is anything else. */
function parseV4(text: string, at: i32, end: i32): i64 {
  let value: i64 = 0
  for (let part = 0; part < 4; part++) {
    if (part > 0 && (at >= end || text.charCodeAt(at++) != 0x2e)) return -1
    const from = at
    let octet = 0
    while (at < end && at - from < 4) {
      const digit = text.charCodeAt(at) - 0x30
      if (<u32>digit > 9) break
      octet = octet * 10 + digit
      at++
    }
    if (at == from || octet > 255 || (at - from > 1 && text.charCodeAt(from) == 0x30)) return -1
    value = (value << 8) | <i64>octet
  }
  return at == end ? value : -1
}

/** Groups of 16 bits, one run of zeros left out as "::", the last two maybe written as IPv4. */
function parseV6(text: string, end: i32): bool {
  let at = 0
  let count = 0
  let gap = -1
  if (end >= 2 && text.charCodeAt(0) == 0x3a && text.charCodeAt(1) == 0x3a) {
    gap = 0
    at = 2
  }
  while (at < end) {
    const from = at
    let group: u64 = 0
    while (at < end && at - from < 5) {
      const digit = hexDigit(text.charCodeAt(at))
      if (digit < 0) break
      group = (group << 4) | <u64>digit
      at++
    }
    if (at < end && text.charCodeAt(at) == 0x2e) {
      const tail = parseV4(text, from, end)
      if (tail < 0 || count > 6) return false
      push(<u64>tail >> 16)
      push(<u64>tail & 0xffff)
      count += 2
      at = end
      break
    }
    if (at == from || at - from > 4 || count == 8) return false
    push(group)
    count++
    if (at == end) break
    if (text.charCodeAt(at++) != 0x3a || at == end) return false
    if (text.charCodeAt(at) == 0x3a) {
      if (gap >= 0) return false
      gap = count
      at++
    }
  }
  if (gap < 0) return count == 8
  if (count > 7) return false
  spread((8 - count) << 4, (count - gap) << 4)
  return true
}

/** Adds a group at the right. */
function push(group: u64): void {
  high = (high << 16) | (low >> 48)
  low = (low << 16) | group
}

/** Puts `zeros` bits of zero before the last `behind` bits. */
function spread(zeros: i32, behind: i32): void {
  const tailHigh = high & maskHigh(128 - behind, true)
  const tailLow = low & maskLow(128 - behind, true)
  const headHigh = high ^ tailHigh
  const headLow = low ^ tailLow
  if (zeros >= 128) high = low = 0
  else if (zeros >= 64) {
    high = headLow << (zeros - 64)
    low = 0
  } else {
    high = (headHigh << zeros) | (headLow >> (64 - zeros))
    low = headLow << zeros
  }
  high |= tailHigh
  low |= tailLow
}

/** The upper half of a mask of the first `prefix` bits; of the others when `rest`. */
export function maskHigh(prefix: i32, rest: bool): u64 {
  const mask: u64 = prefix >= 64 ? u64.MAX_VALUE : prefix == 0 ? 0 : u64.MAX_VALUE << (64 - prefix)
  return rest ? ~mask : mask
}

/** The lower half of a mask of the first `prefix` bits; of the others when `rest`. */
export function maskLow(prefix: i32, rest: bool): u64 {
  const mask: u64 = prefix >= 128 ? u64.MAX_VALUE : prefix <= 64 ? 0 : u64.MAX_VALUE << (128 - prefix)
  return rest ? ~mask : mask
}

/** The notation of RFC 5952: the longest run of at least two zero groups is "::", the first one of two. */
function ipText(v4: bool, high: u64, low: u64): string {
  if (v4) {
    return (
      (low >> 24).toString() + '.' + ((low >> 16) & 255).toString() + '.' + ((low >> 8) & 255).toString() + '.' +
      (low & 255).toString()
    )
  }
  let from = -1
  let longest = 1
  for (let i = 0; i < 8; i++) {
    let run = 0
    while (i + run < 8 && groupOf(high, low, i + run) == 0) run++
    if (run <= longest) continue
    longest = run
    from = i
  }
  let text = ''
  for (let i = 0; i < 8; i++) {
    if (i == from) {
      text += '::'
      i += longest - 1
      continue
    }
    if (text.length > 0 && !text.endsWith(':')) text += ':'
    text += groupOf(high, low, i).toString(16)
  }
  return text
}

function groupOf(high: u64, low: u64, index: i32): u32 {
  const half = index < 4 ? high : low
  return <u32>((half >> ((3 - (index & 3)) << 4)) & 0xffff)
}

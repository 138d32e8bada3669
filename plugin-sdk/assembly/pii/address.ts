import { saysVersion } from './context'
import { allSigns, digits, endOf, groups, mayEnd, sizeOf, total } from './digits'
import { byteAt, floor, isDigit, isWord } from './text'

/** IP addresses. Those that name nobody (loopback, unspecified, netmasks) are left alone. */

/** The end of the IPv4 address whose groups were read from `at` on; 0 when there is none. */
export function ipv4End(at: usize): usize {
  const before = byteAt(at - 1)
  if (isWord(before) || before == 0x2e || (before == 0x2d && isDigit(byteAt(at - 2)))) return 0
  if (groups < 4 || !allSigns(1, 3, 0x2e) || (groups > 4 && !mayEnd(3))) return 0
  for (let i = 0; i < 4; i++) {
    const size = sizeOf(i)
    const value = octet(i)
    if (size > 3 || value > 255 || (size > 1 && digits[total(i) - size] == 0)) return 0
  }
  const first = octet(0)
  if (first == 0 || first == 127 || first == 255) return 0
  return saysVersion(at) ? 0 : endOf(3)
}

/** Where the IPv6 address that was found last begins. */
export let ipv6From: usize = 0

/** The end of the IPv6 address whose first ":" is at `colon`; 0 when there is none. */
export function ipv6Around(colon: usize): usize {
  let at = colon
  while (at > floor && colon - at < 4 && isHex(byteAt(at - 1))) at--
  const before = byteAt(at - 1)
  if (isWord(before) || before == 0x3a || before == 0x2e || before == 0x5f) return 0
  ipv6From = at
  let parts = 0
  let hexDigits = 0
  let gap = false
  while (parts < 8) {
    let size = 0
    while (size < 5 && isHex(byteAt(at + <usize>size))) size++
    if (size > 4) return 0
    if (size > 0 && byteAt(at + <usize>size) == 0x2e && isDigit(byteAt(at + <usize>size + 1))) {
      const stop = ipv4TailEnd(at)
      if (stop == 0) return 0
      at = stop
      parts += 2
      hexDigits += 8
      break
    }
    at += <usize>size
    hexDigits += size
    if (size > 0) parts++
    if (byteAt(at) != 0x3a) break
    if (byteAt(at + 1) == 0x3a) {
      if (gap) return 0
      gap = true
      at += 2
      if (!isHex(byteAt(at))) break
    } else {
      if (size == 0 || !isHex(byteAt(at + 1))) break
      at++
    }
  }
  if (isWord(byteAt(at)) || byteAt(at) == 0x3a) return 0
  if (!gap) return parts == 8 ? at : 0
  // x[1::2] is a slice, and ::1 this machine.
  return parts >= 2 && parts <= 7 && (parts >= 3 || hexDigits >= 5) && hasDigit(ipv6From, at) ? at : 0
}

function ipv4TailEnd(at: usize): usize {
  for (let i = 0; i < 4; i++) {
    let value: u32 = 0
    let size = 0
    for (; size < 4 && isDigit(byteAt(at)); size++, at++) value = value * 10 + byteAt(at) - 0x30
    if (size == 0 || value > 255) return 0
    if (i < 3) {
      if (byteAt(at) != 0x2e) return 0
      at++
    }
  }
  return at
}

function hasDigit(from: usize, stop: usize): bool {
  for (let at = from; at < stop; at++) if (isDigit(byteAt(at))) return true
  return false
}

function octet(index: i32): i32 {
  let value = 0
  for (let i = total(index) - sizeOf(index); i < total(index); i++) value = min(value * 10 + <i32>unchecked(digits[i]), 1000)
  return value
}

function isHex(byte: u32): bool {
  return isDigit(byte) || (byte | 0x20) - 0x61 < 6
}

import { SourceText } from '../source-text'
import { ipv4End, ipv6Around, ipv6From } from './address'
import { isAllowed } from './allow'
import { cardEnd } from './card'
import { readGroups } from './digits'
import { emailAround, emailFrom, isUserOfUrl, passwordBefore } from './email'
import { ibanEnd } from './iban'
import { Kind, wants } from './kinds'
import { phoneEnd, signedPhoneEnd } from './phone'
import { privateKeyEnd, secretEnd } from './secret'
import { ssnEnd } from './ssn'
import { byteAt, end, isDigit, isLetter, isWord, openText, placeOf, setFloor, start } from './text'

/** What a byte may begin, or be the middle of. */
enum Mark {
  NONE,
  LETTER,
  DIGIT,
  AT,
  PERCENT,
  COLON,
  /** "+" or "(" */
  SIGN,
  DASH
}

/**
 * Called with each thing that is found and not allowed: its bytes in the body, from the first one to the first one behind it. False: no more
 * need be looked for.
 */
export type Found = (kind: Kind, from: i32, to: i32) => bool

const marks = markTable()
let found: Found = nobody

/**
 * Goes through a text once and reports what it finds, of the kinds that are wanted; each kind looks only at the bytes around what it begins
 * with, and never farther than its longest form. False: no more need be looked for.
 */
export function scan(text: SourceText, body: usize, report: Found): bool {
  found = report
  openText(text, body)
  for (let at = start; at < end; ) {
    const mark = <Mark>load<u8>(changetype<usize>(marks) + <usize>load<u8>(at))
    if (mark == Mark.NONE) {
      at++
      continue
    }
    const stop = look(mark, at)
    if (stop == STOPPED) return false
    if (stop != 0) {
      at = stop
      setFloor(at)
      continue
    }
    at++
    if (mark == Mark.LETTER) {
      while (at < end && isLetter(load<u8>(at))) at++
      // A card may touch letters: "VISA4111 1111 …".
      if (isDigit(byteAt(at)) && isDigit(byteAt(at + 3))) continue
    }
    if (mark <= Mark.DIGIT) while (at < end && isWord(load<u8>(at))) at++
  }
  return true
}

const STOPPED: usize = usize.MAX_VALUE

/** Looks at one place. Returns where to go on: 0 when nothing was found, STOPPED when what was found decides. */
function look(mark: Mark, at: usize): usize {
  switch (mark) {
    case Mark.LETTER:
      return lookAtWord(at)
    case Mark.DIGIT:
      return lookAtNumber(at)
    case Mark.AT:
      return lookAtSign(at, 1)
    case Mark.PERCENT:
      return byteAt(at + 1) == 0x34 && byteAt(at + 2) == 0x30 ? lookAtSign(at, 3) : 0
    case Mark.COLON: {
      const stop = wants(Kind.IP) ? ipv6Around(at) : 0
      return stop == 0 ? 0 : report(Kind.IP, ipv6From, stop)
    }
    case Mark.SIGN: {
      if (!wants(Kind.PHONE)) return 0
      const next = byteAt(at + 1)
      const stop = isDigit(next) || next == 0x28 ? signedPhoneEnd(at) : 0
      return stop == 0 ? 0 : report(Kind.PHONE, at, stop)
    }
    default: {
      const stop = byteAt(at + 1) == 0x2d && wants(Kind.SECRET) ? privateKeyEnd(at) : 0
      return stop == 0 ? 0 : report(Kind.SECRET, at, stop)
    }
  }
}

function lookAtWord(at: usize): usize {
  if (wants(Kind.SECRET)) {
    const stop = secretEnd(at)
    if (stop != 0) return report(Kind.SECRET, at, stop)
  }
  // An account is told by its second letter and two digits, or blanks before them.
  if (wants(Kind.IBAN) && isLetter(byteAt(at + 1)) && !isLetter(byteAt(at + 2))) {
    const stop = ibanEnd(at)
    if (stop != 0) return report(Kind.IBAN, at, stop)
  }
  return 0
}

function lookAtNumber(at: usize): usize {
  readGroups(at)
  let stop: usize = 0
  if (wants(Kind.SSN)) stop = ssnEnd(at)
  if (stop != 0) return reportNumber(Kind.SSN, at, stop)
  if (wants(Kind.CARD)) stop = cardEnd(at)
  if (stop != 0) return reportNumber(Kind.CARD, at, stop)
  if (wants(Kind.IP)) stop = ipv4End(at)
  if (stop != 0) return reportNumber(Kind.IP, at, stop)
  if (wants(Kind.PHONE)) stop = phoneEnd(at)
  return stop == 0 ? 0 : reportNumber(Kind.PHONE, at, stop)
}

/** A number right before "@" belongs to an address, if that is one. */
function reportNumber(kind: Kind, from: usize, to: usize): usize {
  if (byteAt(to) == 0x40 && wants(Kind.EMAIL) && emailAround(to, 1) != 0) return 0
  return report(kind, from, to)
}

function lookAtSign(at: usize, size: usize): usize {
  if (size == 1 && wants(Kind.SECRET)) {
    const from = passwordBefore(at)
    if (from != 0) return report(Kind.SECRET, from, at)
  }
  if (!wants(Kind.EMAIL) || isUserOfUrl(at)) return 0
  const stop = emailAround(at, size)
  return stop == 0 ? 0 : report(Kind.EMAIL, emailFrom, stop)
}

function report(kind: Kind, from: usize, to: usize): usize {
  return isAllowed(from, to) || found(kind, placeOf(from), placeOf(to)) ? to : STOPPED
}

function nobody(_kind: Kind, _from: i32, _to: i32): bool {
  return true
}

function markTable(): StaticArray<u8> {
  const table = new StaticArray<u8>(256)
  for (let byte = 0; byte < 128; byte++) {
    table[byte] = <u8>(isLetter(byte) ? Mark.LETTER : isDigit(byte) ? Mark.DIGIT : Mark.NONE)
  }
  table[0x40] = <u8>Mark.AT
  table[0x25] = <u8>Mark.PERCENT
  table[0x3a] = <u8>Mark.COLON
  table[0x2b] = <u8>Mark.SIGN
  table[0x28] = <u8>Mark.SIGN
  table[0x2d] = <u8>Mark.DASH
  return table
}

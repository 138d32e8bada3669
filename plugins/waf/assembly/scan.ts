import { Coding, Room } from '@sluice/plugin-sdk/assembly'
import { checkJava, checkLookup, checkObjectStream, checkParenthesis, checkPhp, checkPython, checkScheme, checkTemplate } from './code'
import { beginsLine, decode, decoded, decodedSize, hasComment, hasSeparator } from './decode'
import { checkDots, checkFile } from './files'
import { hit, isOn, Rule } from './rules'
import { checkShellName, scanShell } from './shell'
import {
  beginSql,
  checkComment,
  checkFunction,
  checkIntoFile,
  checkLogic,
  checkLoneQuote,
  checkName,
  checkOrder,
  checkQuote,
  checkSelect,
  checkSemicolon,
  checkUnion,
  checkVerb,
  checkWait,
  checkWhole
} from './sql'
import { byteAt, end, isAt, isDigit, isWord, start, useText } from './text'
import { FIRST, mix } from './word-set'
import { Cue, cueOf } from './words'
import { checkCall, checkColon, checkHandler, checkPageName, checkTag } from './xss'

/** Looks at one value: once as it is, once without its comments if it has any, once as a shell would read it. */

const other = new Room()

/** Bytes that an attack does not do without one of: anything but letters, digits and a few signs. */
const plain = plainTable()

export function scanValue(at: usize, size: i32, coding: Coding): void {
  checkObjectStream(at, size)
  if (isHarmless(at, size)) return
  decode(at, size, coding)
  const from = decoded
  const to = decoded + <usize>decodedSize
  useText(from, to)
  scan()
  checkWhole()
  if (isOn(Rule.SQL_QUOTE)) checkLoneQuote()
  if (isOn(Rule.PROTO_SIGNS)) checkSigns()
  if (hasComment) {
    withoutComments(from, to)
    scan()
  }
  if (hasSeparator || beginsLine) {
    unquoted(from, to)
    scanShell(beginsLine)
  }
}

/** One word or number: it is no attack, whatever it says. */
function isHarmless(at: usize, size: i32): bool {
  for (let i = 0; i < size; i++) if (load<u8>(plain + <usize>load<u8>(at + <usize>i)) == 0) return false
  return true
}

function scan(): void {
  beginSql()
  for (let at = start; at < end; ) {
    const byte = <u32>load<u8>(at)
    if (byte - 0x61 < 26 || byte == 0x5f) {
      const from = at
      let hash = FIRST
      let letter = byte
      do {
        hash = mix(hash, letter)
        at++
        letter = byteAt(at)
      } while (isWord(letter))
      const cue = cueOf(hash, from, <i32>(at - from))
      if (cue != Cue.NONE) checkWord(cue, from, at)
      else if (byte == 0x6f && load<u8>(from, 1) == 0x6e && at - from > 4) checkHandler(from, at)
      continue
    }
    if (isDigit(byte)) {
      do at++
      while (isDigit(byteAt(at)))
      // A word may touch a number: 1e0union
      if (byteAt(at) == 0x65 && isDigit(byteAt(at + 1))) at++
      continue
    }
    if (byte != 0x20 && byte < 0x80) checkSign(byte, at)
    at++
  }
}

function checkWord(cue: Cue, from: usize, to: usize): void {
  switch (cue) {
    case Cue.LOGIC:
      return checkLogic(from, to)
    case Cue.UNION:
      return checkUnion(from, to)
    case Cue.SELECT:
      return checkSelect(from, to)
    case Cue.VERB:
      return checkVerb(from)
    case Cue.ORDER:
      return checkOrder(from, to)
    case Cue.SQL_NAME:
      return checkName(from, to)
    case Cue.SQL_WAIT:
      return checkWait(from, to)
    case Cue.INTO_FILE:
      return checkIntoFile(from, to)
    case Cue.SQL_FUNCTION:
      return checkFunction(to)
    case Cue.PAGE_CALL:
      return checkCall(from, to)
    case Cue.PAGE_NAME:
      return checkPageName(from, to)
    case Cue.FILE:
      return checkFile(from, to)
    case Cue.SHELL:
      return checkShellName(from, to)
    case Cue.JAVA:
      return checkJava(from, to)
    case Cue.PHP:
      return checkPhp(to)
    case Cue.PYTHON:
      return checkPython(from)
    case Cue.PROTOTYPE:
      return hit(Rule.CODE_PROTOTYPE)
    default:
  }
}

function checkSign(byte: u32, at: usize): void {
  switch (byte) {
    case 0x22:
    case 0x27:
      return checkQuote(at)
    case 0x3c:
      return checkTag(at)
    case 0x3a:
      checkColon(at)
      return checkScheme(at)
    case 0x2e:
      if (byteAt(at + 1) == 0x2e) checkDots(at)
      return
    case 0x3b:
      return checkSemicolon(at)
    case 0x7c:
    case 0x26:
      if (byteAt(at + 1) == byte && byteAt(at - 1) != byte) checkLogic(at, at + 2)
      return
    case 0x24:
      return checkLookup(at)
    case 0x7b:
      return checkTemplate(at)
    case 0x28:
      return checkParenthesis(at)
    case 0x2f:
      if (byteAt(at + 1) == 0x2a) checkComment(at)
      return
    case 0x40:
      if (isAt(at, '@@version') || isAt(at, '@@datadir') || isAt(at, '@@hostname')) hit(Rule.SQL_NAME)
  }
}

/** A text like "');}<" is no one's name. */
function checkSigns(): void {
  if (end - start > 200) return
  let count = 0
  for (let at = start; at < end; at++) if (load<u8>(plain + <usize>load<u8>(at)) == 0 && load<u8>(at) < 0x80 && load<u8>(at) != 0x20) count++
  if (count >= 8 && <usize>count * 4 > end - start) hit(Rule.PROTO_SIGNS)
}

/** Makes one blank of each comment; what MySQL runs of one stays. */
function withoutComments(from: usize, to: usize): void {
  other.reserve(<i32>(to - from) + 1)
  let out = other.start
  for (let at = from; at < to; ) {
    if (isAt(at, '/*')) {
      let stop = at + 2
      while (stop < to && !(load<u8>(stop) == 0x2a && stop + 1 < to && load<u8>(stop, 1) == 0x2f)) stop++
      if (stop < to) {
        store<u8>(out++, 0x20)
        if (byteAt(at + 2) == 0x21) {
          let inner = at + 3
          while (inner < stop && isDigit(byteAt(inner))) inner++
          memory.copy(out, inner, stop - inner)
          out += stop - inner
          store<u8>(out++, 0x20)
        }
        at = stop + 2
        continue
      }
      // It is not closed: the rest is as it was.
      memory.copy(out, at, to - at)
      out += to - at
      break
    }
    if (load<u8>(at) == 0x23 || isAt(at, '--')) {
      let stop = at + 1
      while (stop < to && load<u8>(stop) != 0x0a) stop++
      if (stop < to) at = stop
    }
    store<u8>(out++, load<u8>(at++))
  }
  useText(other.start, out)
}

/** As a shell reads it: quotes, backslashes and carets inside words are nothing, $IFS is a blank. */
function unquoted(from: usize, to: usize): void {
  other.reserve(<i32>(to - from) + 1)
  useText(from, to)
  let out = other.start
  for (let at = from; at < to; ) {
    const byte = load<u8>(at)
    if (byte == 0x27 || byte == 0x22 || byte == 0x5c || byte == 0x5e) {
      at++
    } else if (byte == 0x24 && (isAt(at, '${ifs}') || isAt(at, '$ifs'))) {
      store<u8>(out++, 0x20)
      at += isAt(at, '${ifs}') ? 6 : 4
    } else if (byte == 0x24 && (isAt(at, '$@') || isAt(at, '$*'))) {
      at += 2
    } else {
      store<u8>(out++, byte)
      at++
    }
  }
  useText(other.start, out)
}

function plainTable(): usize {
  const table = heap.alloc(256)
  for (let byte: u32 = 0; byte < 256; byte++) {
    const lower = byte | 0x20
    const ok = byte - 0x30 < 10 || lower - 0x61 < 26 || byte == 0x2d || byte == 0x2c || byte >= 0x80
    store<u8>(table + <usize>byte, ok && byte != 0xc0 && byte != 0xc1 ? 1 : 0)
  }
  return table
}

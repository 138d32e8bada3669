import { Json } from '@sluice/plugin-sdk/assembly'
import { advance, at, isOver, peek, repair, text } from './scanner'

/** A string in quotes of any kind, as JSON. */
export function looseString(): string {
  const open = peek()
  const close = closing(open)
  if (open != 0x22) repair('quotes')
  advance()
  let value = ''
  let from = at
  while (!isOver()) {
    const unit = peek()
    if (unit == close) {
      value += text.slice(from, at)
      advance()
      return Json.quote(value)
    }
    if (unit == 0x5c) {
      value += text.slice(from, at) + escape()
      from = at
      continue
    }
    if (unit < 0x20) repair('escapes') // a line break as it is
    advance()
  }
  repair('truncated')
  return Json.quote(value + text.slice(from, at))
}

/** What the escape at hand stands for. One that JSON does not have is a backslash that should have been two: "c:\Users", "\d". */
function escape(): string {
  advance()
  if (isOver()) return ''
  const unit = peek()
  if (unit == 0x75) return codeUnit()
  advance()
  if (unit == 0x6e) return '\n'
  if (unit == 0x74) return '\t'
  if (unit == 0x72) return '\r'
  if (unit == 0x62) return '\b'
  if (unit == 0x66) return '\f'
  const char = String.fromCharCode(unit)
  if (unit == 0x22 || unit == 0x5c || unit == 0x2f) return char
  repair('escapes')
  if (unit == 0x0a) return '' // a line that goes on
  return isQuote(unit) ? char : '\\' + char
}

function codeUnit(): string {
  let value = 0
  for (let i = 1; i <= 4; i++) {
    const digit = hexDigit(peek(i))
    if (digit < 0) {
      const over = peek(i) < 0
      advance(over ? 5 : 1)
      repair(over ? 'truncated' : 'escapes')
      return over ? '' : '\\u'
    }
    value = value * 16 + digit
  }
  advance(5)
  return String.fromCharCode(value)
}

function hexDigit(unit: i32): i32 {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30
  const lower = unit | 0x20
  return unit > 0 && lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/** Of those that other languages escape. */
function isQuote(unit: i32): bool {
  return unit == 0x27 || unit == 0x60 || (unit >= 0x2018 && unit <= 0x201f)
}

function closing(open: i32): i32 {
  if (open == 0x201c) return 0x201d
  return open == 0x2018 ? 0x2019 : open
}

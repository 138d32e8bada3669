import { Json } from '@sluice/plugin-sdk/assembly'
import { advance, at, isOver, peek, repair, skipBlanks, startsWith, text } from './scanner'
import { looseString } from './strings'

/** Reads what is nearly JSON, and writes what is. Each function returns "" where there is no value. */

const MAX_DEPTH: i32 = 100

/** JSON's words, and those of languages that models take for it. */
const WORDS: StaticArray<string> = [
  'true', 'true', 'false', 'false', 'null', 'null', 'True', 'true', 'False', 'false', 'None', 'null',
  'undefined', 'null', 'NaN', 'null', 'Infinity', 'null', '-Infinity', 'null', '-NaN', 'null'
]

export function looseValue(depth: i32): string {
  skipBlanks()
  if (depth > MAX_DEPTH) return ''
  const unit = peek()
  if (unit == 0x7b) return object(depth)
  if (unit == 0x5b) return array(depth)
  if (isQuote(unit)) return looseString()
  const word = looseWord()
  return word == '' ? looseNumber() : word
}

function object(depth: i32): string {
  advance()
  let out = '{'
  while (true) {
    skipBlanks()
    if (isOver()) {
      repair('truncated')
      return out + '}'
    }
    if (peek() == 0x7d) {
      advance()
      return out + '}'
    }
    const key = looseKey()
    if (key == '') return ''
    skipBlanks()
    if (peek() != 0x3a) {
      if (!isOver()) return ''
      repair('truncated') // a key that has no value yet is left out
      return out + '}'
    }
    advance()
    const value = looseValue(depth + 1)
    if (value == '') {
      if (!isOver()) return ''
      repair('truncated')
      return out + '}'
    }
    out += (out.length > 1 ? ',' : '') + key + ':' + value
    if (!separated(0x7d)) return ''
  }
}

function array(depth: i32): string {
  advance()
  let out = '['
  while (true) {
    skipBlanks()
    if (isOver()) {
      repair('truncated')
      return out + ']'
    }
    if (peek() == 0x5d) {
      advance()
      return out + ']'
    }
    const value = looseValue(depth + 1)
    if (value == '') {
      if (!isOver()) return ''
      repair('truncated')
      return out + ']'
    }
    out += (out.length > 1 ? ',' : '') + value
    if (!separated(0x5d)) return ''
  }
}

/** Goes past the comma behind a value. False: what stands there is none, nor `close`, nor may the next value begin there. */
function separated(close: i32): bool {
  const before = at
  skipBlanks()
  const unit = peek()
  if (unit == close || isOver()) return true
  if (unit == 0x2c) {
    advance()
    skipBlanks()
    if (peek() == close || peek() == 0x2c) repair('commas')
    while (peek() == 0x2c) {
      advance()
      skipBlanks()
    }
    return true
  }
  repair('commas')
  return at > before || isQuote(unit) || unit == 0x7b || unit == 0x5b
}

function looseKey(): string {
  if (isQuote(peek())) return looseString()
  const from = at
  while (isNameUnit(peek())) advance()
  if (at == from) return ''
  repair('keys')
  return Json.quote(text.slice(from, at))
}

function looseWord(): string {
  for (let i = 0; i < WORDS.length; i += 2) {
    const word = WORDS[i]
    if (!startsWith(word) || isNameUnit(peek(word.length))) continue
    advance(word.length)
    if (word != WORDS[i + 1]) repair(word.endsWith('NaN') || word.endsWith('Infinity') ? 'numbers' : 'words')
    return WORDS[i + 1]
  }
  return ''
}

function looseNumber(): string {
  const from = at
  while (isNumberUnit(peek())) advance()
  if (at == from) return ''
  let number = text.slice(from, at)
  const whole = isOver()
  if (Json.parse(number) !== null) return number
  if (number.startsWith('+')) number = number.slice(1)
  if (number.startsWith('.')) number = '0' + number
  if (number.startsWith('-.')) number = '-0' + number.slice(1)
  while (number.length > 0 && !isDigit(number.charCodeAt(number.length - 1))) number = number.slice(0, number.length - 1)
  if (Json.parse(number) === null) return ''
  repair(whole ? 'truncated' : 'numbers')
  return number
}

function isQuote(unit: i32): bool {
  return unit == 0x22 || unit == 0x27 || unit == 0x201c || unit == 0x201d || unit == 0x2018 || unit == 0x2019 || unit == 0x60
}

function isDigit(unit: i32): bool {
  return unit >= 0x30 && unit <= 0x39
}

function isNameUnit(unit: i32): bool {
  return isDigit(unit) || ((unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a) || unit == 0x5f || unit == 0x24 || unit == 0x2d
}

function isNumberUnit(unit: i32): bool {
  return isDigit(unit) || unit == 0x2b || unit == 0x2d || unit == 0x2e || unit == 0x65 || unit == 0x45
}

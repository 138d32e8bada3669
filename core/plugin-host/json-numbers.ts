import { randomBytes } from 'node:crypto'

/**
 * Numbers of a JSON text that JavaScript may have no number for (1e400, 12345678901234567890): they are parsed as strings that begin
 * with a mark, and lose it when the value is written again, so that each keeps its text.
 */

/** Nobody can guess it: no string of a text begins with it. It has no letters that JSON escapes. */
const MARK = randomBytes(9).toString('base64')
const MARKED = new RegExp(`"${MARK.replace(/[+/]/g, '\\$&')}([^"]*)"`, 'g')
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** So many characters of a number have no more digits than a double. */
const SAFE_LENGTH = 15
const QUOTE = 0x22
const BACKSLASH = 0x5c
const PLUS = 0x2b
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const COLON = 0x3a
const SMALL_E = 0x65

/** The text, with such numbers marked. Text that is no JSON stays none. */
export function withMarks(json: string): string {
  let text = ''
  let from = 0
  for (let at = 0; at < json.length; at++) {
    const unit = json.charCodeAt(at)
    if (unit === QUOTE) at = endOfString(json, at + 1)
    else if (unit === MINUS || isDigit(unit)) {
      const end = endOfNumber(json, at)
      if (mayChange(json, at, end) && !isKey(json, end)) {
        const number = json.slice(at, end)
        if (NUMBER.test(number)) {
          text += `${json.slice(from, at)}"${MARK}${number}"`
          from = end
        }
      }
      at = end - 1
    }
  }
  return from === 0 ? json : text + json.slice(from)
}

function endOfString(json: string, from: number): number {
  let at = from
  for (let unit = json.charCodeAt(at); at < json.length && unit !== QUOTE; unit = json.charCodeAt(at)) {
    at += unit === BACKSLASH ? 2 : 1
  }
  return at
}

/** JSON text that was made of what withMarks() let be parsed. */
export function withoutMarks(json: string): string {
  return json.includes(MARK) ? json.replace(MARKED, '$1') : json
}

/** The end of all that a number may be made of. */
function endOfNumber(json: string, from: number): number {
  let at = from + 1
  while (at < json.length && isOfNumber(json.charCodeAt(at))) at++
  return at
}

/** Digits, "+", "-", ".", "e" and "E". */
function isOfNumber(unit: number): boolean {
  return isDigit(unit) || unit === POINT || unit === MINUS || unit === PLUS || (unit | 0x20) === SMALL_E
}

function isDigit(unit: number): boolean {
  return unit >= ZERO && unit <= 0x39
}

/** Whether it may be one that no double is; short ones without an exponent, which most are, are not. */
function mayChange(json: string, from: number, to: number): boolean {
  if (to - from > SAFE_LENGTH) return true
  for (let at = from; at < to; at++) if ((json.charCodeAt(at) | 0x20) === SMALL_E) return true
  return false
}

/** Whether a colon follows: a number is no key, and must not become one. */
function isKey(json: string, from: number): boolean {
  let at = from
  while (isBlank(json.charCodeAt(at))) at++
  return json.charCodeAt(at) === COLON
}

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || unit === 0x0a || unit === 0x0d
}

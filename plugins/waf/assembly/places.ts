import { Coding, RequestView, utf8Bytes } from '@sluice/plugin-sdk/assembly'
import { percentDecodeAt } from '@sluice/plugin-sdk/assembly/text'
import { utf8Decode } from '@sluice/plugin-sdk/assembly/utf8'
import { excludedAt, hasExclusions } from './exclude'
import { checkAgent, checkFileName, checkLineEnd } from './protocol'
import { enter, hit, Rule } from './rules'
import { scanValue } from './scan'
import { setPlace, useText } from './text'
import { decode, decoded, decodedSize } from './decode'

/** The parts of a request's head, and lists of names and values wherever they are. */

const PATH = 'path'
const QUERY = 'query'
const COOKIE = 'cookie'
const HEADER = 'header'
const MAX_NAME: i32 = 64

let headers: string[] = []
let maxParameters = 512
let parameters = 0

export function preparePlaces(names: string[], most: i32): void {
  headers = []
  for (let i = 0; i < names.length; i++) if (names[i].toLowerCase() != 'cookie') headers.push(names[i].toLowerCase())
  maxParameters = most
}

/** To be called before the head, and again before the body: each has as many as are allowed. */
export function beginPlaces(): void {
  parameters = 0
}

export function scanHead(request: RequestView): void {
  scanPath(utf8Bytes(request.path))
  scanPairs(utf8Bytes(request.query), QUERY)
  const cookies = request.headers('cookie')
  for (let i = 0; i < cookies.length; i++) scanCookies(utf8Bytes(cookies[i]))
  for (let i = 0; i < headers.length; i++) {
    const values = request.headers(headers[i])
    for (let j = 0; j < values.length; j++) scanHeader(headers[i], utf8Bytes(values[j]))
  }
}

/** "a=1&b=2" in a query or a form. */
export function scanPairs(bytes: Uint8Array, place: string): void {
  setPlace(false, place != QUERY)
  scanList(bytes.dataStart, bytes.length, 0x26, Coding.FORM, place)
}

/** One value with a name, as it is written in `coding`. */
export function scanNamed(place: string, name: string, at: usize, size: i32, coding: Coding): void {
  enter(place, name.length > MAX_NAME ? name.substring(0, MAX_NAME) : name, hasExclusions() ? excludedAt(name) : 0)
  scanValue(at, size, coding)
}

/** The name of a file in a form. */
export function scanFileName(name: string, at: usize, size: i32): void {
  scanNamed('file', name, at, size, Coding.PLAIN)
  decode(at, size, Coding.PLAIN)
  useText(decoded, decoded + <usize>decodedSize)
  checkFileName()
}

function scanPath(path: Uint8Array): void {
  setPlace(true, false)
  enter(PATH, '', hasExclusions() ? excludedAt('') : 0)
  scanValue(path.dataStart, path.length, Coding.FORM)
  checkDecodedLines(path.dataStart, path.length, Coding.FORM)
}

function scanCookies(bytes: Uint8Array): void {
  setPlace(false, false)
  scanList(bytes.dataStart, bytes.length, 0x3b, Coding.PLAIN, COOKIE)
}

function scanHeader(name: string, bytes: Uint8Array): void {
  setPlace(false, false)
  scanNamed(HEADER, name, bytes.dataStart, bytes.length, Coding.PLAIN)
  if (name != 'user-agent') return
  decode(bytes.dataStart, bytes.length, Coding.PLAIN)
  useText(decoded, decoded + <usize>decodedSize)
  checkAgent()
}

function scanList(at: usize, size: i32, separator: u8, coding: Coding, place: string): void {
  const end = at + <usize>size
  while (at < end) {
    while (at < end && load<u8>(at) == 0x20) at++
    let stop = at
    let equals: usize = 0
    for (; stop < end && load<u8>(stop) != separator; stop++) if (equals == 0 && load<u8>(stop) == 0x3d) equals = stop
    if (equals == 0) equals = stop
    if (stop > at) scanPair(at, equals, stop, coding, place)
    at = stop + 1
  }
}

function scanPair(from: usize, equals: usize, stop: usize, coding: Coding, place: string): void {
  if (++parameters > maxParameters) {
    enter(place, '', 0)
    return hit(Rule.PROTO_LIMIT)
  }
  const size = <i32>(equals - from)
  const name = coding == Coding.FORM ? percentDecodeAt(from, size, true) : utf8Decode(from, size)
  // [$ne]=1, or the same with another bracket before it
  const bracket = name.indexOf('[$')
  scanNamed(place, name, from, size, coding)
  if (bracket >= 0 && isOperator(name, bracket + 2)) hit(Rule.NOSQL_OPERATOR)
  if (name.indexOf('constructor[prototype') >= 0 || name.indexOf('constructor.prototype') >= 0) hit(Rule.CODE_PROTOTYPE)
  if (equals >= stop) return
  scanValue(equals + 1, <i32>(stop - equals - 1), coding)
  if (place != QUERY && place != COOKIE) return
  checkDecodedLines(equals + 1, <i32>(stop - equals - 1), coding)
}

function checkDecodedLines(at: usize, size: i32, coding: Coding): void {
  let escaped = false
  for (let i = 0; i < size && !escaped; i++) escaped = load<u8>(at + <usize>i) == 0x25
  if (!escaped) return
  decode(at, size, coding)
  useText(decoded, decoded + <usize>decodedSize)
  checkLineEnd()
}

/** Whether one of MongoDB's operators stands at `at`. */
export function isOperator(text: string, at: i32): bool {
  let stop = at
  while (stop < text.length && text.charCodeAt(stop) - 0x61 < 26 && text.charCodeAt(stop) >= 0x61) stop++
  const word = text.substring(at, stop)
  return OPERATORS.includes(word)
}

const OPERATORS: string[] = ['ne', 'gt', 'gte', 'lt', 'lte', 'in', 'nin', 'regex', 'where', 'exists', 'expr', 'function', 'or', 'nor', 'not', 'elem']

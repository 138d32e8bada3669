import { codeAt } from './bare.js'

/**
 * Header lists travel flat: name, value, name, value …, names in lower case, repeated names in the order they came.
 * A flat array costs one allocation for a whole head, and is the shape the plugin messages take.
 */
export type HeaderList = string[]

/** About one connection only, never forwarded: RFC 9110 §7.6.1, and older names that are still seen. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings'
])

/** What Sluice itself tells an upstream of the client's address, whatever the client sent. */
export const PEER_HEADERS: ReadonlySet<string> = new Set(['x-forwarded-for', 'x-real-ip', 'forwarded'])

/** The first value of `name`, or undefined. */
export function header(list: readonly string[], name: string): string | undefined {
  for (let i = 0; i < list.length; i += 2) if (list[i] === name) return list[i + 1]
  return undefined
}

/** Every value of `name`, as the one comma-separated list they are (RFC 9110 §5.2); empty when there is none. */
export function allValues(list: readonly string[], name: string): string {
  let line = ''
  for (let i = 0; i < list.length; i += 2) {
    if (list[i] === name) line = line === '' ? (list[i + 1] ?? '') : `${line}, ${list[i + 1]}`
  }
  return line
}

/** Drops every value of `name`. */
export function removeHeader(list: HeaderList, name: string): void {
  let kept = 0
  for (let i = 0; i < list.length; i += 2) {
    const key = list[i]
    const value = list[i + 1]
    if (key === undefined || value === undefined || key === name) continue
    list[kept++] = key
    list[kept++] = value
  }
  while (list.length > kept) list.pop() // to set the length is a call of the engine
}

/** Leaves exactly one value of `name`, where the first one stood or at the end. */
export function setHeader(list: HeaderList, name: string, value: string): void {
  for (let i = 0; i < list.length; i += 2) {
    if (list[i] !== name) continue
    const later = list.splice(i)
    removeHeader(later, name)
    list.push(name, value, ...later)
    return
  }
  list.push(name, value)
}

/** Lists of names of headers, in which nothing says more when it is said twice. */
const NAME_LISTS: ReadonlySet<string> = new Set([
  'vary',
  'access-control-expose-headers',
  'access-control-allow-headers'
])

/** Adds a value beside those there are; to a list of names, what it does not have yet. */
export function addHeader(list: HeaderList, name: string, value: string): void {
  const before = NAME_LISTS.has(name) ? allValues(list, name) : ''
  if (before === '') {
    list.push(name, value)
    return
  }
  const known = new Set(membersOf(before.toLowerCase()))
  const more = membersOf(value).filter(member => !known.has(member.toLowerCase()))
  if (more.length > 0) list.push(name, more.join(', '))
}

function membersOf(list: string): string[] {
  return list.split(',').map(member => member.trim())
}

/** Gives every value of `from` the name `to`. */
export function renameHeader(list: HeaderList, from: string, to: string): void {
  for (let i = 0; i < list.length; i += 2) if (list[i] === from) list[i] = to
}

/**
 * Drops the headers that a Connection header names: they are about that one connection (RFC 9110 §7.6.1). To be done on
 * arrival, before anything is added, or the sender could name what the gateway adds and have it dropped.
 */
export function dropNamedByConnection(list: HeaderList): void {
  const named = allValues(list, 'connection').toLowerCase()
  if (named === '' || named === 'keep-alive' || named === 'close') return
  for (const option of named.split(',')) {
    const name = option.trim()
    if (name !== '' && name !== 'close' && name !== 'keep-alive') removeHeader(list, name)
  }
}

const TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const isTokenCode = Uint8Array.from({ length: 128 }, (_, code) =>
  Number(TOKEN_CHARACTERS.includes(String.fromCharCode(code)))
)

/** RFC 9110 §5.6.2: what a method or a header name may be. In a loop: regular expressions take longer to begin. */
export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = codeAt(text, i)
    if (code > 127 || isTokenCode[code] !== 1) return false
  }
  return text !== ''
}

/** Digits, and no more than make a number that is exact: what a Content-Length has. */
export function isCount(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = codeAt(text, i)
    if (code < 0x30 || code > 0x39) return false
  }
  return text.length > 0 && text.length <= 15
}

/** Names that were found to be ones: messages have the same few. As many are kept as there may be. */
const names = new Set<string>()
const MAX_NAMES = 1_000

/** As isToken, for names of headers. */
export function isHeaderName(text: string): boolean {
  if (names.has(text)) return true
  if (!isToken(text)) return false
  if (names.size < MAX_NAMES) names.add(text)
  return true
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const FORBIDDEN_IN_VALUE = /[\x00-\x08\x0a-\x1f\x7f]/

/** RFC 9110 §5.5: no CR, LF, NUL or other control character but tab. */
export function isFieldValue(text: string): boolean {
  return text.length > SHORT_CHARACTERS ? !FORBIDDEN_IN_VALUE.test(text) : isWithin(text, 0xffff)
}

const ASCII_VALUE = /^[\t\x20-\x7e]*$/

/** As isFieldValue, and nothing but ASCII. */
export function isAsciiValue(text: string): boolean {
  return text.length > SHORT_CHARACTERS ? ASCII_VALUE.test(text) : isWithin(text, 0x7e)
}

/** Shorter texts are faster looked through here than by the engine. */
const SHORT_CHARACTERS = 40

/** Whether a text has no control character but tab, and no character behind `last`. */
function isWithin(text: string, last: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = codeAt(text, i)
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > last) return false
  }
  return true
}

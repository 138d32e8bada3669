/**
 * Header lists travel flat: name, value, name, value …, names in lower case, repeated names in the order they came.
 * A flat array costs one allocation for a whole head, and is the shape both undici and the plugin messages take.
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

/** The first value of `name`, or undefined. */
export function header(list: HeaderList, name: string): string | undefined {
  for (let i = 0; i < list.length; i += 2) if (list[i] === name) return list[i + 1]
  return undefined
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
  list.length = kept
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

/** Gives every value of `from` the name `to`. */
export function renameHeader(list: HeaderList, from: string, to: string): void {
  for (let i = 0; i < list.length; i += 2) if (list[i] === from) list[i] = to
}

/** The names listed in a Connection header, lower case: they are hop-by-hop for this message too. */
export function connectionOptions(value: string): string[] {
  return value
    .toLowerCase()
    .split(',')
    .map(option => option.trim())
    .filter(option => option !== '')
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** RFC 9110 §5.6.2: what a method or a header name may be. */
export function isToken(text: string): boolean {
  return TOKEN.test(text)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const FORBIDDEN_IN_VALUE = /[\x00-\x08\x0a-\x1f\x7f]/

/** RFC 9110 §5.5: no CR, LF, NUL or other control character but tab. */
export function isFieldValue(text: string): boolean {
  return !FORBIDDEN_IN_VALUE.test(text)
}

import { allValues, type HeaderList } from '../../base/headers.js'
import { type Directives, parseDirectives } from './directives.js'

/** Headers that only caches on the way of a reply are told things with; no browser has a use for them. */
export const SURROGATE_HEADERS: ReadonlySet<string> = new Set([
  'surrogate-control',
  'surrogate-key',
  'cdn-cache-control'
])

/**
 * What a reply tells caches such as this one in particular (RFC 9213): where there is any, Cache-Control and Expires do not count.
 * Surrogate-Control is for the cache next to the origin, so it comes first.
 */
export function targetedDirectives(headers: HeaderList): Directives | undefined {
  let surrogate = ''
  let cdn = ''
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] === 'surrogate-control') surrogate = allValues(headers, 'surrogate-control')
    else if (headers[i] === 'cdn-cache-control') cdn = allValues(headers, 'cdn-cache-control')
  }
  if (surrogate.trim() !== '') return surrogateControl(surrogate)
  return isDictionary(cdn) ? parseDirectives(cdn) : undefined
}

/** The Edge Architecture's "max-age=600+30": fresh for 600 seconds, and usable for 30 more. */
function surrogateControl(text: string): Directives {
  const extended = /(?:^|[\s,])max-age=([0-9]+)\+([0-9]+)/i.exec(text)
  if (extended === null) return parseDirectives(text)
  const stale = `stale-while-revalidate=${extended[2]}, stale-if-error=${extended[2]}`
  return parseDirectives(`${text.replace(/\+[0-9]+/, '')}, ${stale}`)
}

const BARE =
  '(?:-?[0-9]{1,12}\\.[0-9]{1,3}|-?[0-9]{1,15}|"(?:[ !#-\\[\\]-~]|\\\\["\\\\])*"|[A-Za-z*][!#-\'*+./0-9:A-Z^-z|~-]*|:[A-Za-z0-9+/=]*:|\\?[01])'
const KEY = '[a-z*][a-z0-9_.*-]*'
const PARAMETERS = `(?:; *${KEY}(?:=${BARE})?)*`
const MEMBER = `${KEY}(?:=(?:${BARE}|\\([^()]*\\)))?${PARAMETERS}`
const DICTIONARY = new RegExp(`^ *${MEMBER}(?:[ \\t]*,[ \\t]*${MEMBER})* *$`)
const WRONG_TIME =
  /(?:^|[\s,])(?:max-age|s-maxage|stale-while-revalidate|stale-if-error)(?![a-z0-9_.*-])(?!=[0-9]+[ \t]*(?:[,;]|$))/

/** RFC 9213 §2.1: a structured dictionary (RFC 9651 §3.2); one with an error counts as absent, and so does one with a time that is no integer. */
function isDictionary(text: string): boolean {
  return text.length <= 4_096 && DICTIONARY.test(text) && !WRONG_TIME.test(text)
}

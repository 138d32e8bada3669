import { lowerAscii } from '@sluice/plugin-sdk/assembly'

/** How origins are written (RFC 6454 section 6.2): scheme, host, and a port that is not the scheme's own. */

const NULL = 'null'

/**
 * An origin of the settings as browsers write it. Schemes other than http keep their case: some have identifiers for
 * hosts.
 */
export function normalOrigin(text: string): string {
  const lower = lowerAscii(text)
  return lower.startsWith('http://') || lower.startsWith('https://') ? lower : text
}

/** What is wrong with an origin of the settings, which may have wildcards; "" when nothing is. */
export function wrongOrigin(text: string): string {
  if (text == NULL) return ''
  const colon = text.indexOf('://')
  if (colon <= 0 || !isScheme(text.substring(0, colon))) return 'has no scheme; write it like https://app.example.com'
  const rest = text.substring(colon + 3)
  const slash = indexOfAny(rest, '/?#')
  if (slash >= 0) return 'has more than scheme, host and port; write ' + text.substring(0, colon + 3 + slash)
  if (rest.includes('@')) return 'has a user name, which no origin has'
  return wrongAuthority(text.substring(0, colon), rest)
}

function wrongAuthority(scheme: string, authority: string): string {
  const end = hostEnd(authority)
  const host = authority.substring(0, end)
  const port = end < authority.length ? authority.substring(end + 1) : ''
  if (end < authority.length && port != '*' && !isPort(port)) return 'has a port that is no number'
  if ((scheme == 'https' && port == '443') || (scheme == 'http' && port == '80')) {
    return 'names the port of its scheme, which browsers leave out; write ' + scheme + '://' + host
  }
  const name = host.startsWith('*.') ? host.substring(2) : host
  if (name.includes('*')) return 'has a "*" that is not "*." before the host or the whole port'
  for (let i = 0; i < name.length; i++) {
    if (name.charCodeAt(i) > 0x7f) return 'is not ASCII; browsers send such names in punycode, as xn--…'
  }
  return name.startsWith('[') ? wrongLiteral(name) : isHost(name, 0, name.length) ? '' : 'has a host that is none'
}

function wrongLiteral(name: string): string {
  for (let i = 1; i < name.length - 1; i++) {
    const unit = name.charCodeAt(i)
    if (unit != 0x3a && unit != 0x2e && !isHostUnit(unit)) return 'has a host that is none'
  }
  return name.endsWith(']') && name.length > 3 ? '' : 'has a host that is none'
}

/** Where the host ends: at the port's colon, or at the end. */
export function hostEnd(authority: string): i32 {
  const colon = authority.lastIndexOf(':')
  return colon > authority.lastIndexOf(']') ? colon : authority.length
}

/** Whether `text` from `from` to `to` is labels with dots between them, in any alphabet an ASCII host has. */
export function isHost(text: string, from: i32, to: i32): bool {
  let previous = 0x2e
  for (let i = from; i < to; i++) {
    const unit = text.charCodeAt(i)
    if (unit == 0x2e ? previous == 0x2e : !isHostUnit(unit)) return false
    previous = unit
  }
  return to > from && previous != 0x2e
}

/** Whether `text` from `from` on is a port. */
export function isPort(text: string, from: i32 = 0): bool {
  for (let i = from; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x30 || unit > 0x39) return false
  }
  return text.length > from && text.length - from <= 5
}

/**
 * Whether a page of `origin` is a page of the host that was asked. The scheme is not compared: TLS often ends before
 * the gateway.
 */
export function isSameOrigin(origin: string, host: string): bool {
  const colon = origin.indexOf('://')
  return colon > 0 && host.length > 0 && lowerAscii(origin.substring(colon + 3)) == lowerAscii(host)
}

/** Whether the text could be an origin at all: printable, without what ends or begins things in a header. */
export function isOriginText(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit <= 0x20 || unit >= 0x7f || unit == 0x22 || unit == 0x2c || unit == 0x3b || unit == 0x5c) return false
  }
  return text.length > 0
}

function isScheme(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    const letter = (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a
    const other = (unit >= 0x30 && unit <= 0x39) || unit == 0x2b || unit == 0x2d || unit == 0x2e
    if (!letter && !(i > 0 && other)) return false
  }
  return true
}

function isHostUnit(unit: i32): bool {
  const lower = unit | 0x20
  return (lower >= 0x61 && lower <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit == 0x2d || unit == 0x5f
}

function indexOfAny(text: string, signs: string): i32 {
  for (let i = 0; i < text.length; i++) if (signs.includes(text.charAt(i))) return i
  return -1
}

import { byteAt, end, floor, isDigit, isLetter, isWord } from './text'

/** Addresses of the usual form: local part, "@" (or "%40", as in URLs), a domain with a top level of letters. */

const MAX_LOCAL: usize = 64
const MAX_DOMAIN: usize = 253
const MAX_USERINFO: usize = 192

/** Where the address that was found last begins. */
export let emailFrom: usize = 0

/** The end of the address whose "@" is the `size` bytes at `at`; 0 when there is none. Its beginning is `emailFrom`. */
export function emailAround(at: usize, size: usize): usize {
  let from = at
  while (from > floor && at - from < MAX_LOCAL && isLocal(byteAt(from - 1))) from--
  while (from < at && !isWord(byteAt(from)) && byteAt(from) != 0x5f) from++
  if (from == at) return 0
  const stop = domainEnd(at + size)
  if (stop == 0 || isPicture(at + size, stop) || isGitRemote(from, at)) return 0
  emailFrom = from
  return stop
}

/** Where the password in "scheme://user:password@host" begins; `at` is the "@". 0 when there is none. */
export function passwordBefore(at: usize): usize {
  let from = at
  let colon: usize = 0
  while (from > floor && at - from < MAX_USERINFO && !endsUserinfo(byteAt(from - 1))) {
    from--
    if (byteAt(from) == 0x3a) colon = from
  }
  if (byteAt(from - 1) != 0x2f || byteAt(from - 2) != 0x2f || byteAt(from - 3) != 0x3a) return 0
  return colon != 0 && colon + 1 < at ? colon + 1 : 0
}

/** Whether "@" at `at` is part of a URL's beginning, such as ssh://git@host. */
export function isUserOfUrl(at: usize): bool {
  let from = at
  while (from > floor && at - from < MAX_LOCAL && isLocal(byteAt(from - 1))) from--
  return byteAt(from - 1) == 0x2f && byteAt(from - 2) == 0x2f && byteAt(from - 3) == 0x3a
}

function domainEnd(from: usize): usize {
  const limit = min(end, from + MAX_DOMAIN)
  let good: usize = 0
  let at = from
  for (let labels = 1; at < limit; labels++) {
    const label = at
    if (byteAt(at) == 0x2d) return good
    while (at < limit && isLabel(byteAt(at))) at++
    if (at == label) return good
    if (labels > 1) {
      const stop = topLevelEnd(label, at)
      if (stop != 0) good = stop
      if (stop != 0 && stop < at) return good
    }
    if (byteAt(at) != 0x2e || !isLabel(byteAt(at + 1))) return good
    at++
  }
  return good
}

/** The end of the top level at `from`, at most `stop`: letters, an "xn--" name, or a name in another script. */
function topLevelEnd(from: usize, stop: usize): usize {
  if (byteAt(from) >= 0x80) return stop
  if (stop - from > 4 && byteAt(from + 2) == 0x2d && byteAt(from + 3) == 0x2d) return stop
  let at = from
  while (at < stop && isLetter(byteAt(at))) at++
  if (at - from < 2 || at - from > 24) return 0
  return at < stop && isDigit(byteAt(at)) ? 0 : at
}

/** logo@2x.png */
function isPicture(from: usize, stop: usize): bool {
  if (!isDigit(byteAt(from)) || byteAt(from + 1) != 0x78 || byteAt(from + 2) != 0x2e) return false
  return stop - from <= 8
}

/** git@github.com:owner/name */
function isGitRemote(from: usize, at: usize): bool {
  return at - from == 3 && byteAt(from) == 0x67 && byteAt(from + 1) == 0x69 && byteAt(from + 2) == 0x74
}

function isLocal(byte: u32): bool {
  if (isWord(byte)) return true
  return byte == 0x2e || byte == 0x5f || byte == 0x25 || byte == 0x2b || byte == 0x2d || byte == 0x27
}

function isLabel(byte: u32): bool {
  return isWord(byte) || byte == 0x2d || byte >= 0x80
}

function endsUserinfo(byte: u32): bool {
  return byte <= 0x20 || byte == 0x22 || byte == 0x27 || byte == 0x2f || byte == 0x3c || byte == 0x3e || byte == 0x40
}

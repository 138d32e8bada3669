import { hit, Rule } from './rules'
import { back, byteAt, end, isAt, isBlank, isLetter, isQuote, isWord, oneOf, skip, start, wordEnd } from './text'
import { WordSet } from './word-set'

/** Markup and script that a browser would run. */

const TAG_REACH: usize = 512
/** Tags that have no business in a value, and tags that people who write HTML use. */
const ACTIVE_TAGS = new WordSet('script iframe object embed applet frameset frame isindex foreignobject')
const TAGS = new WordSet(
  'a abbr animate area article aside audio b base body br button canvas center details div dl em fieldset font footer form h1 h2 h3 ' +
  'head header hr html i image img input keygen li link listing main map marquee math meta nav noscript ol option p param picture ' +
  'plaintext pre select set small source span strong style sub summary sup svg table tbody td template textarea th title tr tt u ul ' +
  'video wbr xml xmp xss'
)
const EVENTS =
  'abort activate after animation auxclick before begin blur bounce cancel canplay change click close contextmenu copy cuechange cut ' +
  'dblclick drag drop duration emptied end error finish focus formdata full got hash input invalid key load lost message mouse move ' +
  'offline online page paste pause play pointer popstate progress property rate ready reset resize scroll search seek select show ' +
  'start stalled storage submit suspend time toggle touch transition unhandled unload volume waiting webkit wheel'

/** "<" at `at`. */
export function checkTag(at: usize): void {
  let name = at + 1
  if (byteAt(name) == 0x2f) name++
  if (!isLetter(byteAt(name))) {
    if (isAt(at, '<!entity') || (isAt(at, '<!doctype') && isEntityDoctype(at))) hit(Rule.CODE_XXE)
    if (isAt(at, '<?php') || isAt(at, '<?=')) hit(Rule.CODE_PHP)
    if (isAt(at, '<%=')) hit(Rule.CODE_TEMPLATE)
    if (isAt(at, '<?xml-stylesheet') || isAt(at, '<!--#exec') || isAt(at, '<!--#include')) hit(Rule.XSS_TAG)
    return
  }
  // <svg:script>
  let stop = wordEnd(name)
  if (byteAt(stop) == 0x3a && isLetter(byteAt(stop + 1))) {
    name = stop + 1
    stop = wordEnd(name)
  }
  const next = byteAt(stop)
  if (next != 0x3e && next != 0x2f && !isBlank(next) && stop < end) return
  if (ACTIVE_TAGS.endAt(name) != 0) hit(Rule.XSS_TAG)
  else if (stop < end && TAGS.endAt(name) != 0) hit(Rule.XSS_HTML)
}

/** A word that begins with "on", from `from` to `to`: the handler of an event, when something is assigned to it in a tag. */
export function checkHandler(from: usize, to: usize): void {
  const equals = skip(to)
  if (byteAt(equals) != 0x3d || byteAt(equals + 1) == 0x3d || !isEvent(from + 2, to)) return
  const left = byteAt(back(from))
  if (isQuote(left) || left == 0x2f || isCode(equals + 1) || isInTag(from)) hit(Rule.XSS_HANDLER)
}

/** ":" at `at`: javascript: and its kin, also with blanks between the letters. */
export function checkColon(at: usize): void {
  if (endsWith(at, 'javascript') || endsWith(at, 'vbscript') || endsWith(at, 'livescript')) {
    if (isScript(at + 1)) hit(Rule.XSS_URL)
  } else if (endsWith(at, 'data')) {
    const next = skip(at + 1)
    if (isAt(next, 'text/html') || isAt(next, 'image/svg') || isAt(next, 'application/xhtml')) hit(Rule.XSS_URL)
  }
}

/** A function of the page from `from` to `to`. */
export function checkCall(from: usize, to: usize): void {
  const open = byteAt(skip(to))
  if (open != 0x28 && open != 0x60) return
  const before = back(from)
  const sign = byteAt(before)
  if (isOperator(sign) && followsQuote(before)) hit(Rule.XSS_BREAK)
  else if (sign == 0x7b && byteAt(before - 1) == 0x24) hit(Rule.XSS_BREAK)
  else if (byteAt(from - 1) != 0x2e) hit(Rule.XSS_CALL)
}

/** document.cookie, String.fromCharCode */
export function checkPageName(from: usize, to: usize): void {
  if (isAt(from, 'fromcharcode')) return hit(Rule.XSS_CODE)
  if (byteAt(to) == 0x2e && oneOf(to + 1, 'cookie domain write writeln') != 0) hit(Rule.XSS_CODE)
  else if (byteAt(to) == 0x5b && isQuote(byteAt(to + 1))) hit(Rule.XSS_CODE)
}

/** A DOCTYPE with declarations of its own that name something outside. */
function isEntityDoctype(at: usize): bool {
  const limit = min(end, at + 400)
  let open = false
  for (; at < limit; at++) {
    const byte = load<u8>(at)
    if (byte == 0x5b) open = true
    if (byte == 0x3e && !open) return false
    if (open && isAt(at, '<!')) return true
  }
  return false
}

/** Whether the letters from `from` to `to` begin with the name of an event. */
function isEvent(from: usize, to: usize): bool {
  if (to - from < 3 || to - from > 30) return false
  let word = 0
  for (let i = 0; i <= EVENTS.length; i++) {
    if (i < EVENTS.length && EVENTS.charCodeAt(i) != 0x20) continue
    let same = 0
    while (word + same < i && <i32>byteAt(from + <usize>same) == EVENTS.charCodeAt(word + same)) same++
    if (word + same == i && <usize>same <= to - from) return true
    word = i + 1
  }
  return false
}

/** Whether what is assigned at `at` is code: a call, or something in quotes with one. */
function isCode(at: usize): bool {
  at = skip(at)
  const limit = min(end, at + 80)
  for (; at < limit && byteAt(at) != 0x3e && !isBlank(byteAt(at)); at++) {
    if (byteAt(at) == 0x28 || byteAt(at) == 0x60) return true
  }
  return false
}

/** Whether a tag was opened before `at` and not closed. */
function isInTag(at: usize): bool {
  const limit = at - start > TAG_REACH ? at - TAG_REACH : start
  while (at > limit) {
    at--
    if (byteAt(at) == 0x3e) return false
    if (byteAt(at) == 0x3c && isLetter(byteAt(at + 1))) return true
  }
  return false
}

function endsWith(at: usize, word: string): bool {
  for (let i = word.length - 1; i >= 0; i--) {
    do at--
    while (at >= start && isBlank(load<u8>(at)))
    if (<i32>byteAt(at) != word.charCodeAt(i)) return false
  }
  return !isWord(byteAt(at - 1))
}

/** Prose goes on with a blank and words; script with a call, an assignment or a sign. */
function isScript(at: usize): bool {
  const direct = at
  at = skip(at)
  const first = byteAt(at)
  if (first == 0) return false
  if (!isWord(first) && first < 0x80) return direct == at || first == 0x2f || first == 0x28 || first == 0x5b
  while (isWord(byteAt(at)) || byteAt(at) == 0x2e || byteAt(at) == 0x24) at++
  const next = byteAt(at)
  return next == 0x28 || next == 0x3d || next == 0x60 || next == 0x5b
}

/** Whether a quote stands right before the signs that end at `at`. */
function followsQuote(at: usize): bool {
  for (let i = 0; i < 4 && isOperator(byteAt(at)); i++) at = back(at)
  return isQuote(byteAt(at))
}

function isOperator(byte: u32): bool {
  return (
    byte == 0x3b || byte == 0x2d || byte == 0x2b || byte == 0x2a || byte == 0x2f || byte == 0x5e || byte == 0x7c ||
    byte == 0x26 || byte == 0x3f || byte == 0x3a || byte == 0x2c || byte == 0x3d || byte == 0x28 || byte == 0x7d || byte == 0x29
  )
}

import { Coding, Decoder, utf8Bytes, utf8Text } from '@sluice/plugin-sdk/assembly'
import { isJson, skipString } from '@sluice/plugin-sdk/assembly/json-scan'
import { beginEdits, edited, hasEdits, lookAt } from '@sluice/plugin-sdk/assembly/pii'
import { beginNested, beginNumber, beginText, endNumber, found, foundLookalike, isDecided } from './findings'
import { masksSome } from './modes'
import { CUT, readPlaceholder } from './placeholder'

const decoder = new Decoder()
/** Of JSON within JSON: what is in its strings without the outer escapes. */
const outer = new Decoder()

/**
 * The text of a message with something else in place of personal data. What a tool answers is JSON often, with escapes in it, and stays JSON; a
 * model reads the escapes of JSON behind other words as well.
 */
export function maskedText(text: string): string {
  return isEscaped(text) || text.includes('\\u') ? maskedJson(text) : masked(text)
}

/** Whether it is a JSON object or list in which a character may be written as another one. */
function isEscaped(text: string): bool {
  const first = text.trimStart().charCodeAt(0)
  if ((first != 0x7b && first != 0x5b) || !text.includes('\\')) return false
  const bytes = utf8Bytes(text)
  return isJson(bytes.dataStart, bytes.dataStart + <usize>bytes.length)
}

/** The text with something else in place of personal data. */
export function masked(text: string): string {
  const bytes = utf8Bytes(text)
  const size = bytes.length
  beginEdits()
  beginText(bytes.dataStart, Coding.PLAIN)
  look(bytes.dataStart, 0, size, Coding.PLAIN)
  return hasEdits() ? utf8Text(edited(bytes.dataStart, size)) : text
}

/** The same for JSON text, which stays JSON: keys, strings and numbers are looked at. What is no JSON is looked at as a text with its escapes. */
export function maskedJson(text: string, numbers: bool = true): string {
  const bytes = utf8Bytes(text)
  const size = bytes.length
  const body = bytes.dataStart
  beginEdits()
  beginText(body, Coding.JSON)
  if (isJson(body, body + <usize>size)) lookAtTokens(body, size, numbers)
  else look(body, 0, size, Coding.JSON)
  return hasEdits() ? utf8Text(edited(body, size)) : text
}

function lookAtTokens(body: usize, size: i32, numbers: bool): void {
  const end = body + <usize>size
  for (let at = body; at < end && !isDecided(); ) {
    const byte = <u32>load<u8>(at)
    if (byte == 0x22) {
      const stop = skipString(at, end)
      lookAtString(body, <i32>(at + 1 - body), <i32>(stop - 1 - body))
      at = stop
    } else if (byte - 0x30 < 10 || byte == 0x2d) {
      const from = at
      while (at < end && isNumeric(load<u8>(at))) at++
      if (!numbers) continue
      beginNumber(<i32>(from - body), <i32>(at - body))
      lookAt(body, <i32>(from - body), <i32>(at - body), Coding.PLAIN, found)
      endNumber()
    } else at++
  }
}

/** Whoever reads JSON within JSON reads its escapes too. */
function lookAtString(body: usize, from: i32, to: i32): void {
  if (!holdsEscapes(body + <usize>from, body + <usize>to)) return look(body, from, to, Coding.JSON)
  outer.clear()
  const text = outer.add(body, from, to, Coding.JSON)
  beginNested(text)
  look(text.start, 0, text.size, Coding.JSON)
  beginText(body, Coding.JSON)
}

/** Whether there is an escape of a character by its number, itself escaped. */
function holdsEscapes(at: usize, end: usize): bool {
  for (; at + 6 < end; at++) if (load<u16>(at) == 0x5c5c && load<u8>(at, 2) == 0x75) return true
  return false
}

function look(body: usize, from: i32, to: i32, coding: Coding): void {
  if (!lookAt(body, from, to, coding, found) || !masksSome) return
  // A model reads [EMAIL\u005f1] as [EMAIL_1].
  const text = decoder.read(body, from, to, coding)
  const end = text.start + <usize>text.size
  for (let at = text.start; at < end; at++) {
    if (load<u8>(at) != 0x5b) continue
    const stop = readPlaceholder(at, end)
    if (stop == 0 || stop == CUT) continue
    foundLookalike(text.sourceOf(<i32>(at - text.start)), text.sourceOf(<i32>(stop - text.start)))
    at = stop - 1
  }
}

/** What a number of JSON may have in it. */
function isNumeric(byte: u32): bool {
  return byte - 0x30 < 10 || byte == 0x2d || byte == 0x2e || byte == 0x2b || (byte | 0x20) == 0x65
}

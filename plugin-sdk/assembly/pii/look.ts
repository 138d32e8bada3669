import { Decoder } from '../decoder'
import { Coding } from '../escapes'
import { foldText, needsFolding } from './fold'
import { Found, scan } from './scan'

const decoder = new Decoder()

/**
 * Looks for personal data in bytes `from` to `to` of `body`, which are a text written in `coding`, and reports what it finds. Say first what is
 * wanted (kinds.ts) and what may stay (allow.ts). False: no more need be looked for.
 */
export function lookAt(body: usize, from: i32, to: i32, coding: Coding, found: Found): bool {
  const fold = needsFolding(body + <usize>from, body + <usize>to)
  if (coding == Coding.PLAIN && !fold) return scan(decoder.read(body, from, to, coding), body, found)
  decoder.clear()
  const text = decoder.add(body, from, to, coding)
  // Escapes may stand for such characters too.
  if (fold || needsFolding(text.start, text.start + <usize>text.size)) foldText(text)
  return scan(text, body, found)
}

import { Coding, Json, utf8Bytes } from '@sluice/plugin-sdk/assembly'
import { SourceText } from '@sluice/plugin-sdk/assembly/source-text'
import { decoded, edit, encoded, Kind, KIND_NAMES, LABELS, maskNeedsValue, maskOf, nested } from '@sluice/plugin-sdk/assembly/pii'
import { Mode, modeFor } from './modes'
import { placeholder, TEXT_LABEL } from './placeholder'
import { hashOf, keep } from './vault'

/** What was found in the prompt at hand, and what is written in its place. */

/** More than this in one prompt is as bad as what is denied. */
const MAX_FINDINGS: i32 = 1 << 14

const counts = new StaticArray<i32>(7)
let total = 0

/** The kind that ends the exchange; -1 for none. */
export let deniedBy: i32 = -1

/** The text that is looked at. */
let body: usize = 0
let coding: Coding = Coding.PLAIN
/** Where it came from, if it is a string of JSON that holds JSON, without the escapes of the outer one. */
let outer: SourceText | null = null
/** Number tokens of JSON become strings: where the one at hand begins and ends; -1 when it is none. */
let numberFrom = -1
let numberTo = -1

export function beginFindings(): void {
  counts.fill(0)
  total = 0
  deniedBy = -1
}

/** Says how the text is written that is looked at next. */
export function beginText(ofBody: usize, ofCoding: Coding): void {
  body = ofBody
  coding = ofCoding
  outer = null
  numberFrom = -1
}

/** Says that the next text is JSON within JSON. */
export function beginNested(text: SourceText): void {
  beginText(text.start, Coding.JSON)
  outer = text
}

/** Says that the next text is the number between two places. */
export function beginNumber(from: i32, to: i32): void {
  numberFrom = from
  numberTo = to
}

export function endNumber(): void {
  numberFrom = -1
}

/** Takes what was found in the text at hand. False: no more need be looked for. */
export function found(kind: Kind, from: i32, to: i32): bool {
  unchecked(counts[kind]++)
  total++
  if (modeFor(kind) == Mode.DENY) {
    deniedBy = kind
    return false
  }
  if (numberFrom >= 0) {
    const number = decoded(body + <usize>numberFrom, numberTo - numberFrom, Coding.PLAIN)
    edit(numberFrom, numberTo, utf8Bytes(Json.quote(replacement(kind, number))))
    return false
  }
  const mode = modeFor(kind)
  const needsValue = mode != Mode.REDACT || maskNeedsValue()
  write(from, to, replacement(kind, needsValue ? decoded(body + <usize>from, to - from, coding) : ''))
  return total <= MAX_FINDINGS
}

/** Takes what is written like a placeholder. */
export function foundLookalike(from: i32, to: i32): void {
  write(from, to, placeholder(keep(TEXT_LABEL, decoded(body + <usize>from, to - from, coding))))
}

function write(from: i32, to: i32, text: string): void {
  const source = outer
  if (source === null) edit(from, to, encoded(text, coding))
  else edit(source.sourceOf(from), source.sourceOf(to), nested(text))
}

export function isTooMuch(): bool {
  return total > MAX_FINDINGS
}

/** Whether nothing more need be looked at. */
export function isDecided(): bool {
  return deniedBy >= 0 || isTooMuch()
}

export function findingCount(): i32 {
  return total
}

/** "email:2,card:1" */
export function summary(): string {
  let text = ''
  for (let kind = 0; kind < KIND_NAMES.length; kind++) {
    if (counts[kind] == 0) continue
    text += (text == '' ? '' : ',') + KIND_NAMES[kind] + ':' + counts[kind].toString()
  }
  return text
}

function replacement(kind: Kind, value: string): string {
  const label = LABELS[kind]
  switch (modeFor(kind)) {
    case Mode.MASK:
      return placeholder(keep(label, value))
    case Mode.HASH:
      return '[' + label + '#' + hashOf(label, value) + ']'
    default:
      return maskOf(kind, value)
  }
}

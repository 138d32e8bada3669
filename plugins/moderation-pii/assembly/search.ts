import { BodyKind, Coding, Decoder, Field, SourceText, walkJson } from '@sluice/plugin-sdk/assembly'
import { beginFindings, isDecided } from './findings'
import { foldText, needsFolding } from './fold'
import { scan } from './scan'

/** Looks through a body; what it finds goes to findings.ts. */

const decoder = new Decoder()
const raw = new SourceText()
let fields: Field | null = null
let body: usize = 0

export function prepareSearch(pointers: string[]): void {
  if (pointers.length > 0) fields = Field.of(pointers)
}

export function search(at: usize, size: i32, kind: BodyKind): void {
  body = at
  beginFindings()
  if (kind == BodyKind.JSON) {
    if (walkJson(at, size, fields, lookAtString)) return
    // Not JSON after all: some readers are lenient, so all of it is looked at, with the escapes read.
    beginFindings()
  }
  lookAt(0, size, codingOf(kind))
}

/** How texts are written in a body. */
export function codingOf(kind: BodyKind): Coding {
  if (kind == BodyKind.FORM) return Coding.FORM
  return kind == BodyKind.JSON || kind == BodyKind.JSON_LIKE ? Coding.JSON : Coding.PLAIN
}

function lookAtString(from: i32, to: i32, escaped: bool): bool {
  lookAt(from, to, escaped ? Coding.JSON : Coding.PLAIN)
  return !isDecided()
}

function lookAt(from: i32, to: i32, coding: Coding): void {
  const fold = needsFolding(body + <usize>from, body + <usize>to)
  if (coding == Coding.PLAIN && !fold) {
    raw.start = body + <usize>from
    raw.size = to - from
    raw.base = from
    scan(raw, body)
    return
  }
  decoder.clear()
  const text = decoder.add(body, from, to, coding)
  // Escapes may stand for such characters too.
  if (fold || needsFolding(text.start, text.start + <usize>text.size)) foldText(text)
  scan(text, body)
}

import { BodyKind, Coding, Field, walkJson } from '@sluice/plugin-sdk/assembly'
import { lookAt } from '@sluice/plugin-sdk/assembly/pii'
import { beginFindings, found, isDecided } from './findings'

/** Looks through a body; what it finds goes to findings.ts. */

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
  lookAt(body, 0, size, codingOf(kind), found)
}

/** How texts are written in a body. */
export function codingOf(kind: BodyKind): Coding {
  if (kind == BodyKind.FORM) return Coding.FORM
  return kind == BodyKind.JSON || kind == BodyKind.JSON_LIKE ? Coding.JSON : Coding.PLAIN
}

function lookAtString(from: i32, to: i32, escaped: bool): bool {
  lookAt(body, from, to, escaped ? Coding.JSON : Coding.PLAIN, found)
  return !isDecided()
}

import { Kind, KIND_NAMES } from '@sluice/plugin-sdk/assembly/pii'
import { Action, actionFor } from './kinds'

/** What was found in the body at hand, in order. */

/** More than this in one body is as bad as what may not pass. */
const MAX_FINDINGS: i32 = 1 << 14

let kinds: Kind[] = []
let froms: i32[] = []
let tos: i32[] = []
const counts = new StaticArray<i32>(7)

/** The kind that ends the exchange; -1 for none. */
export let blockedBy: i32 = -1

export function beginFindings(): void {
  if (kinds.length > 0) {
    kinds = []
    froms = []
    tos = []
  }
  counts.fill(0)
  blockedBy = -1
}

/** Takes what was found in the body at hand. False: no more need be looked for. */
export function found(kind: Kind, from: i32, to: i32): bool {
  unchecked(counts[kind]++)
  if (actionFor(kind) == Action.BLOCK) {
    blockedBy = kind
    return false
  }
  kinds.push(kind)
  froms.push(from)
  tos.push(to)
  return kinds.length <= MAX_FINDINGS
}

export function isTooMuch(): bool {
  return kinds.length > MAX_FINDINGS
}

export function isDecided(): bool {
  return blockedBy >= 0 || isTooMuch()
}

export function findingCount(): i32 {
  return kinds.length
}

export function kindOf(index: i32): Kind {
  return unchecked(kinds[index])
}

/** The first byte of the body that belongs to finding `index`. */
export function fromOf(index: i32): i32 {
  return unchecked(froms[index])
}

/** The first byte behind it. */
export function toOf(index: i32): i32 {
  return unchecked(tos[index])
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

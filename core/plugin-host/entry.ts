import type { Verdict } from './abi.js'
import type { ReadVerdict } from './read-verdict.js'

export type EntryKind = (typeof ENTRY)[keyof typeof ENTRY]
/**
 * verdict: bytes of a checked Verdict. fault: "reason message". log: level digit, then the text. time: of a timed call's step
 * (step-watch.ts). trace: JSON of a recorded call.
 */
export const ENTRY = { verdict: 1, fault: 2, log: 3, time: 8, trace: 9 } as const

export interface Entry<Bytes extends Uint8Array = Buffer> {
  readonly kind: EntryKind
  readonly binding: number
  readonly bytes: Bytes
  /** On the worker's side, of a verdict: what it was read as. */
  readonly read?: ReadVerdict
  /** On the event loop's side: what `bytes` are, when they are known. Shared: nobody may change it. */
  readonly verdict?: Verdict
}

const KINDS: readonly EntryKind[] = Object.values(ENTRY)

/** @throws RangeError when it is none */
export function entryKind(value: number): EntryKind {
  for (const kind of KINDS) if (kind === value) return kind
  throw new RangeError(`unknown entry kind ${value} in an arena`)
}

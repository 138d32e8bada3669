import { Buffer } from 'node:buffer'
import type { PhaseHook } from '../base/hooks.js'
import type { Verdict } from './abi.js'
import { type Earlier, patchOf, type Reader } from './rewrite.js'

/** What a verdict adds behind the inputs of one reader. */
export interface Patch {
  readonly bytes: Uint8Array
  /** Names of headers that the input must not have anywhere, or more than a patch is needed. */
  readonly lacking: readonly Buffer[]
}

/** A verdict as a plugin thread read and checked it. One that comes again and again is kept, and shared: nobody may change it. */
export class ReadVerdict implements Earlier {
  /** By which the event loop knows it (phrases.ts); -1: it does not. */
  number = -1
  private patches: WeakMap<Reader, Patch | 'none'> | undefined

  /** @param kept - its bytes, when it comes again and again */
  constructor(
    readonly verdict: Verdict,
    readonly plugin: string,
    readonly kept?: Buffer
  ) {}

  /** What it adds to the inputs of this reader, worked out once; undefined when it takes more, or is not kept. */
  patchFor(reader: Reader, hook: PhaseHook): Patch | undefined {
    if (this.kept === undefined) return undefined
    this.patches ??= new WeakMap()
    let patch = this.patches.get(reader)
    if (patch === undefined) {
      patch = made(this, reader, hook)
      this.patches.set(reader, patch)
    }
    return patch === 'none' ? undefined : patch
  }
}

function made(earlier: Earlier, reader: Reader, hook: PhaseHook): Patch | 'none' {
  const patch = patchOf(hook, earlier, reader)
  if (patch === undefined) return 'none'
  return { bytes: patch.bytes, lacking: patch.edited.map(name => Buffer.from(name, 'latin1')) }
}

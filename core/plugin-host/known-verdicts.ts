import { Buffer } from 'node:buffer'
import type { Verdict } from './abi.js'
import { ReadVerdict } from './read-verdict.js'

/** Larger ones are read each time: what they hold is hardly ever the same. */
const MAX_BYTES = 256
const MAX_KNOWN = 128
/** So many of those that came last are compared before one is looked up: a look-up makes a text of the bytes, which costs more. */
const MAX_RECENT = 4
/** When fewer of MAX_KNOWN came again, so many are read without being remembered: the plugin tells each exchange something else. */
const FEW_HITS = 16
const PAUSE = 1_024
/** Longer ones are compared by the engine, which costs a call; shorter ones faster here. */
const LONG_BYTES = 64

/**
 * A plugin's verdicts by their bytes. It says much the same to many exchanges: a verdict that was read before need not be decoded, nor
 * checked, again.
 */
export class KnownVerdicts {
  private known = new Map<string, ReadVerdict>()
  private recent: ReadVerdict[] = []
  /** Where the next of the recent goes. */
  private place = 0
  private hits = 0
  private pause = 0

  constructor(private readonly plugin: string) {}

  /**
   * The verdict these bytes are.
   * @param read - decodes and checks; what it throws is not kept
   */
  of(bytes: Buffer, read: (bytes: Buffer) => Verdict): ReadVerdict {
    if (bytes.length > MAX_BYTES || this.pause > 0) {
      this.pause = Math.max(0, this.pause - 1)
      return new ReadVerdict(read(bytes), this.plugin)
    }
    for (const each of this.recent) if (each.kept !== undefined && same(each.kept, bytes)) return each
    const key = bytes.toString('latin1')
    const seen = this.known.get(key)
    if (seen === undefined) return this.remember(key, bytes, read(bytes))
    this.hits++
    this.recent[this.place] = seen
    this.place = (this.place + 1) % MAX_RECENT
    return seen
  }

  private remember(key: string, bytes: Buffer, verdict: Verdict): ReadVerdict {
    // Views of bytes that will be others soon.
    if (verdict.body !== null || verdict.state !== null || verdict.reply !== null || verdict.effects.length > 0)
      return new ReadVerdict(verdict, this.plugin)
    if (this.known.size >= MAX_KNOWN) this.forget()
    const kept = new ReadVerdict(verdict, this.plugin, Buffer.from(bytes))
    this.known.set(key, kept)
    return kept
  }

  private forget(): void {
    if (this.hits < FEW_HITS) this.pause = PAUSE
    this.hits = 0
    this.known = new Map()
    this.recent = []
    this.place = 0
  }
}

function same(a: Buffer, b: Buffer): boolean {
  if (a.length !== b.length) return false
  if (a.length > LONG_BYTES) return a.equals(b)
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

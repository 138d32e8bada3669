import type { Buffer } from 'node:buffer'
import { Verdict } from './abi.js'

/** Larger ones are read each time: what they hold is hardly ever the same. */
const MAX_BYTES = 256
const MAX_KNOWN = 128

/**
 * Verdicts by their bytes. A plugin says much the same to many exchanges: a verdict that was read before need not be decoded,
 * nor checked, again. What is kept is shared: nobody may change it.
 */
export class KnownVerdicts {
  private known = new Map<string, Verdict>()

  /**
   * The verdict these bytes are.
   * @param read - decodes, and checks where that is due; what it throws is not kept
   */
  of(bytes: Buffer, read: (bytes: Buffer) => Verdict = Verdict.decode): Verdict {
    if (bytes.length > MAX_BYTES) return read(bytes)
    const key = bytes.toString('latin1')
    const seen = this.known.get(key)
    if (seen !== undefined) return seen
    const verdict = read(bytes)
    // Views of bytes that will be others soon.
    if (verdict.body !== null || verdict.state !== null || verdict.reply !== null || verdict.effects.length > 0)
      return verdict
    if (this.known.size >= MAX_KNOWN) this.known = new Map()
    this.known.set(key, verdict)
    return verdict
  }
}

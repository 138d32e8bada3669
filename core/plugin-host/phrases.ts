import { decodeVerdict } from './edit-reader.js'
import type { Entry } from './entry.js'
import type { ReadVerdict } from './read-verdict.js'

/**
 * A plugin thread says the same few verdicts over and over. Each that comes again gets a number, which goes in its place from then on:
 * the bytes cross once, and the event loop decodes them once. A number stands for what it was given to last; both sides hold as many.
 */
export const MAX_PHRASES = 512

/** The thread's side: gives the numbers. */
export class PhraseNumbers {
  private readonly holders: (ReadVerdict | undefined)[] = []
  private next = 0

  /** A number for it, taken from the verdict that has had one for the longest time. */
  give(verdict: ReadVerdict): number {
    const before = this.holders[this.next]
    if (before !== undefined) before.number = -1
    this.holders[this.next] = verdict
    verdict.number = this.next
    this.next = (this.next + 1) % MAX_PHRASES
    return verdict.number
  }
}

/** The event loop's side, for one thread. */
export class Phrases {
  private readonly known: (Entry | undefined)[] = []

  /** The thread has given this number. @returns what it stands for now, the same for all who say it */
  learn(number: number, entry: Entry): Entry {
    const phrase = { ...entry, verdict: decodeVerdict(entry.bytes) }
    this.known[number] = phrase
    return phrase
  }

  /** @throws RangeError for a number that was never given */
  get(number: number): Entry {
    const phrase = this.known[number]
    if (phrase === undefined) throw new RangeError(`verdict number ${number} was never given`)
    return phrase
  }
}

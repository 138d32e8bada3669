/** Of how many targets it is remembered: configurations change. */
const MAX_TARGETS = 10_000
/** A measurement counts at least so much, however soon it comes after the one before. */
const LEAST_WEIGHT = 0.1

interface Timing {
  /** undefined: nothing was measured yet. */
  ms: number | undefined
  at: number
  decayMs: number
}

/**
 * How fast targets have answered: an average of the time to the first token that forgets with time. Only of those that somebody has asked about: what
 * no strategy goes by is not remembered.
 */
export class Timings {
  /** In the order they were first asked about. */
  private readonly timings = new Map<string, Timing>()

  /** @param now - milliseconds on a clock that only goes forward */
  constructor(private readonly now: () => number) {}

  /**
   * Takes a measurement in.
   * @param id - of the target
   * @param ms - to the first token of a stream, or to the whole answer where it does not stream
   */
  observe(id: string, ms: number): void {
    const known = this.timings.get(id)
    if (known === undefined) return
    const at = this.now()
    const weight = Math.max(LEAST_WEIGHT, 1 - Math.exp((known.at - at) / known.decayMs))
    known.ms = known.ms === undefined ? ms : known.ms + weight * (ms - known.ms)
    known.at = at
  }

  /**
   * The average, milliseconds; undefined: nothing was measured within three times `decayMs`.
   * @param decayMs - after it, a third of what was known is left; from now on so for measurements of this target
   */
  read(id: string, decayMs: number): number | undefined {
    const known = this.timings.get(id)
    if (known === undefined) {
      this.begin(id, decayMs)
      return undefined
    }
    known.decayMs = decayMs
    return this.now() - known.at > 3 * decayMs ? undefined : known.ms
  }

  private begin(id: string, decayMs: number): void {
    if (this.timings.size >= MAX_TARGETS) {
      for (const oldest of this.timings.keys()) {
        this.timings.delete(oldest)
        break
      }
    }
    this.timings.set(id, { ms: undefined, at: this.now(), decayMs })
  }
}

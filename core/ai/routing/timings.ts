/** Of how many targets it is remembered: names are clients' to choose. */
const MAX_TARGETS = 10_000
/** A measurement counts at least so much, however soon it comes after the one before. */
const LEAST_WEIGHT = 0.1

interface Timing {
  ms: number
  at: number
}

/** How fast targets have answered: an average of the time to the first token that forgets with time. */
export class Timings {
  /** In the order they were last measured. */
  private readonly timings = new Map<string, Timing>()

  /** @param now - milliseconds on a clock that only goes forward */
  constructor(private readonly now: () => number) {}

  /**
   * Takes a measurement in.
   * @param id - of the target
   * @param ms - to the first token of a stream, or to the whole answer where it does not stream
   * @param decayMs - after it, a third of what was known is left
   */
  observe(id: string, ms: number, decayMs: number): void {
    const at = this.now()
    const known = this.timings.get(id)
    this.timings.delete(id)
    const weight = known === undefined ? 1 : Math.max(LEAST_WEIGHT, 1 - Math.exp((known.at - at) / decayMs))
    this.timings.set(id, { ms: known === undefined ? ms : known.ms + weight * (ms - known.ms), at })
    if (this.timings.size <= MAX_TARGETS) return
    for (const oldest of this.timings.keys()) {
      this.timings.delete(oldest)
      return
    }
  }

  /** The average, milliseconds; undefined: nothing was measured within three times `decayMs`. */
  read(id: string, decayMs: number): number | undefined {
    const known = this.timings.get(id)
    return known === undefined || this.now() - known.at > 3 * decayMs ? undefined : known.ms
  }
}

/**
 * An average of response times that believes a rise at once and a fall slowly (the "peak EWMA" of Finagle): one slow reply counts in
 * full, and is forgotten over `decayMs`.
 */
export class PeakAverage {
  /** Milliseconds; undefined: nothing was measured yet. */
  value: number | undefined
  private at = 0

  add(ms: number, now: number, decayMs: number): void {
    const { value } = this
    if (value === undefined || ms > value) this.value = ms
    else {
      const kept = Math.exp((this.at - now) / decayMs)
      this.value = value * kept + ms * (1 - kept)
    }
    this.at = now
  }

  /**
   * The average as it counts now: it sinks with time, so that a target which is not asked because it was slow is asked again
   * some day.
   */
  read(now: number, decayMs: number): number {
    return this.value === undefined ? 0 : this.value * Math.exp((this.at - now) / decayMs)
  }
}

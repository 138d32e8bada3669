/** Each bucket is a quarter wider than the one before; the first ends at half a millisecond, the last at about an hour. */
const FIRST_MS = 0.5
const FACTOR = 1.25
const BUCKETS = 72
const HALF_WINDOW_MS = 30_000
/** With fewer, a percentile says nothing. */
const MIN_SAMPLES = 50

/** How long replies took over the last half to whole minute, well enough for percentiles: within a quarter above the true one. */
export class Latencies {
  private young = new Uint32Array(BUCKETS)
  private old = new Uint32Array(BUCKETS)
  private since = 0

  observe(ms: number, now: number): void {
    this.turn(now)
    const bucket = Math.ceil(Math.log(Math.max(ms, FIRST_MS) / FIRST_MS) / Math.log(FACTOR))
    const at = Math.min(bucket, BUCKETS - 1)
    this.young[at] = (this.young[at] ?? 0) + 1
  }

  /** @param share - 0.95: the time within which 95 of 100 replies came @returns milliseconds; undefined: too few to say */
  percentile(share: number, now: number): number | undefined {
    this.turn(now)
    let total = 0
    for (let i = 0; i < BUCKETS; i++) total += this.count(i)
    if (total < MIN_SAMPLES) return undefined
    let seen = 0
    for (let i = 0; i < BUCKETS; i++) {
      seen += this.count(i)
      if (seen >= share * total) return FIRST_MS * FACTOR ** i
    }
    return undefined
  }

  private count(bucket: number): number {
    return (this.young[bucket] ?? 0) + (this.old[bucket] ?? 0)
  }

  private turn(now: number): void {
    const age = now - this.since
    if (age < HALF_WINDOW_MS) return
    const emptied = this.old.fill(0)
    if (age >= 2 * HALF_WINDOW_MS) this.young.fill(0)
    this.old = this.young
    this.young = emptied
    this.since = now
  }
}

/** Seconds an exchange may take, as bounds of a histogram. */
const BOUNDS: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60
]

/** A histogram of times: an array and a sum, so that an observation is two additions. */
export class Buckets {
  readonly bounds = BOUNDS
  readonly counts = new Float64Array(BOUNDS.length + 1)
  sum = 0

  observe(seconds: number): void {
    let bucket = 0
    while (bucket < BOUNDS.length && seconds > (BOUNDS[bucket] ?? 0)) bucket++
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
    this.sum += seconds
  }
}

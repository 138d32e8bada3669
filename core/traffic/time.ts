/** The clock and timers of everything here, so that tests can be quick about time. */
export interface Time {
  /** Milliseconds on a clock that only goes forward. */
  now(): number
  /** Runs something once, `ms` later. @returns what calls it off */
  after(ms: number, run: () => void): () => void
}

export const REAL_TIME: Time = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  }
}

/** Time, as everything here that waits or measures is given it: tests have their own. */
export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  now(): number
  /** Calls `then` once, after `ms`, unless what is returned is called before. */
  after(ms: number, then: () => void): () => void
}

/** Longest delay a timer of Node can hold. */
const MAX_MS = 2 ** 31 - 1

/** The process's. Its timers do not keep the process. */
export const CLOCK: Clock = {
  now: () => performance.now(),
  after: (ms, then) => {
    const timer = setTimeout(then, Math.min(ms, MAX_MS))
    timer.unref()
    return () => clearTimeout(timer)
  }
}

import type { Test } from 'tap'

/** Lets time pass for this process, at once, until the test ends. Timers do not notice. @returns what does it */
export function clock(t: Test): (seconds: number) => void {
  const { now: wall } = Date
  const monotonic = performance.now.bind(performance)
  let passedMs = 0
  Date.now = () => wall() + passedMs
  performance.now = () => monotonic() + passedMs
  t.teardown(() => {
    Date.now = wall
    performance.now = monotonic
  })
  return seconds => {
    passedMs += seconds * 1_000
  }
}

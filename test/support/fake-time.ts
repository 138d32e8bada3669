import type { Time } from '../../core/traffic/time.js'

/** Time that passes when it is told to. */
export interface FakeTime extends Time {
  /** Lets time pass; what becomes due runs, in order. */
  pass(ms: number): void
  /** Timers that are set. */
  readonly pending: number
}

export function fakeTime(start = 0): FakeTime {
  let now = start
  let count = 0
  const timers = new Map<number, { at: number; run: () => void }>()
  return {
    now: () => now,
    after: (ms, run) => {
      const id = count++
      timers.set(id, { at: now + ms, run })
      return () => void timers.delete(id)
    },
    pass: ms => {
      const end = now + ms
      for (;;) {
        const due = [...timers].filter(([, { at }]) => at <= end).sort(([a, x], [b, y]) => x.at - y.at || a - b)[0]
        if (due === undefined) break
        now = Math.max(now, due[1].at)
        timers.delete(due[0])
        due[1].run()
      }
      now = end
    },
    get pending() {
      return timers.size
    }
  }
}

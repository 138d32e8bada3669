/** How long what was spent counts. */
export interface Period {
  /** "month", "rolling 24h": as configurations have it. */
  readonly name: string
  /** When the piece of time began that `at` is in. Milliseconds since 1970, as all here. */
  start(at: number): number
  /** When what was spent in the piece that began at `start` does not count any more. */
  end(start: number): number
  /** How long an alert is not repeated, from `at`. */
  quietUntil(at: number): number
}

export const CALENDAR = ['minute', 'hour', 'day', 'week', 'month'] as const
export type CalendarUnit = (typeof CALENDAR)[number]

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** 1970 began on a Thursday: weeks begin on Mondays. */
const FIRST_MONDAY = 4 * DAY

/** Minutes, hours, days, weeks from Monday, and months, by the calendar in UTC. */
export function calendar(unit: CalendarUnit): Period {
  const [start, end] = spans(unit)
  return { name: unit, start, end, quietUntil: at => end(start(at)) }
}

/** A window that moves on in 60 steps. What is in a step leaves with it, so it counts for up to a sixtieth longer, never shorter. */
const STEPS = 60

/** @param text - as the operator wrote the length */
export function rolling(ms: number, text: string): Period {
  const step = Math.max(1, Math.ceil(ms / STEPS))
  return {
    name: `rolling ${text}`,
    start: at => Math.floor(at / step) * step,
    end: start => start + step + ms,
    quietUntil: at => at + ms
  }
}

function spans(unit: CalendarUnit): [start: (at: number) => number, end: (start: number) => number] {
  switch (unit) {
    case 'minute':
      return even(MINUTE, 0)
    case 'hour':
      return even(HOUR, 0)
    case 'day':
      return even(DAY, 0)
    case 'week':
      return even(7 * DAY, FIRST_MONDAY)
    case 'month':
      return months()
  }
}

function even(length: number, offset: number): [(at: number) => number, (start: number) => number] {
  return [at => Math.floor((at - offset) / length) * length + offset, start => start + length]
}

/** Dates are slow to make: the month of the last question is remembered. */
function months(): [(at: number) => number, (start: number) => number] {
  let [start, end] = [0, 0]
  const find = (at: number): void => {
    if (at >= start && at < end) return
    start = monthOf(at, 0)
    end = monthOf(at, 1)
  }
  return [
    at => {
      find(at)
      return start
    },
    begun => {
      find(begun)
      return end
    }
  ]
}

function monthOf(at: number, later: number): number {
  const date = new Date(at)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + later, 1)
}

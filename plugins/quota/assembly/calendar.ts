/** Windows of the calendar. */
export enum Window {
  MINUTE,
  HOUR,
  DAY,
  WEEK,
  MONTH
}

export const WINDOW_NAMES: string[] = ['minute', 'hour', 'day', 'week', 'month']

const MINUTE_MS: i64 = 60_000
const HOUR_MS: i64 = 3_600_000
const DAY_MS: i64 = 86_400_000

/** Where the window that holds a moment begins and ends, Unix milliseconds: set by `findWindow`. */
export let windowStart: i64 = 0
export let windowEnd: i64 = 0

/** @param offsetMs - of the local time from UTC */
export function findWindow(window: Window, nowMs: i64, offsetMs: i64): void {
  const local = nowMs + offsetMs
  let start: i64
  let end: i64
  if (window == Window.MONTH) {
    const day = floorDiv(local, DAY_MS)
    start = (day - dayOfMonth(day) + 1) * DAY_MS
    const next = start / DAY_MS + 31 // in the next month, whatever the month is
    end = (next - dayOfMonth(next) + 1) * DAY_MS
  } else {
    const size = sizeOf(window)
    // Weeks begin on Mondays (ISO 8601); 1 January 1970 was a Thursday.
    const shift = window == Window.WEEK ? 3 * DAY_MS : 0
    start = floorDiv(local + shift, size) * size - shift
    end = start + size
  }
  windowStart = start - offsetMs
  windowEnd = end - offsetMs
}

function sizeOf(window: Window): i64 {
  if (window == Window.MINUTE) return MINUTE_MS
  if (window == Window.HOUR) return HOUR_MS
  return window == Window.DAY ? DAY_MS : 7 * DAY_MS
}

/** The day of the month, from 1, of a day since 1 January 1970; in the Gregorian calendar, by eras of 400 years from March on. */
function dayOfMonth(day: i64): i64 {
  const shifted = day + 719_468
  const ofEra = shifted - floorDiv(shifted, 146_097) * 146_097
  const yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
  const ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  const month = (5 * ofYear + 2) / 153
  return ofYear - (153 * month + 2) / 5 + 1
}

function floorDiv(a: i64, b: i64): i64 {
  const quotient = a / b
  return a % b < 0 ? quotient - 1 : quotient
}

/** The offset of "Z" or "+05:30" in milliseconds; the schema has checked it. */
export function offsetOf(text: string): i64 {
  if (text == 'Z') return 0
  const ms = I64.parseInt(text.substring(1, 3)) * HOUR_MS + I64.parseInt(text.substring(4)) * MINUTE_MS
  return text.startsWith('-') ? -ms : ms
}

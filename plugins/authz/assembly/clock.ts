import { Settings } from '@sluice/plugin-sdk/assembly'

const HOUR: i32 = 60
export const DAY: i32 = 24 * HOUR
const WEEK: i32 = 7 * DAY
const NAMES = 'montuewedthufrisatsun'
/** The first of January 1970 was a Thursday. */
const EPOCH_DAY: i64 = 3

let offset: i64 = 0

/** `text` is like "+02:00". */
export function setUtcOffset(text: string): void {
  const minutes = <i64>minuteOfDay(text.substring(1))
  offset = text.charCodeAt(0) == 0x2d ? -minutes : minutes
}

/** Minutes since Monday, 00:00, on the clock of the settings. */
export function weekMinuteOf(unixMs: i64): i32 {
  const minutes = floorDiv(unixMs, 60_000) + offset + EPOCH_DAY * DAY
  return <i32>(minutes - floorDiv(minutes, WEEK) * WEEK)
}

/** A time of day, on some days of the week. */
@final
export class TimeWindow {
  private constructor(
    /** One bit for each day, from Monday on. */
    private readonly days: i32,
    private readonly from: i32,
    private readonly length: i32
  ) {}

  /** null when it is of no length. */
  static of(settings: Settings): TimeWindow | null {
    const from = minuteOfDay(settings.string('from', '00:00'))
    const to = minuteOfDay(settings.string('to', '24:00'))
    if (from == to) return null
    const days = settings.has('days') ? daysOf(settings.strings('days')) : 0x7f
    return new TimeWindow(days, from, to > from ? to - from : to + DAY - from)
  }

  /** The end is not part of it. One that goes over midnight belongs to the day on which it began. */
  has(weekMinute: i32): bool {
    const day = weekMinute / DAY
    const minute = weekMinute % DAY
    return this.covers(day, minute) || this.covers((day + 6) % 7, minute + DAY)
  }

  private covers(day: i32, minute: i32): bool {
    return ((this.days >> day) & 1) == 1 && minute >= this.from && minute < this.from + this.length
  }
}

/** `texts` are like "mon" or "mon-fri"; a run may go over the week's end. */
function daysOf(texts: string[]): i32 {
  let days = 0
  for (let i = 0; i < texts.length; i++) {
    const first = dayOf(texts[i].substring(0, 3))
    const last = texts[i].length > 3 ? dayOf(texts[i].substring(4)) : first
    for (let day = first; ; day = (day + 1) % 7) {
      days |= 1 << day
      if (day == last) break
    }
  }
  return days
}

function dayOf(name: string): i32 {
  return NAMES.indexOf(name) / 3
}

/** `text` is HH:MM. */
function minuteOfDay(text: string): i32 {
  return digits(text, 0) * HOUR + digits(text, 3)
}

function digits(text: string, at: i32): i32 {
  return (text.charCodeAt(at) - 0x30) * 10 + text.charCodeAt(at + 1) - 0x30
}

function floorDiv(value: i64, by: i64): i64 {
  const quotient = value / by
  return value % by < 0 ? quotient - 1 : quotient
}

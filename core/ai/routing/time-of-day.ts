import { type Condition, DAYS, type Day } from '../../config/schema-ai-conditions.js'

/** Whether it is the time of a condition, at a moment in milliseconds since 1970. */
export function timeTest({
  from = '00:00',
  to = '24:00',
  days = DAYS,
  zone
}: NonNullable<Condition['time']>): (now: number) => boolean {
  const [begin, end] = [minutesOf(from), minutesOf(to)]
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23'
  })
  return now => {
    const { day, minute } = read(format, now)
    if (begin < end) return minute >= begin && minute < end && on(days, day)
    // Past midnight it is still the night of the day before.
    return (minute >= begin && on(days, day)) || (minute < end && on(days, day + 6))
  }
}

function read(format: Intl.DateTimeFormat, now: number): { readonly day: number; readonly minute: number } {
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]))
  const day = DAYS.findIndex(name => parts.get('weekday')?.toLowerCase().startsWith(name))
  return { day, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) }
}

function on(days: readonly Day[], day: number): boolean {
  const name = DAYS[day % 7]
  return name !== undefined && days.includes(name)
}

function minutesOf(text: string): number {
  const [hours, minutes] = text.split(':')
  return Number(hours) * 60 + Number(minutes)
}

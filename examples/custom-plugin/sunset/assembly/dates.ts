const WEEKDAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'] // 1 January 1970 was a Thursday
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Days from 1 January 1970 to a day written YYYY-MM-DD; -1 when there is no such day (2027-02-30) or it is before. */
export function unixDay(text: string): i64 {
  const year = I32.parseInt(text.substring(0, 4))
  const month = I32.parseInt(text.substring(5, 7))
  const day = I32.parseInt(text.substring(8, 10))
  if (year < 1970 || day > daysIn(year, month)) return -1
  let days: i64 = 0
  for (let y = 1970; y < year; y++) days += isLeap(y) ? 366 : 365
  for (let m = 1; m < month; m++) days += daysIn(year, m)
  return days + day - 1
}

/** Midnight of a day as HTTP writes it (RFC 9110 section 5.6.7). */
export function httpDate(unixDay: i64): string {
  let year = 1970
  let rest = unixDay
  while (rest >= (isLeap(year) ? 366 : 365)) rest -= isLeap(year++) ? 366 : 365
  let month = 1
  while (rest >= daysIn(year, month)) rest -= daysIn(year, month++)
  const weekday = WEEKDAYS[<i32>(unixDay % 7)]
  return weekday + ', ' + two(<i32>rest + 1) + ' ' + MONTHS[month - 1] + ' ' + year.toString() + ' 00:00:00 GMT'
}

function isLeap(year: i32): bool {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

function daysIn(year: i32, month: i32): i32 {
  if (month == 2) return isLeap(year) ? 29 : 28
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
}

function two(value: i32): string {
  return value < 10 ? '0' + value.toString() : value.toString()
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** RFC 9110 §5.6.7: the form that is sent, and the two old ones that are still read. */
const FIXDATE = /^[a-z]{3}, (\d\d) ([a-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/i
const RFC850 = /^[a-z]{6,9}, (\d\d)-([a-z]{3})-(\d\d) (\d\d):(\d\d):(\d\d) GMT$/i
const ASCTIME = /^[a-z]{3} ([a-z]{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/i

/**
 * An HTTP date, milliseconds since 1970. Undefined for anything else: `Date.parse` would take many things for dates that are none.
 * @param now - decides the century of two-digit years
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  const fix = FIXDATE.exec(text)
  if (fix !== null) return utc(fix[3], fix[2], fix[1], fix[4], fix[5], fix[6])
  const old = RFC850.exec(text)
  if (old !== null) return utc(String(fullYear(Number(old[3]), now)), old[2], old[1], old[4], old[5], old[6])
  const asc = ASCTIME.exec(text)
  if (asc !== null) return utc(asc[6], asc[1], asc[2], asc[3], asc[4], asc[5])
  return undefined
}

/** A two-digit year more than 50 years ahead is one of the last century. */
function fullYear(short: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear()
  const year = thisYear - (thisYear % 100) + short
  return year > thisYear + 50 ? year - 100 : year
}

function utc(year = '', month = '', day = '', hour = '', minute = '', second = ''): number | undefined {
  const index = MONTHS.indexOf(month.toLowerCase())
  if (index === -1) return undefined
  return Date.UTC(Number(year), index, Number(day), Number(hour), Number(minute), Number(second))
}

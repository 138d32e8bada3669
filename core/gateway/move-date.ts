import { allValues, type HeaderList, header, setHeader } from '../base/headers.js'
import { parseHttpDate } from '../traffic/cache/http-date.js'

/**
 * The listener writes a Date of its own. What caches learn from the upstream's is said another way: how old the reply is by Age, and an
 * Expires that counts is as far behind the new Date as it was behind the old one (RFC 9111 §4.2).
 * @param date - the upstream's
 * @param now - milliseconds since 1970
 * @returns whether it may be another way in another second
 */
export function moveDate(list: HeaderList, date: string, now: number): boolean {
  const control = allValues(list, 'cache-control')
  const expires = /max-age/i.test(control) ? undefined : header(list, 'expires') // max-age counts instead (§5.3)
  if (expires === undefined && !/max-?age/i.test(control)) return false
  const madeAt = timeOf(date, now)
  if (madeAt === undefined) return true
  const age = Math.floor((now - madeAt) / 1_000)
  const said = Number.parseInt(header(list, 'age') ?? '0', 10)
  if (age > 0 && !(said >= age)) setHeader(list, 'age', String(age))
  const until = expires === undefined ? undefined : parseHttpDate(expires, now)
  if (until !== undefined) setHeader(list, 'expires', new Date(now + until - madeAt).toUTCString())
  return true
}

/** What was read last: replies of a second, and a stored one, have the same. */
let last: { readonly date: string; readonly time: number | undefined } = { date: '', time: undefined }

function timeOf(date: string, now: number): number | undefined {
  if (last.date !== date) last = { date, time: parseHttpDate(date, now) }
  return last.time
}

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
  if (lastControl.text !== control) lastControl = readControl(control)
  const expires = lastControl.maxAge ? undefined : header(list, 'expires') // max-age counts instead (§5.3)
  if (expires === undefined && !lastControl.age) return false
  const madeAt = timeOf(date, now)
  if (madeAt === undefined) return true
  const age = Math.floor((now - madeAt) / 1_000)
  if (age > 0 && !(Number.parseInt(header(list, 'age') ?? '0', 10) >= age)) setHeader(list, 'age', String(age))
  const until = expires === undefined ? undefined : parseHttpDate(expires, now)
  if (until !== undefined) setHeader(list, 'expires', new Date(now + until - madeAt).toUTCString())
  return true
}

/** Whether a Cache-Control says for how long, with max-age or in any way. */
function readControl(text: string) {
  return { text, maxAge: /max-age/i.test(text), age: /max-?age/i.test(text) }
}

/** What was read last: most replies say the same. */
let lastControl = readControl('')

/** What was read last: replies of a second, and a stored one, have the same. */
let last: { readonly date: string; readonly time: number | undefined } = { date: '', time: undefined }

function timeOf(date: string, now: number): number | undefined {
  if (last.date !== date) last = { date, time: parseHttpDate(date, now) }
  return last.time
}

import { type HeaderList, header } from '../base/headers.js'

/** What a reply's Retry-After asks for (RFC 9110 §10.2.3: seconds or a date), milliseconds from `now`; undefined: nothing that can be read. */
export function retryAfterMs(headers: HeaderList, now: number): number | undefined {
  const value = header(headers, 'retry-after')?.trim()
  if (value === undefined) return undefined
  if (/^[0-9]{1,9}$/.test(value)) return Number(value) * 1_000
  if (!/^[A-Z][a-z]{2}, /.test(value)) return undefined // of the many texts Date.parse takes, only HTTP's
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

import { type HeaderList, header } from '../base/headers.js'

/**
 * How long a provider asks to wait, milliseconds: `retry-after-ms` (OpenAI, Azure), else Retry-After in seconds or as a date
 * (RFC 9110 §10.2.3). undefined: it does not say, or not so that it can be read.
 * @param now - milliseconds since 1970
 */
export function retryAfterMs(headers: HeaderList, now: number): number | undefined {
  const exact = decimal(header(headers, 'retry-after-ms'))
  if (exact !== undefined) return exact
  const text = header(headers, 'retry-after') ?? ''
  const seconds = decimal(text)
  if (seconds !== undefined) return seconds * 1_000
  const date = IS_DATE.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** HTTP's dates, and ISO's: of "wait 5" Date.parse would make a day in May. */
const IS_DATE = /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)|\d{4}-\d\d-\d\dT)/

/** A number of at least 0; an empty header is none. */
function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,12}(?:\.\d*)?\s*$/.test(text) ? Number(text) : undefined
}

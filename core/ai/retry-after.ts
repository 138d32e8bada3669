import { type HeaderList, header } from '../base/headers.js'

/**
 * How long a provider asks to wait, milliseconds: `retry-after-ms` (OpenAI, Azure), else Retry-After in seconds or as a date
 * (RFC 9110 §10.2.3). undefined: it does not say, or not so that it can be read.
 * @param now - milliseconds since 1970
 */
export function retryAfterMs(headers: HeaderList, now: number): number | undefined {
  const exact = Number(header(headers, 'retry-after-ms') ?? Number.NaN)
  if (exact >= 0) return exact
  const text = header(headers, 'retry-after')
  if (text === undefined) return undefined
  const seconds = Number(text)
  if (text.trim() !== '' && seconds >= 0) return seconds * 1_000
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN // of a bare number it would make a year
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

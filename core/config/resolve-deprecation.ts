import { parseDate, parseSpan } from './dates.js'
import type { Deprecation } from './schema-deprecation.js'

/** Moments are milliseconds since 1970. */
export interface DeprecationConfig {
  readonly since: number
  readonly sunset: number | undefined
  /** From when on it answers 410; undefined: never. */
  readonly goneFrom: number | undefined
  readonly link: string | undefined
  readonly sunsetLink: string | undefined
  readonly successor: string | undefined
  readonly brownouts: readonly BrownoutConfig[]
  readonly brownoutStatus: 410 | 503
}

export interface BrownoutConfig {
  readonly from: number
  readonly forMs: number
  /** From the begin of one to the begin of the next; undefined: there is one. */
  readonly everyMs: number | undefined
  /** None begins from then on; undefined: there is no end. */
  readonly until: number | undefined
}

export function resolveDeprecation(entry: Deprecation): DeprecationConfig {
  const { link, sunsetLink, successor, brownoutStatus } = entry
  const sunset = moment(entry.sunset)
  return {
    since: moment(entry.since) ?? 0,
    sunset,
    goneFrom: sunset === undefined ? undefined : sunset + (parseSpan(entry.grace) ?? 0),
    link,
    sunsetLink,
    successor,
    brownouts: entry.brownouts.map(brownout => ({
      from: moment(brownout.from) ?? 0,
      forMs: parseSpan(brownout.for) ?? 0,
      everyMs: brownout.every === undefined ? undefined : parseSpan(brownout.every),
      until: moment(brownout.until) ?? sunset
    })),
    brownoutStatus: brownoutStatus === 410 ? 410 : 503
  }
}

function moment(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDate(text)
}

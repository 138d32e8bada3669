/** Moments in a configuration: '2026-11-01' (midnight, UTC) or '2026-11-01T10:00:00Z', as in RFC 3339, maybe with fractions of a second. */

const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/

/** Milliseconds since 1970, or undefined for what is no date. */
export function parseDate(text: string): number | undefined {
  const parts = DATE.exec(text)
  if (parts === null) return undefined
  const [, year, month, day] = parts.map(Number)
  // Date takes the 30th of February for the 2nd of March.
  const date = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day ?? 0))
  if (date.getUTCMonth() + 1 !== month || date.getUTCDate() !== day) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}

/** What is wrong with a date, or undefined. */
export function wrongDate(text: string): string | undefined {
  if (parseDate(text) !== undefined) return undefined
  if (/^\d{4}-\d{2}-\d{2}T[\d:.]+$/.test(text)) return 'has no time zone; expected one like 2026-11-01T10:00:00Z'
  return 'is no date; expected one like 2026-11-01 or 2026-11-01T10:00:00Z'
}

const SPAN_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** '30m', '12h', '7d' → milliseconds; undefined for anything else. */
export function parseSpan(text: string): number | undefined {
  const [, digits, unit = ''] = /^([0-9]{1,6})([mhd])$/.exec(text) ?? []
  const factor = SPAN_MS[unit]
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor
}

/** Durations and sizes as people write them in a configuration. */

export const DURATION_PATTERN = '^[0-9]+(ms|s|m|h)$'
export const SIZE_PATTERN = '^[0-9]+(B|KiB|MiB|GiB)$'

const MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
const BYTES: Record<string, number> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** '250ms', '30s', '5m', '1h' → integer milliseconds. The caller has checked the pattern. */
export function milliseconds(text: string): number {
  return scaled(text, MS)
}

/** '512B', '16KiB', '32MiB', '2GiB' → integer bytes. The caller has checked the pattern. */
export function bytes(text: string): number {
  return scaled(text, BYTES)
}

function scaled(text: string, units: Record<string, number>): number {
  const digits = /^[0-9]+/.exec(text)?.[0] ?? ''
  const factor = units[text.slice(digits.length)]
  if (digits === '' || factor === undefined) throw new RangeError(`"${text}" has no unit of ${Object.keys(units)}`)
  return Number(digits) * factor
}

/** A count, as a number or text; undefined: it is none, or more than can be counted exactly (2⁵³ - 1). */
export function wholeNumber(value: string | number): number | undefined {
  const number = typeof value === 'number' || /^\d+(?:\.0+)?$/.test(value) ? Number(value) : Number.NaN
  return Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

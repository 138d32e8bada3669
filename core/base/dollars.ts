/** Money in catalogs and configurations: dollars as a decimal, in code whole picodollars or micro-dollars. */

/** Picodollars of a token in a dollar for a million tokens; micro-dollars in a dollar. */
const MILLION = 1_000_000

const DECIMAL = /^(\d{1,9})(?:\.(\d{1,6}))?$/

/** Dollars for a million tokens, as data has them → picodollars for one, rounded half up. */
export function picoPerToken(dollars: number): number {
  return Math.floor(dollars * MILLION + 0.5)
}

/** Dollars for a thousand calls → picodollars for one. */
export function picoPerCall(dollarsForThousand: number): number {
  return Math.floor(dollarsForThousand * 1e9 + 0.5)
}

/**
 * A decimal of dollars in millionths, exactly: '2.50' → 2500000. That is micro-dollars, and for a price of a million tokens picodollars for one.
 * @returns undefined for what is none, or has more than six digits after the point
 */
export function millionths(dollars: string | number): number | undefined {
  const text = typeof dollars === 'number' ? plainNumber(dollars) : dollars
  const [, whole, fraction = ''] = DECIMAL.exec(text) ?? []
  return whole === undefined ? undefined : Number(whole) * MILLION + Number(fraction.padEnd(6, '0'))
}

/** Micro-dollars as dollars, without zeros at the end: 2500000 → "2.5". */
export function dollars(microDollars: number): string {
  const text = (microDollars / MILLION).toFixed(6)
  return text.replace(/\.?0+$/, '')
}

/** 1e-6 as "0.000001". */
function plainNumber(value: number): string {
  const text = String(value)
  return text.includes('e') ? value.toFixed(7).replace(/0$/, '') : text
}

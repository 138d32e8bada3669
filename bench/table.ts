import type { Spread } from './stats.js'

/** Lines of a text table: the first column to the left, the others to the right. The first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length)
    })
  }
  return rows.map(row =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  )
}

/** "28.1 (27.9–29.0)", or a dash when there is nothing to show. */
export function shown(value: Spread | undefined, digits: number): string {
  if (value === undefined) return '–'
  const { median, min, max } = value
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`
}

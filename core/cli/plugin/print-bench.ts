import type { BenchReport } from './bench.js'

/** The figures of a bench as a table. */
export function benchTable({ plugin, hooks, calls, memory }: BenchReport): string {
  const head = ['hook', 'case', 'calls', 'mean µs', 'p50', 'p99']
  const rows = [...calls, ...(calls.length > hooks.length ? hooks : [])].map(each => [
    each.hook,
    each.case,
    String(each.calls),
    each.meanUs.toFixed(1),
    each.p50Us.toFixed(1),
    each.p99Us.toFixed(1)
  ])
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map(row => (row[i] ?? '').length)))
  const lines = [head, ...rows].map(row =>
    row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')
  )
  const { pages, grownBy, limit } = memory
  const growth =
    grownBy === 0
      ? 'it did not grow'
      : `it grew by ${grownBy} while it was measured: if more calls make it grow on, something is kept`
  return `${plugin}\n${lines.join('\n')}\nmemory: ${pages} of ${limit} pages of 64 KiB; ${growth}\n`
}

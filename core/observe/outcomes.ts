import type { ErrorCode } from '../base/errors.js'
import { STATUS_CODES } from '../base/http.js'
import type { Labels, Reading } from './registry.js'

/** How often each status, and each error code with it. */
export class Outcomes {
  /** By status, without an error: an addition for each exchange. */
  private readonly plain = new Float64Array(1_000)
  private readonly failed = new Map<ErrorCode, Map<number, number>>()

  count(status: number, error: ErrorCode | undefined): void {
    if (error === undefined) {
      this.plain[status] = (this.plain[status] ?? 0) + 1
      return
    }
    let counts = this.failed.get(error)
    if (counts === undefined) {
      counts = new Map()
      this.failed.set(error, counts)
    }
    counts.set(status, (counts.get(status) ?? 0) + 1)
  }

  /** A series for each that was seen. */
  readings(labels: Labels): Reading[] {
    const sums = new Map<string, Reading & { value: number }>()
    const add = (status: number, error: string, value: number): void => {
      const text = statusText(status)
      const known = sums.get(`${text} ${error}`)
      if (known === undefined) sums.set(`${text} ${error}`, { labels: { ...labels, status: text, error }, value })
      else known.value += value
    }
    for (const [status, value] of this.plain.entries()) if (value > 0) add(status, '', value)
    for (const [error, counts] of this.failed) for (const [status, value] of counts) add(status, error, value)
    return [...sums.values()]
  }
}

/** An upstream may answer with any three digits: those that nobody has registered are counted by their class. */
function statusText(status: number): string {
  if (status === 0) return '' // there was no reply
  return STATUS_CODES[status] !== undefined || status === 499 ? String(status) : `${Math.floor(status / 100)}xx`
}

import { ENTRY, type Entry } from './arena.js'
import type { Figures } from './figures.js'

/** Takes the time of a step, when somebody wants to know: for the metrics, or for the exchange itself (Server-Timing). */
export class StepWatch {
  private since = 0

  constructor(private readonly figures?: Figures) {}

  begin(timed: boolean): void {
    if (timed || this.figures !== undefined) this.since = performance.now()
  }

  /** Notes what has passed since begin(). @returns it, milliseconds; undefined without a begin() */
  end(binding: number): number | undefined {
    if (this.since === 0) return undefined
    const ms = performance.now() - this.since
    this.since = 0
    this.figures?.called(binding, ms)
    return ms
  }
}

/** Says how long a step took. */
export function timeEntry(binding: number, ms: number): Entry {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(ms)
  return { kind: ENTRY.time, binding, bytes }
}

/** Milliseconds of an entry of that kind. */
export function decodeMs(bytes: Buffer): number {
  return bytes.readDoubleLE(0)
}

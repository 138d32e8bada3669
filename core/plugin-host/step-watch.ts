import { ENTRY, type Entry } from './arena.js'
import type { Figures } from './figures.js'

/** Takes the time of a step, when somebody wants to know: for the metrics, or for the exchange itself (Server-Timing). */
export class StepWatch {
  private since = 0

  constructor(private readonly figures?: Figures) {}

  begin(timed: boolean): void {
    if (timed || this.figures !== undefined) this.since = performance.now()
  }

  /** Notes what has passed since begin(); of no effect without one. @param entries - where it is said, for a timed call */
  end(binding: number, entries: Entry<Uint8Array>[] | undefined): void {
    if (this.since === 0) return
    const ms = performance.now() - this.since
    this.since = 0
    this.figures?.called(binding, ms)
    entries?.push(timeEntry(binding, ms))
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

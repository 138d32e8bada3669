import type { Flight } from './flight.js'

/** How long a key whose reply could not be shared is not waited for, milliseconds. */
const PASS_MS = 10_000
/** Keys remembered like that, and how long they may be. */
const MAX_PASSES = 1_024
const MAX_PASS_CHARACTERS = 512

/**
 * The upstream calls of a route that others may share, by key. One snapshot has its own: an exchange never waits for a call whose
 * connections are closed with an older one.
 */
export class Flights {
  private readonly byKey = new Map<string, Set<Flight>>()
  private readonly passes = new Map<string, number>()

  at(key: string): Iterable<Flight> {
    return this.byKey.get(key) ?? []
  }

  add(key: string, flight: Flight): void {
    const known = this.byKey.get(key)
    if (known === undefined) this.byKey.set(key, new Set([flight]))
    else known.add(flight)
  }

  delete(key: string, flight: Flight): void {
    const known = this.byKey.get(key)
    known?.delete(flight)
    if (known?.size === 0) this.byKey.delete(key)
  }

  /** Replies under this key are for one request each: for a while nobody waits in vain. */
  pass(key: string, now: number): void {
    if (key.length > MAX_PASS_CHARACTERS) return
    this.passes.delete(key) // the newest are last
    this.passes.set(key, now + PASS_MS)
    const [oldest] = this.passes.keys()
    if (this.passes.size > MAX_PASSES && oldest !== undefined) this.passes.delete(oldest)
  }

  passed(key: string, now: number): boolean {
    const until = this.passes.get(key)
    if (until === undefined) return false
    if (now < until) return true
    this.passes.delete(key)
    return false
  }
}

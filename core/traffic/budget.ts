import { Rolling } from './rolling.js'

export interface BudgetOptions {
  /** Of the requests of the last ten seconds. */
  readonly share: number
  /** So that an upstream with few requests has some at all. */
  readonly minPerSecond: number
}

const WINDOW_MS = 10_000
const REQUESTS = 0
const SPENT = 1

/**
 * How many extra tries an upstream may be burdened with: a share of its requests over ten seconds, and a few each second. When
 * everything fails, retries stay this share of the traffic and do not multiply it.
 */
export class Budget {
  private readonly window = new Rolling(2, WINDOW_MS)

  constructor(private readonly options: BudgetOptions) {}

  /** There was a request: it earns its share of a try. */
  requested(now: number): void {
    this.window.add(REQUESTS, now)
  }

  /** Takes one extra try, if there is one left. */
  take(now: number): boolean {
    if (this.left(now) < 1) return false
    this.window.add(SPENT, now)
    return true
  }

  /** Extra tries that are left. */
  left(now: number): number {
    const { share, minPerSecond } = this.options
    const earned = share * this.window.sum(REQUESTS, now) + (minPerSecond * WINDOW_MS) / 1_000
    return earned - this.window.sum(SPENT, now)
  }
}

import type { ResilienceCounts } from '../observe/resilience-meter.js'
import type { Clock } from '../upstream/clock.js'
import type { Budget } from './budget.js'
import type { ConcurrencyLimit } from './bulkhead.js'
import type { CircuitBreaker } from './circuit-breaker.js'
import type { Latencies } from './latencies.js'
import type { RetryRules } from './retry-rules.js'

/** A second try beside the first one, when that is slow. */
export interface Hedge {
  /** How long the first one has, milliseconds; or the share of replies that should have come in that time. */
  readonly after: { readonly ms: number } | { readonly share: number }
  readonly latencies: Latencies
  readonly budget: Budget
  readonly methods: ReadonlySet<string>
}

/** How requests of one route go to one upstream, and what is known of how that goes. */
export interface Plan {
  readonly upstream: string
  /** undefined: each request is tried once. */
  readonly retry: RetryRules | undefined
  readonly budget: Budget
  /** Milliseconds from the beginning of a try to the head of its reply. */
  readonly perTryMs: number | undefined
  /** Milliseconds from the beginning of the first try to the end of the reply, waiting included. */
  readonly totalMs: number | undefined
  readonly breaker: CircuitBreaker | undefined
  readonly bulkhead: ConcurrencyLimit | undefined
  readonly hedge: Hedge | undefined
  readonly counts: ResilienceCounts
  readonly clock: Clock
  /** There is nothing here but retries after errors: a first try needs none of it. */
  readonly plain: boolean
}

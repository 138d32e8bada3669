import type { Budget } from './budget.js'
import type { ConcurrencyLimit } from './bulkhead.js'
import type { CircuitBreaker, CircuitState } from './circuit-breaker.js'

/** How one upstream is doing, for operators. */
export interface UpstreamReport {
  readonly upstream: string
  readonly breaker:
    | {
        readonly state: CircuitState
        /** Milliseconds until the next probe. */
        readonly remainingMs: number
        /** Of the window. */
        readonly requests: number
        readonly errors: number
        readonly slow: number
      }
    | undefined
  readonly concurrency:
    | {
        readonly limit: number
        readonly inside: number
        /** How many of each class wait. */
        readonly queued: Readonly<Record<string, number>>
        readonly consumers: number
      }
    | undefined
  /** Retries that could be made at once. */
  readonly retriesLeft: number
}

export function upstreamReport(
  upstream: string,
  parts: {
    readonly breaker?: CircuitBreaker | undefined
    readonly bulkhead?: ConcurrencyLimit | undefined
    readonly budget: Budget
  },
  now: number
): UpstreamReport {
  const { breaker, bulkhead, budget } = parts
  return {
    upstream,
    breaker: breaker && { state: breaker.state, remainingMs: breaker.remainingMs(now), ...breaker.figures(now) },
    concurrency: bulkhead && {
      limit: bulkhead.options.limit,
      inside: bulkhead.inside,
      queued: bulkhead.queued,
      consumers: bulkhead.consumers
    },
    retriesLeft: Math.max(0, Math.floor(budget.left(now)))
  }
}

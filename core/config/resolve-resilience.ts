import { bytes, milliseconds } from '../base/units.js'
import type { Concurrency, Hedge, LoadShedding, PriorityChoice, Retries, UpstreamBreaker } from './schema-resilience.js'

export interface BudgetConfig {
  readonly share: number
  readonly minPerSecond: number
}

export interface RetriesConfig {
  readonly attempts: number
  readonly methods: readonly string[]
  readonly statuses: readonly number[]
  readonly errors: Retries['errors']
  readonly backoff: { readonly baseMs: number; readonly maxMs: number; readonly jitter: boolean }
  readonly budget: BudgetConfig
  /** 0: they are ignored. */
  readonly maxRetryAfterMs: number
  readonly bodyBytes: number
}

/**
 * Without a word in the configuration: only what can make nothing worse. One more try, where nothing was sent, or where a
 * connection broke under a request that may be sent twice (an upstream that closes an idle connection does that).
 */
export const DEFAULT_RETRIES: RetriesConfig = {
  attempts: 1,
  methods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'],
  statuses: [],
  errors: ['connect', 'reset'],
  backoff: { baseMs: 25, maxMs: 1_000, jitter: true },
  budget: { share: 0.2, minPerSecond: 10 },
  maxRetryAfterMs: 2_000,
  bodyBytes: 65_536
}

export interface UpstreamBreakerConfig {
  readonly errorShare: number
  readonly statuses: readonly number[]
  readonly slowMs: number | undefined
  readonly slowShare: number
  readonly windowMs: number
  readonly minRequests: number
  readonly openMs: number
  readonly probes: number
}

export interface ConcurrencyConfig {
  readonly limit: number
  readonly queue: number
  readonly queueMs: number
  readonly perConsumer: { readonly limit: number; readonly queue: number } | undefined
}

export interface HedgeConfig {
  /** Milliseconds, or a share of replies. */
  readonly after: { readonly ms: number } | { readonly share: number }
  readonly budget: BudgetConfig
}

export interface PriorityConfig {
  readonly class: 'critical' | 'default' | 'bulk'
  readonly consumers: ReadonlyMap<string, PriorityConfig['class']>
  readonly tag: string | undefined
}

/** What is said of an upstream. */
export interface UpstreamResilience {
  readonly retries: RetriesConfig
  readonly breaker: UpstreamBreakerConfig | undefined
  readonly concurrency: ConcurrencyConfig | undefined
}

/** What is said of a route. */
export interface RouteResilience {
  /** undefined: as the upstream says. */
  readonly retries: RetriesConfig | undefined
  readonly hedge: HedgeConfig | undefined
  readonly priority: PriorityConfig
}

export function upstreamResilience(entry: {
  readonly retries?: Retries
  readonly breaker?: UpstreamBreaker
  readonly concurrency?: Concurrency
}): UpstreamResilience {
  return {
    retries: entry.retries === undefined ? DEFAULT_RETRIES : resolveRetries(entry.retries),
    breaker: entry.breaker && resolveBreaker(entry.breaker),
    concurrency: entry.concurrency && resolveConcurrency(entry.concurrency)
  }
}

export function routeResilience(entry: {
  readonly retries?: Retries
  readonly hedge?: Hedge
  readonly priority: PriorityChoice
}): RouteResilience {
  return {
    retries: entry.retries && resolveRetries(entry.retries),
    hedge: entry.hedge && resolveHedge(entry.hedge),
    priority: resolvePriority(entry.priority)
  }
}

export function resolveLoadShedding({ delay }: LoadShedding): { readonly delayMs: number } {
  return { delayMs: milliseconds(delay) }
}

function resolveRetries(retries: Retries): RetriesConfig {
  const { attempts, methods, statuses, errors, backoff, budget, respectRetryAfter, maxRetryAfter } = retries
  return {
    attempts,
    methods,
    statuses,
    errors,
    backoff: { baseMs: milliseconds(backoff.base), maxMs: milliseconds(backoff.max), jitter: backoff.jitter },
    budget,
    maxRetryAfterMs: respectRetryAfter ? milliseconds(maxRetryAfter) : 0,
    bodyBytes: bytes(retries.bodyBytes)
  }
}

function resolveBreaker({ errors, slow, window, open, ...rest }: UpstreamBreaker): UpstreamBreakerConfig {
  return {
    ...rest,
    errorShare: errors,
    slowMs: slow && milliseconds(slow.after),
    slowShare: slow?.share ?? 1,
    windowMs: milliseconds(window),
    openMs: milliseconds(open)
  }
}

function resolveConcurrency({ limit, queue, queueTimeout, perConsumer }: Concurrency): ConcurrencyConfig {
  return { limit: limit ?? Number.POSITIVE_INFINITY, queue, queueMs: milliseconds(queueTimeout), perConsumer }
}

function resolveHedge({ after, budget }: Hedge): HedgeConfig {
  const patience = after.startsWith('p') ? { share: Number(after.slice(1)) / 100 } : { ms: milliseconds(after) }
  return { after: patience, budget }
}

function resolvePriority(choice: PriorityChoice): PriorityConfig {
  if (typeof choice === 'string') return { class: choice, consumers: new Map(), tag: undefined }
  return { class: choice.class, consumers: new Map(Object.entries(choice.consumers)), tag: choice.tag }
}

import { isDeepStrictEqual } from 'node:util'
import { type Config, type RouteConfig, timeoutsFor, type UpstreamConfig } from '../config/resolve.js'
import type { RetriesConfig, UpstreamBreakerConfig, UpstreamResilience } from '../config/resolve-resilience.js'
import type { Logger } from '../observe/log.js'
import { ResilienceCounts, type ResilienceMeter } from '../observe/resilience-meter.js'
import type { Budget } from '../traffic/budget.js'
import { Bulkhead, type BulkheadOptions, type ConcurrencyLimit, type ShedReason } from '../traffic/bulkhead.js'
import type { BulkheadCalls } from '../traffic/bulkheads.js'
import { CircuitBreaker } from '../traffic/circuit-breaker.js'
import { LoadShedder } from '../traffic/load-shedder.js'
import type { Plan } from '../traffic/plan.js'
import { isFixed, type Priority, type PriorityRule } from '../traffic/priority.js'
import { RemoteBulkhead } from '../traffic/remote-bulkhead.js'
import { type UpstreamReport, upstreamReport } from '../traffic/report.js'
import type { RetryRules } from '../traffic/retry-rules.js'
import { CLOCK, type Clock } from '../upstream/clock.js'
import { keptBudget, type OwnParts, type OwnPartsOfRoutes, ownPartsOf } from './own-parts.js'

/** Everything that makes a snapshot withstand its upstreams and its clients. */
export interface Resilience {
  /** By the upstream's name. A later snapshot takes over what is still asked for in the same words. */
  readonly guards: ReadonlyMap<string, Guards>
  /** Likewise, what single routes have for themselves. */
  readonly own: OwnPartsOfRoutes
  readonly shedder: LoadShedder | undefined
  /** The parts of a route that are about it. */
  of(route: RouteConfig): RouteParts
  report(): readonly UpstreamReport[]
  close(): void
}

/** What a route has of it. */
export interface RouteParts {
  /** How its requests go to an upstream of that name: retries, limits and what else there is. */
  readonly plans: ReadonlyMap<string, Plan>
  readonly priority: PriorityRule
  /** Its class, where neither consumers nor policies have a say in that. */
  readonly class: Priority | undefined
}

/** What all routes to an upstream share. */
export interface Guards {
  /** What they were made from. */
  readonly config: UpstreamResilience
  readonly breaker: CircuitBreaker | undefined
  readonly bulkhead: ConcurrencyLimit | undefined
  readonly retry: RetryRules | undefined
  readonly budget: Budget
  readonly counts: ResilienceCounts
}

/**
 * @param meter - where it is counted; left out, nobody asks
 * @param before - of the snapshot this one follows: an upstream keeps its breaker, its budget, and its limit with those who are inside, each of
 * them as long as its own settings stay the same; and a route its own budgets
 * @param bulkheads - lets exchanges in for all event loops; left out: this is the only one
 */
export function openResilience(
  config: Config,
  log: Logger,
  meter: ResilienceMeter | undefined,
  before?: Resilience,
  clock: Clock = CLOCK,
  bulkheads?: BulkheadCalls
): Resilience {
  const guards = new Map(
    config.upstreams.map(upstream => {
      const known = before?.guards.get(upstream.name)
      return [upstream.name, openGuards(upstream, known, log, meter, clock, bulkheads)]
    })
  )
  const own = ownPartsOf(config.routes, guards.keys(), before?.own)
  const report = () => [...guards].map(([name, parts]) => upstreamReport(name, parts, clock.now()))
  const hide = meter?.show(() =>
    [...guards].map(([upstream, { breaker, bulkhead }]) => ({ upstream, breaker, bulkhead }))
  )
  const onRefused = meter && ((priority: string) => meter.refuse(priority))
  const shedder = config.loadShedding && new LoadShedder(config.loadShedding, clock, onRefused).start()
  return {
    guards,
    own,
    shedder,
    of: route => {
      const { priority } = route.resilience
      const plans = config.upstreams.flatMap(upstream => {
        const shared = guards.get(upstream.name)
        if (shared === undefined) return []
        return [
          [upstream.name, planFor(route, upstream, shared, own.get(route.name)?.get(upstream.name), clock)] as const
        ]
      })
      return { plans: new Map(plans), priority, class: isFixed(priority) ? priority.class : undefined }
    },
    report,
    close: () => {
      shedder?.close()
      hide?.()
    }
  }
}

function openGuards(
  upstream: UpstreamConfig,
  known: Guards | undefined,
  log: Logger,
  meter: ResilienceMeter | undefined,
  clock: Clock,
  bulkheads: BulkheadCalls | undefined
): Guards {
  const { name, resilience } = upstream
  const { retries, breaker, concurrency } = resilience
  const former = known?.config
  if (known !== undefined && isDeepStrictEqual(former, resilience)) return known
  const counts = known?.counts ?? (meter === undefined ? new ResilienceCounts() : meter.of(name))
  const sameBreaker = isDeepStrictEqual(former?.breaker, breaker)
  const sameLimit = isDeepStrictEqual(former?.concurrency, concurrency)
  return {
    config: resilience,
    retry: rulesOf(retries),
    budget: keptBudget(former?.retries.budget, known?.budget, retries.budget),
    counts,
    breaker: sameBreaker ? known?.breaker : breaker && openBreaker(name, breaker, counts, log),
    bulkhead: sameLimit ? known?.bulkhead : concurrency && openLimit({ name, ...concurrency }, counts, clock, bulkheads)
  }
}

function openBreaker(
  upstream: string,
  config: UpstreamBreakerConfig,
  counts: ResilienceCounts,
  log: Logger
): CircuitBreaker {
  return new CircuitBreaker({ ...config, statuses: new Set(config.statuses) }, (state, reason) => {
    if (state === 'open') counts.opened++
    log[state === 'open' ? 'error' : 'warn']({ upstream, state, reason }, 'circuit breaker of an upstream')
  })
}

function openLimit(
  options: BulkheadOptions,
  counts: ResilienceCounts,
  clock: Clock,
  bulkheads: BulkheadCalls | undefined
): ConcurrencyLimit {
  const onShed = (priority: Priority, reason: ShedReason): void => counts.turnedAway(priority, reason)
  return bulkheads === undefined ? new Bulkhead(options, clock, onShed) : new RemoteBulkhead(options, bulkheads, onShed)
}

function planFor(
  route: RouteConfig,
  upstream: UpstreamConfig,
  shared: Guards,
  own: OwnParts | undefined,
  clock: Clock
): Plan {
  const { retries, hedge } = route.resilience
  const { perTryMs, totalMs } = timeoutsFor(route, upstream)
  const retry = retries === undefined ? shared.retry : rulesOf(retries)
  const methods = new Set((retries ?? upstream.resilience.retries).methods)
  const { breaker, bulkhead, counts } = shared
  return {
    upstream: upstream.name,
    retry,
    budget: own?.budget ?? shared.budget,
    perTryMs,
    totalMs,
    breaker,
    bulkhead,
    hedge: hedge && own?.hedge && { after: hedge.after, methods, ...own.hedge },
    counts,
    clock,
    plain:
      (perTryMs ?? totalMs ?? breaker ?? bulkhead ?? hedge) === undefined &&
      (retry === undefined || retry.statuses.size === 0)
  }
}

function rulesOf(retries: RetriesConfig): RetryRules | undefined {
  const { methods, statuses, errors, attempts } = retries
  if (attempts === 0) return undefined
  return { ...retries, methods: new Set(methods), statuses: new Set(statuses), errors: new Set(errors) }
}

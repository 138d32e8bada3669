import { isDeepStrictEqual } from 'node:util'
import { type Config, type RouteConfig, timeoutsFor, type UpstreamConfig } from '../config/resolve.js'
import type { RetriesConfig, UpstreamResilience } from '../config/resolve-resilience.js'
import type { Logger } from '../observe/log.js'
import { ResilienceCounts, type ResilienceMeter } from '../observe/resilience-meter.js'
import { Budget } from '../traffic/budget.js'
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
import { type OwnParts, type OwnPartsOfRoutes, ownPartsOf } from './own-parts.js'

/** Everything that makes a snapshot withstand its upstreams and its clients. */
export interface Resilience {
  /** By the upstream's name. A later snapshot takes over those that are still asked for in the same words. */
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
  readonly breaker?: CircuitBreaker
  readonly bulkhead?: ConcurrencyLimit
  readonly retry: RetryRules | undefined
  readonly budget: Budget
  readonly counts: ResilienceCounts
}

/**
 * @param meter - where it is counted; left out, nobody asks
 * @param before - of the snapshot this one follows: an upstream about which nothing changed keeps its breaker, budget and limit, with those who
 * are inside, and a route its own budgets
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
      const same = known !== undefined && isDeepStrictEqual(known.config, upstream.resilience)
      return [upstream.name, same ? known : openGuards(upstream, log, meter, clock, bulkheads)]
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
  log: Logger,
  meter: ResilienceMeter | undefined,
  clock: Clock,
  bulkheads: BulkheadCalls | undefined
): Guards {
  const { name, resilience } = upstream
  const { retries, breaker, concurrency } = resilience
  const counts = meter === undefined ? new ResilienceCounts() : meter.of(name)
  return {
    config: resilience,
    retry: rulesOf(retries),
    budget: new Budget(retries.budget),
    counts,
    ...(breaker !== undefined && {
      breaker: new CircuitBreaker({ ...breaker, statuses: new Set(breaker.statuses) }, (state, reason) => {
        if (state === 'open') counts.opened++
        log[state === 'open' ? 'error' : 'warn']({ upstream: name, state, reason }, 'circuit breaker of an upstream')
      })
    }),
    ...(concurrency !== undefined && { bulkhead: openLimit({ name, ...concurrency }, counts, clock, bulkheads) })
  }
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

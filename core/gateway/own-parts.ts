import { isDeepStrictEqual } from 'node:util'
import type { RouteConfig } from '../config/resolve.js'
import type { BudgetConfig, RouteResilience } from '../config/resolve-resilience.js'
import { Budget } from '../traffic/budget.js'
import { Latencies } from '../traffic/latencies.js'
import type { Hedge } from '../traffic/plan.js'

/** What a route with retries or hedging of its own keeps of an upstream. */
export interface OwnParts {
  /** What they were made from. */
  readonly config: RouteResilience
  /** undefined: its retries are the upstream's. */
  readonly budget: Budget | undefined
  readonly hedge: Pick<Hedge, 'latencies' | 'budget'> | undefined
}

/** By the route's name, then the upstream's. Routes that have nothing of their own are not in it. */
export type OwnPartsOfRoutes = ReadonlyMap<string, ReadonlyMap<string, OwnParts>>

/** @param before - of the snapshot this one follows: what is asked for in the same words goes on */
export function ownPartsOf(
  routes: readonly RouteConfig[],
  upstreams: Iterable<string>,
  before: OwnPartsOfRoutes | undefined
): OwnPartsOfRoutes {
  const names = [...upstreams]
  return new Map(
    routes
      .filter(({ resilience }) => (resilience.retries ?? resilience.hedge) !== undefined)
      .map(({ name, resilience }) => {
        const known = before?.get(name)
        return [name, new Map(names.map(upstream => [upstream, ownParts(resilience, known?.get(upstream))]))]
      })
  )
}

function ownParts(config: RouteResilience, known: OwnParts | undefined): OwnParts {
  const { retries, hedge } = config
  const former = known?.config
  return {
    config,
    budget: retries && keptBudget(former?.retries?.budget, known?.budget, retries.budget),
    hedge: hedge && {
      latencies: known?.hedge?.latencies ?? new Latencies(),
      budget: keptBudget(former?.hedge?.budget, known?.hedge?.budget, hedge.budget)
    }
  }
}

/** What was spent stays spent, unless there is another budget now. */
export function keptBudget(former: BudgetConfig | undefined, known: Budget | undefined, config: BudgetConfig): Budget {
  return known !== undefined && isDeepStrictEqual(former, config) ? known : new Budget(config)
}

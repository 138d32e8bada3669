import { isDeepStrictEqual } from 'node:util'
import type { RouteConfig } from '../config/resolve.js'
import type { RouteResilience } from '../config/resolve-resilience.js'
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
  const budget = isDeepStrictEqual(known?.config.retries, retries) ? known?.budget : undefined
  const hedged = isDeepStrictEqual(known?.config.hedge, hedge) ? known?.hedge : undefined
  return {
    config,
    budget: retries && (budget ?? new Budget(retries.budget)),
    hedge: hedge && (hedged ?? { latencies: new Latencies(), budget: new Budget(hedge.budget) })
  }
}

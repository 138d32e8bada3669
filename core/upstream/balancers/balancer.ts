import type { BalanceConfig, UpstreamPolicy } from '../../config/resolve-upstream.js'
import type { Clock } from '../clock.js'
import type { Target } from '../target.js'
import type { Wanted } from '../wanted.js'

/** Chooses the target of each request. It has its own memory of whose turn it is; everything else stands in the targets. */
export interface Balancer {
  /**
   * Says who can be chosen from now on, at every change of members, weights or health. Nothing else changes what `pick` may
   * return, so it looks at no health.
   * @param available - in service, each with an effective weight above 0
   * @param all - those that are not in service too, without those being drained
   */
  update(available: readonly Target[], all: readonly Target[]): void
  /**
   * The target for the next try: one that was not tried before, if there is any.
   * @returns undefined when nothing is available
   */
  pick(wanted: Wanted): Target | undefined
}

/** What every balancer is made with. */
export interface BalancerContext {
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
}

/** A way of choosing, by the name a configuration has for it. */
export interface BalancerKind {
  readonly name: UpstreamPolicy['balance']['kind']
  create(options: BalanceConfig, context: BalancerContext): Balancer
}

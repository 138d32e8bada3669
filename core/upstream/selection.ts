import type { UpstreamPolicy } from '../config/resolve-upstream.js'
import type { Balancer, BalancerContext } from './balancers/balancer.js'
import { createBalancer } from './balancers/index.js'
import { priorityOver } from './balancers/priority.js'
import type { Target } from './target.js'
import type { Wanted } from './wanted.js'

/** The part of its weight a target that starts slowly begins with. */
const FIRST_SHARE = 0.1
/** In how many steps it grows. */
const STEPS = 20

/**
 * Who may be chosen now, worked out when something changes and not when a request comes: a pick looks at no health. One
 * target alone is picked without a balancer.
 */
export class Selection {
  /** The only one there is to choose, if there is only one. */
  single: Target | undefined
  /** No target is healthy. */
  panicking = false
  private readonly flat: Balancer
  /** Used while targets differ in priority. */
  private readonly levelled: Balancer
  private balancer: Balancer
  private stopGrowing: (() => void) | undefined
  private closed = false

  constructor(
    private readonly policy: UpstreamPolicy,
    private readonly context: BalancerContext,
    private readonly targets: () => readonly Target[],
    private readonly onPanic: (panicking: boolean) => void
  ) {
    const { balance } = policy
    const make = (): Balancer => createBalancer(balance, context)
    this.flat = make()
    // Whatever the balancer, priorities of targets are heeded.
    this.levelled = balance.kind === 'priority' ? this.flat : priorityOver(make, balance.threshold, context.random)
    this.balancer = this.flat
  }

  pick(wanted: Wanted): Target | undefined {
    return this.balancer.pick(wanted)
  }

  /** Members, weights or states have changed. */
  refresh(): void {
    if (this.closed) return
    this.grow(this.targets())
    const all = this.targets().filter(({ weight, drained }) => weight > 0 && drained === undefined)
    const healthy = all.filter(({ state }) => state === 'healthy')
    const panicking = healthy.length === 0 && all.length > 0
    const available = panicking && this.policy.panic === 'all' ? all : healthy
    this.balancer = all.some(({ priority }) => priority !== all[0]?.priority) ? this.levelled : this.flat
    this.balancer.update(available, all)
    this.single = available.length === 1 ? available[0] : undefined
    if (panicking !== this.panicking) {
      this.panicking = panicking
      this.onPanic(panicking)
    }
  }

  close(): void {
    this.closed = true
    this.stopGrowing?.()
  }

  /** Works the effective weights out, and again a little later while one grows. */
  private grow(targets: readonly Target[]): void {
    const { slowStartMs } = this.policy
    const now = this.context.clock.now()
    let growing = false
    for (const target of targets) {
      const { startedSlowly, weight } = target
      const part = startedSlowly === undefined || slowStartMs === 0 ? 1 : (now - startedSlowly) / slowStartMs
      target.effectiveWeight = part >= 1 ? weight : weight * Math.max(FIRST_SHARE, part)
      growing ||= part < 1
    }
    this.stopGrowing?.()
    this.stopGrowing = growing ? this.context.clock.after(slowStartMs / STEPS, () => this.refresh()) : undefined
  }
}

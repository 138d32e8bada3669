import type { Target } from '../target.js'
import type { Balancer, BalancerKind } from './balancer.js'
import { equalWeights } from './draw.js'

/**
 * One after the other; with weights nginx's smooth way, which spreads the turns of a heavy target (a b a, not a a b). Each event
 * loop begins somewhere else, so that they do not go round together.
 */
export const roundRobin: BalancerKind = {
  name: 'round-robin',

  create(_, { random }): Balancer {
    let targets: readonly Target[] = []
    /** Of each target, in their order. */
    let credits: number[] = []
    let equal = true
    let turn = -1
    const next = (): Target | undefined => {
      turn = turn + 1 < targets.length ? turn + 1 : 0
      return targets[turn]
    }
    /** Everyone gains its weight, the richest is served and pays what all have gained. */
    const richest = (): Target | undefined => {
      let total = 0
      let best = 0
      let most = Number.NEGATIVE_INFINITY
      for (let i = 0; i < targets.length; i++) {
        const weight = targets[i]?.effectiveWeight ?? 0
        const credit = (credits[i] ?? 0) + weight
        credits[i] = credit
        total += weight
        if (credit > most) [best, most] = [i, credit]
      }
      credits[best] = most - total
      return targets[best]
    }
    return {
      update(available) {
        if (turn === -1) turn = Math.floor(random() * available.length) - 1
        const before = new Map(targets.map((target, i) => [target, credits[i] ?? 0]))
        targets = available
        equal = equalWeights(targets)
        credits = equal ? [] : targets.map(target => before.get(target) ?? 0)
      },
      pick({ tried }) {
        const step = equal ? next : richest
        const picked = step()
        if (tried.length === 0 || picked === undefined || !tried.includes(picked)) return picked
        // The turns of those that were tried are skipped; heavy ones may have many in a row.
        for (const target of targets) if (!tried.includes(target)) return skipTo(step, tried, target, targets.length)
        return picked
      }
    }
  }
}

/** Steps on to the first that was not tried; `fallback` when none came within some rounds. */
function skipTo(
  step: () => Target | undefined,
  tried: readonly Target[],
  fallback: Target,
  count: number
): Target | undefined {
  for (let i = 0; i < 4 * count; i++) {
    const picked = step()
    if (picked !== undefined && !tried.includes(picked)) return picked
  }
  return fallback
}

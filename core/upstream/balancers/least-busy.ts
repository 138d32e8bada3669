import type { Target } from '../target.js'
import type { Balancer, BalancerKind } from './balancer.js'
import { betterOfTwo, equalWeights, untried } from './draw.js'

/**
 * Power of two choices: of two drawn by weight, the one with fewer requests under way for its weight. At rest, when nobody is
 * busy, the draw alone decides, so the shares are those of the weights.
 */
export const leastBusy: BalancerKind = {
  name: 'least-busy',

  create(_, { random }): Balancer {
    let targets: readonly Target[] = []
    let equal = true
    return {
      update(available) {
        targets = available
        equal = equalWeights(targets)
      },
      pick: wanted => betterOfTwo(untried(targets, wanted), equal, random, busy)
    }
  }
}

function busy({ inFlight, effectiveWeight }: Target): number {
  return inFlight / effectiveWeight
}

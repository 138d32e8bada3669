import type { Target } from '../target.js'
import type { Balancer, BalancerKind } from './balancer.js'
import { draw, equalWeights, untried } from './draw.js'

/** By chance, by weight. Needs no memory, so many gateways do not fall into step. */
export const random: BalancerKind = {
  name: 'random',

  create(_, context): Balancer {
    let targets: readonly Target[] = []
    let equal = true
    return {
      update(available) {
        targets = available
        equal = equalWeights(targets)
      },
      pick: wanted => draw(untried(targets, wanted), equal, context.random)
    }
  }
}

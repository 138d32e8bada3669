import type { Target } from '../target.js'
import type { Balancer, BalancerKind } from './balancer.js'
import { betterOfTwo, equalWeights, untried } from './draw.js'

/** Milliseconds a target is taken to need while it has something under way and has never answered. */
const UNKNOWN_MS = 1_000

/**
 * Power of two choices by response time: of two drawn by weight, the one where a request is likely to be answered sooner, which is
 * its average time by the number of requests it would be one of. A slow reply counts at once and is forgotten over `decay`.
 */
export const peakEwma: BalancerKind = {
  name: 'peak-ewma',

  create({ decayMs }, { clock, random }): Balancer {
    let targets: readonly Target[] = []
    let equal = true
    let now = 0
    const cost = ({ latency, inFlight, effectiveWeight }: Target): number => {
      // One that has never answered is tried, but not with everything at once.
      const ms = latency.value === undefined && inFlight > 0 ? UNKNOWN_MS : latency.read(now, decayMs)
      return (ms * (inFlight + 1)) / effectiveWeight
    }
    return {
      update(available) {
        targets = available
        equal = equalWeights(targets)
      },
      pick(wanted) {
        now = clock.now()
        return betterOfTwo(untried(targets, wanted), equal, random, cost)
      }
    }
  }
}

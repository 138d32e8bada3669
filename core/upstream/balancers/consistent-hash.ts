import type { Target } from '../target.js'
import type { Wanted } from '../wanted.js'
import type { Balancer, BalancerKind } from './balancer.js'
import { draw, equalWeights, untried } from './draw.js'
import { hashText, mix } from './hash.js'

/** Keys fall into so many slots; with a hundred targets each has some 650 of them, shares are right to a few percent. */
const SLOTS = 65_536
/** A target with fewer requests under way is not crowded, whatever its share: at rest a key stays where it is. */
const NEVER_CROWDED = 8

/**
 * The same key, the same target, on every gateway: each slot of a table goes to the target that wins it by weighted rendezvous
 * hashing, worked out when the slot is first used. So a target that goes gives up its own slots and no other moves, weights are
 * exact, and a lookup is one array access. Loads are bounded (Mirrokni et al., "Consistent Hashing with Bounded Loads"): a crowded
 * target hands the key to the one that comes next in that slot.
 */
export const consistentHash: BalancerKind = {
  name: 'consistent-hash',

  create({ maxLoad }, { random }): Balancer {
    let targets: readonly Target[] = []
    let seeds: number[] = []
    let equal = true
    let totalWeight = 0
    /** The winner of each slot: its index and 1; 0 is a slot nobody asked for yet. */
    const winners = new Uint16Array(SLOTS)

    const score = (slot: number, index: number): number => {
      const chance = (mix((seeds[index] ?? 0) ^ mix(slot + 1)) + 1) / 4_294_967_297
      return -Math.log(chance) / (targets[index]?.effectiveWeight ?? 0)
    }
    const winnerOf = (slot: number): Target | undefined => {
      const known = winners[slot] ?? 0
      if (known > 0) return targets[known - 1]
      let best = 0
      for (let i = 1; i < targets.length; i++) if (score(slot, i) < score(slot, best)) best = i
      winners[slot] = best + 1
      return targets[best]
    }
    const crowded = (target: Target): boolean => {
      if (target.inFlight < NEVER_CROWDED) return false
      let total = 1
      for (const { inFlight } of targets) total += inFlight
      return target.inFlight >= Math.ceil((maxLoad * total * target.effectiveWeight) / totalWeight)
    }
    /** The first in the order of the slot that is neither tried nor crowded; else the first that is not tried. */
    const next = (slot: number, wanted: Wanted): Target | undefined => {
      const order = targets
        .map((target, i) => ({ target, score: score(slot, i) }))
        .sort((a, b) => a.score - b.score)
        .map(({ target }) => target)
      const fresh = untried(order, wanted)
      return fresh.find(target => !crowded(target)) ?? fresh[0]
    }
    return {
      update(available) {
        targets = available.slice(0, 65_535)
        seeds = targets.map(({ url }) => hashText(url))
        equal = equalWeights(targets)
        totalWeight = targets.reduce((sum, { effectiveWeight }) => sum + effectiveWeight, 0)
        winners.fill(0)
      },
      pick(wanted) {
        if (targets.length === 0) return undefined
        if (wanted.key === undefined) return draw(untried(targets, wanted), equal, random)
        const slot = hashText(wanted.key) % SLOTS
        const winner = winnerOf(slot)
        if (winner === undefined) return undefined
        return wanted.tried.includes(winner) || crowded(winner) ? next(slot, wanted) : winner
      }
    }
  }
}

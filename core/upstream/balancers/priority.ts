import type { Target } from '../target.js'
import type { Wanted } from '../wanted.js'
import type { Balancer, BalancerKind } from './balancer.js'
import { hashText, mix } from './hash.js'

interface Level {
  readonly priority: number
  readonly balancer: Balancer
  available: readonly Target[]
  /** Its part of the requests, from 0 to 1. */
  load: number
}

/**
 * The lowest level that is well gets everything. When less than `threshold` of it (by weight) is in service, it gets what that part
 * can carry and the rest spills to the next level, as in Envoy: at a threshold of 0.7, a level with half its weight left keeps 0.5 / 0.7
 * of the requests.
 */
export function priorityOver(within: () => Balancer, threshold: number, random: () => number): Balancer {
  let levels: Level[] = []
  const levelFor = (priority: number): Level =>
    levels.find(level => level.priority === priority) ?? { priority, balancer: within(), available: [], load: 0 }

  /** Which level; the same for the same key, as long as the loads are. */
  const drawn = ({ key }: Wanted): number => {
    let point = key === undefined ? random() : mix(hashText(key)) / 4_294_967_296
    for (const [i, { load }] of levels.entries()) {
      point -= load
      if (point < 0) return i
    }
    return levels.findIndex(({ load }) => load > 0)
  }
  return {
    update(available, all) {
      const priorities = [...new Set(all.map(({ priority }) => priority))].sort((a, b) => a - b)
      levels = priorities.map(levelFor)
      for (const level of levels) {
        level.available = available.filter(({ priority }) => priority === level.priority)
        level.balancer.update(
          level.available,
          all.filter(({ priority }) => priority === level.priority)
        )
      }
      const wholes = priorities.map(each => all.filter(({ priority }) => priority === each))
      const loads = shares(
        levels.map(({ available: some }, i) => share(some, wholes[i] ?? [])),
        threshold
      )
      for (const [i, level] of levels.entries()) level.load = loads[i] ?? 0
    },
    pick(wanted) {
      const at = drawn(wanted)
      const picked = levels[at]?.balancer.pick(wanted)
      if (wanted.tried.length === 0 || (picked !== undefined && !wanted.tried.includes(picked))) return picked
      // All of the level was tried: any other one is better than the same again, the nearest first.
      return levels.find(({ available }) => hasFresh(available, wanted))?.balancer.pick(wanted) ?? picked
    }
  }
}

/** What each level gets: as much as it can carry of what those before it left, and all of it in the end. */
export function shares(inService: readonly number[], threshold: number): number[] {
  const carried: number[] = []
  let left = 1
  for (const part of inService) {
    const load = Math.min(left, Math.min(1, part / threshold))
    carried.push(load)
    left -= load
  }
  const total = 1 - left
  return carried.map(load => (total === 0 ? 0 : load / total))
}

function share(available: readonly Target[], all: readonly Target[]): number {
  const whole = weightOf(all)
  return whole === 0 ? 0 : weightOf(available) / whole
}

/** By full weights: a target that starts slowly is in service. */
function weightOf(targets: readonly Target[]): number {
  return targets.reduce((sum, { weight }) => sum + weight, 0)
}

function hasFresh(available: readonly Target[], { tried }: Wanted): boolean {
  return available.some(target => !tried.includes(target))
}

/** The priority balancer as a kind; `kinds` are those it may use within a level. */
export function priorityKind(kinds: readonly BalancerKind[]): BalancerKind {
  return {
    name: 'priority',
    create(options, context) {
      const within = kinds.find(({ name }) => name === options.within)
      if (within === undefined) throw new Error(`no balancer ${options.within} within a priority level`)
      return priorityOver(() => within.create(options, context), options.threshold, context.random)
    }
  }
}

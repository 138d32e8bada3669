import type { Target } from '../target.js'
import type { Wanted } from '../wanted.js'

/** Those of `targets` that were not tried yet; all of them when every one was. */
export function untried(targets: readonly Target[], { tried }: Wanted): readonly Target[] {
  if (tried.length === 0) return targets
  const fresh = targets.filter(target => !tried.includes(target))
  return fresh.length === 0 ? targets : fresh
}

/** Whether every one of them has the same effective weight: then a draw needs no sum. */
export function equalWeights(targets: readonly Target[]): boolean {
  return targets.every(target => target.effectiveWeight === targets[0]?.effectiveWeight)
}

/**
 * One of `targets` by chance, by effective weight.
 * @param equal - they all have the same
 * @param except - one that is not to be drawn, when there is another
 */
export function draw(
  targets: readonly Target[],
  equal: boolean,
  random: () => number,
  except?: Target
): Target | undefined {
  if (targets.length <= 1) return targets[0]
  if (equal && except === undefined) return targets[Math.floor(random() * targets.length)]
  let total = 0
  for (const target of targets) if (target !== except) total += target.effectiveWeight
  let point = random() * total
  let last: Target | undefined
  for (const target of targets) {
    if (target === except) continue
    last = target
    point -= target.effectiveWeight
    if (point < 0) return target
  }
  return last // what rounding left
}

/**
 * The power of two choices: draws two by weight and takes the one that costs less. Almost as even as asking all of them, and a
 * crowd of gateways does not run to the same target.
 */
export function betterOfTwo(
  targets: readonly Target[],
  equal: boolean,
  random: () => number,
  cost: (target: Target) => number
): Target | undefined {
  if (targets.length <= 1) return targets[0]
  let first: Target | undefined
  let second: Target | undefined
  if (equal) {
    const place = Math.floor(random() * targets.length)
    // One place fewer; who stands where the first does, or behind it, moves up by one.
    const other = Math.floor(random() * (targets.length - 1))
    first = targets[place]
    second = targets[other >= place ? other + 1 : other]
  } else {
    first = draw(targets, equal, random)
    second = draw(targets, equal, random, first)
  }
  if (first === undefined || second === undefined) return first
  return cost(second) < cost(first) ? second : first
}

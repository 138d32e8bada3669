import type { BalanceConfig } from '../../config/resolve-upstream.js'
import type { Balancer, BalancerContext, BalancerKind } from './balancer.js'
import { consistentHash } from './consistent-hash.js'
import { leastBusy } from './least-busy.js'
import { peakEwma } from './peak-ewma.js'
import { priorityKind } from './priority.js'
import { random } from './random.js'
import { roundRobin } from './round-robin.js'

/** Every balancer there is. */
export const balancers: readonly BalancerKind[] = [
  roundRobin,
  leastBusy,
  random,
  consistentHash,
  peakEwma,
  priorityKind([roundRobin, leastBusy, random, peakEwma])
]

/** The balancer a configuration asks for. @throws Error for one that is not in the list */
export function createBalancer(options: BalanceConfig, context: BalancerContext): Balancer {
  const kind = balancers.find(({ name }) => name === options.kind)
  if (kind === undefined) throw new Error(`no balancer ${options.kind}`)
  return kind.create(options, context)
}

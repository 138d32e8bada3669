import type { Node, Strategy } from '../tree.js'
import { inOrder, leastOf, sortedBy } from './strategy.js'

/** While there is one of which nothing is known, so many requests go looking, whatever `explore` says (unless it is 0). */
const EXPLORE_UNKNOWN = 0.2

/**
 * From the fastest to the slowest, by the average time to the first token. A share of the requests tries one at random first, or we would never know
 * that another has become faster; one that was never measured gets a part of that, not everything at once.
 */
export const fastest: Strategy = {
  name: 'fastest',

  begin({ targets, settings: { explore, decayMs } }, scope) {
    const { random, timings } = scope.tools
    const times = new Map(
      targets.map(node => [node, leastOf(node, scope, leaf => timings.read(leaf.id, decayMs))] as const)
    )
    const usable = targets.filter(node => scope.usable(node))
    const unknown = usable.filter(node => times.get(node) === undefined)
    const share = explore === 0 ? 0 : Math.max(explore, unknown.length > 0 ? EXPLORE_UNKNOWN : 0)
    const sorted = sortedBy(targets, node => times.get(node))
    const nothingKnown = unknown.length === usable.length
    if (!nothingKnown && random() >= share) return inOrder(sorted)
    const candidates = unknown.length > 0 ? unknown : usable
    return inOrder(first(sorted, candidates[Math.floor(random() * candidates.length)]))
  }
}

function first(nodes: readonly Node[], chosen: Node | undefined): readonly Node[] {
  return chosen === undefined ? nodes : [chosen, ...nodes.filter(node => node !== chosen)]
}

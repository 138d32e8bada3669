import type { Strategy } from '../tree.js'
import { inOrder, leastOf, sortedBy } from './strategy.js'

/** From the cheapest to the dearest, by what this request is going to cost there; those without a price last. */
export const cheapest: Strategy = {
  name: 'cheapest',

  begin({ targets }, scope) {
    const { request, tools } = scope
    return inOrder(sortedBy(targets, node => leastOf(node, scope, leaf => tools.price(leaf, request))))
  }
}

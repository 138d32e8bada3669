import type { Node, Scope, Strategy } from '../tree.js'
import { inOrder, sortedBy } from './strategy.js'

/**
 * Only models that can do what the request needs, in their order; after them, unless `unknown` is "never", those of which it is not known. It holds for all
 * that is below, at any depth.
 */
export const capable: Strategy = {
  name: 'capable',

  begin: ({ targets }, scope) => inOrder(sortedBy(targets, node => rank(node, scope))),

  narrow: ({ settings: { unknown } }, scope) => scope.onlyAble(unknown === 'never')
}

/** 0: there is one that can; 1: there may be one. */
function rank(node: Node, scope: Scope): number | undefined {
  const abilities = (node.kind === 'leaf' ? [node] : node.leaves).map(leaf => scope.ability(leaf))
  if (abilities.includes('able')) return 0
  return abilities.includes('unknown') ? 1 : undefined
}

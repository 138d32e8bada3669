import type { Leaf, Node, Scope, Turns } from '../tree.js'

/** These, in this order. */
export function inOrder(nodes: readonly Node[]): Turns {
  let at = 0
  return { next: () => nodes[at++] }
}

/** From the least to the most of `measure`; those without one come last; equal ones stay as they are. */
export function sortedBy(nodes: readonly Node[], measure: (node: Node) => number | undefined): Node[] {
  return nodes
    .map(node => ({ node, value: measure(node) ?? Number.POSITIVE_INFINITY }))
    .sort((a, b) => (a.value === b.value ? 0 : a.value - b.value))
    .map(({ node }) => node)
}

/** The least of what is measured at those leaves of a node that can be had; undefined: none could be measured. */
export function leastOf(node: Node, scope: Scope, measure: (leaf: Leaf) => number | undefined): number | undefined {
  let least: number | undefined
  for (const leaf of node.kind === 'leaf' ? [node] : node.leaves) {
    if (scope.refusal(leaf) !== undefined) continue
    const value = measure(leaf)
    if (value !== undefined && (least === undefined || value < least)) least = value
  }
  return least
}

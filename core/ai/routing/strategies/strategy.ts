import type { FallbackKind, StrategyName } from '../../../config/schema-ai-models.js'
import type { Scope } from '../scope.js'
import type { Branch, Node } from '../tree.js'

/** A way of choosing among targets, by the name a configuration has for it. */
export interface Strategy {
  readonly name: StrategyName
  /** Begins to choose for one request. Whether a failure is to be followed by another target is not its business. */
  begin(branch: Branch, scope: Scope): Turns
  /** What of the scope is different for its targets. */
  narrow?(branch: Branch, scope: Scope): Scope
}

/** The targets of a branch, one after the other, chosen when they are asked for. */
export interface Turns {
  /**
   * @param after - why the last one did not do; undefined: it is the first, or the last one was not to be had
   * @returns undefined when there are no more
   */
  next(after: FallbackKind | undefined): Node | undefined
}

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
export function leastOf(
  node: Node,
  scope: Scope,
  measure: (leaf: Branch['leaves'][number]) => number | undefined
): number | undefined {
  let least: number | undefined
  for (const leaf of node.kind === 'leaf' ? [node] : node.leaves) {
    if (scope.refusal(leaf) !== undefined) continue
    const value = measure(leaf)
    if (value !== undefined && (least === undefined || value < least)) least = value
  }
  return least
}

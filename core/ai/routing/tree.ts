import type { BranchConfig } from '../../config/resolve-ai-models.js'
import type { FallbackKind } from '../../config/schema-ai-models.js'
import type { Holds } from './condition.js'
import type { Strategy } from './strategies/strategy.js'
import type { ModelAt } from './target.js'

/** A virtual model with its names looked up: what a plan walks through. */
export type Node = Leaf | Branch

interface AnyNode {
  /** What it is known by, wherever it stands: the hash of a key goes by it. */
  readonly id: string
  /** Where it stands in the node around it: "targets[1]"; the name, for a virtual model. */
  readonly label: string
  readonly weight: number
  readonly params: Readonly<Record<string, unknown>>
}

export interface Leaf extends AnyNode, ModelAt {
  readonly kind: 'leaf'
  readonly attempts: number
}

export interface Branch extends AnyNode {
  readonly kind: 'branch'
  readonly strategy: Strategy
  readonly settings: BranchSettings
  readonly targets: readonly Node[]
  readonly fallbacks: ReadonlyMap<FallbackKind, readonly Node[]>
  readonly rules: readonly { readonly holds: Holds; readonly target: Node }[]
  readonly default: Node | undefined
  /** All that can be reached from here, each once. */
  readonly leaves: readonly Leaf[]
}

export type BranchSettings = Pick<BranchConfig, 'on' | 'maxAttempts' | 'by' | 'explore' | 'decayMs' | 'unknown'>

/** The leaves of nodes, each once. */
export function leavesOf(nodes: readonly Node[]): Leaf[] {
  const all = nodes.flatMap(node => (node.kind === 'leaf' ? [node] : node.leaves))
  return [...new Map(all.map(leaf => [leaf.id, leaf])).values()]
}

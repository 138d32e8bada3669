import type { BranchConfig } from '../../config/resolve-ai-models.js'
import type { FallbackKind, StrategyName } from '../../config/schema-ai-models.js'
import type { Holds } from './condition.js'
import type { abilityFor, RoutingRequest } from './request.js'
import type { ModelAt } from './target.js'
import type { RoutingTools, Unavailable } from './tools.js'

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

/** Why a target is not to be had for this request. */
export type Refused = 'tried' | 'region' | 'unable' | Unavailable

/** What holds for one request, or one part of a virtual model, whichever strategy chooses. */
export interface Scope {
  readonly request: RoutingRequest
  readonly tools: RoutingTools
  /** undefined: it can be had. */
  refusal(leaf: Leaf): Refused | undefined
  /** Whether something of it can be had. */
  usable(node: Node): boolean
  ability(leaf: Leaf): ReturnType<typeof abilityFor>
  /**
   * The same for a part where only models count that can do what is needed. A rule that holds around it stays.
   * @param known - only those of which it is known
   */
  onlyAble(known: boolean): Scope
}

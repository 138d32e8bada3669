import type { FallbackKind } from '../../config/schema-ai-models.js'
import type { Branch, Leaf, Node, Refused, Scope, Turns } from './tree.js'

/** A leaf that may be attempted now, with what was on the way to it. */
export interface Found {
  readonly leaf: Leaf
  readonly path: readonly string[]
  readonly params: Readonly<Record<string, unknown>>
}

/** What nodes around a node hand down to it. */
export interface Around {
  readonly path: readonly string[]
  readonly params: Readonly<Record<string, unknown>>
  /** Told of each leaf that was passed over. */
  readonly passedOver: (why: Refused | 'no-rule') => void
}

/** A node being walked through for one request. */
export interface Walk {
  /**
   * The next leaf to attempt.
   * @param after - why the last one failed; undefined: this is the first, or the last one was not to be had after all
   * @returns undefined when there is none here, or the failure is not one after which there would be
   */
  next(after: FallbackKind | undefined): Found | undefined
}

export function walk(node: Node, scope: Scope, around: Around): Walk {
  const params = Object.keys(node.params).length === 0 ? around.params : { ...around.params, ...node.params }
  const inner = { ...around, path: [...around.path, node.label], params }
  return node.kind === 'leaf' ? new LeafWalk(node, scope, inner) : new BranchWalk(node, scope, inner)
}

/** After these the same target may do better. */
const PASSING: ReadonlySet<FallbackKind | undefined> = new Set<FallbackKind>(['error', 'timeout', 'limit'])

class LeafWalk implements Walk {
  private begun = false
  private left: number

  constructor(
    private readonly leaf: Leaf,
    private readonly scope: Scope,
    private readonly around: Around
  ) {
    this.left = leaf.attempts
  }

  next(after: FallbackKind | undefined): Found | undefined {
    const { leaf, around } = this
    if (this.begun ? !PASSING.has(after) : this.refused()) return undefined
    if (this.left === 0) return undefined
    this.begun = true
    this.left--
    return { leaf, path: around.path, params: around.params }
  }

  private refused(): boolean {
    const why = this.scope.refusal(this.leaf)
    if (why !== undefined) this.around.passedOver(why)
    return why !== undefined
  }
}

class BranchWalk implements Walk {
  private readonly scope: Scope
  private readonly turns: Turns
  private current: Walk | undefined
  private left: number
  private found = false

  constructor(
    private readonly branch: Branch,
    scope: Scope,
    private readonly around: Around
  ) {
    this.scope = branch.strategy.narrow?.(branch, scope) ?? scope
    this.turns = branch.strategy.begin(branch, this.scope)
    this.left = branch.settings.maxAttempts
  }

  next(after: FallbackKind | undefined): Found | undefined {
    if (this.left === 0) return undefined
    for (let cause = after; ; cause = undefined) {
      const found = this.current?.next(cause) ?? this.nextTarget(cause)
      if (found === 'end') return undefined
      if (found === undefined) continue
      this.left--
      this.found = true
      return found
    }
  }

  /** What is found in the next target; undefined: nothing, but there may be more targets. */
  private nextTarget(cause: FallbackKind | undefined): Found | undefined | 'end' {
    if (cause !== undefined && !this.branch.settings.on.has(cause)) return 'end'
    const target = this.turns.next(cause)
    if (target === undefined) {
      if (this.current === undefined && !this.found) this.around.passedOver('no-rule')
      return 'end'
    }
    this.current = walk(target, this.scope, this.around)
    return this.current.next(undefined)
  }
}

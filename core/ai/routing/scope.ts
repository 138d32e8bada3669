import { type RegionRules, regionAllowed } from './regions.js'
import { abilityFor, type RoutingRequest } from './request.js'
import type { RoutingTools, Unavailable } from './tools.js'
import type { Leaf, Node } from './tree.js'

/** Why a target is not to be had for this request. */
export type Refused = 'tried' | 'region' | 'unable' | Unavailable

/** What holds for one request, or one part of a virtual model, whichever strategy chooses. */
export class Scope {
  private readonly abilities = new Map<string, ReturnType<typeof abilityFor>>()

  /**
   * @param tried - ids of the targets that were attempted
   * @param need - which models are taken: "able" those that are known to do what is needed, "maybe" those that are not known not to
   */
  constructor(
    readonly request: RoutingRequest,
    readonly tools: RoutingTools,
    private readonly regions: RegionRules,
    private readonly tried: ReadonlySet<string>,
    private readonly need: 'able' | 'maybe' | undefined = undefined
  ) {}

  /** undefined: it can be had. */
  refusal(leaf: Leaf): Refused | undefined {
    if (this.tried.has(leaf.id)) return 'tried'
    if (!regionAllowed(leaf.region, this.regions)) return 'region'
    if (this.need !== undefined) {
      const ability = this.ability(leaf)
      if (ability === 'unable' || (ability === 'unknown' && this.need === 'able')) return 'unable'
    }
    return this.tools.unavailable(leaf)
  }

  /** Whether something of it can be had. */
  usable(node: Node): boolean {
    return (node.kind === 'leaf' ? [node] : node.leaves).some(leaf => this.refusal(leaf) === undefined)
  }

  ability(leaf: Leaf): ReturnType<typeof abilityFor> {
    const known = this.abilities.get(leaf.id)
    if (known !== undefined) return known
    const ability = abilityFor(this.request.needs(), this.tools.abilities(leaf))
    this.abilities.set(leaf.id, ability)
    return ability
  }

  /** The same for a part where only models count that can do what is needed. A rule that holds around it stays. */
  onlyAble(known: boolean): Scope {
    const need = known || this.need === 'able' ? 'able' : 'maybe'
    return new Scope(this.request, this.tools, this.regions, this.tried, need)
  }
}

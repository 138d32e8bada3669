import { type RegionRules, regionAllowed } from './regions.js'
import { abilityFor, type RoutingRequest } from './request.js'
import type { RoutingTools } from './tools.js'
import type { Leaf, Node, Refused, Scope } from './tree.js'

/** The scope of one request. */
export class RequestScope implements Scope {
  private abilities: Map<string, ReturnType<typeof abilityFor>> | undefined

  /**
   * @param tried - ids of the targets that were attempted
   * @param need - which models are taken: "able" those that are known to do what is needed, "maybe" those that are not known not to
   */
  constructor(
    readonly request: RoutingRequest,
    readonly tools: RoutingTools,
    private readonly regions: RegionRules,
    private readonly tried: readonly string[],
    private readonly need: 'able' | 'maybe' | undefined = undefined
  ) {}

  refusal(leaf: Leaf): Refused | undefined {
    if (this.tried.includes(leaf.id)) return 'tried'
    if (!regionAllowed(leaf.region, this.regions)) return 'region'
    if (this.need !== undefined) {
      const ability = this.ability(leaf)
      if (ability === 'unable' || (ability === 'unknown' && this.need === 'able')) return 'unable'
    }
    return this.tools.unavailable(leaf)
  }

  usable(node: Node): boolean {
    return (node.kind === 'leaf' ? [node] : node.leaves).some(leaf => this.refusal(leaf) === undefined)
  }

  ability(leaf: Leaf): ReturnType<typeof abilityFor> {
    this.abilities ??= new Map()
    const known = this.abilities.get(leaf.id)
    if (known !== undefined) return known
    const ability = abilityFor(this.request.operation, this.request.needs(), this.tools.abilities(leaf))
    this.abilities.set(leaf.id, ability)
    return ability
  }

  onlyAble(known: boolean): Scope {
    const need = known || this.need === 'able' ? 'able' : 'maybe'
    return new RequestScope(this.request, this.tools, this.regions, this.tried, need)
  }
}

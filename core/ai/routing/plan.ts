import { GatewayError } from '../../base/errors.js'
import { Refusal, RetryLater } from '../../base/refusal.js'
import { type Failed, fallbackKindOf } from './fallback-kind.js'
import type { RegionRules } from './regions.js'
import { RememberingRequest } from './remembering-request.js'
import type { RoutingRequest } from './request.js'
import { RequestScope } from './scope.js'
import type { Target } from './target.js'
import type { RoutingTools, Unavailable } from './tools.js'
import type { Node, Refused } from './tree.js'
import { type Walk, walk } from './walk.js'

/** The attempts of one request, decided one by one: what is not asked for is not worked out. */
export interface Plan {
  /** How many targets it gave out. */
  readonly attempts: number
  /** Which rules of the virtual model hold for the request, in a word: requests with another one go another way. Empty: it has no rules. */
  readonly ruled: string
  /**
   * The next target.
   * @param after - why the last one failed; left out: this is the first, or the last one could not be attempted after all and
   *   counts as not there
   * @returns undefined when there are no more, or the failure is none after which another target is asked; then it stays so
   */
  next(after?: Failed): Target | undefined
  /**
   * Why there was not one target, to tell the caller; undefined when there was one: then what is to be told is how the last one failed.
   * A RetryLater when it is only a matter of time.
   */
  refusal(): GatewayError | undefined
}

/** Longest that a caller is told to wait when it is not known how long. */
const UNKNOWN_WAIT_MS = 60_000

export class RoutePlan implements Plan {
  attempts = 0
  private readonly walk: Walk
  private readonly tried: string[] = []
  private readonly passedOver: (Refused | 'no-rule')[] = []
  private over = false

  constructor(
    private readonly node: Node,
    private readonly request: RoutingRequest,
    private readonly tools: RoutingTools,
    regions: RegionRules,
    private readonly maxAttempts: number
  ) {
    const scope = new RequestScope(new RememberingRequest(request), tools, regions, this.tried)
    this.walk = walk(node, scope, { path: [], params: {}, passedOver: why => this.passedOver.push(why) })
  }

  get ruled(): string {
    return ruledIn(this.node, new RememberingRequest(this.request), this.tools.now())
  }

  next(after?: Failed): Target | undefined {
    const kind = after && fallbackKindOf(after)
    const hopeless = after !== undefined && kind === undefined
    if (this.over || hopeless || this.attempts >= this.maxAttempts) return this.end()
    const found = this.walk.next(kind)
    if (found === undefined) return this.end()
    this.tried.push(found.leaf.id)
    this.attempts++
    const { id, account, provider, model, region } = found.leaf
    return { id, account, provider, model, region, params: found.params, path: found.path, attempt: this.attempts }
  }

  refusal(): GatewayError | undefined {
    if (this.attempts > 0) return undefined
    const { model } = this.request
    const soonest = soonestOf(this.passedOver)
    if (soonest !== undefined) {
      const wait = Number.isFinite(soonest.afterMs) ? soonest.afterMs : UNKNOWN_WAIT_MS
      return new RetryLater(soonest.code, `${model}: nothing can be sent to any of its targets`, wait)
    }
    if (this.passedOver.includes('region')) {
      return new GatewayError('GW_AI_REGION_FORBIDDEN', `${model}: none of its targets is in a region that is allowed`)
    }
    const message = this.passedOver.includes('unable')
      ? `${model}: none of its targets is known to be able to do what is asked for`
      : `${model}: no rule says where the request goes`
    return new Refusal('GW_AI_UNSUPPORTED', message, [], { param: 'model' })
  }

  private end(): undefined {
    this.over = true
  }
}

function ruledIn(node: Node, request: RoutingRequest, now: number): string {
  if (node.kind === 'leaf') return ''
  const { rules, targets, fallbacks } = node
  if (rules.length > 0) {
    const at = rules.findIndex(({ holds }) => holds(request, now))
    const target = at === -1 ? node.default : rules[at]?.target
    return `${at}(${target === undefined ? '' : ruledIn(target, request, now)})`
  }
  return [...targets, ...[...fallbacks.values()].flat()].map(each => ruledIn(each, request, now)).join('')
}

function soonestOf(reasons: readonly (Refused | 'no-rule')[]): Unavailable | undefined {
  let soonest: Unavailable | undefined
  for (const reason of reasons) {
    if (typeof reason === 'string') continue
    if (soonest === undefined || reason.afterMs < soonest.afterMs) soonest = reason
  }
  return soonest
}

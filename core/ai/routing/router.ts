import { Refusal } from '../../base/refusal.js'
import type { AiModelConfig } from '../../config/resolve-ai-models.js'
import type { AiProviderConfig } from '../../config/resolve-ai-providers.js'
import { Compiler } from './compile.js'
import type { InCatalog } from './names.js'
import { textPattern } from './pattern.js'
import { type Plan, RoutePlan } from './plan.js'
import type { RegionRules } from './regions.js'
import type { RoutingRequest } from './request.js'
import type { ModelAt } from './target.js'
import type { RoutingTools } from './tools.js'
import { leavesOf, type Node } from './tree.js'

/** Attempts of one request at most, whatever its virtual model says. */
export const MAX_ATTEMPTS = 10

export interface PlanRules {
  /** Names a caller may ask for, "*" stands for any text; undefined: all. It is about what is asked, not about what stands behind it. */
  readonly allow?: readonly string[] | undefined
  /** Left out: every region. */
  readonly regions?: RegionRules | undefined
  /** Left out: MAX_ATTEMPTS. */
  readonly maxAttempts?: number | undefined
}

/** Knows what stands behind the names of models. */
export interface Router {
  /** @throws Refusal GW_AI_MODEL_UNKNOWN, GW_AI_MODEL_FORBIDDEN */
  plan(request: RoutingRequest, tools: RoutingTools, rules?: PlanRules): Plan
  /** What is behind a name, each once; empty: nothing. For lists of models, not for the way of a request. */
  modelsBehind(name: string): readonly ModelAt[]
  /** Names to show: virtual models, and models that accounts list. */
  names(allow?: readonly string[]): string[]
}

/** @throws GatewayError GW_CONFIG_INVALID when a virtual model names one that is nowhere */
export function createRouter(
  models: readonly AiModelConfig[],
  accounts: readonly AiProviderConfig[],
  inCatalog: InCatalog
): Router {
  const compiler = new Compiler(models, accounts, inCatalog)
  for (const { name } of models) compiler.named(name)
  const all = new Set([...models.map(({ name }) => name), ...accounts.flatMap(account => [...account.models.keys()])])
  return {
    plan(request, tools, { allow, regions = [], maxAttempts = MAX_ATTEMPTS } = {}) {
      const { model } = request
      if (allow !== undefined && !matcher(allow)(model)) throw refused('GW_AI_MODEL_FORBIDDEN', model)
      const node = compiler.named(model)
      if (node === undefined) throw refused('GW_AI_MODEL_UNKNOWN', model)
      return new RoutePlan(node, request, tools, regions, maxAttempts)
    },
    modelsBehind(name) {
      const node: Node | undefined = compiler.named(name)
      return node === undefined ? [] : leavesOf([node])
    },
    names: allow => [...all].filter(allow === undefined ? () => true : matcher(allow))
  }
}

/** Lists are those of the configuration: the same one each time. */
const matchers = new WeakMap<readonly string[], (text: string) => boolean>()

function matcher(allow: readonly string[]): (text: string) => boolean {
  let fits = matchers.get(allow)
  if (fits === undefined) {
    fits = textPattern(allow)
    matchers.set(allow, fits)
  }
  return fits
}

function refused(code: 'GW_AI_MODEL_UNKNOWN' | 'GW_AI_MODEL_FORBIDDEN', model: string): Refusal {
  const shown = model.length > 200 ? `${model.slice(0, 200)}…` : model
  const message =
    code === 'GW_AI_MODEL_UNKNOWN' ? `there is no model "${shown}"` : `"${shown}" is not among the models allowed`
  return new Refusal(code, message, [], { param: 'model', detail: message })
}

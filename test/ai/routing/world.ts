import type { Test } from 'tap'
import type { ProviderFailure } from '../../../core/ai/failure.js'
import type { Failed } from '../../../core/ai/routing/fallback-kind.js'
import type { Plan } from '../../../core/ai/routing/plan.js'
import type { Needs, RoutingRequest } from '../../../core/ai/routing/request.js'
import { createRouter, type PlanRules, type Router } from '../../../core/ai/routing/router.js'
import { Timings } from '../../../core/ai/routing/timings.js'
import type { RoutingTools } from '../../../core/ai/routing/tools.js'
import { GatewayError } from '../../../core/base/errors.js'
import type { AiProviderConfig } from '../../../core/config/resolve-ai-providers.js'
import { aiConfig } from '../../config/ai.js'
import { FakeClock, seeded } from '../../support/fake-clock.js'

/** Three accounts in two regions, and one that says no region. */
const ACCOUNTS = `
  providers:
    a: { provider: openai, keys: [k], region: us, models: { shared: shared-at-a, alias: deployment } }
    b: { provider: openai, keys: [k], region: eu-west-1, models: [shared, only-b] }
    c: { provider: openai, keys: [k], region: eu, models: [m], onlyModels: true }
    d: { provider: openai, keys: [k] }
`

/** A router for virtual models as they are written, with the accounts above. */
export function routerFor(
  t: Test,
  models: string,
  inCatalog = (_: AiProviderConfig, model: string) => model === 'known'
): Router {
  const config = aiConfig(t, `ai:${ACCOUNTS}  models:\n${models.replace(/^/gm, '    ')}\n`)
  return createRouter(config.models, config.providers, inCatalog)
}

export const NO_NEEDS: Needs = { inputTokens: 10, outputTokens: 0, has: new Set() }

export function request(some: Partial<RoutingRequest> = {}): RoutingRequest {
  return {
    model: 'v',
    operation: 'chat',
    stream: false,
    consumer: '',
    tags: [],
    headers: [],
    param: () => undefined,
    metadata: () => undefined,
    claim: () => undefined,
    needs: () => NO_NEEDS,
    conversation: () => undefined,
    ...some
  }
}

/** Tools that know nothing and find everything available, but for what is given. */
export function tools(some: Partial<RoutingTools> = {}): RoutingTools {
  const clock = new FakeClock()
  return {
    random: seeded(1),
    now: () => 0,
    timings: new Timings(() => clock.now()),
    price: () => undefined,
    abilities: () => undefined,
    unavailable: () => undefined,
    ...some
  }
}

export function failure(kind: ProviderFailure['kind'], more: Partial<ProviderFailure> = {}): ProviderFailure {
  return { kind, status: 0, message: '', ...more }
}

export const SERVER = failure('server')
export const GONE = new GatewayError('GW_CLIENT_GONE', 'the client went away')

/** Ids of the targets a plan gives out when each of them fails in the same way. */
export function all(plan: Plan, after: Failed = SERVER): string[] {
  const ids: string[] = []
  for (let target = plan.next(); target !== undefined; target = plan.next(after)) ids.push(target.id)
  return ids
}

/** The same, for a virtual model "v". */
export function route(
  t: Test,
  v: string,
  {
    after = SERVER,
    rules = {},
    ask = {},
    with: some = {}
  }: { after?: Failed; rules?: PlanRules; ask?: Partial<RoutingRequest>; with?: Partial<RoutingTools> } = {}
): string[] {
  return all(routerFor(t, `v: ${v}`).plan(request(ask), tools(some), rules), after)
}

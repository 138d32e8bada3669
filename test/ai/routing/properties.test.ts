import fc from 'fast-check'
import t from 'tap'
import type { FailureKind } from '../../../core/ai/failure.js'
import { fallbackKindOf } from '../../../core/ai/routing/fallback-kind.js'
import { regionAllowed } from '../../../core/ai/routing/regions.js'
import type { Abilities } from '../../../core/ai/routing/request.js'
import { createRouter } from '../../../core/ai/routing/router.js'
import type { ModelAt } from '../../../core/ai/routing/target.js'
import { type AiTargetConfig, resolveAiModels } from '../../../core/config/resolve-ai-models.js'
import type { AiProviderConfig } from '../../../core/config/resolve-ai-providers.js'
import { FALLBACK_KINDS, STRATEGIES, type TargetOrName } from '../../../core/config/schema-ai-models.js'
import { aiConfig } from '../../config/ai.js'
import { seeded } from '../../support/fake-clock.js'
import { failure, request, tools } from './world.js'

const REGIONS = ['us', 'eu', 'eu-west-1', '']
const accounts: readonly AiProviderConfig[] = aiConfig(
  t,
  `ai: { providers: { ${REGIONS.map((region, i) => `p${i}: { provider: ollama${region === '' ? '' : `, region: ${region}`} }`).join(', ')} } }\n`
).providers

const leaf = fc.record({
  model: fc.tuple(fc.nat(REGIONS.length - 1), fc.nat(4)).map(([account, model]) => `p${account}/m${model}`),
  weight: fc.nat(3),
  attempts: fc.integer({ min: 1, max: 3 })
})
const kinds = fc.subarray([...FALLBACK_KINDS])

const { target } = fc.letrec<{ target: TargetOrName }>(tie => {
  const targets = fc.array(tie('target'), { minLength: 1, maxLength: 3 })
  const branch = fc.record(
    {
      strategy: fc.constantFrom(...STRATEGIES),
      weight: fc.nat(3),
      targets,
      on: kinds,
      maxAttempts: fc.integer({ min: 1, max: 6 }),
      fallbacks: fc.dictionary(fc.constantFrom(...FALLBACK_KINDS), targets),
      rules: fc.array(fc.record({ when: fc.record({ stream: fc.boolean() }), target: tie('target') }), {
        maxLength: 2
      }),
      default: tie('target'),
      unknown: fc.constantFrom('last' as const, 'never' as const)
    },
    { requiredKeys: ['strategy', 'weight', 'targets'] }
  )
  return { target: fc.oneof({ maxDepth: 3 }, leaf, branch) }
})

const FAILURES: FailureKind[] = [
  'server',
  'timeout',
  'rate_limit',
  'context_window',
  'content_policy',
  'invalid_request'
]
const world = fc.record({
  entry: target,
  failures: fc.array(fc.option(fc.constantFrom(...FAILURES), { nil: undefined }), { maxLength: 40 }),
  regions: fc.array(fc.subarray(['us', 'eu']), { maxLength: 2 }),
  down: fc.subarray([0, 1, 2, 3]),
  able: fc.array(fc.option(fc.boolean(), { nil: undefined }), { minLength: 5, maxLength: 5 }),
  seed: fc.nat()
})

/** What may be given out at all: the models of leaves, by "capable" around them or not. */
function leavesOf(
  config: AiTargetConfig,
  capable: boolean,
  never: boolean
): { id: string; capable: boolean; never: boolean }[] {
  if (config.model !== undefined) return [{ id: config.model, capable, never }]
  const inside = capable || config.strategy === 'capable'
  const strict = never || (config.strategy === 'capable' && config.unknown === 'never')
  const below = [...config.targets, ...[...config.fallbacks.values()].flat(), ...config.rules.map(rule => rule.target)]
  if (config.default !== undefined) below.push(config.default)
  return below.flatMap(each => leavesOf(each, inside, strict))
}

t.test('over any virtual model, a plan ends and gives out nothing that is not allowed', async t => {
  fc.assert(
    fc.property(world, ({ entry, failures, regions, down, able, seed }) => {
      const models = resolveAiModels({ v: entry })
      const abilities = ({ model }: ModelAt): Abilities | undefined => {
        const can = able[Number(model.slice(1))]
        return can === undefined
          ? undefined
          : { contextTokens: 1_000, outputTokens: undefined, can: () => can, does: () => true }
      }
      const needs = () => ({ inputTokens: 1, outputTokens: 0, has: new Set(['tools'] as const) })
      const some = tools({
        random: seeded(seed),
        abilities,
        price: ({ model }) => (model === 'm0' ? undefined : Number(model.slice(1)) % 3),
        unavailable: ({ account }) =>
          down.includes(Number(account.slice(1))) ? { code: 'GW_AI_NO_KEY', afterMs: 1 } : undefined
      })
      const plan = createRouter(models, accounts, () => false).plan(request({ needs }), some, {
        regions,
        maxAttempts: 30
      })
      const places = models.flatMap(model => leavesOf(model.target, false, false))
      const given = new Map<string, number>()
      let last: string | undefined
      for (let i = 0; ; i++) {
        const kind = failures[i - 1]
        const found = i === 0 || kind === undefined ? plan.next() : plan.next(failure(kind))
        if (found === undefined) break
        if (i > 30) throw new Error('it does not end')
        if (i > 0 && kind !== undefined && fallbackKindOf(failure(kind)) === undefined)
          throw new Error('after a bad request')
        if (!regionAllowed(found.region, regions)) throw new Error(`in ${found.region}`)
        if (REGIONS[Number(found.account.slice(1))] !== found.region)
          throw new Error('a region that is not the account’s')
        if (down.includes(Number(found.account.slice(1)))) throw new Error('one that is down')
        const ability = able[Number(found.model.slice(1))]
        const allowed = places.some(
          ({ id, capable, never }) =>
            id === found.id && !(capable && ability === false) && !(never && ability === undefined)
        )
        if (!allowed) throw new Error(`${found.id} cannot do it, or is not there`)
        // The same one again only in a row, and at most as often as the greediest leaf of this model says.
        if (found.id !== last && given.has(found.id)) throw new Error(`${found.id} once more`)
        given.set(found.id, (given.get(found.id) ?? 0) + 1)
        if ((given.get(found.id) ?? 0) > 3) throw new Error(`${found.id} too often`)
        last = found.id
      }
      if (plan.next() !== undefined || plan.next(failure('server')) !== undefined) throw new Error('it is not over')
      if ((given.size === 0) !== (plan.refusal() !== undefined))
        throw new Error('a refusal is for plans without a target')
    }),
    { numRuns: 1_000 }
  )
  t.pass()
})

t.test('over any virtual model, the same draws make the same plan', async t => {
  fc.assert(
    fc.property(target, fc.nat(), (entry, seed) => {
      const router = createRouter(resolveAiModels({ v: entry }), accounts, () => false)
      const ids = () => {
        const plan = router.plan(request(), tools({ random: seeded(seed) }))
        const found: string[] = []
        for (let next = plan.next(); next !== undefined; next = plan.next(failure('server'))) found.push(next.id)
        return found.join()
      }
      const first = ids()
      return ids() === first
    })
  )
  t.pass()
})

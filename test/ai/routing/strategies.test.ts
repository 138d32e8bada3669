import { readdirSync } from 'node:fs'
import t from 'tap'
import { isMadeFor } from '../../../core/ai/catalog/kind.js'
import type { Operation } from '../../../core/ai/dialects/dialect.js'
import type { Abilities } from '../../../core/ai/routing/request.js'
import { strategies, strategyOf } from '../../../core/ai/routing/strategies/index.js'
import type { ModelAt } from '../../../core/ai/routing/target.js'
import { Timings } from '../../../core/ai/routing/timings.js'
import { STRATEGIES } from '../../../core/config/schema-ai-models.js'
import { ROOT } from '../../config/helpers.js'
import { FakeClock, seeded } from '../../support/fake-clock.js'
import { all, failure, NO_NEEDS, request, route, routerFor, SERVER, tools } from './world.js'

const able = (can: boolean | undefined, contextTokens: number | undefined = 1_000): Abilities => ({
  contextTokens,
  outputTokens: undefined,
  can: () => can,
  does: () => true
})

t.test('every strategy is in the list, and in the configuration’s', async t => {
  const helpers = ['strategy.ts', 'index.ts', 'draw.ts', 'keep.ts']
  const files = readdirSync(`${ROOT}core/ai/routing/strategies`).filter(name => !helpers.includes(name))
  t.strictSame(files.map(name => name.replace('.ts', '')).sort(), strategies.map(({ name }) => name).sort())
  t.strictSame([...STRATEGIES].sort(), strategies.map(({ name }) => name).sort())
  for (const name of STRATEGIES) t.equal(strategyOf(name).name, name)
})

for (const { name } of strategies) {
  const written = (ids: readonly string[]) =>
    name === 'conditional'
      ? `{ strategy: conditional, rules: [{ when: { stream: false }, target: ${ids[0]} }] }`
      : `{ strategy: ${name}, targets: [${(name === 'single' ? ids.slice(0, 1) : ids).join(', ')}] }`
  const many = name !== 'conditional' && name !== 'single'

  t.test(`${name} keeps the contract of every strategy`, async t => {
    const ids = ['a/x', 'b/x', 'd/x']
    const expected = many ? ids : ids.slice(0, 1)
    t.strictSame(route(t, written(ids)).sort(), expected, 'each target once, when each fails')
    t.equal(route(t, written(ids), { after: failure('invalid_request') }).length, 1, 'no other for a bad request')
    t.equal(route(t, written(ids), { after: failure('content_policy') }).length, 1, 'nor, by default, for a refusal')
    t.strictSame(
      route(t, written(ids), {
        with: { unavailable: ({ account }) => (account === 'a' ? { code: 'GW_AI_NO_KEY', afterMs: 5 } : undefined) }
      }).sort(),
      many ? ['b/x', 'd/x'] : [],
      'what is not available is passed over'
    )
    t.strictSame(
      route(t, written(ids), { rules: { regions: [['eu']] } }),
      many ? ['b/x'] : [],
      'and what is in no allowed region'
    )
    const plan = routerFor(t, `v: ${written(ids)}`).plan(request(), tools())
    for (let i = 0; i < expected.length; i++) t.ok(plan.next(), 'without a failure, the last one counts as not there')
    t.equal(plan.next(), undefined)
  })
}

t.test('weighted gives each target its share, and the others the share of one that is not to be had', async t => {
  const router = routerFor(
    t,
    'v: { strategy: weighted, targets: [{ model: a/x, weight: 1 }, { model: b/x, weight: 2 }, { model: d/x, weight: 7 }, { model: d/never, weight: 0 }] }'
  )
  const random = seeded(7)
  const count = (unavailable: string): Record<string, number> => {
    const counts: Record<string, number> = {}
    for (let i = 0; i < 6_000; i++) {
      const with_ = tools({
        random,
        unavailable: ({ account }) => (account === unavailable ? { code: 'GW_AI_NO_KEY', afterMs: 1 } : undefined)
      })
      const id = router.plan(request(), with_).next()?.id ?? ''
      counts[id] = (counts[id] ?? 0) + 1
    }
    return counts
  }
  const near = (counts: Record<string, number>, id: string, share: number) =>
    t.ok(Math.abs((counts[id] ?? 0) / 6_000 - share) < 0.03, `${id}: ${counts[id]} of 6000`)
  const whole = count('')
  near(whole, 'a/x', 0.1)
  near(whole, 'b/x', 0.2)
  near(whole, 'd/x', 0.7)
  const without = count('d')
  near(without, 'a/x', 1 / 3)
  near(without, 'b/x', 2 / 3)
  t.equal(whole['d/never'], undefined)
})

t.test('weighted draws the same for requests that belong together, by weight all the same', async t => {
  const router = routerFor(
    t,
    'v: { strategy: weighted, by: { metadata: user }, targets: [{ model: a/x, weight: 1 }, { model: b/x, weight: 3 }] }'
  )
  const first = (user: string | undefined) => router.plan(request({ metadata: () => user }), tools()).next()?.id
  let heavy = 0
  for (let i = 0; i < 2_000; i++) {
    const id = first(`user-${i}`)
    if (i < 50) t.equal(first(`user-${i}`), id)
    if (id === 'b/x') heavy++
  }
  t.ok(Math.abs(heavy / 2_000 - 0.75) < 0.04, `${heavy} of 2000`)
  t.ok(first(undefined), 'without a key, by chance')
})

t.test('fallback asks in order, and only after failures of its kinds', async t => {
  const v = '{ strategy: fallback, on: [timeout, content-policy], targets: [a/x, b/x] }'
  t.strictSame(route(t, v, { after: failure('timeout') }), ['a/x', 'b/x'])
  t.strictSame(route(t, v, { after: failure('content_policy') }), ['a/x', 'b/x'])
  t.strictSame(route(t, v, { after: SERVER }), ['a/x'])
  t.strictSame(route(t, v, { after: failure('rate_limit') }), ['a/x'])
  t.strictSame(route(t, '{ strategy: fallback, on: [], targets: [a/x, b/x] }'), ['a/x'])
})

t.test('fallback has lists of their own for kinds of failure, and stays with them', async t => {
  const router = routerFor(
    t,
    'v: { strategy: fallback, targets: [a/x, b/x], fallbacks: { context-window: [d/long, d/longer], content-policy: [d/frank] } }'
  )
  const plan = () => router.plan(request(), tools())
  t.strictSame(all(plan()), ['a/x', 'b/x'])
  t.strictSame(all(plan(), failure('context_window')), ['a/x', 'd/long', 'd/longer'])
  t.strictSame(all(plan(), failure('content_policy')), ['a/x', 'd/frank'])
  const mixed = plan()
  t.equal(mixed.next()?.id, 'a/x')
  t.equal(mixed.next(SERVER)?.id, 'b/x')
  t.strictSame(mixed.next(failure('context_window'))?.path, ['v', 'fallbacks.context-window[0]'])
  t.equal(mixed.next(SERVER)?.id, 'd/longer')
  t.equal(mixed.next(SERVER), undefined)
})

t.test('conditional takes the first rule that holds, else the default, else nothing', async t => {
  const rules =
    'strategy: conditional, rules: [{ when: { has: [images] }, target: a/eyes }, { when: { param: temperature, above: 1 }, target: { strategy: fallback, targets: [b/hot, d/hot] } }]'
  const warm = { param: (name: string) => (name === 'temperature' ? 1.5 : undefined) }
  const images = { needs: () => ({ ...NO_NEEDS, has: new Set(['images'] as const) }) }
  t.strictSame(route(t, `{ ${rules}, default: d/x }`, { ask: { ...warm, ...images } }), ['a/eyes'])
  t.strictSame(route(t, `{ ${rules}, default: d/x }`, { ask: warm }), ['b/hot', 'd/hot'])
  t.strictSame(route(t, `{ ${rules}, default: d/x }`), ['d/x'])
  const plan = routerFor(t, `v: { ${rules} }`).plan(request(), tools())
  t.equal(plan.next(), undefined)
  t.match(plan.refusal(), { code: 'GW_AI_UNSUPPORTED', message: /no rule/ })
})

t.test('cheapest goes by the price of this request, and what has none comes last', async t => {
  const prices: Record<string, number> = { 'a/x': 30, 'b/x': 20, 'd/dear': 90, 'd/cheap': 5 }
  const price = ({ account, model }: ModelAt) => prices[`${account}/${model}`]
  const v = '{ strategy: cheapest, targets: [d/free, a/x, b/x, { strategy: fallback, targets: [d/dear, d/cheap] }] }'
  t.strictSame(route(t, v, { with: { price } }), ['d/dear', 'd/cheap', 'b/x', 'a/x', 'd/free'])
  t.strictSame(
    route(t, v, { with: { price }, rules: { regions: [['us', 'eu']] } }),
    ['b/x', 'a/x'],
    'prices of what is not to be had do not count'
  )
})

t.test('fastest goes by the time to the first token, explores, and learns', async t => {
  const clock = new FakeClock()
  const timings = new Timings(() => clock.now())
  const random = seeded(3)
  const ms: Record<string, number> = { 'a/x': 300, 'b/x': 100, 'd/x': 200 }
  const router = routerFor(t, 'v: { strategy: fastest, explore: 0.1, decay: 10s, targets: [a/x, b/x, d/x] }')
  const run = (requests: number): Record<string, number> => {
    const counts: Record<string, number> = {}
    for (let i = 0; i < requests; i++) {
      const id = router.plan(request(), tools({ timings, random })).next()?.id ?? ''
      counts[id] = (counts[id] ?? 0) + 1
      clock.pass(100)
      timings.observe(id, ms[id] ?? 0)
    }
    return counts
  }
  run(100)
  t.ok((run(1_000)['b/x'] ?? 0) > 850, 'nearly all go to the fastest')
  t.strictSame(all(router.plan(request(), tools({ timings, random: () => 0.99 }))), ['b/x', 'd/x', 'a/x'])
  ms['b/x'] = 900
  run(300)
  t.ok((run(1_000)['d/x'] ?? 0) > 800, 'another one when that has become slow')
  ms['b/x'] = 50
  run(500)
  t.ok((run(1_000)['b/x'] ?? 0) > 800, 'and the first again, which only a try could tell')
})

t.test(
  'fastest spreads requests while nothing is known, and sends a crowd to nobody who was never measured',
  async t => {
    const clock = new FakeClock()
    const timings = new Timings(() => clock.now())
    const random = seeded(5)
    const router = routerFor(t, 'v: { strategy: fastest, targets: [a/x, b/x] }')
    const share = () => {
      let a = 0
      for (let i = 0; i < 1_000; i++) if (router.plan(request(), tools({ timings, random })).next()?.id === 'a/x') a++
      return a / 1_000
    }
    t.ok(Math.abs(share() - 0.5) < 0.06)
    timings.observe('b/x', 500)
    const looking = share()
    t.ok(looking > 0.1 && looking < 0.3, `${looking}`)
  }
)

t.test('capable takes only what can do what is needed, at any depth, and last what is not known to', async t => {
  const abilities = ({ model }: ModelAt) => (model === 'yes' ? able(true) : model === 'no' ? able(false) : undefined)
  const needs = () => ({ ...NO_NEEDS, has: new Set(['tools'] as const) })
  const targets = 'targets: [a/unsure, a/no, { strategy: weighted, targets: [b/no, b/yes] }, d/yes]'
  t.strictSame(route(t, `{ strategy: capable, ${targets} }`, { ask: { needs }, with: { abilities } }), [
    'b/yes',
    'd/yes',
    'a/unsure'
  ])
  t.strictSame(route(t, `{ strategy: capable, unknown: never, ${targets} }`, { ask: { needs }, with: { abilities } }), [
    'b/yes',
    'd/yes'
  ])
  const plan = routerFor(t, 'v: { strategy: capable, targets: [a/no] }').plan(request({ needs }), tools({ abilities }))
  t.equal(plan.next(), undefined)
  t.match(plan.refusal(), { code: 'GW_AI_UNSUPPORTED' })
})

t.test('capable tells models for chats from those for vectors, pictures or speech', async t => {
  const abilities = ({ model }: ModelAt): Abilities => ({
    ...able(undefined),
    does: operation => isMadeFor(model, operation)
  })
  const models = [
    'text-embedding-3-small',
    'gpt-4.1',
    'dall-e-3',
    'gemini-2.5-flash-preview-tts',
    'embedded-7b',
    'gte-reranker'
  ]
  const asked = (operation: Operation) =>
    route(t, `{ strategy: capable, targets: [${models.map(model => `a/${model}`).join(', ')}] }`, {
      ask: { operation },
      with: { abilities }
    })
  t.strictSame(asked('chat'), ['a/gpt-4.1', 'a/embedded-7b', 'a/gemini-2.5-flash-preview-tts'])
  t.strictSame(asked('embeddings'), ['a/text-embedding-3-small', 'a/gpt-4.1', 'a/embedded-7b'])
  t.strictSame(asked('image-edit'), ['a/dall-e-3', 'a/gpt-4.1', 'a/embedded-7b'])
  t.strictSame(asked('speech'), ['a/gemini-2.5-flash-preview-tts', 'a/gpt-4.1', 'a/embedded-7b'])
  t.strictSame(asked('rerank'), ['a/gte-reranker', 'a/gpt-4.1', 'a/embedded-7b'])
})

t.test('capable knows windows: prompt and answer together', async t => {
  const abilities = ({ model }: ModelAt) => ({
    ...able(true, model === 'long' ? 10_000 : 1_000),
    outputTokens: model === 'terse' ? 100 : undefined
  })
  const ask = (inputTokens: number, outputTokens: number) => ({
    needs: () => ({ inputTokens, outputTokens, has: new Set<never>() })
  })
  const v = '{ strategy: capable, targets: [a/terse, a/short, b/long] }'
  t.strictSame(route(t, v, { ask: ask(900, 100), with: { abilities } }), ['a/terse', 'a/short', 'b/long'])
  t.strictSame(route(t, v, { ask: ask(900, 101), with: { abilities } }), ['b/long'])
  t.strictSame(route(t, v, { ask: ask(500, 101), with: { abilities } }), ['a/short', 'b/long'])
  t.strictSame(route(t, v, { ask: ask(9_000, 2_000), with: { abilities } }), [])
})

t.test('sticky keeps a conversation where it is, and moves few when a target goes', async t => {
  const targets = ['a/x', 'b/x', 'd/x', 'd/y']
  const router = (ids: readonly string[]) => routerFor(t, `v: { strategy: sticky, targets: [${ids.join(', ')}] }`)
  const whole = router(targets)
  const fewer = router(targets.filter(id => id !== 'b/x').reverse())
  const first = (from: typeof whole, key: string, some = {}) =>
    from.plan(request({ conversation: () => key }), tools({ random: Math.random, ...some })).next()?.id
  const counts: Record<string, number> = {}
  let moved = 0
  let spread = new Set<string>()
  for (let i = 0; i < 2_000; i++) {
    const key = `conversation-${i}`
    const id = first(whole, key) ?? ''
    counts[id] = (counts[id] ?? 0) + 1
    if (first(whole, key) !== id) t.fail('the same key went elsewhere')
    const after = first(fewer, key) ?? ''
    const without = first(whole, key, {
      unavailable: ({ account }: ModelAt) => (account === 'b' ? { code: 'GW_AI_NO_KEY', afterMs: 1 } : undefined)
    })
    if (after !== without) t.fail('gone and not to be had are the same')
    if (id === 'b/x') spread = spread.add(after)
    else if (after !== id) moved++
  }
  t.equal(moved, 0, 'only its own conversations moved')
  t.equal(spread.size, 3, 'to all of the others')
  for (const id of targets) t.ok(Math.abs((counts[id] ?? 0) - 500) < 80, `${id}: ${counts[id]}`)
  t.strictSame(all(whole.plan(request({ conversation: () => 'x' }), tools())).sort(), targets, 'falls on when it fails')
})

t.test('sticky goes by who calls, a header or metadata where it is told to', async t => {
  const first = (by: string, ask: Parameters<typeof request>[0]) =>
    routerFor(t, `v: { strategy: sticky, by: ${by}, targets: [a/x, b/x, d/x] }`)
      .plan(request(ask), tools({ random: () => 0 }))
      .next()?.id
  for (const [by, ask] of [
    ['consumer', (value: string) => ({ consumer: value })],
    ['{ header: X-Session }', (value: string) => ({ headers: ['x-session', value] })],
    [
      '{ metadata: session }',
      (value: string) => ({ metadata: (name: string) => (name === 'session' ? value : undefined) })
    ]
  ] as const) {
    const ids = new Set(['1', '2', '3', '4', '5', '6', '7', '8'].map(value => first(by, ask(value))))
    t.ok(ids.size > 1, `${by} spreads`)
    t.equal(first(by, ask('1')), first(by, ask('1')))
  }
})

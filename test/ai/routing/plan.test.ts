import t from 'tap'
import { createRouter } from '../../../core/ai/routing/router.js'
import type { ModelAt } from '../../../core/ai/routing/target.js'
import { GatewayError } from '../../../core/base/errors.js'
import { RetryLater } from '../../../core/base/refusal.js'
import { aiConfig } from '../../config/ai.js'
import { all, failure, GONE, request, route, routerFor, SERVER, tools } from './world.js'

t.test('a target says all that is needed to send, and the way to it', async t => {
  const router = routerFor(
    t,
    'v: { strategy: fallback, params: { temperature: 1, seed: 7 }, targets: [{ strategy: single, targets: [{ model: a/alias, params: { temperature: 0 } }] }, inner] }\ninner: { strategy: weighted, params: { top_p: 1 }, targets: [b/x] }'
  )
  const plan = router.plan(request(), tools())
  t.strictSame(plan.next(), {
    id: 'a/deployment',
    account: 'a',
    provider: 'openai',
    model: 'deployment',
    region: 'us',
    params: { temperature: 0, seed: 7 },
    path: ['v', 'targets[0]', 'targets[0]'],
    attempt: 1
  })
  t.match(plan.next(SERVER), {
    id: 'b/x',
    region: 'eu-west-1',
    params: { temperature: 1, seed: 7, top_p: 1 },
    path: ['v', 'targets[1]', 'targets[0]'],
    attempt: 2
  })
  t.equal(plan.attempts, 2)
})

t.test('a plan that is over stays so', async t => {
  const plan = routerFor(t, 'v: { strategy: fallback, targets: [a/x, b/x, d/x] }').plan(request(), tools())
  t.ok(plan.next())
  t.equal(plan.next(GONE), undefined, 'nobody is left to answer')
  t.equal(plan.next(SERVER), undefined)
  t.equal(plan.next(), undefined)
  t.equal(plan.refusal(), undefined, 'the last failure is what is to be told')
})

t.test('no target is asked twice, however often it is named', async t => {
  t.strictSame(route(t, '{ strategy: fallback, targets: [a/x, { strategy: weighted, targets: [a/x] }, b/x, a/x] }'), [
    'a/x',
    'b/x'
  ])
  t.strictSame(
    route(t, '{ strategy: fallback, targets: [a/alias, a/deployment] }'),
    ['a/deployment'],
    'nor by another name'
  )
})

t.test('a target is asked again where it says so, when that may help', async t => {
  const v = '{ strategy: fallback, on: [error, content-policy], targets: [{ model: a/x, attempts: 3 }, b/x] }'
  t.strictSame(route(t, v), ['a/x', 'a/x', 'a/x', 'b/x'])
  t.strictSame(route(t, v, { after: failure('content_policy') }), ['a/x', 'b/x'])
  t.strictSame(route(t, '{ model: a/x, attempts: 2 }'), ['a/x', 'a/x'])
})

t.test('a node inside decides first, the one around it when that one is at its end', async t => {
  const v =
    '{ strategy: fallback, on: [error, timeout], targets: [{ strategy: fallback, on: [timeout], targets: [a/x, b/x] }, d/x] }'
  t.strictSame(route(t, v, { after: SERVER }), ['a/x', 'd/x'])
  t.strictSame(route(t, v, { after: failure('timeout') }), ['a/x', 'b/x', 'd/x'])
  t.strictSame(route(t, v, { after: failure('rate_limit') }), ['a/x'])
})

t.test('attempts are limited for a node, and for a plan as a whole', async t => {
  t.strictSame(
    route(
      t,
      '{ strategy: fallback, targets: [{ strategy: fallback, maxAttempts: 2, targets: [a/1, a/2, a/3] }, b/x] }'
    ),
    ['a/1', 'a/2', 'b/x']
  )
  const many = `{ strategy: fallback, targets: [${Array.from({ length: 20 }, (_, i) => `a/${i}`).join(', ')}] }`
  t.equal(route(t, many).length, 10)
  t.equal(route(t, many, { rules: { maxAttempts: 3 } }).length, 3)
})

t.test('what was given out and could not be attempted is passed over without asking for a reason', async t => {
  const plan = routerFor(t, 'v: { strategy: fallback, on: [], targets: [a/x, b/x] }').plan(request(), tools())
  t.equal(plan.next()?.id, 'a/x')
  t.equal(plan.next()?.id, 'b/x')
})

t.test('what is available is looked at when it is its turn, not before', async t => {
  let down = ''
  const plan = routerFor(t, 'v: { strategy: fallback, targets: [a/x, b/x, d/x] }').plan(
    request(),
    tools({ unavailable: ({ account }) => (account === down ? { code: 'GW_UPSTREAM_OPEN', afterMs: 1 } : undefined) })
  )
  t.equal(plan.next()?.id, 'a/x')
  down = 'b'
  t.equal(plan.next(SERVER)?.id, 'd/x')
})

t.test('strategies that are not asked cost nothing: prices, abilities and needs', async t => {
  const no = () => t.fail('it was asked') as never
  route(t, '{ strategy: fallback, targets: [a/x, { strategy: weighted, targets: [b/x] }] }', {
    ask: { needs: no, conversation: no, param: no },
    with: { price: no, abilities: no }
  })
  const lazy = routerFor(t, 'v: { strategy: fallback, targets: [a/x, { strategy: cheapest, targets: [b/x] }] }').plan(
    request(),
    tools({ price: no })
  )
  t.equal(lazy.next()?.id, 'a/x')
})

t.test('what takes effort to know of a request is found out once', async t => {
  let asked = 0
  const needs = () => {
    asked++
    return { inputTokens: 1, outputTokens: 1, has: new Set<never>() }
  }
  route(
    t,
    '{ strategy: capable, targets: [a/x, b/x, { strategy: conditional, rules: [{ when: { tokens: { above: 0 } }, target: d/x }] }] }',
    { ask: { needs } }
  )
  t.equal(asked, 1)
})

t.test('when nothing can be had, the caller is told why', async t => {
  const v = 'v: { strategy: fallback, targets: [a/x, b/x] }'
  const refusal = (some: Parameters<typeof tools>[0], rules = {}) => {
    const plan = routerFor(t, v).plan(request(), tools(some), rules)
    t.equal(plan.next(), undefined)
    return plan.refusal()
  }
  const later = refusal({
    unavailable: ({ account }: ModelAt) => ({
      code: account === 'a' ? 'GW_AI_NO_KEY' : 'GW_UPSTREAM_OPEN',
      afterMs: account === 'a' ? 9_000 : 4_000
    })
  })
  t.ok(later instanceof RetryLater)
  t.match(later, { code: 'GW_UPSTREAM_OPEN', afterMs: 4_000, headers: ['retry-after', '4'] }, 'the soonest end')
  t.match(refusal({ unavailable: () => ({ code: 'GW_AI_NO_KEY', afterMs: Number.POSITIVE_INFINITY }) }), {
    code: 'GW_AI_NO_KEY',
    afterMs: 60_000
  })
  t.match(refusal({}, { regions: [['ap']] }), { code: 'GW_AI_REGION_FORBIDDEN' })
})

t.test('names lead to virtual models, accounts, lists of accounts and the catalog, in this order', async t => {
  const router = routerFor(t, 'v: a/x\nshared: d/mine')
  const ids = (model: string) => all(router.plan(request({ model }), tools()))
  t.strictSame(ids('v'), ['a/x'])
  t.strictSame(ids('shared'), ['d/mine'], 'a virtual model hides those of accounts')
  t.strictSame(ids('a/shared'), ['a/shared-at-a'])
  t.strictSame(ids('a/vendor/model:free'), ['a/vendor/model:free'], 'whatever the account may have')
  t.strictSame(ids('only-b'), ['b/only-b'])
  t.strictSame(ids('known'), ['a/known', 'b/known', 'd/known'], 'accounts with onlyModels have nothing but those')
  t.strictSame(ids('c/m'), ['c/m'])
  for (const model of ['c/other', 'nowhere', 'e/x', 'a/', '', 'vendor/known']) {
    t.throws(
      () => router.plan(request({ model }), tools()),
      { code: 'GW_AI_MODEL_UNKNOWN', members: { param: 'model' } },
      model
    )
  }
  const plain = routerFor(t, 'v: shared')
  t.strictSame(all(plain.plan(request({ model: 'shared' }), tools())), ['a/shared-at-a', 'b/shared'])
  t.strictSame(all(plain.plan(request(), tools())), ['a/shared-at-a', 'b/shared'])
  t.strictSame(
    plain.modelsBehind('v').map(({ account }) => account),
    ['a', 'b']
  )
  t.strictSame(plain.modelsBehind('nowhere'), [])
})

t.test('only names on the list are open, whatever stands behind them', async t => {
  const router = routerFor(t, 'fast: a/secret\nfast-2: b/x')
  const open = (model: string, allow: string[]) => all(router.plan(request({ model }), tools(), { allow }))
  t.strictSame(open('fast', ['fast*']), ['a/secret'])
  t.strictSame(open('b/x', ['b/*']), ['b/x'])
  t.throws(() => open('a/secret', ['fast*', 'b/*']), { code: 'GW_AI_MODEL_FORBIDDEN' })
  t.throws(() => open('nowhere', ['fast']), { code: 'GW_AI_MODEL_FORBIDDEN' }, 'nor does it say what there is')
  t.strictSame(router.names(), ['fast', 'fast-2', 'shared', 'alias', 'only-b', 'm'])
  t.strictSame(router.names(['fast*']), ['fast', 'fast-2'])
})

t.test('a virtual model that names what is nowhere is refused when the configuration is read', async t => {
  const text =
    'ai: { providers: { a: { provider: openai, keys: [k] } }, models: { v: { strategy: fallback, targets: [a/x, gpt-55] } } }\n'
  const { models, providers } = aiConfig(t, text)
  t.throws(() => createRouter(models, providers, () => false), {
    code: 'GW_CONFIG_INVALID',
    message:
      'ai.models.v.targets[1]: there is no model "gpt-55" in ai.models, in the models of an account, or in the catalog'
  })
  t.ok(createRouter(models, providers, () => true))
})

t.test('an error of ours counts as one of a provider', async t => {
  const v = '{ strategy: fallback, targets: [a/x, b/x] }'
  t.strictSame(route(t, v, { after: new GatewayError('GW_UPSTREAM_REFUSED', '') }), ['a/x', 'b/x'])
  t.strictSame(route(t, v, { after: new RetryLater('GW_AI_NO_KEY', '', 1) }), ['a/x', 'b/x'])
  t.strictSame(route(t, v, { after: new GatewayError('GW_BODY_TOO_LARGE', '') }), ['a/x'])
})

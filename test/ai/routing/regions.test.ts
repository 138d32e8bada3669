import t from 'tap'
import { regionAllowed, regionRules } from '../../../core/ai/routing/regions.js'
import { aiConfig } from '../../config/ai.js'
import { request, route, routerFor, tools } from './world.js'

t.test('a region is allowed by itself and by the one it is in, whatever the letters’ case', async t => {
  t.ok(regionAllowed('eu', [['eu']]))
  t.ok(regionAllowed('eu-west-1', [['us', 'EU']]))
  t.notOk(regionAllowed('eu', [['eu-west-1']]), 'not by a part of it')
  t.notOk(regionAllowed('europe', [['eu']]))
  t.notOk(regionAllowed('us', [['eu']]))
  t.notOk(regionAllowed('eu', [[]]), 'an empty list allows none')
  t.notOk(regionAllowed('eu', [['eu'], ['us']]), 'each list has to')
  t.notOk(regionAllowed('', [['eu']]), 'one that is not known is in none')
  t.ok(regionAllowed('', []))
})

t.test('a caller is held to what all of their entries, and the route, allow', async t => {
  const { regions } = aiConfig(
    t,
    'ai: { regions: { default: [us], consumers: { bank: [eu, us] }, tags: { tenant: { acme: [eu-west-1] } } } }\n'
  )
  t.strictSame(regionRules(regions, { consumer: '', tags: [] }, undefined), [['us']])
  t.strictSame(regionRules(regions, { consumer: 'bank', tags: [] }, undefined), [['eu', 'us']])
  t.strictSame(regionRules(regions, { consumer: 'bank', tags: ['a', 'b', 'tenant', 'acme'] }, ['eu']), [
    ['eu', 'us'],
    ['eu-west-1'],
    ['eu']
  ])
  t.strictSame(regionRules(regions, { consumer: 'x', tags: ['tenant', 'other'] }, ['eu']), [['us'], ['eu']])
  t.strictSame(regionRules(aiConfig(t, 'ai: {}\n').regions, { consumer: 'x', tags: [] }, undefined), [])
})

t.test('what is outside is in no plan, by whatever name it was asked for', async t => {
  const rules = { regions: [['eu']] }
  t.strictSame(route(t, '{ strategy: fallback, targets: [a/x, d/x, b/x, c/m] }', { rules }), ['b/x', 'c/m'])
  const router = routerFor(t, 'v: a/x')
  for (const model of ['v', 'a/x', 'd/x', 'alias']) {
    const plan = router.plan(request({ model }), tools(), rules)
    t.equal(plan.next(), undefined)
    t.match(plan.refusal(), { code: 'GW_AI_REGION_FORBIDDEN' }, model)
  }
  t.match(router.plan(request({ model: 'shared' }), tools(), rules).next(), { id: 'b/shared', region: 'eu-west-1' })
})

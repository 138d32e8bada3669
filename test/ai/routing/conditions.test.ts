import t from 'tap'
import { compileCondition } from '../../../core/ai/routing/condition.js'
import { textPattern } from '../../../core/ai/routing/pattern.js'
import type { RoutingRequest } from '../../../core/ai/routing/request.js'
import type { Condition } from '../../../core/config/schema-ai-conditions.js'
import { NO_NEEDS, request } from './world.js'

const holds = (condition: Condition, ask: Partial<RoutingRequest> = {}, now = 0) =>
  compileCondition(condition)(request(ask), now)
const param = (value: unknown) => ({ param: (name: string) => (name === 'x' ? value : undefined) })

t.test('a named value is tested in each way, and all that is said must hold', async t => {
  t.ok(holds({ param: 'x', above: 1 }, param(1.1)))
  t.notOk(holds({ param: 'x', above: 1 }, param(1)))
  t.ok(holds({ param: 'x', atLeast: 1, below: 2 }, param(1)))
  t.notOk(holds({ param: 'x', atLeast: 1, below: 2 }, param(2)))
  t.ok(holds({ param: 'x', atMost: 5 }, param('5')), 'metadata are texts')
  for (const value of ['', 'five', Number.NaN, true, {}, undefined, null]) {
    t.notOk(holds({ param: 'x', atMost: 5 }, param(value)), String(value))
  }
  t.ok(holds({ param: 'x', is: 5 }, param('5')))
  t.ok(holds({ param: 'x', is: true }, param(true)))
  t.notOk(holds({ param: 'x', is: 'a' }, param({ a: 1 })))
  t.ok(holds({ param: 'x', in: ['a', 'b'] }, param('b')))
  t.notOk(holds({ param: 'x', in: ['a', 'b'] }, param('c')))
  t.ok(holds({ param: 'x', prefix: 'gp' }, param('gpt')))
  t.ok(holds({ param: 'x', regex: 'v[0-9]+' }, param('v10')))
  t.notOk(holds({ param: 'x', regex: 'v[0-9]+' }, param('v10b')), 'as a whole')
  t.ok(holds({ param: 'x', present: true }, param(0)))
  t.notOk(holds({ param: 'x', present: true }, param(null)))
  t.ok(holds({ param: 'x', present: false }))
  t.notOk(holds({ param: 'x', present: false }, param('')))
})

t.test('a list fits when one of its values does', async t => {
  t.ok(holds({ param: 'x', in: ['admin', 'staff'] }, param(['user', 'staff'])))
  t.notOk(holds({ param: 'x', is: 'admin' }, param(['user'])))
  t.notOk(holds({ param: 'x', is: 'admin' }, param([])))
  t.notOk(holds({ param: 'x', atLeast: 2, atMost: 3 }, param([1, 4])), 'one value for all that is said')
})

t.test('values are found where they are named', async t => {
  t.ok(holds({ metadata: 'plan', is: 'pro' }, { metadata: name => (name === 'plan' ? 'pro' : undefined) }))
  t.ok(holds({ claim: 'team', in: ['a'] }, { claim: name => (name === 'team' ? 'a' : undefined) }))
  t.ok(holds({ header: 'X-Tier', is: 'gold' }, { headers: ['x-tier', 'gold'] }))
  t.ok(holds({ tag: 'tenant', is: 'acme' }, { tags: ['tenant', 'acme'] }))
  t.notOk(holds({ tag: 'tenant', is: 'acme' }))
})

t.test('what stands for itself is tested for itself', async t => {
  t.ok(holds({ stream: true }, { stream: true }))
  t.notOk(holds({ stream: false }, { stream: true }))
  t.ok(holds({ consumer: ['a', 'b'] }, { consumer: 'b' }))
  t.ok(holds({ operation: 'embeddings' }, { operation: 'embeddings' }))
  t.ok(holds({ model: 'gpt-*' }, { model: 'gpt-5' }))
  t.ok(holds({ tokens: { above: 9 } }))
  t.notOk(holds({ tokens: { above: 10 } }))
  const needs = () => ({ ...NO_NEEDS, has: new Set(['images', 'tools'] as const) })
  t.ok(holds({ has: ['images', 'tools'] }, { needs }))
  t.notOk(holds({ has: ['images', 'audio'] }, { needs }))
  t.notOk(holds({ stream: true, consumer: 'a' }, { stream: true, consumer: 'b' }), 'several: all of them')
})

t.test('conditions nest', async t => {
  const streams = { stream: true }
  const mine = { consumer: 'me' }
  const ask = { stream: true, consumer: 'you' }
  t.ok(holds({ any: [streams, mine] }, ask))
  t.notOk(holds({ all: [streams, mine] }, ask))
  t.ok(holds({ all: [streams, { not: mine }] }, ask))
  t.notOk(holds({ not: { any: [streams, mine] } }, ask))
})

t.test('a time of day is that of its zone, and a night belongs to the day it began', async t => {
  const at = (text: string) => Date.parse(text)
  const office: Condition = { time: { from: '08:00', to: '18:00', days: ['mon', 'fri'], zone: 'Europe/Berlin' } }
  t.ok(holds(office, {}, at('2026-01-05T07:00:00Z')), 'Monday, 8 o’clock in Berlin')
  t.notOk(holds(office, {}, at('2026-01-05T06:59:59Z')))
  t.notOk(holds(office, {}, at('2026-01-05T17:00:00Z')))
  t.notOk(holds(office, {}, at('2026-01-06T09:00:00Z')), 'Tuesday')
  t.ok(holds(office, {}, at('2026-07-06T06:00:00Z')), 'in summer too')
  const night: Condition = { time: { from: '22:00', to: '06:00', days: ['fri'], zone: 'UTC' } }
  t.ok(holds(night, {}, at('2026-01-09T22:00:00Z')), 'Friday night')
  t.ok(holds(night, {}, at('2026-01-10T05:59:00Z')), 'till Saturday morning')
  t.notOk(holds(night, {}, at('2026-01-09T05:00:00Z')), 'not Friday morning')
  t.notOk(holds(night, {}, at('2026-01-10T22:30:00Z')))
  const sunday: Condition = { time: { from: '23:00', to: '01:00', days: ['sat'], zone: 'UTC' } }
  t.ok(holds(sunday, {}, at('2026-01-11T00:30:00Z')), 'Saturday’s night goes into Sunday')
  t.ok(holds({ time: { days: ['sun'], zone: 'UTC' } }, {}, at('2026-01-11T00:00:00Z')), 'a whole day')
  t.ok(holds({ time: { from: '00:00', zone: 'UTC' } }, {}, at('2026-01-11T23:59:59Z')))
})

t.test('"*" stands for any text', async t => {
  const fits = (pattern: string, text: string) => textPattern([pattern])(text)
  t.ok(fits('*', ''))
  t.ok(fits('a*', 'a'))
  t.ok(fits('a*c*e', 'abcde'))
  t.notOk(fits('a*c*e', 'abde'))
  t.notOk(fits('ab*ba', 'aba'), 'pieces do not overlap')
  t.notOk(fits('a*b*b', 'ab'))
  t.ok(fits('a.c', 'a.c'))
  t.notOk(fits('a.c', 'abc'))
  t.notOk(textPattern([])('a'))
})

import fc from 'fast-check'
import t from 'tap'
import { Credentials } from '../../core/ai/keys/credentials.js'
import { KeyPool } from '../../core/ai/keys/pool.js'
import type { AiKeyConfig } from '../../core/config/resolve-ai-providers.js'
import { FakeClock } from '../support/fake-clock.js'

const COOLDOWN = { baseMs: 1_000, maxMs: 60_000, refusedMs: 3_600_000 }
const key = (label: string, weight = 1): AiKeyConfig => ({ label, weight, from: { text: `sk-${label}` }, parts: {} })

function pool(keys: readonly AiKeyConfig[]) {
  const clock = new FakeClock()
  const told: string[] = []
  const made = new KeyPool({
    keys,
    cooldown: COOLDOWN,
    now: () => clock.now(),
    refused: (label, kind, forMs, model = 'all') => told.push(`${label} ${kind} ${forMs} ${model}`)
  })
  const labels = (count: number, model = 'm') => Array.from({ length: count }, () => made.take(model)?.key.label)
  return { pool: made, clock, told, labels }
}

t.test('keys take turns by weight', async t => {
  t.strictSame(pool([key('a'), key('b')]).labels(4), ['a', 'b', 'a', 'b'])
  t.strictSame(pool([key('a', 2), key('b'), key('c', 0)]).labels(6), ['a', 'b', 'a', 'a', 'b', 'a'])
})

t.test('an account without keys is ready, and has none', async t => {
  const { pool: none } = pool([])
  t.equal(none.keyless, true)
  t.equal(none.take('m'), undefined)
  t.equal(none.readyInMs('m'), 0)
})

t.test('a limited key rests as long as the provider says, for that model alone', async t => {
  const { pool: keys, clock, labels } = pool([key('a'), key('b')])
  keys.take('m')?.failed('rate_limit', 5_000)
  t.strictSame(labels(2), ['b', 'b'])
  t.strictSame(labels(2, 'other').sort(), ['a', 'b'])
  t.strictSame(keys.status(), [
    { label: 'a', state: 'limited', forMs: 5_000 },
    { label: 'b', state: 'ready', forMs: 0 }
  ])
  keys.take('m')?.failed('rate_limit', 2_000)
  t.equal(keys.take('m'), undefined)
  t.equal(keys.readyInMs('m'), 2_000, 'the soonest end')
  t.equal(keys.readyInMs('other'), 0)
  clock.pass(2_000)
  t.strictSame(labels(2), ['b', 'b'])
  clock.pass(3_000)
  t.strictSame(labels(4).sort(), ['a', 'a', 'b', 'b'])
})

t.test('without a word it rests longer each time in a row, up to the longest; an answer ends the row', async t => {
  const { pool: keys, clock } = pool([key('a')])
  const rests = () => {
    keys.take('m')?.failed('rate_limit')
    const ms = keys.readyInMs('m')
    clock.pass(ms)
    return ms
  }
  t.strictSame([rests(), rests(), rests()], [1_000, 2_000, 4_000])
  keys.take('m')?.succeeded()
  t.equal(rests(), 1_000)
  for (let i = 0; i < 40; i++) rests()
  t.equal(rests(), 60_000)
  keys.take('m')?.failed('rate_limit', 86_400_000)
  t.equal(keys.readyInMs('m'), 60_000, 'nor does a provider keep it longer')
})

t.test('limits of which it was said how long they last make no later one longer', async t => {
  const { pool: keys } = pool([key('a')])
  for (let i = 0; i < 10; i++) keys.take('m')?.failed('rate_limit', 0)
  keys.take('m')?.failed('rate_limit')
  t.equal(keys.readyInMs('m'), 1_000)
})

t.test('a request is not made twice with one key', async t => {
  const { pool: keys } = pool([key('a'), key('b')])
  const first = keys.take('m')?.key
  const tried = new Set(first && [first])
  t.equal(keys.hasOther('m', tried), true)
  const second = keys.take('m', tried)?.key
  t.not(second, first)
  if (second !== undefined) tried.add(second)
  t.equal(keys.hasOther('m', tried), false)
  t.equal(keys.take('m', tried), undefined)
})

t.test('requests that were under way together make one limit, not many', async t => {
  const { pool: keys } = pool([key('a')])
  const taken = Array.from({ length: 10 }, () => keys.take('m'))
  for (const each of taken) each?.failed('rate_limit')
  t.equal(keys.readyInMs('m'), 1_000)
})

t.test('a key that is refused, or has no credit, is out for all models, and told of once', async t => {
  const { pool: keys, clock, told, labels } = pool([key('a'), key('b')])
  const first = keys.take('m')
  keys.take('m')
  const second = keys.take('m')
  first?.failed('authentication')
  second?.failed('authentication')
  t.strictSame(labels(2, 'other'), ['b', 'b'])
  t.strictSame(told, ['a authentication 3600000 all'])
  t.strictSame(keys.status()[0], { label: 'a', state: 'refused', forMs: 3_600_000 })
  keys.take('m')?.failed('credit')
  t.equal(keys.readyInMs('m'), 3_600_000)
  clock.pass(3_600_000)
  t.strictSame(labels(2).sort(), ['a', 'b'])
})

t.test('a model that a key may not use takes the key from no other model', async t => {
  const { pool: keys, told, labels } = pool([key('a')])
  keys.take('secret')?.failed('permission')
  t.equal(keys.take('secret'), undefined)
  t.strictSame(labels(1), ['a'])
  t.strictSame(told, ['a permission 3600000 secret'])
})

t.test('failures that are not about the key change nothing', async t => {
  const { pool: keys, labels } = pool([key('a')])
  for (const kind of ['server', 'timeout', 'overloaded', 'invalid_request', 'not_found', 'content_policy'] as const) {
    keys.take('m')?.failed(kind, 5_000)
  }
  t.strictSame(labels(1), ['a'])
})

t.test('whatever happens, no resting key is taken, and one comes back when it was said', async t => {
  const step = fc.record({
    model: fc.constantFrom('m', 'n'),
    outcome: fc.constantFrom('ok', 'rate_limit', 'permission', 'authentication', 'server'),
    waitMs: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
    passMs: fc.nat(20_000)
  })
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
      fc.array(step, { maxLength: 60 }),
      (weights, steps) => {
        const { pool: keys, clock } = pool(weights.map((weight, i) => key(`k${i}`, weight)))
        for (const { model, outcome, waitMs, passMs } of steps) {
          const readyIn = keys.readyInMs(model)
          const taken = keys.take(model)
          if ((taken === undefined) !== readyIn > 0) throw new Error('ready and not to be had')
          if (taken === undefined) {
            clock.pass(readyIn)
            if (keys.take(model) === undefined) throw new Error('not back when it was said')
          } else if (outcome === 'ok') taken.succeeded()
          else taken.failed(outcome as 'server', waitMs)
          clock.pass(passMs)
        }
      }
    )
  )
  t.pass()
})

t.test('what is shown of keys has nothing of their secrets', async t => {
  const { pool: keys } = pool([{ ...key('1'), from: { text: 'sk-secret' } }])
  keys.take('m')?.failed('authentication')
  t.notMatch(JSON.stringify(keys.status()), /secret/)
})

t.test('a key is its text, or the secret of its name as it is now', async t => {
  const clock = new FakeClock()
  let text = 'one'
  let reads = 0
  const read = async () => {
    reads++
    return text
  }
  const credentials = new Credentials(new Map([['s', read]]), () => clock.now())
  const secret: AiKeyConfig = { ...key('a'), from: { secret: 's' }, parts: { accessKeyId: 'id' } }
  t.strictSame(credentials.of(key('b')), { secret: 'sk-b', parts: {} })
  t.strictSame(await Promise.all([credentials.of(secret), credentials.of(secret)]), [
    { secret: 'one', parts: { accessKeyId: 'id' } },
    { secret: 'one', parts: { accessKeyId: 'id' } }
  ])
  t.equal(reads, 1)
  t.strictSame(credentials.of(secret), { secret: 'one', parts: { accessKeyId: 'id' } }, 'at once')
  text = 'two'
  clock.pass(5_000)
  t.match(await credentials.of(secret), { secret: 'two' })
})

t.test('a secret that cannot be read is an error of its own, and tried again', async t => {
  let broken = true
  const read = async () => {
    if (broken) throw new Error('ENOENT')
    return 'x'
  }
  const credentials = new Credentials(new Map([['s', read]]), () => 0)
  const of = async (name: string) => credentials.of({ ...key('a'), from: { secret: name } })
  await t.rejects(of('s'), { code: 'GW_AI_CREDENTIAL' })
  broken = false
  t.match(await of('s'), { secret: 'x' })
  await t.rejects(of('none'), { code: 'GW_AI_CREDENTIAL' })
})

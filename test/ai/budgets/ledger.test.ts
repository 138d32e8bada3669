import fc from 'fast-check'
import t from 'tap'
import { asCalls, type Ledger, type LedgerCalls } from '../../../core/ai/budgets/ledger.js'
import type { Passed } from '../../../core/ai/budgets/local-ledger.js'
import { calendar, rolling } from '../../../core/ai/budgets/period.js'
import { ask, ledgerOf, NOON, rule, used } from './parts.js'

const HOUR = 3_600_000

t.test('what was held is given back and what was used is booked', async t => {
  const { ledger, take, spent, reserved } = ledgerOf([rule()])
  const { id } = take(ask({ input: 100, output: 200 }))
  t.strictSame(reserved(), [300])
  ledger.settle(id, used({ input: 90, output: 20 }))
  t.strictSame([spent(), reserved()], [[110], [0]])
  ledger.settle(id, used({ input: 90, output: 20 }))
  ledger.release(id)
  t.strictSame([spent(), reserved()], [[110], [0]], 'once only')
})

t.test('a request of which nothing came costs nothing', async t => {
  const { ledger, take } = ledgerOf([rule(), rule({ name: 'q', counted: 'requests', limit: 1 })])
  const { id } = take(ask())
  t.match(ledger.reserve(ask()), { granted: false, rule: 'q' })
  ledger.release(id)
  t.strictSame(
    ledger.report().map(({ spent }) => spent),
    [0]
  )
  t.match(ledger.reserve(ask()), { granted: true })
})

t.test('what is asked for the sake of another request takes tokens, and is no request', async t => {
  const { ledger, take, spent } = ledgerOf([rule(), rule({ name: 'q', counted: 'requests', limit: 1 })])
  take(ask({ input: 10 }))
  const { id } = take(ask({ input: 20, aside: true }))
  ledger.settle(id, used({ input: 20 }))
  t.strictSame(spent(), [20, 1])
})

t.test('each kind of amount is counted', async t => {
  const rules = (['requests', 'tokens', 'inputTokens', 'outputTokens', 'microDollars'] as const).map(counted =>
    rule({ name: counted, counted, limit: 1_000_000 })
  )
  const { ledger, take, spent, reserved } = ledgerOf(rules)
  const { id } = take(ask({ input: 10, output: 20, inputMicroDollars: 5, outputRate: 1_500_000 }))
  t.strictSame(reserved(), [0, 30, 10, 20, 35])
  ledger.settle(id, used({ input: 11, output: 22, microDollars: 44 }))
  t.strictSame(spent(), [1, 33, 11, 22, 44])
})

t.test('a rule that has too little left refuses, and nothing is taken from the others', async t => {
  const { ledger, take, reserved } = ledgerOf([
    rule({ name: 'large', limit: 10_000 }),
    rule({ name: 'small', limit: 300, period: calendar('day') })
  ])
  ledger.settle(take(ask({ input: 200, output: 20 })).id, used({ input: 200, output: 20 }))
  take(ask({ input: 30, output: 20 }))
  const answer = ledger.reserve(ask({ input: 100, output: 100 }))
  t.match(answer, { granted: false, rule: 'small', counted: 'tokens', limit: 300, retryAfterMs: 12 * HOUR })
  t.strictSame(reserved(), [50, 50])
})

t.test('where only what is under way is in the way, it is worth asking again soon', async t => {
  const { ledger, take } = ledgerOf([rule({ limit: 300, period: calendar('day') })])
  const { id } = take(ask({ input: 250, output: 20 }))
  t.match(ledger.reserve(ask({ input: 100 })), { granted: false, spent: 0, retryAfterMs: 1_000 })
  t.match(ledger.reserve(ask({ input: 400 })), { granted: false, retryAfterMs: 12 * HOUR }, 'it never fits')
  ledger.settle(id, used({ input: 5 }))
  t.match(ledger.reserve(ask({ input: 100 })), { granted: true })
})

t.test('of several rules the one that has room last is named', async t => {
  const { ledger, take } = ledgerOf([
    rule({ name: 'day', limit: 100, period: calendar('day') }),
    rule({ name: 'minute', limit: 100, period: calendar('minute') })
  ])
  ledger.settle(take(ask({ input: 50, output: 20 })).id, used({ input: 100 }))
  t.match(ledger.reserve(ask()), { rule: 'day', resetAt: NOON + 12 * HOUR })
})

t.test('what is spent counts until the period is over', async t => {
  const { ledger, take, pass } = ledgerOf([rule({ limit: 100 })])
  pass(59 * 60_000)
  ledger.settle(take(ask({ input: 50, output: 20 })).id, used({ input: 100 }))
  t.match(ledger.reserve(ask({ input: 1, output: 1 })), { granted: false, spent: 100, retryAfterMs: 60_000 })
  pass(60_000)
  t.match(ledger.reserve(ask({ input: 1, output: 1 })), { granted: true })
})

t.test('a window that moves on frees what left it, step by step', async t => {
  const { ledger, take, pass, spent } = ledgerOf([rule({ limit: 100, period: rolling(HOUR, '1h') })])
  ledger.settle(take(ask({ input: 50, output: 20 })).id, used({ input: 60 }))
  pass(30 * 60_000)
  ledger.settle(take(ask({ input: 20, output: 20 })).id, used({ input: 40 }))
  t.match(ledger.reserve(ask({ input: 50, output: 10 })), { granted: false, retryAfterMs: 31 * 60_000 })
  pass(31 * 60_000)
  t.strictSame(spent(), [40])
  t.match(ledger.reserve(ask({ input: 50, output: 10 })), { granted: true })
})

t.test('each combination of dimensions has an account of its own', async t => {
  const { ledger, take } = ledgerOf([rule({ per: ['tenant', 'model'], limit: 200 })])
  const of = (tenant: string | undefined, model: string) =>
    ask({ dimensions: tenant === undefined ? { model } : { tenant, model }, output: 50 })
  take(of('a', 'm'))
  t.match(ledger.reserve(of('a', 'm')), { granted: false })
  t.match(ledger.reserve(of('b', 'm')), { granted: true })
  t.match(ledger.reserve(of('a', 'n')), { granted: true })
  t.match(ledger.reserve(of(undefined, 'm')), { granted: true })
  t.match(ledger.reserve(of(undefined, 'm')), { granted: false }, 'those nobody knows share one')
  t.strictSame(ledger.report()[0]?.dimensions, { tenant: 'a', model: 'm' })
})

t.test('names made up to look like others have accounts of their own', async t => {
  const { ledger } = ledgerOf([rule({ per: ['tenant', 'model'], limit: 1_000_000 })])
  const nul = '\u0000'
  const made = [
    { tenant: 'a', model: 'b' },
    { tenant: `a${nul}b`, model: '' },
    { tenant: '', model: `a${nul}b` },
    { tenant: 'a', model: `b${nul}` },
    { tenant: 'a' },
    { tenant: '["a","b"]', model: '(others)' }
  ]
  for (const dimensions of made) ledger.reserve(ask({ dimensions }))
  t.equal(ledger.report().length, made.length)
  t.strictSame(ledger.report()[0]?.dimensions, { tenant: 'a', model: 'b' })
  t.strictSame(ledger.report()[4]?.dimensions, { tenant: 'a' })
})

t.test('a rule concerns only the exchanges it names', async t => {
  const when = [{ dimension: 'model' as const, among: [/^gpt-/] }]
  const { ledger } = ledgerOf([rule({ when, limit: 10 })])
  t.match(ledger.reserve(ask({ dimensions: { model: 'gpt-5' } })), { granted: false })
  t.match(ledger.reserve(ask({ dimensions: { model: 'claude' } })), { granted: true })
  t.match(ledger.reserve(ask()), { granted: true })
})

t.test('a rule that is only watched counts and refuses nothing', async t => {
  const { ledger, take, spent } = ledgerOf([rule({ limit: 10, enforced: false })])
  const { id, cutAt, mostOutput } = take(ask())
  t.strictSame([cutAt, mostOutput], [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY])
  ledger.settle(id, used({ input: 500 }))
  t.strictSame(spent(), [500])
})

t.test('less than was asked for is granted when that is what there is', async t => {
  const { ledger, take } = ledgerOf([rule({ limit: 1_000 })])
  const { id, cutAt, mostOutput } = take(ask({ input: 100, output: 5_000 }))
  t.strictSame([cutAt, mostOutput], [900, 900])
  t.equal(ledger.cutAt(id, 900), 900, 'and no more after it')
  t.match(ledger.reserve(ask({ input: 1, output: 1 })), { granted: false })
})

t.test('a running answer gets more while there is more', async t => {
  const { ledger, take } = ledgerOf([rule({ limit: 1_000 })])
  const { id, cutAt } = take(ask({ input: 100, output: 300 }))
  t.equal(cutAt, 300)
  t.equal(ledger.cutAt(id, 300), 600)
  take(ask({ input: 50, output: 100 }))
  t.equal(ledger.cutAt(id, 600), 750, 'what is left beside the other')
  t.equal(ledger.cutAt(id, 750), 750)
  ledger.settle(id, used({ input: 100, output: 750 }))
})

t.test('money limits an answer by what its tokens cost', async t => {
  const { ledger, take, reserved } = ledgerOf([rule({ counted: 'microDollars', limit: 1_000 })])
  const { id, cutAt } = take(ask({ inputMicroDollars: 400, output: 1_000, outputRate: 2_000_000 }))
  t.equal(cutAt, 300, '600 micro-dollars at 2 a token')
  t.strictSame(reserved(), [1_000])
  ledger.settle(id, used({ microDollars: 100 }))
  t.match(ledger.reserve(ask({ inputMicroDollars: 1, outputRate: 0 })), { cutAt: Number.POSITIVE_INFINITY })
})

t.test('a reservation nobody speaks of again is given up, and booked if it is settled after all', async t => {
  const { ledger, take, pass, spent, reserved } = ledgerOf([rule()], { ttlMs: 60_000 })
  const lost = take(ask())
  pass(59_999)
  const live = take(ask())
  ledger.cutAt(lost.id, 10)
  pass(59_999)
  ledger.cutAt(live.id, 10)
  pass(2)
  const last = take(ask())
  t.strictSame(reserved(), [200 + 256 + 200], 'one is given up, two are under way')
  ledger.settle(lost.id, used({ input: 7 }))
  ledger.release(live.id)
  ledger.release(last.id)
  t.strictSame([spent(), reserved()], [[7], [0]])
})

t.test(
  'an answer that is made in the background is booked with its prompt at once, and with the rest when it is there',
  async t => {
    const told: number[] = []
    const rules = [
      rule({ thresholds: [10] }),
      rule({ name: 'in', counted: 'inputTokens' }),
      rule({ name: 'out', counted: 'outputTokens' }),
      rule({ name: 'money', counted: 'microDollars' }),
      rule({ name: 'n', counted: 'requests' })
    ]
    const { ledger, take, pass, spent, reserved } = ledgerOf(rules, { passed: ({ spent }) => told.push(spent) })
    const asked = ask({ input: 100, output: 50, inputMicroDollars: 30, outputRate: 2_000_000 })
    const [fetched, gone, failed] = [take(asked).id, take(asked).id, take(asked).id]
    ledger.settle(take(ask()).id, used())
    for (const id of [fetched, gone, failed]) ledger.defer(id)
    ledger.defer(fetched)
    t.strictSame(spent(), [300, 300, 0, 90, 4])
    t.strictSame(reserved(), [150, 0, 150, 300, 0], 'the answer is held')
    t.strictSame(told, [100])
    ledger.release(failed)
    t.strictSame(spent(), [200, 200, 0, 60, 3])
    ledger.settle(fetched, used({ input: 90, output: 40, microDollars: 107 }))
    t.strictSame(spent(), [230, 190, 40, 137, 3])
    pass(HOUR)
    ledger.settle(gone, used({ input: 100, output: 1, microDollars: 32 }))
    t.strictSame(spent(), [1, 0, 1, 2], 'the prompt was of the hour before')
    t.strictSame(reserved(), [0, 0, 0, 0])
  }
)

t.test('thresholds are told once in a period, for each account', async t => {
  const told: string[] = []
  const passed = ({ threshold, dimensions, spent }: Passed) => told.push(`${dimensions.tenant} ${threshold} ${spent}`)
  const { ledger, take, pass } = ledgerOf([rule({ per: ['tenant'], limit: 100, thresholds: [50, 80, 100] })], {
    passed
  })
  const spend = (tenant: string, input: number) =>
    ledger.settle(take(ask({ dimensions: { tenant }, input: 0, output: 1 })).id, used({ input }))
  spend('a', 49)
  t.strictSame(told, [])
  spend('a', 1)
  spend('a', 10)
  spend('b', 90)
  spend('a', 40)
  t.strictSame(told, ['a 50 50', 'b 50 90', 'b 80 90', 'a 80 100', 'a 100 100'])
  pass(HOUR)
  spend('a', 60)
  t.strictSame(told.slice(5), ['a 50 60'])
})

t.test('a threshold is told again when the limit was raised above it, or what passed it came to nothing', async t => {
  const told: string[] = []
  const passed = ({ threshold, spent }: Passed) => told.push(`${threshold} ${spent}`)
  const { ledger, take } = ledgerOf([rule({ limit: 100, thresholds: [50, 100] })], { passed })
  const spend = (input: number) => ledger.settle(take(ask({ input: 0, output: 1 })).id, used({ input }))
  spend(100)
  ledger.use([rule({ limit: 150, thresholds: [50, 100] })])
  spend(40)
  t.strictSame(told, ['50 100', '100 100'], 'half is passed still')
  spend(10)
  t.strictSame(told.slice(2), ['100 150'])

  told.length = 0
  const requests = ledgerOf([rule({ counted: 'requests', limit: 2, thresholds: [50, 100] })], { passed })
  requests.ledger.release(requests.take(ask()).id)
  t.strictSame(told, [], 'a request that failed')
  for (let i = 0; i < 2; i++) requests.ledger.settle(requests.take(ask()).id, used({ input: 1 }))
  t.strictSame(told, ['50 1', '100 2'])
})

t.test('rules change while exchanges are under way', async t => {
  const { ledger, take, spent } = ledgerOf([rule({ limit: 1_000 })])
  const { id } = take(ask())
  ledger.use([rule({ limit: 150 })])
  t.match(ledger.reserve(ask({ output: 16 })), { granted: false, limit: 150 })
  ledger.settle(id, used({ input: 10 }))
  t.strictSame(spent(), [10])
  ledger.use([rule({ period: calendar('day') })])
  t.strictSame(spent(), [], 'another period is another account')
  ledger.use([rule()])
  t.strictSame(spent(), [10])
})

t.test('what is passed when an exchange ends is told by the limit there is by then', async t => {
  const told: string[] = []
  const passed = ({ rule, threshold }: Passed): number => told.push(`${threshold} % of ${rule.limit}`)
  const { ledger, take } = ledgerOf([rule({ limit: 1_000, thresholds: [50] })], { passed })
  const [first, second, third] = [take(ask()).id, take(ask()).id, take(ask()).id]
  ledger.use([rule({ limit: 10_000, thresholds: [50] })])
  ledger.settle(first, used({ input: 600 }))
  t.strictSame(told, [], 'the limit was raised')
  ledger.use([])
  ledger.settle(second, used({ input: 600 }))
  t.strictSame(told, [], 'there is no limit')
  ledger.use([rule({ limit: 2_000, thresholds: [50] })])
  ledger.settle(third, used({ input: 1 }))
  t.strictSame(told, ['50 % of 2000'])
})

t.test('a ledger that takes the place of another tells what the other has not', async t => {
  const told: string[] = []
  const passed = ({ rule, threshold }: Passed): number => told.push(`${threshold} % of ${rule.limit}`)
  const first = ledgerOf([rule({ limit: 1_000, thresholds: [50, 100] })], { passed })
  first.ledger.settle(first.take(ask()).id, used({ input: 600 }))
  t.strictSame(told, ['50 % of 1000'])
  const { id } = first.take(ask())
  const next = ledgerOf([rule({ limit: 550, thresholds: [50, 100] })], { passed })
  next.ledger.takeOver(first.ledger)
  next.ledger.settle(id, used({ input: 1 }))
  t.strictSame(told.slice(1), ['100 % of 550'], 'half was told of')
})

t.test('past 100,000 accounts of a rule the others share one', async t => {
  const { ledger, take } = ledgerOf([rule({ per: ['app'], limit: 300 })])
  for (let i = 0; i < 100_000; i++) take(ask({ dimensions: { app: `a${i}` } }))
  t.match(ledger.reserve(ask({ dimensions: { app: 'new' } })), { granted: true })
  t.match(ledger.reserve(ask({ dimensions: { app: 'newer' } })), { granted: false })
  t.equal(ledger.report().length, 100_001)
})

t.test('a ledger is asked from another thread as from its own', async t => {
  const { ledger } = ledgerOf([rule()])
  const calls: LedgerCalls = asCalls(ledger)
  const asked: Ledger = calls // what is behind it does not matter
  const answer = structuredClone(await calls.reserve(structuredClone(ask())))
  if (!answer.granted) throw new Error('refused')
  t.equal(await calls.cutAt(answer.id, 100), 356)
  await calls.settle(answer.id, used({ input: 5 }))
  t.match(structuredClone(await calls.report()), [{ spent: 5, reserved: 0 }])
  t.match(await asked.standings({}), [{ rule: 'r', remaining: 995 }])
})

/** A stream of the property: what its prompt takes, how long its answer is, how many tokens come at a time. */
const anyStream = fc.record({
  input: fc.integer({ min: 0, max: 200 }),
  length: fc.integer({ min: 1, max: 3_000 }),
  piece: fc.integer({ min: 1, max: 40 }),
  estimate: fc.integer({ min: 1, max: 800 })
})

t.test('a thousand streams at once overspend a budget by no more than what was in flight', async t => {
  fc.assert(
    fc.property(
      fc.array(anyStream, { minLength: 1_000, maxLength: 1_000 }),
      fc.integer({ min: 1, max: 400_000 }),
      fc.infiniteStream(fc.nat()),
      (streams, limit, chance) => {
        const { ledger, spent, reserved } = ledgerOf([rule({ limit })])
        let inFlight = 0
        const running = streams.flatMap(stream => {
          const answer = ledger.reserve(ask({ input: stream.input, output: stream.estimate }))
          if (!answer.granted) return []
          inFlight += stream.piece
          return [{ ...stream, id: answer.id, at: answer.cutAt, produced: 0 }]
        })
        while (running.length > 0) {
          const index = (chance.next().value ?? 0) % running.length
          const stream = running[index]
          if (stream === undefined) return false
          stream.produced += stream.piece
          if (stream.produced >= stream.at) stream.at = ledger.cutAt(stream.id, stream.produced)
          if (stream.produced < stream.length && stream.produced < stream.at) continue
          ledger.settle(stream.id, used({ input: stream.input, output: stream.produced }))
          running.splice(index, 1)
        }
        return (spent()[0] ?? 0) <= limit + inFlight && (reserved()[0] ?? 0) === 0
      }
    ),
    { numRuns: 20 }
  )
  t.pass('for every order in which they went on')
})

t.test('however exchanges go, nothing stays held and nothing is below nothing', async t => {
  const step = fc.record({
    kind: fc.constantFrom('reserve', 'cutAt', 'defer', 'settle', 'release', 'pass'),
    of: fc.nat(20),
    amount: fc.nat(500)
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      const rules = [rule(), rule({ name: 'q', counted: 'requests', limit: 5, period: rolling(90_000, '90s') })]
      const { ledger, pass, reserved, spent } = ledgerOf(rules, { ttlMs: 100_000 })
      const ids: string[] = []
      for (const { kind, of, amount } of steps) {
        const id = ids[of % Math.max(1, ids.length)] ?? ''
        if (kind === 'pass') pass(amount * 100)
        if (kind === 'cutAt') ledger.cutAt(id, amount)
        if (kind === 'defer') ledger.defer(id)
        if (kind === 'settle') ledger.settle(id, used({ input: amount }))
        if (kind === 'release') ledger.release(id)
        if (kind !== 'reserve') continue
        const answer = ledger.reserve(ask({ input: amount }))
        if (answer.granted) ids.push(answer.id)
      }
      for (const id of ids) ledger.release(id)
      return reserved().every(held => held === 0) && spent().every(amount => amount >= 0)
    })
  )
  t.pass()
})

import fc from 'fast-check'
import t from 'tap'
import { MAX_COUNT, SharedTable, sharedTableMemory } from '../../core/plugin-host/shared-table.js'
import { hammer } from '../support/hammer.js'

const HOUR = 3_600_000
const name = (text: string): Buffer => Buffer.from(text)

t.test('a bucket gives what it holds, then refuses and says when there is more', async t => {
  const table = new SharedTable()
  const takes = Array.from({ length: 4 }, () => table.take(name('a'), 0.01, 3, 1))
  t.strictSame(
    takes.map(({ allowed }) => allowed),
    [true, true, true, false]
  )
  t.strictSame(
    takes.map(({ remaining }) => Math.floor(remaining)),
    [2, 1, 0, 0]
  )
  const last = takes[3]
  t.ok(last !== undefined && last.retryMs > 90_000 && last.retryMs <= 100_000, 'one token in a hundred seconds')
  t.ok(last !== undefined && last.fullMs > 290_000 && last.fullMs <= 300_000)
  t.equal(takes[0]?.retryMs, 0)
})

t.test('tokens are taken all or none, and none may be asked for', async t => {
  const table = new SharedTable()
  t.equal(table.take(name('a'), 0.001, 10, 11).allowed, false, 'more than it ever holds')
  t.equal(table.take(name('a'), 0.001, 10, 7).allowed, true)
  t.equal(table.take(name('a'), 0.001, 10, 4).allowed, false)
  t.equal(table.take(name('a'), 0.001, 10, 0).allowed, true, 'a look')
  t.equal(Math.round(table.take(name('a'), 0.001, 10, 3).remaining), 0)
})

t.test('tokens can be given back, and none more than a bucket holds', async t => {
  const table = new SharedTable()
  table.take(name('a'), 0.001, 5, 4)
  t.equal(Math.round(table.take(name('a'), 0.001, 5, -2).remaining), 3)
  t.equal(Math.round(table.take(name('a'), 0.001, 5, -5).remaining), 5)
})

t.test('a bucket fills again', async t => {
  const table = new SharedTable()
  while (table.take(name('a'), 1000, 5, 1).allowed);
  let refused = 0
  while (!table.take(name('a'), 1000, 5, 1).allowed) refused++
  t.pass(`after ${refused} refusals a token was there`)
})

t.test('keys are apart, and so are counters and buckets of the same key', async t => {
  const table = new SharedTable()
  t.equal(table.take(name('a'), 0.001, 1, 1).allowed, true)
  t.equal(table.take(name('b'), 0.001, 1, 1).allowed, true)
  t.equal(table.take(name('a'), 0.001, 1, 1).allowed, false)
  t.equal(table.add(name('a'), 1, 1, Date.now() + HOUR), 1)
  t.equal(table.count(name('b')), 0)
})

t.test('a counter counts to its limit, and whoever asks for more leaves it as it was', async t => {
  const operation = fc.record({
    key: fc.nat({ max: 3 }),
    delta: fc.integer({ min: -5, max: 9 }),
    limit: fc.nat({ max: 30 })
  })
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), operations => {
      const table = new SharedTable(sharedTableMemory())
      const model = [0, 0, 0, 0]
      return operations.every(({ key, delta, limit }) => {
        const next = Math.max(0, (model[key] ?? 0) + delta)
        const refused = delta > 0 && next > limit
        if (!refused) model[key] = next
        const answer = table.add(name(`k${key}`), delta, limit, Date.now() + HOUR)
        return answer === (refused ? undefined : next) && table.count(name(`k${key}`)) === model[key]
      })
    }),
    { numRuns: 50 }
  )
  const table = new SharedTable()
  t.equal(table.add(name('big'), MAX_COUNT, MAX_COUNT, Date.now() + HOUR), MAX_COUNT)
  t.equal(table.add(name('big'), 1, Number.POSITIVE_INFINITY, Date.now() + HOUR), MAX_COUNT, 'it stays at the greatest')
})

t.test('a counter whose time is over begins anew', async t => {
  const table = new SharedTable()
  t.equal(table.add(name('a'), 5, 10, Date.now() - 1000), 5)
  t.equal(table.count(name('a')), 0)
  t.equal(table.add(name('a'), 1, 10, Date.now() + HOUR), 1)
  t.equal(table.add(name('a'), 1, 10, 0), 2, 'one that runs keeps its time')
  t.equal(table.count(name('a')), 2)
})

for (const kind of ['bucket', 'counter'] as const) {
  t.test(`100,000 decisions of four threads about one ${kind}: exactly as many are yes as the limit says`, async t => {
    const limit = 50_000
    const [yes] = await hammer({ memory: sharedTableMemory(), kind, decisions: 25_000, keys: 1, limit, threads: 4 })
    t.equal(yes, limit)
  })

  t.test(`threads that meet at new keys: no key gets two ${kind}s`, async t => {
    const memory = sharedTableMemory()
    const yes = await hammer({ memory, kind, decisions: 40_000, keys: 20_000, limit: 3, threads: 4 })
    t.strictSame(
      yes.filter(each => each !== 3),
      []
    )
  })
}

t.test('what a thread left half done when it was ended holds nobody up for long', async t => {
  const memory = sharedTableMemory()
  Atomics.store(new BigUint64Array(memory, 16, 1), 0, process.hrtime.bigint())
  t.equal(new SharedTable(memory).add(name('a'), 1, 1, Date.now() + HOUR), 1)
})

t.test('a table that is full gives up what is over soonest, and goes on', async t => {
  const table = new SharedTable()
  const keys = 400_000
  for (let i = 0; i < keys; i++) table.add(name(`k${i}`), 1, 1, Date.now() + HOUR + i * 1000)
  const kept = Array.from({ length: 1000 }, (_, i) => table.count(name(`k${keys - 1 - i}`)))
  t.ok(kept.filter(count => count === 1).length > 900, 'the youngest are there')
  t.equal(table.count(name('k0')), 0, 'the oldest is not')
})

t.test('in a table that is full, a new key begins with nothing', async t => {
  const table = new SharedTable()
  for (let i = 0; i < 200_000; i++) {
    table.add(name(`k${i}`), 7, 100, Date.now() + HOUR)
    table.take(name(`k${i}`), 0.01, 10, 10)
  }
  const fresh = Array.from({ length: 500 }, (_, i) => name(`new ${i}`))
  t.ok(
    fresh.every(key => table.add(key, 1, 1, Date.now() + HOUR) === 1),
    'counters'
  )
  t.ok(
    fresh.every(key => table.take(key, 0.01, 1, 1).allowed),
    'buckets'
  )
})

t.test('who fills the table with keys loses their own, not those of another namespace', async t => {
  const memory = sharedTableMemory()
  const calm = new SharedTable(memory, 'calm')
  const flood = new SharedTable(memory, 'flood')
  const keys = Array.from({ length: 1_000 }, (_, i) => name(`calm ${i}`))
  for (const key of keys) {
    calm.add(key, 1, 1, Date.now() + HOUR)
    calm.take(key, 0.01, 1, 1)
  }
  for (let i = 0; i < 400_000; i++) {
    flood.add(name(`k${i}`), 1, 1, Date.now() + 2 * HOUR)
    flood.take(name(`k${i}`), 0.001, 1, 1)
  }
  t.ok(
    keys.every(key => calm.count(key) === 1),
    'counters'
  )
  t.ok(
    keys.every(key => !calm.take(key, 0.01, 1, 1).allowed),
    'buckets'
  )
})

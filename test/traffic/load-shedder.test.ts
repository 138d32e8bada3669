import fc from 'fast-check'
import t from 'tap'
import { Latencies } from '../../core/traffic/latencies.js'
import { LoadShedder } from '../../core/traffic/load-shedder.js'
import { PRIORITIES, type Priority } from '../../core/traffic/priority.js'
import { FakeClock } from '../support/fake-clock.js'

/** A shedder that has seen this delay for long. @param chance - what is drawn for each exchange */
function late(delayMs: number, chance = 0.5) {
  const refused: Priority[] = []
  const shedder = new LoadShedder(
    { delayMs: 100 },
    new FakeClock(0),
    priority => refused.push(priority),
    () => chance
  )
  for (let i = 0; i < 100; i++) shedder.sample(delayMs)
  return { shedder, refused }
}

t.test('the lowest class goes first, and critical traffic last', async t => {
  t.strictSame(late(99).shedder.shedding, [])
  t.strictSame(late(150).shedder.shedding, ['bulk'])
  t.strictSame(late(300).shedder.shedding, ['bulk', 'default'])
  t.strictSame(late(500).shedder.shedding, ['bulk', 'default', 'critical'])
})

t.test('a class is shed in part, then whole, and never more than a lower one', async t => {
  const share = (ms: number, priority: Priority) => Math.round(late(ms).shedder.share(priority) * 100) / 100
  t.strictSame(
    [100, 150, 200, 900].map(ms => share(ms, 'bulk')),
    [0, 0.5, 1, 1]
  )
  t.strictSame(
    [200, 300, 400].map(ms => share(ms, 'default')),
    [0, 0.5, 1]
  )
  t.strictSame(
    [400, 600, 800].map(ms => share(ms, 'critical')),
    [0, 0.5, 1]
  )
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2_000 }), ms => {
      const { shedder } = late(ms)
      const [critical = 0, normal = 0, bulk = 0] = PRIORITIES.map(each => shedder.share(each))
      return critical <= normal && normal <= bulk
    })
  )
})

t.test('an exchange is refused by chance, with a time to come again', async t => {
  const { shedder, refused } = late(150, 0.49)
  t.throws(() => shedder.check('bulk'), {
    code: 'GW_OVERLOADED',
    headers: ['retry-after', '1'],
    message: 'the event loop is 150 ms late'
  })
  shedder.check('default')
  shedder.check('critical')
  t.strictSame(refused, ['bulk'])
  late(150, 0.51).shedder.check('bulk')
})

t.test('one pause is no overload, and load that is past is forgotten', async t => {
  const { shedder } = late(0)
  shedder.sample(350)
  t.strictSame(shedder.shedding, [])
  const busy = late(1_000).shedder
  for (let i = 0; i < 20; i++) busy.sample(0)
  t.strictSame(busy.shedding, [])
})

t.test('the event loop is watched until it is closed', async t => {
  const clock = new FakeClock(0)
  const shedder = new LoadShedder({ delayMs: 100 }, clock).start()
  clock.pass(500)
  t.equal(shedder.delayMs, 0, 'timers that are on time')
  t.equal(clock.timers, 1)
  shedder.close()
  t.equal(clock.timers, 0)
})

t.test('a percentile is known with enough replies, and never below the true one', async t => {
  const latencies = new Latencies()
  for (let i = 0; i < 49; i++) latencies.observe(10, 0)
  t.equal(latencies.percentile(0.5, 0), undefined)
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.5, max: 60_000, noNaN: true }), { minLength: 50, maxLength: 300 }),
      fc.constantFrom(0.5, 0.75, 0.9, 0.95, 0.99),
      (times, share) => {
        const seen = new Latencies()
        for (const ms of times) seen.observe(ms, 0)
        const exact = times.toSorted((a, b) => a - b)[Math.ceil(share * times.length) - 1] ?? 0
        const found = seen.percentile(share, 0) ?? 0
        return found >= exact * 0.999_999 && found <= exact * 1.250_001
      }
    )
  )
})

t.test('replies older than a minute do not count', async t => {
  const latencies = new Latencies()
  for (let i = 0; i < 60; i++) latencies.observe(1_000, 40_000)
  for (let i = 0; i < 60; i++) latencies.observe(1, 70_001)
  t.ok((latencies.percentile(0.9, 70_001) ?? 0) >= 1_000)
  t.ok((latencies.percentile(0.9, 100_002) ?? 0) <= 2)
  t.equal(latencies.percentile(0.9, 1_000_000), undefined)
})

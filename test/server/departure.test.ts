import t from 'tap'
import { Departure } from '../../core/server/departure.js'

t.test('more and more replies end their connection, and from half of the time on all do', async t => {
  let now = 5_000
  let chance = 0
  const departure = new Departure(
    () => now,
    () => chance
  )
  /** Of a hundred replies, the number that end their connection. */
  const ending = (): number =>
    Array.from({ length: 100 }, (_, i) => {
      chance = (i + 0.5) / 100
      return departure.ends()
    }).filter(Boolean).length
  t.equal(ending(), 0, 'before it begins')
  departure.begin(20_000)
  t.equal(ending(), 0)
  now += 1_000
  t.equal(ending(), 10)
  now += 4_000
  t.equal(ending(), 50)
  now += 5_000
  t.equal(ending(), 100)
  now += 60_000
  t.equal(ending(), 100)
})

t.test('without time all replies do', async t => {
  const departure = new Departure()
  departure.begin(0)
  t.ok(departure.ends())
})

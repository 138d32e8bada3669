import t from 'tap'
import { Timings } from '../../../core/ai/routing/timings.js'
import { FakeClock } from '../../support/fake-clock.js'

t.test('an average follows what is measured, the faster the longer ago it was measured last', async t => {
  const clock = new FakeClock()
  const timings = new Timings(() => clock.now())
  t.equal(timings.read('a', 1_000), undefined)
  timings.observe('a', 100)
  t.equal(timings.read('a', 1_000), 100)
  timings.observe('a', 200)
  t.equal(timings.read('a', 1_000), 110, 'at once: a tenth')
  clock.pass(1_000)
  timings.observe('a', 0)
  t.equal(Math.round(timings.read('a', 1_000) ?? 0), Math.round(110 / Math.E), 'after the decay: a third is left')
  clock.pass(3_001)
  t.equal(timings.read('a', 1_000), undefined, 'long ago: nothing is known')
})

t.test('only what somebody goes by is remembered, and not without end', async t => {
  const timings = new Timings(() => 0)
  timings.observe('a', 5)
  t.equal(timings.read('a', 1_000), undefined)
  timings.observe('a', 5)
  t.equal(timings.read('a', 1_000), 5)
  for (let i = 0; i < 10_000; i++) timings.read(`t${i}`, 1_000)
  timings.observe('t9999', 7)
  t.equal(timings.read('t9999', 1_000), 7)
  t.equal(timings.read('a', 1_000), undefined, 'the first one had to go')
})

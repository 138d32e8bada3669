import fc from 'fast-check'
import t from 'tap'
import { Budget } from '../../core/traffic/budget.js'
import { Rolling } from '../../core/traffic/rolling.js'

t.test('a rolling sum has the youngest nine tenths of the window and nothing older than it', async t => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 200 }), gaps => {
      const window = new Rolling(1, 1_000)
      const times: number[] = []
      let now = 0
      for (const gap of gaps) {
        now += gap
        window.add(0, now)
        times.push(now)
        const sum = window.sum(0, now)
        const within = (ms: number) => times.filter(time => time > now - ms).length
        if (sum < within(900) || sum > within(1_000.001)) return false
      }
      return true
    })
  )
  t.pass()
})

t.test('fields of a rolling sum do not touch each other, and a pause empties all', async t => {
  const window = new Rolling(2, 1_000)
  window.add(0, 10)
  window.add(1, 20, 5)
  t.strictSame([window.sum(0, 30), window.sum(1, 30)], [1, 5])
  t.strictSame([window.sum(0, 5_000), window.sum(1, 5_000)], [0, 0])
})

t.test('extra tries never exceed the share of the requests and the minimum', async t => {
  const step = fc.record({
    gap: fc.integer({ min: 0, max: 3_000 }),
    what: fc.constantFrom('request' as const, 'retry' as const)
  })
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 300 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 0, max: 3 }),
      (steps, share, minPerSecond) => {
        const budget = new Budget({ share, minPerSecond })
        const requests: number[] = []
        const retries: number[] = []
        let now = 0
        for (const { gap, what } of steps) {
          now += gap
          if (what === 'request') {
            budget.requested(now)
            requests.push(now)
          } else if (budget.take(now)) retries.push(now)
          const recent = (times: number[], ms: number) => times.filter(time => time > now - ms).length
          // What was taken within nine tenths of the window is surely still counted when the last one was taken.
          if (retries.at(-1) !== now) continue
          if (recent(retries, 9_000) > share * recent(requests, 10_000.001) + minPerSecond * 10 + 1e-9) return false
        }
        return true
      }
    )
  )
  t.pass()
})

t.test('a quiet upstream has its few tries, and has them again when they are past', async t => {
  const budget = new Budget({ share: 0, minPerSecond: 0.2 })
  t.strictSame([budget.take(0), budget.take(0), budget.take(0)], [true, true, false])
  t.notOk(budget.take(8_000))
  t.ok(budget.take(10_001))
})

t.test('ten requests earn two tries at a share of a fifth', async t => {
  const budget = new Budget({ share: 0.2, minPerSecond: 0 })
  t.notOk(budget.take(0))
  for (let i = 0; i < 10; i++) budget.requested(i)
  t.strictSame([budget.take(20), budget.take(20), budget.take(20)], [true, true, false])
})

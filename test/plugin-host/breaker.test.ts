import t from 'tap'
import { Breaker } from '../../core/plugin-host/breaker.js'

function breaker(options = { failures: 3, windowMs: 1_000, openMs: 5_000 }) {
  const clock = { now: 0 }
  const changes: string[] = []
  const made = new Breaker(
    options,
    (state, reason) => changes.push(`${state}: ${reason}`),
    () => clock.now
  )
  return { made, clock, changes }
}

t.test('so many failures within the window take the plugin out, for a while', async t => {
  const { made, clock, changes } = breaker()
  for (const at of [0, 400, 900]) {
    t.ok(made.admits())
    clock.now = at
    made.failed(`at ${at}`)
  }
  t.notOk(made.admits())
  t.strictSame(changes, ['open: at 900'])
  clock.now = 5_899
  t.notOk(made.admits())
  clock.now = 5_900
  t.ok(made.admits(), 'one may try it')
  t.notOk(made.admits(), 'one at a time')
  made.passed()
  t.ok(made.admits())
  t.equal(made.state, 'closed')
})

t.test('failures that lie further apart do not count together', async t => {
  const { made, clock } = breaker()
  for (let at = 0; at < 10_000; at += 600) {
    clock.now = at
    made.failed('now and then')
    t.ok(made.admits())
  }
})

t.test('a probe that fails opens it again, one that comes to nothing is given to the next', async t => {
  const { made, clock } = breaker({ failures: 1, windowMs: 0, openMs: 10 })
  made.failed('first')
  clock.now = 10
  t.ok(made.admits())
  made.released()
  t.ok(made.admits())
  made.failed('again')
  t.notOk(made.admits())
  clock.now = 19
  t.notOk(made.admits(), 'its time began anew')
  clock.now = 20
  t.ok(made.admits())
})

import t from 'tap'
import { Breaker } from '../../core/plugin-host/breaker.js'

const probe = {}

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
    t.ok(made.admits(probe))
    clock.now = at
    made.failed(`at ${at}`)
  }
  t.notOk(made.admits(probe))
  t.strictSame(changes, ['open: at 900'])
  clock.now = 5_899
  t.notOk(made.admits(probe))
  clock.now = 5_900
  t.ok(made.admits(probe), 'one may try it')
  t.notOk(made.admits(probe), 'one at a time')
  made.passed(probe)
  t.ok(made.admits(probe))
  t.equal(made.state, 'closed')
})

t.test('failures that lie further apart do not count together', async t => {
  const { made, clock } = breaker()
  for (let at = 0; at < 10_000; at += 600) {
    clock.now = at
    made.failed('now and then')
    t.ok(made.admits(probe))
  }
})

t.test('a probe that fails opens it again, one that comes to nothing is given to the next', async t => {
  const { made, clock } = breaker({ failures: 1, windowMs: 0, openMs: 10 })
  made.failed('first')
  clock.now = 10
  t.ok(made.admits(probe))
  made.released(probe)
  t.ok(made.admits(probe))
  made.failed('again')
  t.notOk(made.admits(probe))
  clock.now = 19
  t.notOk(made.admits(probe), 'its time began anew')
  clock.now = 20
  t.ok(made.admits(probe))
})

t.test(
  'one failure of a probe is enough, however many opened it; another call neither closes it nor ends the probe',
  async t => {
    const { made, clock, changes } = breaker()
    for (let i = 0; i < 3; i++) made.failed('first')
    clock.now = 5_000
    t.ok(made.admits(probe))
    const other = {}
    made.passed(other)
    t.equal(made.state, 'half-open')
    made.released(other)
    t.notOk(made.admits(other), 'the probe is under way')
    made.failed('again')
    t.notOk(made.admits(probe))
    t.strictSame(changes, ['open: first', 'half-open: its time is over', 'open: again'])
  }
)

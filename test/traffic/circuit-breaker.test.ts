import fc from 'fast-check'
import t from 'tap'
import { CircuitBreaker, type CircuitBreakerOptions, type CircuitState } from '../../core/traffic/circuit-breaker.js'

const OPTIONS: CircuitBreakerOptions = {
  errorShare: 0.5,
  statuses: new Set([500, 503]),
  slowMs: 100,
  slowShare: 0.8,
  windowMs: 1_000,
  minRequests: 4,
  openMs: 5_000,
  probes: 2
}

function breaker(options: Partial<CircuitBreakerOptions> = {}) {
  const changes: string[] = []
  const machine = new CircuitBreaker({ ...OPTIONS, ...options }, (state, reason) => changes.push(`${state}: ${reason}`))
  const run = (now: number, status: number, ms = 1): boolean => {
    const admission = machine.admit(now)
    if (admission !== 0) machine.record(admission, now, status, ms)
    return admission !== 0
  }
  return { machine, changes, run }
}

t.test('it opens when enough tries were made and the share of failed ones is reached', async t => {
  const { machine, changes, run } = breaker()
  for (const status of [503, 0, 200]) run(0, status)
  t.equal(machine.state, 'closed', 'three are too few')
  run(0, 200)
  t.equal(machine.state, 'closed', 'a good one never opens it')
  run(0, 500)
  t.strictSame(changes, ['open: 3 of 5 tries failed'])
  t.notOk(run(4_999, 200), 'nothing passes')
  t.equal(machine.remainingMs(4_000), 1_000)
})

t.test('statuses that do not count as failures leave it closed', async t => {
  const { machine, run } = breaker()
  for (let i = 0; i < 100; i++) run(0, i % 2 === 0 ? 404 : 501)
  t.equal(machine.state, 'closed')
})

t.test('failures that are older than the window are forgotten', async t => {
  const { machine, run } = breaker()
  for (let i = 0; i < 3; i++) run(0, 503)
  for (let i = 0; i < 3; i++) run(1_000, 503)
  t.equal(machine.state, 'closed')
  run(1_000, 503)
  t.equal(machine.state, 'open')
})

t.test('it opens for slow replies too', async t => {
  const { changes, run } = breaker()
  for (let i = 0; i < 5; i++) run(0, 200, i === 0 ? 100 : 101)
  t.strictSame(changes, ['open: 4 of 5 tries were slow'])
  const never = breaker({ slowMs: undefined })
  for (let i = 0; i < 50; i++) never.run(0, 200, 60_000)
  t.equal(never.machine.state, 'closed', 'unless slowness does not matter')
})

t.test('after its time so many probes pass, and when all go well it closes', async t => {
  const { machine, changes, run } = breaker()
  for (let i = 0; i < 4; i++) run(0, 0)
  const [a, b] = [machine.admit(5_000), machine.admit(5_000)]
  t.ok(a !== 0 && b !== 0)
  t.equal(machine.admit(5_000), 0, 'a third one does not')
  t.notOk(machine.wouldAdmit(5_000))
  machine.record(a, 5_010, 200, 10)
  t.equal(machine.admit(5_010), 0, 'one that went well leaves no place for another')
  machine.record(b, 5_020, 200, 10)
  t.equal(machine.state, 'closed')
  t.strictSame(changes.slice(1), ['half-open: its time is over', 'closed: its probes went well'])
  t.strictSame(machine.figures(5_020), { requests: 0, errors: 0, slow: 0 }, 'it begins to count anew')
})

t.test('a probe that fails or is slow opens it for as long again', async t => {
  for (const [status, ms, reason] of [
    [0, 1, 'a probe failed'],
    [200, 101, 'a probe was slow']
  ] as const) {
    const { machine, changes, run } = breaker()
    for (let i = 0; i < 4; i++) run(0, 0)
    run(5_000, status, ms)
    t.equal(changes.at(-1), `open: ${reason}`)
    t.notOk(machine.wouldAdmit(9_999))
    t.ok(machine.wouldAdmit(10_000))
  }
})

t.test('a probe that came to nothing makes room for another', async t => {
  const { machine, run } = breaker({ probes: 1 })
  for (let i = 0; i < 4; i++) run(0, 0)
  const probe = machine.admit(5_000)
  t.equal(machine.admit(5_000), 0)
  machine.release(probe)
  t.not(machine.admit(5_000), 0)
})

t.test('what was sent before a change says nothing after it', async t => {
  const { machine, run } = breaker()
  const early = machine.admit(0)
  const other = machine.admit(0)
  for (let i = 0; i < 4; i++) run(0, 0)
  machine.record(early, 10, 0, 1)
  t.equal(machine.state, 'open')
  const probe = machine.admit(5_000)
  machine.record(other, 5_000, 0, 1)
  machine.release(other)
  t.equal(machine.state, 'half-open', 'an old failure is no probe')
  machine.record(probe, 5_001, 200, 1)
  run(5_001, 200)
  t.equal(machine.state, 'closed')
})

/** A breaker in use, and what it may never do, checked at each step. */
class Model {
  state: CircuitState = 'closed'
  wrong = ''
  private now = 0
  private changes = 0
  /** Probes of this half-open time that were let through and not given back unused. */
  private probes = 0
  private readonly begun: { admission: number; changes: number }[] = []
  private readonly machine = new CircuitBreaker(OPTIONS, to => {
    const next = { closed: ['open'], open: ['half-open'], 'half-open': ['open', 'closed'] }
    if (!next[this.state].includes(to)) this.wrong ||= `from ${this.state} to ${to}`
    this.state = to
    this.changes++
    this.probes = 0
  })

  pass(ms: number): void {
    this.now += ms
  }

  begin(): void {
    const willing = this.machine.wouldAdmit(this.now)
    const admission = this.machine.admit(this.now)
    if (willing !== (admission !== 0)) this.wrong ||= 'it said otherwise before'
    if (admission === 0) return
    if (this.state === 'open') this.wrong ||= 'let through although it is open'
    if (this.state === 'half-open') this.probes++
    if (this.probes > OPTIONS.probes) this.wrong ||= 'too many probes'
    this.begun.push({ admission, changes: this.changes })
  }

  end(how: 'good' | 'bad' | 'release'): void {
    const ended = this.begun.shift()
    if (ended === undefined) return
    if (how === 'release') {
      if (ended.changes === this.changes) this.probes--
      this.machine.release(ended.admission)
    } else this.machine.record(ended.admission, this.now, how === 'good' ? 200 : 0, 1)
  }
}

t.test('it only ever changes as it may, and never lets more probes through than there are', async t => {
  const step = fc.record({
    gap: fc.oneof({ arbitrary: fc.nat(50), weight: 9 }, { arbitrary: fc.nat(8_000), weight: 1 }),
    act: fc.constantFrom(
      'begin' as const,
      'begin' as const,
      'good' as const,
      'bad' as const,
      'bad' as const,
      'release' as const
    )
  })
  const visited = new Set<CircuitState>()
  fc.assert(
    fc.property(fc.array(step, { minLength: 100, maxLength: 300 }), steps => {
      const model = new Model()
      for (const { gap, act } of steps) {
        model.pass(gap)
        if (act === 'begin') model.begin()
        else model.end(act)
        visited.add(model.state)
        if (model.wrong !== '') throw new Error(model.wrong)
      }
    })
  )
  t.strictSame([...visited].sort(), ['closed', 'half-open', 'open'], 'every state was come to')
})

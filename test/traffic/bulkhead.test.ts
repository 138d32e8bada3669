import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { Bulkhead, type BulkheadOptions, type Pass } from '../../core/traffic/bulkhead.js'
import { type BulkheadCalls, Bulkheads } from '../../core/traffic/bulkheads.js'
import { PRIORITIES, type Priority } from '../../core/traffic/priority.js'
import { RemoteBulkhead } from '../../core/traffic/remote-bulkhead.js'
import { FakeClock } from '../support/fake-clock.js'

function bulkhead(options: Partial<BulkheadOptions> = {}) {
  const clock = new FakeClock(0)
  const shed: string[] = []
  const all = { name: 'up', limit: 2, queue: 2, queueMs: 1_000, perConsumer: undefined, ...options }
  const hold = new Bulkhead(all, clock, (priority, reason) => shed.push(`${priority} ${reason}`))
  const log: string[] = []
  /** Enters under a name, and notes what becomes of it. */
  const enter = (name: string, priority: Priority = 'default', consumer = ''): Pass | undefined => {
    try {
      const pass = hold.enter(priority, consumer)
      if (pass.state === 'inside') log.push(`${name} in`)
      else pass.whenSettled(refused => log.push(`${name} ${refused === undefined ? 'in' : refused.code}`))
      return pass
    } catch (thrown) {
      log.push(`${name} ${(thrown as { code: string }).code}`)
      return undefined
    }
  }
  return { hold, clock, shed, log, enter }
}

t.test('so many come in, some wait, the rest is refused', async t => {
  const { log, shed, enter, hold } = bulkhead()
  const a = enter('a')
  for (const name of ['b', 'c', 'd', 'e']) enter(name)
  t.strictSame(log, ['a in', 'b in', 'e GW_OVERLOADED'])
  t.strictSame(shed, ['default full'])
  a?.leave()
  t.equal(log.at(-1), 'c in')
  t.strictSame([hold.inside, hold.waiting], [2, 1])
})

t.test('those who wait come in by class, and within it by arrival', async t => {
  const { log, enter } = bulkhead({ limit: 1, queue: 10 })
  const passes = new Map<string, Pass | undefined>()
  for (const [name, priority] of [
    ['first', 'bulk'],
    ['bulk1', 'bulk'],
    ['default1', 'default'],
    ['critical1', 'critical'],
    ['bulk2', 'bulk'],
    ['critical2', 'critical']
  ] as const) {
    passes.set(name, enter(name, priority))
  }
  for (let i = 0; i < 6; i++) passes.get(log.at(-1)?.split(' ')[0] ?? '')?.leave()
  t.strictSame(log, ['first in', 'critical1 in', 'critical2 in', 'default1 in', 'bulk1 in', 'bulk2 in'])
})

t.test('in a full queue the newcomer takes the place of the last one of the lowest class below it', async t => {
  const { log, shed, enter } = bulkhead({ limit: 1, queue: 3 })
  enter('in')
  enter('default', 'default')
  enter('bulk1', 'bulk')
  enter('bulk2', 'bulk')
  enter('bulk3', 'bulk')
  enter('critical1', 'critical')
  enter('critical2', 'critical')
  enter('critical3', 'critical')
  enter('critical4', 'critical')
  t.strictSame(log.slice(1), [
    'bulk3 GW_OVERLOADED',
    'bulk2 GW_OVERLOADED',
    'bulk1 GW_OVERLOADED',
    'default GW_OVERLOADED',
    'critical4 GW_OVERLOADED'
  ])
  t.strictSame(shed, ['bulk full', 'bulk displaced', 'bulk displaced', 'default displaced', 'critical full'])
})

t.test('who has waited long enough is refused, and its timer is gone', async t => {
  const { log, shed, enter, clock, hold } = bulkhead({ limit: 1 })
  const inside = enter('in')
  enter('a')
  clock.pass(999)
  t.strictSame(log, ['in in'])
  clock.pass(1)
  t.equal(log.at(-1), 'a GW_OVERLOADED')
  t.strictSame(shed, ['default timeout'])
  t.strictSame([hold.waiting, clock.timers], [0, 0])
  inside?.leave()
  t.equal(hold.inside, 0)
})

t.test('who leaves the queue is told nothing more, and leaves once', async t => {
  const { log, enter, clock, hold } = bulkhead({ limit: 1 })
  const inside = enter('in')
  const a = enter('a')
  a?.leave()
  a?.leave()
  clock.pass(5_000)
  inside?.leave()
  inside?.leave()
  t.strictSame(log, ['in in'])
  t.strictSame([hold.inside, hold.waiting, clock.timers], [0, 0, 0])
})

t.test('a consumer has its own limit, and does not hold up the others', async t => {
  const { log, shed, enter, hold } = bulkhead({ limit: 3, queue: 5, perConsumer: { limit: 1, queue: 1 } })
  const a = enter('ann1', 'default', 'ann')
  enter('ann2', 'critical', 'ann')
  enter('ann3', 'default', 'ann')
  enter('bob1', 'bulk', 'bob')
  enter('nobody1')
  enter('nobody2')
  t.strictSame(log, ['ann1 in', 'ann3 GW_CONCURRENCY_EXCEEDED', 'bob1 in', 'nobody1 in'])
  t.strictSame(shed, ['default consumer'])
  a?.leave()
  t.equal(log.at(-1), 'ann2 in', 'with a place inside, and one of its own')
  t.equal(hold.consumers, 2)
})

t.test('a consumer cannot fill the queue in front of the others', async t => {
  const { log, enter } = bulkhead({ limit: 1, queue: 10, perConsumer: { limit: 2, queue: 1 } })
  enter('inside')
  for (const name of ['ann1', 'ann2', 'ann3', 'ann4']) enter(name, 'critical', 'ann')
  t.strictSame(log, ['inside in', 'ann4 GW_CONCURRENCY_EXCEEDED'], 'two and one, though all of them wait')
})

t.test('the refusal says how long to wait', async t => {
  const { hold } = bulkhead({ limit: 1, queue: 0 })
  hold.enter('default', '')
  try {
    hold.enter('default', '')
    t.fail('it came in')
  } catch (thrown) {
    t.match(thrown, { code: 'GW_OVERLOADED', headers: ['retry-after', '1'], message: /^up: 1 exchanges are under way/ })
  }
})

interface Guest {
  readonly priority: Priority
  readonly consumer: string
  readonly number: number
  pass: Pass | undefined
  state: 'waiting' | 'inside' | 'gone'
  settled: number
}

/** A bulkhead and what it has promised everybody, checked at each step. */
class Model {
  readonly clock = new FakeClock(0)
  readonly guests: Guest[] = []
  readonly hold: Bulkhead
  wrong = ''

  constructor(private readonly options: BulkheadOptions) {
    this.hold = new Bulkhead(options, this.clock)
  }

  enter(priority: Priority, consumer: string): void {
    const guest: Guest = { priority, consumer, number: this.guests.length, pass: undefined, state: 'gone', settled: 0 }
    try {
      const pass = this.hold.enter(priority, consumer)
      guest.pass = pass
      this.guests.push(guest)
      guest.state = pass.state
      if (pass.state === 'waiting') {
        pass.whenSettled(refused => {
          guest.settled++
          if (guest.state !== 'waiting') this.wrong ||= 'settled although it did not wait'
          if (refused === undefined) this.checkOrder(guest)
          guest.state = refused === undefined ? 'inside' : 'gone'
        })
      }
    } catch {
      if (this.hold.inside < this.options.limit && consumer === '') this.wrong ||= 'refused although there is room'
    }
  }

  /** Nobody who could have come in stood before it. */
  private checkOrder(guest: Guest): void {
    const limit = this.options.perConsumer?.limit ?? Number.POSITIVE_INFINITY
    const rank = (each: Guest) => PRIORITIES.indexOf(each.priority)
    const before = this.guests.find(
      other =>
        other !== guest &&
        other.state === 'waiting' &&
        (rank(other) < rank(guest) || (rank(other) === rank(guest) && other.number < guest.number)) &&
        (other.consumer === '' || this.insideOf(other.consumer) < limit)
    )
    if (before !== undefined) this.wrong ||= `${guest.number} came in before ${before.number}`
  }

  private insideOf(consumer: string): number {
    return this.guests.filter(each => each.state === 'inside' && each.consumer === consumer).length
  }

  leave(which: number): void {
    const here = this.guests.filter(each => each.state !== 'gone')
    const guest = here[which % Math.max(1, here.length)]
    if (guest === undefined) return
    guest.state = 'gone'
    guest.pass?.leave()
  }

  check(): void {
    const count = (state: Guest['state']) => this.guests.filter(each => each.state === state).length
    const { limit, queue, perConsumer } = this.options
    if (this.hold.inside > limit) this.wrong ||= 'too many inside'
    if (this.hold.waiting > queue) this.wrong ||= 'too many wait'
    if (this.hold.inside !== count('inside') || this.hold.waiting !== count('waiting')) this.wrong ||= 'miscounted'
    if (this.clock.timers !== this.hold.waiting) this.wrong ||= 'a timer too many or too few'
    if (this.guests.some(each => each.settled > 1)) this.wrong ||= 'settled twice'
    if (perConsumer === undefined) return
    const here = new Set(this.guests.flatMap(({ state, consumer }) => (state === 'gone' ? [] : consumer || [])))
    if (this.hold.consumers !== here.size) this.wrong ||= `${this.hold.consumers} consumers are counted`
    for (const name of ['ann', 'bob']) {
      const waits = this.guests.filter(each => each.state === 'waiting' && each.consumer === name).length
      if (this.insideOf(name) + waits > perConsumer.limit + perConsumer.queue) this.wrong ||= `too many of ${name} wait`
      if (this.insideOf(name) > perConsumer.limit) this.wrong ||= `too many of ${name}`
      if (waits > 0 && this.hold.inside < limit && this.insideOf(name) < perConsumer.limit)
        this.wrong ||= 'kept waiting'
    }
  }
}

t.test('whatever happens: no more inside than the limit, the order kept, everybody told once', async t => {
  const options = fc.record({
    name: fc.constant('up'),
    limit: fc.integer({ min: 1, max: 4 }),
    queue: fc.integer({ min: 0, max: 5 }),
    queueMs: fc.constant(100),
    perConsumer: fc.option(
      fc.record({ limit: fc.integer({ min: 1, max: 2 }), queue: fc.integer({ min: 0, max: 3 }) }),
      {
        nil: undefined
      }
    )
  })
  const step = fc.oneof(
    fc.record({
      act: fc.constant('enter' as const),
      priority: fc.constantFrom(...PRIORITIES),
      consumer: fc.constantFrom('', 'ann', 'bob')
    }),
    fc.record({ act: fc.constant('leave' as const), which: fc.nat(20) }),
    fc.record({ act: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 150 }) })
  )
  fc.assert(
    fc.property(options, fc.array(step, { maxLength: 120 }), (chosen, steps) => {
      const model = new Model(chosen)
      for (const each of steps) {
        if (each.act === 'enter') model.enter(each.priority, each.consumer)
        else if (each.act === 'leave') model.leave(each.which)
        else model.clock.pass(each.ms)
        model.check()
        if (model.wrong !== '') throw new Error(model.wrong)
      }
      for (const guest of model.guests) {
        guest.state = 'gone'
        guest.pass?.leave()
      }
      model.check()
      if (model.wrong !== '' || model.hold.consumers !== 0) throw new Error(model.wrong || 'consumers are kept')
    }),
    { numRuns: 1_000 }
  )
  t.pass()
})

/** Two event loops, whose messages to the thread that has the bulkheads take a turn each. */
function twoLoops(options: Partial<BulkheadOptions> = {}) {
  const clock = new FakeClock(0)
  const kept = new Bulkheads(clock)
  const calls: BulkheadCalls = {
    enterBulkhead: async (...asked) => {
      await setImmediate()
      return structuredClone(await kept.enterBulkhead(...structuredClone(asked)))
    },
    leaveBulkhead: async ticket => {
      await setImmediate()
      await kept.leaveBulkhead(ticket)
    }
  }
  const all = { name: 'up', limit: 2, queue: 2, queueMs: 1_000, perConsumer: undefined, ...options }
  const log: string[] = []
  const shed: string[] = []
  const loops = [0, 1].map(
    () => new RemoteBulkhead(all, calls, (priority, reason) => shed.push(`${priority} ${reason}`))
  )
  const enter = async (loop: number, name: string, priority: Priority = 'default', consumer = '') => {
    const place = loops[loop]?.enter(priority, consumer)
    place?.whenSettled(refused => log.push(`${name} ${refused === undefined ? 'in' : refused.code}`))
    await settled()
    return place
  }
  const inside = () => loops.map(loop => loop.inside)
  const waiting = () => loops.map(loop => loop.waiting)
  return { kept, clock, loops, log, shed, enter, inside, waiting }
}

/** Until every message has arrived, and its answer. */
async function settled(): Promise<void> {
  for (let i = 0; i < 4; i++) await setImmediate()
}

t.test('event loops have one limit, one order and one queue together', async t => {
  const { log, shed, enter, inside, waiting, kept } = twoLoops()
  const places = [await enter(0, 'a'), await enter(1, 'b'), await enter(0, 'c', 'bulk'), await enter(1, 'd')]
  await enter(0, 'e')
  t.strictSame(
    [inside(), waiting()],
    [
      [1, 1],
      [1, 1]
    ]
  )
  t.strictSame([log.splice(0), shed.splice(0)], [['a in', 'b in', 'c GW_OVERLOADED'], ['bulk displaced']])
  places[0]?.leave()
  await settled()
  t.strictSame(log.splice(0), ['d in'], 'of the other loop, since it came first')
  places[1]?.leave()
  await settled()
  t.strictSame(log.splice(0), ['e in'])
  t.strictSame([inside(), waiting(), kept.size], [[1, 1], [0, 0], 1])
})

t.test('a consumer has one limit in all event loops', async t => {
  const { log, shed, enter, loops } = twoLoops({ limit: 5, perConsumer: { limit: 1, queue: 0 } })
  const first = await enter(0, 'ann1', 'default', 'ann')
  await enter(1, 'ann2', 'default', 'ann')
  await enter(1, 'bob', 'default', 'bob')
  first?.leave()
  await enter(1, 'ann3', 'default', 'ann')
  t.strictSame(log, ['ann1 in', 'ann2 GW_CONCURRENCY_EXCEEDED', 'bob in', 'ann3 in'])
  t.strictSame(shed, ['default consumer'])
  t.strictSame(
    loops.map(({ consumers }) => consumers),
    [0, 2]
  )
})

t.test('whoever leaves before the answer is there is forgotten, in and out of the queue', async t => {
  const { log, enter, inside, waiting, kept, clock, loops } = twoLoops({ limit: 1 })
  loops[0]?.enter('default', '').leave()
  await settled()
  t.equal(kept.size, 0)
  const first = await enter(0, 'first')
  const queued = await enter(1, 'queued')
  const late = await enter(1, 'late')
  queued?.leave()
  queued?.leave()
  clock.pass(1_000)
  await settled()
  late?.leave()
  first?.leave()
  await settled()
  t.strictSame(log, ['first in', 'late GW_OVERLOADED'])
  t.strictSame([inside(), waiting(), kept.size, clock.timers], [[0, 0], [0, 0], 0, 0])
})

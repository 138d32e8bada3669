import { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import type { BodySink, BodySource } from '../../core/base/body.js'
import { GatewayError } from '../../core/base/errors.js'
import type { HeaderList } from '../../core/base/headers.js'
import type { Reply } from '../../core/base/http.js'
import { ReplayBody } from '../../core/base/replay-body.js'
import { ResilienceCounts } from '../../core/observe/resilience-meter.js'
import { Budget } from '../../core/traffic/budget.js'
import { Bulkhead } from '../../core/traffic/bulkhead.js'
import { CircuitBreaker } from '../../core/traffic/circuit-breaker.js'
import { Latencies } from '../../core/traffic/latencies.js'
import type { Hedge, Plan } from '../../core/traffic/plan.js'
import type { RetryRules } from '../../core/traffic/retry-rules.js'
import { Sending } from '../../core/traffic/sending.js'
import type { Trip } from '../../core/traffic/trip.js'
import { saysNothing } from '../../core/upstream/health/outcome.js'
import type { Cancellable, HttpClient, OutgoingRequest } from '../../core/upstream/http.js'
import { type Outcome, Target } from '../../core/upstream/target.js'
import type { Upstream } from '../../core/upstream/upstream.js'
import { FakeClock } from '../support/fake-clock.js'

/** A call that is answered by hand. */
interface Call {
  readonly target: string
  readonly request: OutgoingRequest
  reply(status: number, headers?: HeaderList): void
  fail(code: GatewayError['code'], sent?: boolean): void
  over: boolean
  cancelled: boolean
  onCancel?: (reason: GatewayError | undefined) => void
}

class WatchedTarget extends Target {
  /** What speaks for it or against it. */
  readonly outcomes: Outcome[] = []
  /** How long tries took that nobody waited for any longer. */
  readonly givenUp: number[] = []

  override report(outcome: Outcome): void {
    if (saysNothing(outcome) && outcome.overtaken !== true) this.givenUp.push(outcome.ms)
    else this.outcomes.push(outcome)
  }
}

const RETRY: RetryRules = {
  attempts: 2,
  methods: new Set(['GET']),
  statuses: new Set([503]),
  errors: new Set(['connect', 'reset', 'timeout']),
  backoff: { baseMs: 100, maxMs: 1_000, jitter: false },
  bodyBytes: 1_024,
  maxRetryAfterMs: 2_000
}

function hedgeAfter(after: Hedge['after'], more: Partial<Hedge> = {}): Hedge {
  const budget = new Budget({ share: 1, minPerSecond: 10 })
  return { after, latencies: new Latencies(), budget, methods: new Set(['GET']), ...more }
}

/** An upstream of these targets that take turns, and what sends to it. */
function stage(names: readonly string[], plan: Partial<Plan> = {}, trip: Partial<Trip> = {}) {
  const clock = new FakeClock(0)
  const calls: Call[] = []
  const targets = names.map(name => new WatchedTarget(name, client(name, calls)))
  let turn = 0
  const upstream: Pick<Upstream, 'pick' | 'targets'> = {
    targets,
    pick: ({ tried }) => {
      const fresh = targets.filter(target => !tried.includes(target))
      const from = fresh.length > 0 ? fresh : targets
      return from[turn++ % from.length]
    }
  }
  const whole: Plan = {
    upstream: 'up',
    retry: RETRY,
    budget: new Budget({ share: 1, minPerSecond: 10 }),
    perTryMs: undefined,
    totalMs: undefined,
    breaker: undefined,
    bulkhead: undefined,
    hedge: undefined,
    counts: new ResilienceCounts(),
    clock,
    plain: false,
    ...plan
  }
  const seen = { target: '', attempts: 0 }
  const begin = () => {
    const sending = new Sending({
      upstream,
      plan: { ...whole, clock },
      timeouts: { connect: 1, headers: 1, idle: 1 },
      method: 'GET',
      key: undefined,
      judged: false,
      priority: 'default',
      consumer: '',
      body: undefined,
      request: body => ({ method: 'GET', target: '/', headers: [], body }),
      seen,
      onOutcome: undefined,
      ...trip
    })
    const result: { reply?: Reply; code?: string } = {}
    sending.run().then(
      reply => {
        result.reply = reply
      },
      (thrown: GatewayError) => {
        result.code = thrown.code
      }
    )
    return { sending, result }
  }
  const { counts } = whole
  const inFlight = () => targets.map(target => target.inFlight)
  return { clock, calls, targets, begin, counts, seen, inFlight, plan: whole }
}

function client(name: string, calls: Call[]): HttpClient {
  return {
    ask: (request, _timeouts, asker) => {
      const handle: { sent: boolean } & Cancellable = {
        sent: true,
        cancel: (reason?: GatewayError) => {
          if (call.over) return
          call.over = true
          call.cancelled = true
          call.onCancel?.(reason)
          asker.failed(reason ?? new GatewayError('GW_CLIENT_GONE', name))
        }
      }
      const call: Call = {
        target: name,
        request,
        over: false,
        cancelled: false,
        reply: (status, headers = []) => {
          call.over = true
          asker.replied({ status, headers, body: Buffer.from(name) })
        },
        fail: (code, sent = true) => {
          call.over = true
          handle.sent = sent
          asker.failed(new GatewayError(code, name))
        }
      }
      calls.push(call)
      asker.started(handle)
    },
    close: async () => undefined
  }
}

t.test('waits grow from try to try, and every target is let go of', async t => {
  const { clock, calls, begin, counts, seen, inFlight } = stage(['a'])
  const { sending, result } = begin()
  calls[0]?.reply(503)
  await setImmediate()
  clock.pass(99)
  t.equal(calls.length, 1)
  clock.pass(1)
  await setImmediate()
  calls[1]?.fail('GW_UPSTREAM_TIMEOUT')
  await setImmediate()
  clock.pass(199)
  t.equal(calls.length, 2)
  clock.pass(1)
  await setImmediate()
  calls[2]?.reply(200)
  await setImmediate()
  t.equal(result.reply?.status, 200)
  t.strictSame(
    [...counts.retries],
    [
      ['status', 1],
      ['timeout', 1]
    ]
  )
  t.strictSame(seen, { target: 'a', attempts: 3 })
  t.strictSame(inFlight(), [1], 'the reply’s body is still on its way')
  sending.done()
  sending.done()
  t.strictSame(inFlight(), [0])
})

t.test('another target is tried at once after a broken connection, but not after a status', async t => {
  const { clock, calls, begin } = stage(['a', 'b', 'c'])
  const { result } = begin()
  calls[0]?.fail('GW_UPSTREAM_RESET')
  await setImmediate()
  t.strictSame(
    calls.map(call => call.target),
    ['a', 'c']
  )
  calls[1]?.reply(503)
  await setImmediate()
  t.equal(calls.length, 2)
  clock.pass(200)
  await setImmediate()
  t.equal(calls[2]?.target, 'b')
  calls[2]?.reply(404)
  await setImmediate()
  t.equal(result.reply?.status, 404)
})

t.test('Retry-After of one target does not hold up another one, however long it is', async t => {
  const { calls, begin } = stage(['a', 'b'])
  const { result } = begin()
  calls[0]?.reply(503, ['retry-after', '60'])
  await setImmediate()
  t.equal(calls.length, 2)
  calls[1]?.reply(503, ['retry-after', '60'])
  await setImmediate()
  t.match([calls.length, result.reply?.status], [2, 503], 'nobody else is there to be asked')
})

t.test('Retry-After is waited for, to the millisecond', async t => {
  const { clock, calls, begin } = stage(['a'])
  begin()
  calls[0]?.reply(503, ['retry-after', '2'])
  await setImmediate()
  clock.pass(1_999)
  await setImmediate()
  t.equal(calls.length, 1)
  clock.pass(1)
  await setImmediate()
  t.equal(calls.length, 2)
})

t.test('no try is waited for that would come after the total time', async t => {
  const { clock, calls, begin, inFlight } = stage(['a'], { totalMs: 150 })
  const { result } = begin()
  clock.pass(60)
  calls[0]?.fail('GW_UPSTREAM_RESET')
  await setImmediate()
  t.equal(result.code, 'GW_UPSTREAM_RESET', 'what went wrong is said at once')
  t.strictSame([inFlight(), clock.timers], [[0], 0])
})

t.test('a target that was given up is not blamed; one that was too slow is', async t => {
  const slow = stage(['a'], { perTryMs: 50, retry: undefined })
  const first = slow.begin()
  slow.clock.pass(50)
  await setImmediate()
  t.equal(first.result.code, 'GW_UPSTREAM_TIMEOUT')
  t.strictSame(slow.targets[0]?.outcomes, [{ status: 0, code: 'GW_UPSTREAM_TIMEOUT', ms: 50 }])

  const gone = stage(['a'])
  const second = gone.begin()
  gone.clock.pass(30)
  second.sending.cancel()
  await setImmediate()
  t.equal(second.result.code, 'GW_CLIENT_GONE')
  t.ok(gone.calls[0]?.cancelled)
  t.strictSame([gone.targets[0]?.outcomes, gone.inFlight()], [[], [0]])
  t.strictSame(gone.targets[0]?.givenUp, [30], 'but it has taken so long')

  const total = stage(['a'], { totalMs: 70 })
  const third = total.begin()
  total.clock.pass(70)
  await setImmediate()
  t.equal(third.result.code, 'GW_UPSTREAM_TIMEOUT')
  t.strictSame(total.targets[0]?.outcomes, [{ status: 0, code: 'GW_UPSTREAM_TIMEOUT', ms: 70 }])
})

t.test('each try is counted once, with what ended it', async t => {
  const outcomes: Outcome[] = []
  const onOutcome = (outcome: Outcome) => void outcomes.push(outcome)
  const taken = () => outcomes.splice(0)

  const hedged = stage(['a', 'b'], { hedge: hedgeAfter({ ms: 100 }) }, { onOutcome })
  hedged.begin()
  hedged.clock.pass(120)
  hedged.calls[1]?.reply(200)
  await setImmediate()
  t.strictSame(taken(), [
    { status: 200, code: undefined, ms: 20 },
    { status: 0, code: undefined, ms: 120 }
  ])

  const gone = stage(['a', 'b'], { hedge: hedgeAfter({ ms: 100 }) }, { onOutcome })
  const { sending } = gone.begin()
  gone.clock.pass(120)
  sending.cancel()
  sending.done()
  await setImmediate()
  t.strictSame(taken(), [
    { status: 0, code: 'GW_CLIENT_GONE', ms: 120 },
    { status: 0, code: 'GW_CLIENT_GONE', ms: 20 }
  ])

  const total = stage(['a'], { totalMs: 70 }, { onOutcome })
  total.begin()
  total.clock.pass(70)
  await setImmediate()
  t.strictSame(taken(), [{ status: 0, code: 'GW_UPSTREAM_TIMEOUT', ms: 70 }])

  const body = stage(['a'], {}, { onOutcome })
  body.begin()
  body.clock.pass(10)
  body.calls[0]?.fail('GW_BODY_TOO_LARGE')
  await setImmediate()
  t.strictSame(taken(), [{ status: 0, code: 'GW_BODY_TOO_LARGE', ms: 10 }])
})

t.test('the time of a try ends with the head of its reply; the total goes on', async t => {
  const { clock, calls, begin } = stage(['a'], { perTryMs: 50, totalMs: 500 })
  const { result } = begin()
  let reason: GatewayError | undefined
  const [call] = calls
  call?.reply(200)
  await setImmediate()
  if (call !== undefined) {
    call.over = false
    call.onCancel = given => {
      reason = given
    }
  }
  clock.pass(499)
  t.equal(reason, undefined)
  t.equal(result.reply?.status, 200)
  clock.pass(1)
  t.equal(reason?.code, 'GW_UPSTREAM_TIMEOUT', 'the body is cut with it')
})

t.test('a client that is slow to send its body takes none of the target’s time, and is no mark against it', async t => {
  const arriving = { lastAt: 0, awaited: true }
  const { clock, calls, begin, targets } = stage(['a', 'b'], { perTryMs: 50 }, { arriving })
  const { result } = begin()
  clock.pass(120)
  arriving.lastAt = 120
  arriving.awaited = false
  clock.pass(49)
  t.equal(calls[0]?.over, false, 'the target has had 49 ms')
  calls[0]?.reply(200)
  await setImmediate()
  t.equal(result.reply?.status, 200)
  t.strictSame(targets[0]?.outcomes, [{ status: 200, code: undefined, ms: 49 }])

  const late = stage(['a'], { perTryMs: 50, retry: undefined }, { arriving: { lastAt: 20, awaited: false } })
  const second = late.begin()
  late.clock.pass(69)
  t.equal(late.calls[0]?.over, false)
  late.clock.pass(1)
  await setImmediate()
  t.equal(second.result.code, 'GW_UPSTREAM_TIMEOUT', 'it counts from the last byte on')

  const total = stage(['a'], { totalMs: 100 }, { arriving: { awaited: true } })
  const third = total.begin()
  total.clock.pass(100)
  await setImmediate()
  t.equal(third.result.code, 'GW_REQUEST_TIMEOUT')
  t.strictSame(total.targets[0]?.outcomes, [])
})

t.test('retries after a failed connection cost nothing of the budget, others do', async t => {
  const budget = new Budget({ share: 0, minPerSecond: 0 })
  const refused = stage(['a', 'b'], { budget })
  const first = refused.begin()
  refused.calls[0]?.fail('GW_UPSTREAM_REFUSED', false)
  await setImmediate()
  refused.calls[1]?.reply(200)
  await setImmediate()
  t.equal(first.result.reply?.status, 200)

  const reset = stage(['a', 'b'], { budget })
  const second = reset.begin()
  reset.calls[0]?.fail('GW_UPSTREAM_RESET')
  await setImmediate()
  t.equal(second.result.code, 'GW_UPSTREAM_RESET')
  t.equal(reset.counts.exhausted, 1)
})

t.test('an open breaker keeps requests and retries away', async t => {
  const options = { errorShare: 0.5, statuses: new Set([503]), slowMs: undefined, slowShare: 1, windowMs: 1_000 }
  const breaker = new CircuitBreaker({ ...options, minRequests: 2, openMs: 5_000, probes: 1 }, () => undefined)
  const { clock, calls, begin, inFlight } = stage(['a'], { breaker })
  const first = begin()
  calls[0]?.reply(503)
  await setImmediate()
  clock.pass(100)
  await setImmediate()
  calls[1]?.reply(503)
  await setImmediate()
  t.equal(breaker.state, 'open')
  t.equal(first.result.reply?.status, 503, 'the last reply, no third try')
  const second = begin()
  await setImmediate()
  t.equal(second.result.code, 'GW_UPSTREAM_OPEN')
  t.equal(calls.length, 2)
  clock.pass(5_000)
  const probe = begin()
  probe.sending.cancel()
  await setImmediate()
  t.equal(breaker.state, 'half-open')
  t.ok(breaker.wouldAdmit(clock.now()), 'a probe that was given up leaves its place')
  first.sending.done()
  t.strictSame(inFlight(), [0])
})

t.test('a second try goes beside a slow first one, the good reply is taken and the other cancelled', async t => {
  const hedge = hedgeAfter({ ms: 50 })
  const { clock, calls, begin, counts, seen, inFlight, targets } = stage(['a', 'b'], { hedge })
  const { sending, result } = begin()
  clock.pass(49)
  t.equal(calls.length, 1)
  clock.pass(1)
  t.strictSame(
    calls.map(call => call.target),
    ['a', 'b']
  )
  calls[1]?.reply(200)
  await setImmediate()
  t.equal(String(result.reply?.body), 'b')
  t.ok(calls[0]?.cancelled)
  t.strictSame(inFlight(), [0, 1])
  const lost = { status: 0, code: undefined, ms: 50, overtaken: true }
  t.strictSame(targets[0]?.outcomes, [lost], 'it did not fail, but is known to be slow')
  t.strictSame([counts.hedges, counts.hedgesWon, seen.target, seen.attempts], [1, 1, 'b', 2])
  sending.done()
  t.strictSame([inFlight(), clock.timers], [[0, 0], 0])
})

t.test('a bad reply waits for the other try; when that fails too it is better than none', async t => {
  const plan = { hedge: hedgeAfter({ ms: 50 }), retry: undefined }
  const one = stage(['a', 'b'], plan)
  const first = one.begin()
  one.clock.pass(50)
  one.calls[1]?.reply(503)
  await setImmediate()
  t.strictSame(first.result, {})
  one.calls[0]?.reply(200)
  await setImmediate()
  t.equal(String(first.result.reply?.body), 'a')
  t.strictSame(one.inFlight(), [1, 0])
  t.equal(one.counts.hedgesWon, 0)

  const two = stage(['a', 'b'], plan)
  const second = two.begin()
  two.clock.pass(50)
  two.calls[1]?.reply(503)
  two.calls[0]?.fail('GW_UPSTREAM_RESET')
  await setImmediate()
  t.equal(second.result.reply?.status, 503)
  t.strictSame(two.inFlight(), [0, 1])
})

t.test('there is no second try without another target, a budget, or for what must not be repeated', async t => {
  const alone = stage(['a'], { hedge: hedgeAfter({ ms: 50 }) })
  const poor = stage(['a', 'b'], {
    hedge: hedgeAfter({ ms: 50 }, { budget: new Budget({ share: 0, minPerSecond: 0 }) })
  })
  const post = stage(['a', 'b'], { hedge: hedgeAfter({ ms: 50 }) }, { method: 'POST' })
  for (const { begin, clock, calls, counts } of [alone, poor, post]) {
    begin()
    clock.pass(1_000)
    t.strictSame([calls.length, counts.hedges], [1, 0])
  }
})

t.test('a request whose body still arrives is hedged when the target has had all of it for long enough', async t => {
  const arriving = { lastAt: 0 }
  let sink: BodySink | undefined
  const pipe = (given: BodySink): void => {
    sink = given
  }
  const source: BodySource = { length: undefined, takeWhole: () => undefined, pipe, resume() {}, cancel() {} }
  const body = new ReplayBody(source, 100)
  const { clock, calls, begin } = stage(['a', 'b'], { hedge: hedgeAfter({ ms: 100 }) }, { arriving, body })
  const { result } = begin()
  const [first] = calls
  if (first?.request.body === undefined || Buffer.isBuffer(first.request.body)) throw new Error('no body that arrives')
  first.request.body.pipe({ write: () => true, end() {}, fail() {} })
  for (let piece = 0; piece < 10; piece++) {
    clock.pass(25)
    arriving.lastAt = clock.now()
    sink?.write(Buffer.from(String(piece)))
  }
  sink?.end()
  clock.pass(99)
  t.equal(calls.length, 1)
  clock.pass(1)
  t.equal(calls.length, 2, 'it came within 250 ms, and 100 are over since')
  t.strictSame(calls[1]?.request.body, Buffer.from('0123456789'))
  calls[1]?.reply(200)
  await setImmediate()
  t.equal(result.reply?.status, 200)
  t.equal(clock.timers, 0)
})

t.test('a percentile is what replies took before', async t => {
  const hedge = hedgeAfter({ share: 0.95 })
  const { clock, calls, begin } = stage(['a', 'b'], { hedge })
  begin()
  clock.pass(10_000)
  t.equal(calls.length, 1, 'nothing is known yet')
  for (let i = 0; i < 100; i++) hedge.latencies.observe(20, clock.now())
  begin()
  clock.pass(19)
  t.equal(calls.length, 2)
  clock.pass(6)
  t.equal(calls.length, 3)
})

t.test('whoever waits to be let in leaves when the client does, and is let in in turn', async t => {
  const clock = new FakeClock(0)
  const options = { name: 'up', limit: 1, queue: 5, queueMs: 1_000, perConsumer: undefined }
  const { calls, begin, plan } = stage(['a'], { bulkhead: new Bulkhead(options, clock) })
  const [first, second, third] = [begin(), begin(), begin()]
  await setImmediate()
  t.equal(calls.length, 1)
  second.sending.cancel()
  await setImmediate()
  t.equal(second.result.code, 'GW_CLIENT_GONE')
  calls[0]?.reply(200)
  await setImmediate()
  t.equal(calls.length, 1, 'as long as its body is on its way, it is inside')
  first.sending.done()
  await setImmediate()
  t.equal(calls.length, 2)
  third.sending.cancel()
  await setImmediate()
  t.strictSame([plan.bulkhead?.inside, plan.bulkhead?.waiting, clock.timers], [0, 0, 0])
})

t.test('whatever happens, everything is let go of in the end and the caller hears once', async t => {
  const step = fc.oneof(
    fc.record({ act: fc.constant('begin' as const), n: fc.nat(3) }),
    fc.record({ act: fc.constantFrom('good', 'bad', 'reset', 'refused', 'pass', 'cancel', 'done'), n: fc.nat(60) })
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async steps => {
      const breaker = new CircuitBreaker(
        {
          errorShare: 0.5,
          statuses: new Set([503]),
          slowMs: 40,
          slowShare: 0.9,
          windowMs: 1_000,
          minRequests: 5,
          openMs: 100,
          probes: 1
        },
        () => undefined
      )
      const queueClock = new FakeClock(0)
      const options = { name: 'up', limit: 3, queue: 2, queueMs: 50, perConsumer: undefined }
      const bulkhead = new Bulkhead(options, queueClock)
      const { clock, calls, begin, inFlight } = stage(['a', 'b', 'c'], {
        breaker,
        bulkhead,
        perTryMs: 70,
        totalMs: 300,
        hedge: hedgeAfter({ ms: 20 })
      })
      const running: ReturnType<typeof begin>[] = []
      for (const { act, n } of steps) {
        const call = calls.filter(each => !each.over)[n % 4]
        const one = running[n % Math.max(1, running.length)]
        if (act === 'begin') running.push(begin())
        else if (act === 'good') call?.reply(200)
        else if (act === 'bad') call?.reply(503)
        else if (act === 'reset') call?.fail('GW_UPSTREAM_RESET')
        else if (act === 'refused') call?.fail('GW_UPSTREAM_REFUSED', false)
        else if (act === 'cancel') one?.sending.cancel()
        else if (act === 'done' && one?.result.reply !== undefined) one.sending.done()
        else {
          clock.pass(n)
          queueClock.pass(n)
        }
        await setImmediate()
        if (bulkhead.inside > 3) throw new Error('more inside than the limit')
      }
      for (const { sending } of running) sending.cancel()
      await setImmediate()
      for (const { sending, result } of running) {
        if ((result.reply === undefined) === (result.code === undefined)) throw new Error('not told, or told twice')
        sending.done()
      }
      const left = { inFlight: inFlight(), inside: bulkhead.inside, waiting: bulkhead.waiting }
      const timers = clock.timers + queueClock.timers
      const wanted = { inFlight: [0, 0, 0], inside: 0, waiting: 0 }
      if (JSON.stringify(left) !== JSON.stringify(wanted) || timers > 0) {
        throw new Error(`${JSON.stringify(left)}, ${timers} timers`)
      }
      // However it stands, after its time a probe is let through: none was lost.
      if (!breaker.wouldAdmit(clock.now() + 1_000)) throw new Error('a probe is lost')
    }),
    { numRuns: 300 }
  )
  t.pass()
})

t.test('what may leave HTTP is not hedged, outlives its time, and ends when nobody wants it any more', async t => {
  const opening: { target: string; opened: (reply: Reply) => void }[] = []
  const open: Trip['open'] = target =>
    new Promise(resolve => {
      opening.push({ target: target.url, opened: resolve })
    })
  const { clock, calls, begin, inFlight } = stage(['a', 'b'], { totalMs: 300, hedge: hedgeAfter({ ms: 10 }) }, { open })
  let ended = 0
  const upgraded: Reply = {
    status: 101,
    headers: [],
    body: Buffer.alloc(0),
    upgraded: {
      kind: 'tunnel',
      socket: new Socket(),
      protocol: 'echo/1',
      limits: { idleMs: 1, lifetimeMs: 1 },
      counts: { bytesIn: 0, bytesOut: 0 },
      total: undefined,
      cancel: () => {
        ended++
      }
    }
  }
  const first = begin()
  clock.pass(100)
  t.equal(opening.length, 1)
  opening[0]?.opened(upgraded)
  await setImmediate()
  t.equal(first.result.reply, upgraded)
  t.equal(clock.timers, 0)
  t.strictSame(inFlight(), [1, 0], 'it occupies its target')
  first.sending.done()
  t.equal(ended, 0, 'that is for who relays it to do')
  const gone = begin()
  gone.sending.cancel()
  opening[1]?.opened(upgraded)
  await setImmediate()
  t.equal(gone.result.code, 'GW_CLIENT_GONE')
  t.equal(ended, 1)
  t.strictSame([inFlight(), calls.length], [[0, 0], 0])
})

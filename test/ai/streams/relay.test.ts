import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import type { StreamWatch } from '../../../core/ai/dialects/dialect.js'
import type { ProviderFailure } from '../../../core/ai/failure.js'
import type { Frame } from '../../../core/ai/frames/frame.js'
import { sse } from '../../../core/ai/frames/sse.js'
import { Passing } from '../../../core/ai/streams/passing.js'
import { type RelayEnd, StreamRelay } from '../../../core/ai/streams/relay.js'
import { usageOf } from '../../../core/ai/usage.js'
import type { BodySink, BodySource } from '../../../core/base/body.js'
import { GatewayError } from '../../../core/base/errors.js'
import type { RelayLimits } from '../../../core/config/resolve-ai-route.js'

/** A dialect of words: "begin" begins the answer, "usage N" says what it used, "error X" fails, "end" ends. */
class Words implements StreamWatch {
  usage: StreamWatch['usage']
  failure: ProviderFailure | undefined
  ended = false
  begun = false
  text = ''
  model = ''

  frame({ data }: Frame): void {
    const [word = '', rest = ''] = data.split(' ')
    if (word === 'begin' || word === 'more') this.begun = true
    if (word === 'usage') this.usage = usageOf({ output: Number(rest) })
    if (word === 'error') this.failure = { kind: 'server', status: 0, message: rest }
    if (word === 'end') this.ended = true
  }
}

const LIMITS: RelayLimits = {
  maxMs: 1_000,
  maxBytes: 10_000,
  holdMs: 500,
  holdBytes: 400,
  heartbeatMs: 100,
  drainMs: 0,
  drainBytes: 0
}

/** A provider whose bytes are sent by hand, a client whose room is given by hand, a clock that is turned by hand. */
class Bench implements BodySource {
  readonly length = undefined
  sink: BodySink | undefined
  cancelled = false
  resumed = 0
  got = ''
  ended = false
  room = true
  end: { end: RelayEnd; error: string | undefined; usage: number | undefined } | undefined
  ends = 0
  firsts = 0
  timers: { at: number; run: () => void }[] = []
  now = 0
  readonly watch = new Words()
  readonly relay: StreamRelay

  constructor(limits: Partial<RelayLimits> = {}) {
    const failed = ({ message }: ProviderFailure) => [Buffer.from(`data: failed ${message}\n\n`)]
    const passage = new Passing(this.watch, sse.reader(), failed, sse.close)
    const after = (ms: number, run: () => void) => {
      const timer = { at: this.now + ms, run }
      const off = () => {
        this.timers = this.timers.filter(other => other !== timer)
      }
      const again = () => {
        off()
        timer.at = this.now + ms
        this.timers.push(timer)
      }
      again()
      return { off, again }
    }
    this.relay = new StreamRelay(this, passage, { ...LIMITS, ...limits }, sse.heartbeat, after, {
      first: () => {
        this.firsts++
      },
      end: (end, error) => {
        this.ends++
        this.end = { end, error: error?.code, usage: this.watch.usage?.output }
      }
    })
  }

  takeWhole(): undefined {
    return undefined
  }

  pipe(sink: BodySink): void {
    this.sink = sink
  }

  resume(): void {
    this.resumed++
  }

  /** As sources of the HTTP client do. */
  cancel(): void {
    this.cancelled = true
    this.sink?.fail(new GatewayError('GW_CLIENT_GONE', 'cancelled'))
  }

  say(text: string): boolean {
    return this.sink?.write(Buffer.from(text)) ?? false
  }

  frames(...words: string[]): boolean {
    return this.say(words.map(word => `data: ${word}\n\n`).join(''))
  }

  listen(): void {
    this.relay.pipe({
      write: piece => {
        this.got += piece.toString()
        return this.room
      },
      end: () => {
        this.ended = true
      },
      fail: () => undefined
    })
  }

  listening = false
  listenOnce(): void {
    if (!this.listening) this.listen()
    this.listening = true
  }

  turn(ms: number): void {
    this.now += ms
    for (const timer of this.timers.filter(({ at }) => at <= this.now)) {
      this.timers = this.timers.filter(other => other !== timer)
      timer.run()
    }
  }
}

t.test('a stream is held until the answer begins, and nothing of it is lost', async t => {
  const bench = new Bench()
  const opening = bench.relay.open()
  bench.frames('start')
  let open = false
  void opening.then(() => {
    open = true
  })
  await Promise.resolve()
  t.notOk(open, 'the start of a stream is not the answer')
  bench.frames('begin')
  t.equal(await opening, undefined)
  bench.listen()
  bench.frames('more', 'usage 7', 'end')
  bench.sink?.end()
  t.equal(bench.got, 'data: start\n\ndata: begin\n\ndata: more\n\ndata: usage 7\n\ndata: end\n\n')
  t.ok(bench.ended)
  t.equal(bench.firsts, 1)
  t.strictSame(bench.end, { end: 'complete', error: undefined, usage: 7 })
  t.strictSame(bench.timers, [], 'no timer is left')
})

t.test('an error before the answer is a failure to fall back from, and the client sees nothing of it', async t => {
  const bench = new Bench()
  const opening = bench.relay.open()
  bench.frames('start', 'error overloaded')
  t.match(await opening, { kind: 'server', message: 'overloaded' })
  t.ok(bench.cancelled)
  t.equal(bench.ends, 0, 'another provider is asked: there is nothing to settle yet')
})

t.test('the end of an answer before which nothing was said is a failure to fall back from', async t => {
  const bench = new Bench()
  const opening = bench.relay.open()
  bench.frames('end')
  bench.sink?.end()
  t.match(await opening, { kind: 'server' })
  t.equal(bench.ends, 0)
})

t.test('of a stream that is too large and comes all at once the client gets what came', async t => {
  const bench = new Bench({ maxBytes: 40 })
  const opening = bench.relay.open()
  bench.frames('begin', 'more', 'more', 'more')
  t.equal(await opening, undefined)
  bench.listen()
  t.match(bench.got, /^data: begin\n\n(?:data: more\n\n){3}data: failed The stream went on/)
  t.match(bench.end, { end: 'failed', error: 'GW_AI_STREAM_LIMIT' })
})

t.test('a connection that breaks off before the answer is a failure to fall back from', async t => {
  const bench = new Bench()
  const opening = bench.relay.open()
  bench.sink?.fail(new GatewayError('GW_UPSTREAM_TIMEOUT', 'silent'))
  t.match(await opening, { kind: 'timeout' })
})

t.test(
  'what is not the fault of the provider is no failure to fall back from: it is thrown, and what was used counts',
  async t => {
    const bench = new Bench()
    const opening = bench.relay.open()
    bench.frames('usage 7')
    bench.sink?.fail(new GatewayError('GW_PLUGIN_FAILED', 'a policy failed'))
    await t.rejects(opening, { code: 'GW_PLUGIN_FAILED' })
    t.strictSame(bench.end, { end: 'refused', error: 'GW_PLUGIN_FAILED', usage: 7 })
    t.strictSame(bench.timers, [], 'no timer is left')
  }
)

t.test('a stream that ends without its end is said to have failed', async t => {
  const bench = new Bench()
  const opening = bench.relay.open()
  bench.frames('begin')
  await opening
  bench.listen()
  bench.sink?.end()
  t.match(bench.got, /failed/)
  t.ok(bench.ended)
  t.strictSame(bench.end, { end: 'failed', error: 'GW_UPSTREAM_RESET', usage: undefined })
})

t.test('what breaks off within an event is ended before the client is told', async t => {
  const bench = new Bench()
  const opening = bench.relay.open()
  bench.frames('begin')
  await opening
  bench.listen()
  bench.say('data: mo')
  bench.sink?.fail(new GatewayError('GW_UPSTREAM_RESET', 'gone'))
  t.match(bench.got, /data: mo\n\ndata: failed/)
})

t.test('a stream is read no faster than the client reads', async t => {
  const bench = new Bench()
  const opening = bench.relay.open()
  bench.frames('begin')
  await opening
  bench.room = false
  bench.listen()
  t.equal(bench.frames('more'), false)
  bench.room = true
  const before = bench.resumed
  bench.relay.resume()
  t.equal(bench.resumed, before + 1)
  t.equal(bench.frames('more'), true)
})

t.test('before anyone listens, only a little is taken', async t => {
  const bench = new Bench()
  const opening = bench.relay.open()
  t.equal(bench.frames('start'), true)
  t.equal(bench.say(`data: ${'x'.repeat(500)}\n\n`), false, 'more than is held')
  t.equal(bench.frames('begin'), false, 'what has begun goes out before more is read')
  await opening
  const before = bench.resumed
  bench.listen()
  t.equal(bench.resumed, before + 1, 'the provider is told to go on')
})

t.test('when the time to hold is over, what has come goes out', async t => {
  const bench = new Bench()
  const opening = bench.relay.open()
  bench.frames('start')
  bench.turn(500)
  t.equal(await opening, undefined)
})

t.test('a stream that goes on for too long, or is too large, is ended with a word', async t => {
  for (const kind of ['time', 'bytes']) {
    const bench = new Bench({ heartbeatMs: 0 })
    const opening = bench.relay.open()
    bench.frames('begin')
    await opening
    bench.listen()
    if (kind === 'time') bench.turn(1_000)
    else bench.say(`data: ${'x'.repeat(10_000)}\n\n`)
    t.ok(bench.cancelled, kind)
    t.match(bench.got, /failed/)
    t.match(bench.end, { end: 'failed', error: 'GW_AI_STREAM_LIMIT' })
  }
})

t.test('silence is broken between events, never within one, and not when the client is full', async t => {
  const bench = new Bench({ maxMs: 1e9, holdMs: 1e9 })
  const opening = bench.relay.open()
  bench.frames('begin')
  await opening
  bench.listen()
  bench.turn(100)
  t.match(bench.got, /: keep-alive\n\n$/)
  bench.say('data: mo')
  bench.turn(100)
  t.match(bench.got, /data: mo$/, 'within an event there is none')
  bench.room = false
  bench.say('re\n\n')
  const { length } = bench.got
  bench.turn(1_000)
  t.equal(bench.got.length, length)
})

t.test('the client leaves: the provider is told to stop, or heard to the end for its usage', async t => {
  for (const drainMs of [0, 300]) {
    const bench = new Bench({ drainMs, drainBytes: 1_000 })
    const opening = bench.relay.open()
    bench.frames('begin')
    await opening
    bench.listen()
    bench.relay.cancel()
    t.equal(bench.cancelled, drainMs === 0)
    bench.frames('usage 9', 'end')
    bench.sink?.end()
    t.strictSame(bench.end, { end: 'client-gone', error: undefined, usage: drainMs === 0 ? undefined : 9 })
    t.equal(bench.ends, 1)
  }
})

t.test('a provider is not heard for longer, or for more, than was said', async t => {
  for (const kind of ['time', 'bytes']) {
    const bench = new Bench({ drainMs: 300, drainBytes: 50 })
    const opening = bench.relay.open()
    bench.frames('begin')
    await opening
    bench.listen()
    bench.relay.cancel()
    if (kind === 'time') bench.turn(300)
    else bench.say('x'.repeat(60))
    t.ok(bench.cancelled, kind)
    t.match(bench.end, { end: 'client-gone' })
  }
})

const word = fc.constantFrom('start', 'begin', 'more', 'usage 3', 'error bad', 'end')

t.test(
  'however a stream is cut and whenever it is listened to, the client gets its bytes in order, and its end once',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 20 }),
        fc.boolean(),
        async (words, cuts, breaks) => {
          const text = words.map(each => `data: ${each}\n\n`).join('')
          const bench = new Bench({ heartbeatMs: 0 })
          const opening = bench.relay.open()
          let opened: 'no' | 'failed' | 'open' = 'no'
          void opening.then(failure => {
            opened = failure === undefined ? 'open' : 'failed'
          })
          let at = 0
          for (const cut of [...cuts, text.length]) {
            bench.say(text.slice(at, at + cut))
            at += cut
            await Promise.resolve()
            await Promise.resolve()
            if ((opened as string) === 'open' && !bench.listening) bench.listenOnce()
          }
          if (breaks) bench.sink?.fail(new GatewayError('GW_UPSTREAM_RESET', 'gone'))
          else bench.sink?.end()
          await opening
          if ((opened as string) === 'open' || bench.ends > 0) bench.listenOnce()
          const whole = bench.got === '' || text.startsWith(bench.got) || bench.got.includes('failed')
          const once = bench.ends <= 1 && bench.timers.length === 0
          return whole && once && (bench.ends === 0 || bench.ended)
        }
      )
    )
  }
)

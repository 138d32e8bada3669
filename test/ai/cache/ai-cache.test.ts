import { Buffer } from 'node:buffer'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { AiCache, type Obtained } from '../../../core/ai/cache/ai-cache.js'
import type { Ask, Caller } from '../../../core/ai/cache/ask.js'
import type { ArrivingAnswer, Embed } from '../../../core/ai/cache/call.js'
import { type ErrorCode, GatewayError } from '../../../core/base/errors.js'
import { header } from '../../../core/base/headers.js'
import { Source, Taker } from '../../support/bodies.js'
import { FakeClock } from '../../support/fake-clock.js'
import { askOf, callerOf, chatOf, frames, planOf, responseOf, rulesOf, streamOf, TOYS, wholeOf } from './toys.js'

/** An upstream call as the test lets it go. */
class Call {
  cancelled = false
  readonly source = new Source()
  private resolve: (answer: ArrivingAnswer) => void = () => undefined
  private reject: (error: GatewayError) => void = () => undefined
  readonly answer = new Promise<ArrivingAnswer>((resolve, reject) => {
    this.resolve = resolve
    this.reject = reject
  })
  constructor(
    readonly caller: Caller,
    readonly bounded: () => void
  ) {}
  cancel(): void {
    this.cancelled = true
  }
  /** The head comes; the body as `source` says, or whole. */
  head(body: Buffer | Source = this.source, keep?: () => boolean): void {
    const { dialect, stream, variant } = this.caller
    const facts = { provider: 'p', model: 'm-1', region: 'eu-west-1', dropped: ['seed'], translated: true }
    this.resolve({
      shape: { dialect, stream, variant },
      headers: ['x-model', 'm-1'],
      body,
      facts,
      ...(keep && { keep })
    })
  }
  fail(code: ErrorCode = 'GW_UPSTREAM_RESET'): void {
    this.reject(new GatewayError(code, 'gone'))
  }
}

function bench(options: { embed?: Embed; section?: object; bytes?: number } = {}) {
  const clock = new FakeClock()
  const troubles: unknown[] = []
  const cache = new AiCache({
    bytes: options.bytes ?? 1 << 20,
    dialects: TOYS,
    clock,
    troubled: what => troubles.push(what)
  })
  const calls: Call[] = []
  const rules = rulesOf(options.section)
  const ask = (given: Partial<Ask> = {}, text = 'q'): Obtained =>
    cache.obtain(planOf(askOf(chatOf(text), given), rules), {
      call: bounded => {
        const call = new Call(given.caller ?? callerOf(), bounded)
        calls.push(call)
        return call
      },
      embed: options.embed
    })
  return { clock, cache, calls, ask, troubles }
}

const STREAMED = callerOf({ stream: true })
const whole = (text: string) => wholeOf('openai-chat', responseOf(text))
const streamText = (...texts: string[]) => Buffer.concat(frames('openai-chat', streamOf(...texts))).toString()

t.test('an answer is asked for once and given again, to the byte, with its age', async t => {
  const { ask, calls, clock, cache } = bench()
  const first = ask()
  await nextTurn()
  calls[0]?.head(whole('a'))
  const miss = await first.reply
  t.equal(miss.status, 'miss')
  t.equal(header(miss.headers, 'x-sluice-cache'), 'miss')
  t.equal(Taker.of(miss.body).text, whole('a').toString())

  clock.pass(2_500)
  const hit = await ask().reply
  t.equal(hit.status, 'hit')
  t.strictSame(
    ['content-type', 'x-model', 'x-sluice-cache', 'x-sluice-cache-age'].map(name => header(hit.headers, name)),
    ['application/json', 'm-1', 'hit', '2']
  )
  t.equal(Taker.of(hit.body).text, whole('a').toString())
  t.strictSame(hit.facts, { provider: 'p', model: 'm-1', region: 'eu-west-1', dropped: ['seed'], translated: true })
  t.equal(calls.length, 1)
  t.match(cache.counts, { hit: 1, miss: 1 })

  clock.pass(3_600_000)
  void ask()
  await nextTurn()
  t.equal(calls.length, 2, 'its time is over')
})

t.test('a stored stream is given as a whole answer, and a whole one as a stream', async t => {
  const { ask, calls } = bench()
  const first = ask({ caller: STREAMED })
  await nextTurn()
  calls[0]?.head(Buffer.from(streamText('a', 'b')) as never)
  Taker.of((await first.reply).body)
  const asWhole = await ask().reply
  t.equal(asWhole.status, 'hit')
  t.match(JSON.parse(Taker.of(asWhole.body).text), { 'openai-chat': responseOf('ab') })
  const again = await ask({ caller: STREAMED }).reply
  t.equal(header(again.headers, 'content-type'), 'text/event-stream')
  t.equal(Taker.of(again.body).text, streamText('a', 'b'), 'the bytes as they were')
})

t.test('an answer that broke off, was cut or was filtered is not given again', async t => {
  const broken: ((call: Call) => void)[] = [
    call => {
      call.head()
      call.source.sink?.write(Buffer.from(streamText('a')).subarray(0, 90))
    },
    call => call.head(Buffer.from(streamText('a')) as never, () => false)
  ]
  for (const end of broken) {
    const { ask, calls, cache } = bench()
    const first = ask({ caller: STREAMED })
    await nextTurn()
    const [call] = calls
    if (call !== undefined) end(call)
    Taker.of((await first.reply).body)
    call?.source.sink?.fail(new GatewayError('GW_UPSTREAM_RESET', 'gone'))
    t.equal(cache.store.entries, 0)
    t.equal(cache.store.reserved, 0)
  }
})

t.test('identical requests at the same time share one call; one that comes late gets all that came before', async t => {
  const { ask, calls, cache } = bench()
  const first = ask({ caller: STREAMED })
  const second = ask({ caller: STREAMED })
  await nextTurn()
  t.equal(calls.length, 1)
  calls[0]?.head()
  const [a, b] = await Promise.all([first.reply, second.reply])
  t.strictSame([a.status, b.status], ['miss', 'coalesced'])
  const pieces = frames('openai-chat', streamOf('a', 'b'))
  const [one, two] = [Taker.of(a.body), Taker.of(b.body)]
  for (const piece of pieces.slice(0, 2)) calls[0]?.source.sink?.write(piece)
  const third = Taker.of((await ask({ caller: STREAMED }).reply).body)
  t.equal(third.text, Buffer.concat(pieces.slice(0, 2)).toString())
  const other = await ask({ caller: callerOf({ stream: true, variant: 'usage' }) }).reply
  const fourth = Taker.of(other.body)
  const asWhole = Taker.of((await ask().reply).body)
  for (const piece of pieces.slice(2)) calls[0]?.source.sink?.write(piece)
  t.equal(third.text, streamText('a', 'b'), 'and what comes, as it comes')
  calls[0]?.source.sink?.end()
  t.strictSame([one.text, two.text, third.text, fourth.text], Array(4).fill(streamText('a', 'b')))
  t.match(JSON.parse(asWhole.text), { 'openai-chat': responseOf('ab') })
  t.strictSame([one.end, two.end, third.end, fourth.end, asWhole.end], Array(5).fill('ended'))
  t.equal(calls.length, 1)
  t.equal(cache.inFlight, 0)
})

t.test('the one whose call it is may leave; when the last one leaves the call ends', async t => {
  const { ask, calls } = bench()
  const first = ask({ caller: STREAMED })
  const second = ask({ caller: STREAMED })
  await nextTurn()
  calls[0]?.head()
  await first.reply
  const taker = Taker.of((await second.reply).body)
  first.leave()
  t.notOk(calls[0]?.source.cancelled)
  calls[0]?.source.sink?.write(Buffer.from('data: {"type":"text","choice":0,"text":"a"}\n\n'))
  t.not(taker.text, '')
  second.leave()
  t.ok(calls[0]?.source.cancelled)

  const early = ask({ caller: STREAMED })
  await nextTurn()
  early.leave()
  await t.rejects(early.reply, { code: 'GW_CLIENT_GONE' })
  t.ok(calls[1]?.cancelled, 'also before its answer began')
})

t.test('where the route says so, an answer nobody waits for is read to its end and stored', async t => {
  const { ask, calls } = bench({ section: { finish: true } })
  const first = ask()
  await nextTurn()
  first.leave()
  await t.rejects(first.reply)
  t.notOk(calls[0]?.cancelled)
  calls[0]?.head(whole('a'))
  await nextTurn()
  t.equal((await ask().reply).status, 'hit')
})

t.test('a failure goes to all who wait, and the next one tries again', async t => {
  const { ask, calls } = bench()
  const all = [ask(), ask(), ask()]
  await nextTurn()
  calls[0]?.fail()
  for (const { reply } of all) await t.rejects(reply, { code: 'GW_UPSTREAM_RESET' })
  void ask()
  await nextTurn()
  t.equal(calls.length, 2)
})

t.test('who is held to regions gets only answers from there, stored or on their way', async t => {
  const { ask, calls } = bench()
  const [any, us] = [ask(), ask({ regions: [['us']] })]
  await nextTurn()
  t.equal(calls.length, 2, 'one held to a region does not wait for one that is not')
  calls[0]?.head(whole('a'))
  await any?.reply
  t.equal((await ask({ regions: [['eu', 'us'], ['eu']] }).reply).status, 'hit')
  void ask({ regions: [['eu'], ['us']] })
  await nextTurn()
  t.equal(calls.length, 3)
  us?.leave()
  await t.rejects(us?.reply)
})

t.test('what one caller is refused, others ask for themselves', async t => {
  const { ask, calls } = bench()
  const [first, second] = [ask(), ask()]
  await nextTurn()
  calls[0]?.fail('GW_AI_LIMIT_EXCEEDED')
  await t.rejects(first?.reply, { code: 'GW_AI_LIMIT_EXCEEDED' })
  await nextTurn()
  calls[1]?.head(whole('b'))
  t.equal(Taker.of((await second?.reply)?.body ?? Buffer.of()).text, whole('b').toString())
})

t.test('an answer that a budget may end is shared only with those it pays for', async t => {
  const { ask, calls, cache } = bench()
  const [ann, eve] = [ask({ payer: 'ann' }), ask({ payer: 'eve' })]
  await nextTurn()
  calls[0]?.bounded()
  await nextTurn()
  t.equal(calls.length, 2, 'who waited asks for itself')
  const again = ask({ payer: 'ann' })
  const bob = ask({ payer: 'bob' })
  const amy = ask({ payer: 'amy' })
  await nextTurn()
  t.equal(calls.length, 3, 'others share another call')
  for (const [i, text] of ['ann', 'eve', 'bob'].entries()) calls[i]?.head(whole(text))
  const got = []
  for (const { reply } of [ann, eve, again, bob, amy]) got.push(Taker.of((await reply).body).text)
  t.strictSame(
    got,
    ['ann', 'eve', 'ann', 'bob', 'bob'].map(each => whole(each).toString())
  )
  t.equal(cache.inFlight, 0)
})

t.test('who waited too long for another asks alone', async t => {
  const { ask, calls, clock } = bench({ section: { coalesceWait: '5s' } })
  const first = ask()
  const second = ask()
  await nextTurn()
  clock.pass(5_000)
  await nextTurn()
  t.equal(calls.length, 2)
  calls[1]?.head(whole('b'))
  t.equal(Taker.of((await second.reply).body).text, whole('b').toString())
  first.leave()
  await t.rejects(first.reply)
  t.ok(calls[0]?.cancelled)
})

t.test('clients may have the answer anew, or keep theirs out of it', async t => {
  const { ask, calls, cache } = bench()
  void ask()
  await nextTurn()
  calls[0]?.head(whole('a'))
  await nextTurn()
  const refreshed = ask({ headers: ['x-sluice-cache', 'refresh'] })
  await nextTurn()
  calls[1]?.head(whole('b'))
  t.equal((await refreshed.reply).status, 'miss')
  t.equal(Taker.of((await ask().reply).body).text, whole('b').toString(), 'others get the new one')

  const own = ask({ headers: ['x-sluice-cache', 'no-store'] }, 'other')
  await nextTurn()
  calls[2]?.head(whole('c'))
  await own.reply
  t.equal(cache.store.entries, 1)
})

t.test(
  'a purge holds for what was asked before it: no such answer is stored or given to those who ask afterwards',
  async t => {
    const { ask, calls, cache } = bench()
    const asked = [
      ask(),
      ask({ caller: STREAMED }, 'stream'),
      ask({ headers: ['cache-control', 'no-cache'] }),
      ask({ route: 'other' })
    ]
    await nextTurn()
    calls[1]?.head()
    await nextTurn()
    const [first, ...rest] = frames('openai-chat', streamOf('a', 'b'))
    calls[1]?.source.sink?.write(first ?? Buffer.of())

    t.equal(cache.purge('chat'), 0, 'nothing is stored yet')
    const after = [ask(), ask({ caller: STREAMED }, 'stream'), ask({ route: 'other' })]
    await nextTurn()
    t.equal(calls.length, 6, 'who asks afterwards waits for none of them; the other route is not concerned')
    for (const piece of rest) calls[1]?.source.sink?.write(piece)
    calls[1]?.source.sink?.end()
    for (const i of [0, 2, 3]) calls[i]?.head(whole('old'))
    for (const { reply } of asked) t.equal(Taker.of((await reply).body).end, 'ended', 'who asked before gets it')
    t.equal(cache.store.entries, 1, 'the other route’s alone')

    calls[4]?.head(whole('new'))
    calls[5]?.head(Buffer.from(streamText('new')) as never)
    for (const { reply } of after) Taker.of((await reply).body)
    t.equal(Taker.of((await ask().reply).body).text, whole('new').toString())
    t.equal(cache.purge(), 3)
    t.equal(cache.inFlight, 0)
  }
)

t.test('a call that goes on only to be stored ends with a purge', async t => {
  const { ask, calls, cache } = bench({ section: { finish: true } })
  const { reply, leave } = ask()
  await nextTurn()
  leave()
  await t.rejects(reply)
  t.notOk(calls[0]?.cancelled)
  cache.purge()
  t.ok(calls[0]?.cancelled)
  t.equal(cache.inFlight, 0)
})

t.test('an answer that is too large is passed on and not stored', async t => {
  const { ask, calls, cache } = bench({ section: { entryBytes: '1KiB' } })
  const first = ask()
  await nextTurn()
  const large = whole('x'.repeat(2_000))
  calls[0]?.head(large)
  t.equal(Taker.of((await first.reply).body).text, large.toString())
  t.equal(cache.store.entries, 0)
})

/** Texts that share words are alike. */
const embed: Embed = async text => {
  const vector = new Float32Array(64)
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
    let hash = 7
    for (const letter of word) hash = (hash * 31 + letter.charCodeAt(0)) % 64
    vector[hash] = (vector[hash] ?? 0) + 1
  }
  return vector
}
const SEMANTIC = { semantic: { embedding: 'e', threshold: 0.8 } }

async function remembered(options: Parameters<typeof bench>[0], text: string, given: Partial<Ask> = {}) {
  const made = bench(options)
  const first = made.ask(given, text)
  await nextTurn()
  await nextTurn()
  made.calls[0]?.head(whole('Paris'))
  Taker.of((await first.reply).body)
  return made
}

t.test('a question that means the same gets the answer, with how alike it is', async t => {
  const { ask, calls, cache } = await remembered({ embed, section: SEMANTIC }, 'what is the capital of France')
  const like = await ask({}, 'What is the capital of France, please?').reply
  t.equal(like.status, 'semantic-hit')
  t.match(Number(header(like.headers, 'x-sluice-cache-similarity')), Number)
  t.ok(Number(header(like.headers, 'x-sluice-cache-similarity')) >= 0.8)
  t.equal(Taker.of(like.body).text, whole('Paris').toString())
  t.equal(cache.vectors, 1)

  void ask({}, 'how do I bake bread')
  await nextTurn()
  await nextTurn()
  t.equal(calls.length, 2, 'one that does not is asked')
})

t.test('no tenant gets the answer of another, however alike the question', async t => {
  const { ask, calls } = await remembered({ embed, section: SEMANTIC }, 'what is my salary')
  void ask({ who: { tenant: 'other', consumer: 'ann', credential: '' } }, 'what is my salary')
  await nextTurn()
  await nextTurn()
  t.equal(calls.length, 2)
})

t.test('a purge holds for questions by meaning too, also while their vector is on its way', async t => {
  const { ask, calls, cache } = bench({ embed, section: SEMANTIC })
  const early = ask({}, 'one two three')
  cache.purge()
  await nextTurn()
  await nextTurn()
  calls[0]?.head(whole('old'))
  Taker.of((await early.reply).body)
  t.strictSame([cache.vectors, cache.store.entries], [0, 0])
  void ask({}, 'one two three please')
  await nextTurn()
  await nextTurn()
  t.equal(calls.length, 2)
})

t.test('vectors go with the answers they lead to, and count in the budget', async t => {
  const { ask, cache, clock } = await remembered({ embed, section: SEMANTIC }, 'one two three')
  const before = cache.store.bytes
  t.ok(before > 64 * 4, 'the vector is counted')
  clock.pass(3_600_000)
  void ask({}, 'one two three')
  await nextTurn()
  t.equal(cache.vectors, 0)
  t.equal(cache.store.bytes, 0)
})

t.test('when there is no vector to be had, or not in time, the request goes on without', async t => {
  const failing = bench({ embed: () => Promise.reject(new Error('no')), section: SEMANTIC })
  void failing.ask()
  await nextTurn()
  await nextTurn()
  t.equal(failing.calls.length, 1)
  t.equal(failing.troubles.length, 1, 'and somebody is told')

  const stuck = bench({ embed: () => new Promise(() => undefined), section: SEMANTIC })
  void stuck.ask()
  await nextTurn()
  t.equal(stuck.calls.length, 0)
  stuck.clock.pass(1_000)
  await nextTurn()
  t.equal(stuck.calls.length, 1)
})

t.test(
  'whatever comes in whatever order, each client gets one whole answer or one error, and nothing is left over',
  async () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('ask' as const), key: fc.nat(2), stream: fc.boolean() }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('head' as const), i: fc.nat(6) }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('piece' as const), i: fc.nat(6) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const), i: fc.nat(6) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), i: fc.nat(9) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('purge' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(40_000) }) }
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 50 }), async steps => {
        const { ask, calls, cache, clock } = bench({ section: { ttl: '1m' } })
        const clients: { obtained: Obtained; taker?: Taker; error?: unknown; left: boolean; over: Promise<void> }[] = []
        const sent = new Map<Call, Buffer[]>()
        for (const each of steps) {
          if (each.kind === 'ask') {
            const obtained = ask({ caller: callerOf({ stream: each.stream }) }, `q${each.key}`)
            const client = { obtained, left: false, over: Promise.resolve() } as (typeof clients)[0]
            client.over = obtained.reply.then(
              reply => {
                client.taker = Taker.of(reply.body)
              },
              thrown => {
                client.error = thrown
              }
            )
            clients.push(client)
          } else if (each.kind === 'pass') clock.pass(each.ms)
          else if (each.kind === 'purge') cache.purge()
          else if (each.kind === 'leave') {
            const client = clients[each.i]
            if (client === undefined || client.left) continue
            client.left = true
            client.obtained.leave()
          } else {
            const call = calls[each.i]
            if (call === undefined) continue
            const pieces = sent.get(call)
            if (each.kind === 'fail') {
              call.fail()
              call.source.sink?.fail(new GatewayError('GW_UPSTREAM_RESET', 'gone'))
            } else if (each.kind === 'head') {
              if (pieces !== undefined) continue
              sent.set(call, call.caller.stream ? frames('openai-chat', streamOf('a', 'b')) : [whole('ab')])
              call.head()
            } else if (call.source.sink !== undefined && pieces !== undefined) {
              const piece = pieces.shift()
              if (piece !== undefined) call.source.sink.write(piece)
              else call.source.sink.end()
            }
          }
          await nextTurn()
        }
        // All that is open comes to its end.
        for (let round = 0; round < 4; round++) {
          for (const call of calls) {
            if (!sent.has(call)) {
              sent.set(call, call.caller.stream ? frames('openai-chat', streamOf('a', 'b')) : [whole('ab')])
              call.head()
            }
          }
          await nextTurn()
          for (const call of calls) {
            for (const piece of sent.get(call)?.splice(0) ?? []) call.source.sink?.write(piece)
            call.source.sink?.end()
          }
          await nextTurn()
        }
        for (const { taker, error, left, over } of clients) {
          await over
          if (left) continue
          if (error !== undefined) continue
          if (taker?.end === undefined) return false
          if (taker.end !== 'ended') continue
          if (
            !taker.text.includes('"end"') &&
            JSON.parse(taker.text)['openai-chat'].choices[0].content[0].text !== 'ab'
          )
            return false
        }
        return cache.inFlight === 0 && cache.store.reserved === 0 && cache.store.entries <= 3
      }),
      { numRuns: 300 }
    )
  }
)

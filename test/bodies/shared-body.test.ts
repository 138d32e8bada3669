import fc from 'fast-check'
import t from 'tap'
import type { BodySource } from '../../core/base/body.js'
import { GatewayError } from '../../core/base/errors.js'
import { SharedBody, WINDOW_BYTES } from '../../core/bodies/shared-body.js'
import { CLOCK } from '../../core/upstream/clock.js'
import { Source, Taker } from '../support/bodies.js'

function shared(limit: number, lagMs?: number) {
  const source = new Source()
  const events: string[] = []
  let room = limit
  const body = new SharedBody(
    source,
    {
      piece: chunk => {
        room -= chunk.length
        return room >= 0
      },
      complete: whole => events.push(`complete ${whole?.toString().slice(0, 20)}`),
      failed: () => events.push('failed')
    },
    CLOCK,
    lagMs
  )
  return { source, body, events }
}

t.test('however chunks, readers and pauses follow one another, everybody gets the same body', async t => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('chunk' as const), text: fc.string({ minLength: 1, maxLength: 8 }) }),
    fc.record({ kind: fc.constant('join' as const) }),
    fc.record({ kind: fc.constant('stall' as const), who: fc.nat(5) }),
    fc.record({ kind: fc.constant('go' as const), who: fc.nat(5) }),
    fc.record({ kind: fc.constant('leave' as const), who: fc.nat(5) })
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 200 }), (steps, limit) => {
      const { source, body, events } = shared(limit)
      const readers: { taker: Taker; source: BodySource; left: boolean }[] = []
      let whole = ''
      const join = (): void => {
        if (!body.joinable) return
        const taker = new Taker()
        const reader = { taker, source: body.reader(() => undefined), left: false }
        reader.source.pipe(taker.sink)
        readers.push(reader)
      }
      body.start()
      join()
      for (const one of steps) {
        const reader = 'who' in one ? readers[one.who % readers.length] : undefined
        if (one.kind === 'chunk') {
          whole += one.text
          source.sink?.write(Buffer.from(one.text))
        } else if (one.kind === 'join') join()
        else if (reader === undefined || reader.left) continue
        else if (one.kind === 'stall') reader.taker.full = true
        else if (one.kind === 'go') {
          reader.taker.full = false
          reader.source.resume()
        } else if (readers.filter(({ left }) => !left).length > 1) {
          reader.left = true
          reader.source.cancel()
        }
      }
      source.sink?.end()
      for (const { taker, source: each, left } of readers) {
        if (left) continue
        taker.full = false
        each.resume()
        each.resume()
      }
      const bytes = Buffer.byteLength(whole)
      const stored = bytes <= limit ? `complete ${whole.slice(0, 20)}` : 'complete undefined'
      return (
        readers.every(({ taker, left }) =>
          left ? whole.startsWith(taker.text) : taker.text === whole && taker.end === 'ended'
        ) &&
        events.length === 1 &&
        (Buffer.byteLength(whole.slice(0, 20)) !== whole.slice(0, 20).length || events[0] === stored)
      )
    }),
    { numRuns: 2_000 }
  )
  t.pass('for any order of things')
})

t.test('a body that breaks off is told to all, and to those who keep it', async t => {
  const { source, body, events } = shared(1_000)
  const [first, second] = [new Taker(), new Taker()]
  body.start()
  body.reader(() => undefined).pipe(first.sink)
  source.sink?.write(Buffer.from('part'))
  body.reader(() => undefined).pipe(second.sink)
  source.sink?.fail(new GatewayError('GW_UPSTREAM_RESET', 'gone'))
  t.strictSame(
    [first.text, first.end, second.text, second.end],
    ['part', 'GW_UPSTREAM_RESET', 'part', 'GW_UPSTREAM_RESET']
  )
  t.strictSame(events, ['failed'])
  t.notOk(body.joinable)
})

t.test('a body that is kept is read as fast as it comes, whoever is slow', async t => {
  const { source, body, events } = shared(10 * WINDOW_BYTES)
  const slow = new Taker()
  slow.full = true
  body.start()
  body.reader(() => undefined).pipe(slow.sink)
  for (let i = 0; i < 5; i++) t.equal(source.sink?.write(Buffer.alloc(WINDOW_BYTES, 'x')), true)
  source.sink?.end()
  t.equal(events.length, 1)
  t.equal(slow.text.length, WINDOW_BYTES)
})

t.test('a body that is not kept waits for its slowest reader, and nothing more is held', async t => {
  const { source, body } = shared(0)
  const [fast, slow] = [new Taker(), new Taker()]
  body.start()
  body.reader(() => undefined).pipe(fast.sink)
  const other = body.reader(() => undefined)
  other.pipe(slow.sink)
  slow.full = true
  t.equal(source.sink?.write(Buffer.alloc(10, 'x')), true)
  t.equal(source.sink?.write(Buffer.alloc(WINDOW_BYTES, 'x')), false)
  t.equal(fast.text.length, WINDOW_BYTES + 10, 'the fast one has it all')
  t.equal(slow.text.length, 10)
  slow.full = false
  other.resume()
  t.equal(source.resumed, 1)
  t.equal(slow.text.length, WINDOW_BYTES + 10)
  t.notOk(body.joinable)
})

t.test('who holds up others for too long is cut off; who reads alone may be slow', async t => {
  const { source, body } = shared(0, 1)
  const [fast, slow] = [new Taker(), new Taker()]
  body.start()
  body.reader(() => undefined).pipe(fast.sink)
  const gone = new Promise<void>(resolve => {
    const reader = body.reader(resolve)
    slow.full = true
    reader.pipe(slow.sink)
  })
  source.sink?.write(Buffer.alloc(10, 'x'))
  t.equal(source.sink?.write(Buffer.alloc(WINDOW_BYTES, 'x')), false)
  const alive = setInterval(() => undefined, 1_000) // its timer keeps no process
  await gone
  clearInterval(alive)
  t.equal(slow.end, 'GW_CLIENT_GONE')
  t.equal(source.resumed, 1)
  t.equal(source.sink?.write(Buffer.alloc(5, 'x')), true)
  t.equal(fast.text.length, WINDOW_BYTES + 15)
})

t.test('only who holds up others is cut off, also when the others came later', async t => {
  const { source, body } = shared(0, 1)
  const [slow, fast] = [new Taker(), new Taker()]
  body.start()
  slow.full = true
  const gone = new Promise<void>(resolve => {
    body.reader(resolve).pipe(slow.sink)
  })
  body.reader(() => undefined).pipe(fast.sink)
  source.sink?.write(Buffer.alloc(10, 'x'))
  source.sink?.write(Buffer.alloc(WINDOW_BYTES, 'x'))
  const alive = setInterval(() => undefined, 1_000) // its timer keeps no process
  await gone
  clearInterval(alive)
  t.equal(slow.end, 'GW_CLIENT_GONE')
  source.sink?.end()
  t.equal(fast.end, 'ended')
})

import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import { GatewayError } from '../../core/base/errors.js'
import { LAG_MS, SharedBody, WINDOW_BYTES } from '../../core/bodies/shared-body.js'
import { Source, Taker } from '../support/bodies.js'
import { FakeClock } from '../support/fake-clock.js'

function shared(limit: number) {
  const source = new Source()
  const clock = new FakeClock()
  const events: string[] = []
  let room = limit
  const answer = new SharedBody(
    source,
    {
      piece: chunk => {
        room -= chunk.length
        return room >= 0
      },
      complete: whole => events.push(`complete ${whole?.toString()}`),
      failed: () => events.push('failed')
    },
    clock
  )
  return { source, clock, answer, events }
}

t.test(
  'however pieces, clients, pauses and departures follow one another, everybody gets the same answer',
  async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('piece' as const), text: fc.string({ minLength: 1, maxLength: 8 }) }),
      fc.record({ kind: fc.constant('join' as const) }),
      fc.record({ kind: fc.constant('stall' as const), who: fc.nat(5) }),
      fc.record({ kind: fc.constant('go' as const), who: fc.nat(5) }),
      fc.record({ kind: fc.constant('leave' as const), who: fc.nat(5) })
    )
    const how = fc.constantFrom('end' as const, 'fail' as const)
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 200 }), how, (steps, limit, ending) => {
        const { source, answer, events } = shared(limit)
        const clients: { taker: Taker; source: ReturnType<SharedBody['reader']>; left: boolean }[] = []
        let whole = ''
        const join = (): void => {
          if (!answer.joinable) return
          const client = { taker: new Taker(), source: answer.reader(() => undefined), left: false }
          client.source.pipe(client.taker.sink)
          clients.push(client)
        }
        join()
        answer.start()
        for (const each of steps) {
          if (each.kind === 'piece') {
            whole += each.text
            source.sink?.write(Buffer.from(each.text))
            continue
          }
          if (each.kind === 'join') {
            join()
            continue
          }
          const client = clients[each.who]
          if (client === undefined || client.left) continue
          if (each.kind === 'stall') client.taker.full = true
          else if (each.kind === 'go') {
            client.taker.full = false
            client.source.resume()
          } else {
            client.left = true
            client.source.cancel()
          }
        }
        if (ending === 'end') source.sink?.end()
        else source.sink?.fail(new GatewayError('GW_UPSTREAM_RESET', 'gone'))
        for (const { taker, source: mine, left } of clients) {
          if (left) continue
          taker.full = false
          mine.resume()
          if (taker.text !== whole) return false
          if (taker.end !== (ending === 'end' ? 'ended' : 'GW_UPSTREAM_RESET')) return false
        }
        for (const { taker } of clients) if (!whole.startsWith(taker.text)) return false
        const kept = Buffer.byteLength(whole) <= limit
        const said = ending === 'fail' ? 'failed' : `complete ${kept ? whole : undefined}`
        return events.length === 1 && events[0] === said
      }),
      { numRuns: 500 }
    )
  }
)

t.test('a client that reads slowly holds up nobody while the answer is kept', async t => {
  const { source, answer } = shared(10 * WINDOW_BYTES)
  const slow = new Taker()
  const quick = new Taker()
  answer.reader(() => undefined).pipe(slow.sink)
  answer.reader(() => undefined).pipe(quick.sink)
  slow.full = true
  answer.start()
  for (let i = 0; i < 3; i++) t.ok(source.sink?.write(Buffer.alloc(WINDOW_BYTES, 'x')), 'more may come')
  t.equal(quick.text.length, 3 * WINDOW_BYTES)
})

t.test('a client that holds up another when the answer is too large to keep is cut off, and only that one', async t => {
  const { source, clock, answer } = shared(0)
  const slow = new Taker()
  const quick = new Taker()
  answer.reader(() => undefined).pipe(slow.sink)
  answer.reader(() => undefined).pipe(quick.sink)
  answer.start()
  slow.full = true
  source.sink?.write(Buffer.from('a'))
  t.notOk(source.sink?.write(Buffer.alloc(WINDOW_BYTES)), 'the source is to pause')
  clock.pass(LAG_MS - 1)
  t.equal(slow.end, undefined, 'for a moment it is waited for')
  clock.pass(1)
  t.equal(slow.end, 'GW_CLIENT_GONE')
  t.equal(source.resumed, 1, 'and the others go on')
  source.sink?.end()
  t.equal(quick.end, 'ended')
})

t.test('a client alone may be as slow as it likes', async t => {
  const { source, clock, answer } = shared(0)
  const slow = new Taker()
  slow.full = true
  const reader = answer.reader(() => undefined)
  reader.pipe(slow.sink)
  answer.start()
  source.sink?.write(Buffer.from('a'))
  t.notOk(source.sink?.write(Buffer.alloc(WINDOW_BYTES)))
  clock.pass(10 * LAG_MS)
  t.equal(slow.end, undefined)
  slow.full = false
  reader.resume()
  t.equal(source.resumed, 1)
})

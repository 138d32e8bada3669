import t from 'tap'
import type { BodySink } from '../../core/base/body.js'
import type { GatewayError } from '../../core/base/errors.js'
import type { Reply } from '../../core/base/http.js'
import { UpstreamCall } from '../../core/upstream/call.js'

function started() {
  let reply: Reply | undefined
  let error: GatewayError | undefined
  let resumed = 0
  let aborted = 0
  const call = new UpstreamCall(
    'http://up',
    value => {
      reply = value
    },
    thrown => {
      error = thrown
    }
  )
  const heads = (...headers: string[]) =>
    call.onHeaders(
      200,
      headers.map(text => Buffer.from(text, 'latin1')),
      () => {
        resumed++
      }
    )
  const connect = () =>
    call.onConnect(() => {
      aborted++
    })
  return {
    call,
    heads,
    connect,
    reply: () => reply,
    error: () => error,
    resumed: () => resumed,
    aborted: () => aborted
  }
}

/** A sink with room for `room` chunks. */
function sink(room: number): BodySink & { got: string[]; room: number } {
  return {
    got: [],
    room,
    write(chunk) {
      this.got.push(String(chunk))
      this.room--
      return this.room > 0
    },
    end() {
      this.got.push('end')
    },
    fail(error) {
      this.got.push(error.code)
    }
  }
}

t.test('chunks never overtake those that wait', async t => {
  const { call, heads, connect, resumed } = started()
  connect()
  heads()
  t.ok(call.onData(Buffer.from('1')))
  t.ok(call.onData(Buffer.from('2')))
  t.ok(call.onData(Buffer.from('3')))
  const taker = sink(2)
  call.pipe(taker)
  t.strictSame(taker.got, ['1', '2'])
  t.notOk(call.onData(Buffer.from('4')), 'undici is told to stop, although it was not until now')
  t.strictSame(taker.got, ['1', '2'])
  call.onComplete()
  t.strictSame(taker.got, ['1', '2'], 'the end waits too')
  taker.room = 9
  call.resume()
  t.strictSame(taker.got, ['1', '2', '3', '4', 'end'])
  t.equal(resumed(), 0, 'after the end there is nothing to read')
})

t.test('reading stops when the sink is full, and goes on when it has room', async t => {
  const { call, heads, connect, resumed } = started()
  connect()
  heads()
  const taker = sink(1)
  call.pipe(taker)
  t.notOk(call.onData(Buffer.from('1')))
  t.equal(resumed(), 0)
  taker.room = 5
  call.resume()
  t.equal(resumed(), 1)
  t.ok(call.onData(Buffer.from('2')))
})

t.test('a body nobody takes is read up to a limit', async t => {
  const { call, heads, connect } = started()
  connect()
  heads()
  t.ok(call.onData(Buffer.alloc(65_535)))
  t.notOk(call.onData(Buffer.alloc(1)))
})

t.test('a call that is cancelled before it has a connection rejects at once and is never sent', async t => {
  const { call, connect, error } = started()
  call.cancel()
  t.equal(error()?.code, 'GW_CLIENT_GONE')
  t.throws(connect, 'undici takes this as: do not send it')
})

t.test('a call that is cancelled under way ends its connection, once', async t => {
  const { call, connect, aborted } = started()
  connect()
  call.cancel()
  call.cancel()
  t.equal(aborted(), 1)
})

t.test('an error is told once, to whoever waits', async t => {
  const before = started()
  before.connect()
  before.call.onError(Object.assign(new Error('x'), { code: 'ECONNRESET' }))
  before.call.onError(new Error('again'))
  t.equal(before.error()?.code, 'GW_UPSTREAM_RESET')
  const within = started()
  within.connect()
  within.heads()
  const taker = sink(9)
  within.call.onError(Object.assign(new Error('x'), { code: 'UND_ERR_BODY_TIMEOUT' }))
  within.call.pipe(taker)
  t.strictSame(taker.got, ['GW_UPSTREAM_TIMEOUT'], 'also when it came before the taker')
})

t.test('names are lower case, values UTF-8 or else Latin-1, and what Connection names is dropped', async t => {
  const { heads, connect, reply } = started()
  connect()
  heads('X-A', 'gr\xc3\xbc\xc3\x9fe', 'X-B', '\xe9', 'Connection', 'x-c', 'X-C', '1', 'Content-Length', '3')
  t.strictSame(reply()?.headers, ['x-a', 'grüße', 'x-b', 'é', 'connection', 'x-c', 'content-length', '3'])
  t.equal(reply()?.body.length, 3)
})

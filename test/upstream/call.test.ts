import t from 'tap'
import type { BodySink } from '../../core/base/body.js'
import { GatewayError } from '../../core/base/errors.js'
import type { Reply } from '../../core/base/http.js'
import { LeanCall } from '../../core/upstream/lean/call.js'

function started() {
  let reply: Reply | undefined
  let error: GatewayError | undefined
  let resumed = 0
  let aborted = 0
  const call = new LeanCall(
    'http://up',
    { text: '', length: undefined, expectsBody: false, last: false },
    undefined,
    false,
    { connect: 1, headers: 1, idle: 1 },
    {
      replied: value => {
        reply = value
      },
      failed: thrown => {
        error = thrown
      }
    }
  )
  const heads = (...headers: string[]) => {
    const at = headers.indexOf('content-length')
    const length = at === -1 ? undefined : Number(headers[at + 1])
    call.head({ status: 200, headers, length, chunked: false, persistent: true, keepMs: undefined, end: 0 })
    call.tell()
  }
  const connect = () =>
    call.begun({
      goOn: () => {
        resumed++
      },
      drop: () => {
        aborted++
      }
    })
  return {
    call,
    heads,
    connect,
    /** What the call is given. @returns whether more may come */
    data: (chunk: Buffer) => {
      call.data(chunk)
      return !call.paused
    },
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
  const { call, heads, connect, data, resumed } = started()
  connect()
  heads()
  t.ok(data(Buffer.from('1')))
  t.ok(data(Buffer.from('2')))
  t.ok(data(Buffer.from('3')))
  const taker = sink(2)
  call.pipe(taker)
  t.strictSame(taker.got, ['1', '2'])
  t.notOk(data(Buffer.from('4')), 'the connection is told to stop, although it was not until now')
  t.strictSame(taker.got, ['1', '2'])
  call.end(undefined)
  t.strictSame(taker.got, ['1', '2'], 'the end waits too')
  taker.room = 9
  call.resume()
  t.strictSame(taker.got, ['1', '2', '3', '4', 'end'])
  t.equal(resumed(), 0, 'after the end there is nothing to read')
})

t.test('a reply whose body breaks off in what came with its head is told of, and its body fails', async t => {
  const { call, connect, reply, error } = started()
  connect()
  call.head({ status: 200, headers: [], length: 9, chunked: false, persistent: true, keepMs: undefined, end: 0 })
  call.fail(new GatewayError('GW_UPSTREAM_RESET', 'it broke off'))
  t.equal(reply(), undefined)
  call.tell()
  t.match(reply(), { status: 200 })
  t.equal(error(), undefined)
  const taker = sink(9)
  call.pipe(taker)
  t.strictSame(taker.got, ['GW_UPSTREAM_RESET'])
})

t.test('reading stops when the sink is full, and goes on when it has room', async t => {
  const { call, heads, connect, data, resumed } = started()
  connect()
  heads()
  const taker = sink(1)
  call.pipe(taker)
  t.notOk(data(Buffer.from('1')))
  t.equal(resumed(), 0)
  taker.room = 5
  call.resume()
  t.equal(resumed(), 1)
  t.ok(data(Buffer.from('2')))
})

t.test('a body nobody takes is read up to a limit', async t => {
  const { heads, connect, data } = started()
  connect()
  heads()
  t.ok(data(Buffer.alloc(65_535)))
  t.notOk(data(Buffer.alloc(1)))
})

t.test('a call that is cancelled before it has a connection rejects at once and is never sent', async t => {
  const { call, error } = started()
  call.cancel()
  t.equal(error()?.code, 'GW_CLIENT_GONE')
  t.equal(call.failed, true)
  t.equal(call.sent, false)
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
  before.call.fail(Object.assign(new Error('x'), { code: 'ECONNRESET' }))
  before.call.fail(new Error('again'))
  t.equal(before.error()?.code, 'GW_UPSTREAM_RESET')
  const within = started()
  within.connect()
  within.heads()
  const taker = sink(9)
  within.call.fail(Object.assign(new Error('x'), { code: 'ETIMEDOUT' }))
  within.call.pipe(taker)
  t.strictSame(taker.got, ['GW_UPSTREAM_TIMEOUT'], 'also when it came before the taker')
})

t.test('what the Connection header names is dropped, and the length is known', async t => {
  const { heads, connect, reply } = started()
  connect()
  heads('connection', 'x-c', 'x-c', '1', 'content-length', '3')
  t.strictSame(reply()?.headers, ['connection', 'x-c', 'content-length', '3'])
  t.equal(reply()?.body.length, 3)
})

import { once } from 'node:events'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo, LookupFunction } from 'node:net'
import t, { type Test } from 'tap'
import { type BodySink, type BodySource, wholeBody } from '../../core/base/body.js'
import { GatewayError } from '../../core/base/errors.js'
import type { HeaderList } from '../../core/base/headers.js'
import type { UpstreamTlsFiles } from '../../core/config/tls-files.js'
import { collect } from '../../core/gateway/collect.js'
import {
  type Cancellable,
  type HttpClient,
  httpClient,
  type OutgoingRequest,
  sendBy
} from '../../core/upstream/http.js'
import { freePorts } from '../command.js'
import { authority } from '../support/certificates.js'
import { undiciClient } from '../support/undici-client.js'
import { answering, httpUpstream, type RawConnection, rawUpstream, recordingUpstream } from '../support/upstream.js'

/**
 * What the gateway asks of whoever speaks HTTP/1.1 for it. Two clients have to keep it: ours, and undici, which is older and used
 * by many; so an expectation that is wrong shows at once.
 */
const CLIENTS = { lean: httpClient, undici: undiciClient }

const TIMEOUTS = { connect: 5_000, headers: 20_000, idle: 20_000 }
const GET: OutgoingRequest = { method: 'GET', target: '/', headers: [], body: undefined }
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'

const BAD = 'GW_UPSTREAM_BAD_RESPONSE'
const RESET = 'GW_UPSTREAM_RESET'

interface Outcome {
  status?: number
  headers?: HeaderList
  /** What came of the body before it ended or broke off. */
  body?: string
  error?: string
  trailers?: HeaderList | undefined
}

/** Everything one request comes to. */
async function ask(
  client: HttpClient,
  request: Partial<OutgoingRequest> = {},
  timeouts: Partial<typeof TIMEOUTS> = {},
  onStart: (call: Cancellable) => void = () => undefined
): Promise<Outcome> {
  try {
    const reply = await sendBy(client, { ...GET, headers: [], ...request }, { ...TIMEOUTS, ...timeouts }, onStart)
    const { status, headers, body } = reply
    if (Buffer.isBuffer(body)) throw new Error('a client replies with a source')
    let text = ''
    const error = await new Promise<string | undefined>(resolve =>
      body.pipe({
        write: chunk => {
          text += chunk.toString('latin1')
          return true
        },
        end: () => resolve(undefined),
        fail: thrown => resolve(thrown.code)
      })
    )
    return { status, headers, body: text, ...(error !== undefined && { error }), trailers: body.trailers }
  } catch (thrown) {
    return { error: thrown instanceof GatewayError ? thrown.code : String(thrown) }
  }
}

/** A request body that says what it is told to. */
class Source implements BodySource {
  sink: BodySink | undefined
  resumed = 0
  readonly cancelled: Promise<void>
  readonly piped: Promise<BodySink>
  readonly asked: Promise<void>
  private onCancel: () => void = () => undefined
  private onPipe: (sink: BodySink) => void = () => undefined
  private onResume: () => void = () => undefined

  constructor(readonly length: number | undefined = undefined) {
    this.cancelled = new Promise(resolve => {
      this.onCancel = resolve
    })
    this.piped = new Promise(resolve => {
      this.onPipe = resolve
    })
    this.asked = new Promise(resolve => {
      this.onResume = resolve
    })
  }
  takeWhole(): undefined {
    return undefined
  }
  pipe(sink: BodySink): void {
    this.sink = sink
    this.onPipe(sink)
  }
  resume(): void {
    this.resumed++
    this.onResume()
  }
  cancel(): void {
    this.onCancel()
  }
}

/** Cut into pieces, each written when the one before is on its way. */
async function inPieces({ socket }: RawConnection, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return
    await new Promise<unknown>(resolve => socket.write(piece, resolve))
    await new Promise(resolve => setImmediate(resolve))
  }
}

/** What is a reply, and what it says. */
const GOOD: Record<string, { reply: string; expect: Outcome; after?: 'end'; method?: string }> = {
  'of a length': { reply: OK, expect: { status: 200, headers: ['content-length', '2'], body: 'ok' } },
  'without a body': { reply: 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', expect: { status: 200, body: '' } },
  'with spaces around values': {
    reply: 'HTTP/1.1 200 OK\r\nX-A: \t a b\r\nx-empty:\r\nx-blank:   \r\nContent-Length:2\r\n\r\nok',
    expect: { headers: ['x-a', 'a b', 'x-empty', '', 'x-blank', '', 'content-length', '2'], body: 'ok' }
  },
  'with repeated headers': {
    reply: 'HTTP/1.1 200 OK\r\nset-cookie: a\r\nSet-Cookie: b\r\ncontent-length: 0\r\n\r\n',
    expect: { headers: ['set-cookie', 'a', 'set-cookie', 'b', 'content-length', '0'] }
  },
  'with UTF-8, and with Latin-1': {
    reply: 'HTTP/1.1 200 OK\r\nx-a: gr\xc3\xbc\xc3\x9fe\r\nx-b: \xe9\r\ncontent-length: 0\r\n\r\n',
    expect: { headers: ['x-a', 'grüße', 'x-b', 'é', 'content-length', '0'] }
  },
  'whose Connection header names another': {
    reply: 'HTTP/1.1 200 OK\r\nconnection: x-a\r\nx-a: 1\r\nx-b: 2\r\ncontent-length: 0\r\n\r\n',
    expect: { headers: ['connection', 'x-a', 'x-b', '2', 'content-length', '0'] }
  },
  'without a reason': { reply: 'HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n', expect: { status: 200 } },
  'with a status nobody knows': { reply: 'HTTP/1.1 999 X\r\ncontent-length: 0\r\n\r\n', expect: { status: 999 } },
  'after an empty line': { reply: `\r\n${OK}`, expect: { status: 200, body: 'ok' } },
  'after early hints': {
    reply: `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${OK}`,
    expect: { status: 200, headers: ['content-length', '2'], body: 'ok' }
  },
  'in chunks': { reply: `${CHUNKED}2\r\nok\r\nA\r\n0123456789\r\n0\r\n\r\n`, expect: { body: 'ok0123456789' } },
  'in chunks with extensions': {
    reply: `${CHUNKED}2;a=b;c="d e"\r\nok\r\n0;x\r\n\r\n`,
    expect: { body: 'ok' }
  },
  'in chunks whose sizes begin with zeros': { reply: `${CHUNKED}0000002\r\nok\r\n000\r\n\r\n`, expect: { body: 'ok' } },
  'in no chunks': { reply: `${CHUNKED}0\r\n\r\n`, expect: { body: '' } },
  'in chunks, by another spelling': {
    reply: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
    expect: { body: 'a' }
  },
  'with trailers': { reply: `${CHUNKED}2\r\nok\r\n0\r\nx-a: 1\r\nX-B: 2\r\n\r\n`, expect: { body: 'ok' } },
  'until the end of the connection': {
    reply: 'HTTP/1.1 200 OK\r\n\r\nall of it',
    after: 'end',
    expect: { body: 'all of it' }
  },
  'of HTTP/1.0': { reply: 'HTTP/1.0 200 OK\r\n\r\nall of it', after: 'end', expect: { body: 'all of it' } },
  'of HTTP/1.0 and of a length': { reply: 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok', expect: { body: 'ok' } },
  'to HEAD': {
    reply: 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n',
    method: 'HEAD',
    expect: { status: 200, body: '' }
  },
  'to HEAD, chunked': { reply: CHUNKED, method: 'HEAD', expect: { status: 200, body: '' } },
  'with 204': { reply: 'HTTP/1.1 204 No Content\r\n\r\n', expect: { status: 204, body: '' } },
  'with 304': { reply: 'HTTP/1.1 304 Not Modified\r\netag: "a"\r\n\r\n', expect: { status: 304, body: '' } },
  'with headers of 15 KB': {
    reply: `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(15_000)}\r\ncontent-length: 0\r\n\r\n`,
    expect: { status: 200 }
  }
}

/** What is none, and why. In whichever way it is cut, it never looks whole. */
const WRONG: Record<string, { reply: string; error: string; after?: 'end' | 'reset' }> = {
  'is nothing': { reply: '', after: 'end', error: RESET },
  'is reset': { reply: '', after: 'reset', error: RESET },
  'ends within the head': { reply: 'HTTP/1.1 200 OK\r\ncontent-le', after: 'end', error: RESET },
  'ends before its length': { reply: 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc', after: 'end', error: RESET },
  'is reset within its length': {
    reply: 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc',
    after: 'reset',
    error: RESET
  },
  'ends within a chunk': { reply: `${CHUNKED}9\r\nabc`, after: 'end', error: RESET },
  'ends before its last chunk': { reply: `${CHUNKED}3\r\nabc\r\n`, after: 'end', error: RESET },
  'ends within its trailers': { reply: `${CHUNKED}0\r\nx-a: 1\r\n`, after: 'end', error: RESET },
  'switches protocols': {
    reply: 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
    error: RESET
  },
  'is another protocol': { reply: '220 mail.example.com ESMTP\r\n', error: BAD },
  'is garbage': { reply: '\0\x01\xff garbage \x02', error: BAD },
  'is of another version': { reply: 'HTTP/3.7 200 OK\r\ncontent-length: 0\r\n\r\n', error: BAD },
  'is in lower case': { reply: 'http/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', error: BAD },
  'has two digits': { reply: 'HTTP/1.1 20 OK\r\ncontent-length: 0\r\n\r\n', error: BAD },
  'has four digits': { reply: 'HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n', error: BAD },
  'has two spaces': { reply: 'HTTP/1.1  200 OK\r\ncontent-length: 0\r\n\r\n', error: BAD },
  'has a bare LF after the status': { reply: 'HTTP/1.1 200 OK\ncontent-length: 0\r\n\r\n', error: BAD },
  'has a bare LF after a header': { reply: 'HTTP/1.1 200 OK\r\ncontent-length: 0\nx: 1\r\n\r\n', error: BAD },
  'has a bare LF after the headers': { reply: 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\n', error: BAD },
  'has a bare CR in a header': { reply: 'HTTP/1.1 200 OK\r\nx: a\rb\r\ncontent-length: 0\r\n\r\n', error: BAD },
  'has a NUL in a header': { reply: 'HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 0\r\n\r\n', error: BAD },
  'has a folded header': { reply: 'HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length: 0\r\n\r\n', error: BAD },
  'has a space before a colon': { reply: 'HTTP/1.1 200 OK\r\nx : 1\r\ncontent-length: 0\r\n\r\n', error: BAD },
  'has a space within a name': { reply: 'HTTP/1.1 200 OK\r\nx y: 1\r\ncontent-length: 0\r\n\r\n', error: BAD },
  'has a header without a name': { reply: 'HTTP/1.1 200 OK\r\n: 1\r\ncontent-length: 0\r\n\r\n', error: BAD },
  'has a header without a colon': { reply: 'HTTP/1.1 200 OK\r\nx\r\ncontent-length: 0\r\n\r\n', error: BAD },
  'has two lengths': { reply: 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', error: BAD },
  'has the same length twice': {
    reply: 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nab',
    error: BAD
  },
  'has a list of lengths': { reply: 'HTTP/1.1 200 OK\r\ncontent-length: 2, 2\r\n\r\nab', error: BAD },
  'has a signed length': { reply: 'HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nab', error: BAD },
  'has an empty length': { reply: 'HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\nab', error: BAD },
  'has a huge length': { reply: `HTTP/1.1 200 OK\r\ncontent-length: ${'9'.repeat(30)}\r\n\r\nab`, error: BAD },
  'has a length beside chunked': {
    reply: 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    error: BAD
  },
  'has a length behind chunked': {
    reply: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 1\r\n\r\n0\r\n\r\n',
    error: BAD
  },
  'has another transfer coding': { reply: 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nab', error: BAD },
  'has headers of 20 KB': { reply: `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, error: BAD },
  'has a chunk size that is no number': { reply: `${CHUNKED}xyz\r\n`, error: BAD },
  'has an empty chunk size': { reply: `${CHUNKED}\r\n`, error: BAD },
  'has a chunk size with a prefix': { reply: `${CHUNKED}0x2\r\nok\r\n0\r\n\r\n`, error: BAD },
  'has a space after a chunk size': { reply: `${CHUNKED}2 \r\nok\r\n0\r\n\r\n`, error: BAD },
  'has a huge chunk size': { reply: `${CHUNKED}${'f'.repeat(20)}\r\nok\r\n`, error: BAD },
  'has a bare LF after a chunk size': { reply: `${CHUNKED}2\nok\r\n0\r\n\r\n`, error: BAD },
  'has a bare LF after a chunk': { reply: `${CHUNKED}2\r\nok\n0\r\n\r\n`, error: BAD },
  'has a chunk longer than its size': { reply: `${CHUNKED}2\r\nokay\r\n0\r\n\r\n`, error: BAD },
  'has a length in its trailers': { reply: `${CHUNKED}2\r\nok\r\n0\r\ncontent-length: 1\r\n\r\n`, error: BAD },
  'has a bad name in its trailers': { reply: `${CHUNKED}2\r\nok\r\n0\r\nx y\r\n\r\n`, error: BAD }
}

/** What undici takes, or tells less well; ours does not. */
const STRICTER: Record<string, { reply: string; expect: Outcome }> = {
  'HTTP/2.0 is not spoken here': { reply: 'HTTP/2.0 200 OK\r\ncontent-length: 0\r\n\r\n', expect: { error: BAD } },
  'chunked twice is not chunked': {
    reply: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    expect: { error: BAD }
  },
  'a status under 100 is none': { reply: 'HTTP/1.1 099 OK\r\ncontent-length: 0\r\n\r\n', expect: { error: BAD } },
  'a control character is no reason': {
    reply: 'HTTP/1.1 200 O\x01\r\ncontent-length: 0\r\n\r\n',
    expect: { error: BAD }
  },
  'no coding is named in trailers': {
    reply: `${CHUNKED}0\r\ntransfer-encoding: gzip\r\n\r\n`,
    expect: { error: BAD }
  },
  'a length of more than can be counted is none': {
    reply: 'HTTP/1.1 200 OK\r\ncontent-length: 1152921504606846976\r\n\r\n',
    expect: { error: BAD }
  },
  'chunk extensions have an end': {
    reply: `${CHUNKED}2;${'x'.repeat(5_000)}\r\nok\r\n0\r\n\r\n`,
    expect: { error: BAD }
  },
  '100 Continue is passed over, though nobody asked': {
    reply: `HTTP/1.1 100 Continue\r\n\r\n${OK}`,
    expect: { status: 200, body: 'ok' }
  },
  '304 may say how long the body would be': {
    reply: 'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n',
    expect: { status: 304, body: '' }
  },
  'trailers are kept': {
    reply: `${CHUNKED}2\r\nok\r\n0\r\nx-a: 1\r\nX-B:  2 \r\n\r\n`,
    expect: { body: 'ok', trailers: ['x-a', '1', 'x-b', '2'] }
  }
}

/** A server that answers each connection's first request with these pieces. */
async function cut(t: Test, pieces: readonly Buffer[], after?: 'end' | 'reset'): Promise<number> {
  const upstream = await rawUpstream(t, async connection => {
    await connection.until('\r\n\r\n')
    await inPieces(connection, pieces)
    if (after === 'end') connection.socket.end()
    if (after === 'reset') connection.socket.resetAndDestroy()
  })
  return upstream.port
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const perByte = (text: string): Buffer[] => [...text].map(bytes)

for (const [name, open] of Object.entries(CLIENTS)) {
  const clientFor = (t: Test, port: number, connections = 1, lookup?: LookupFunction, tls?: UpstreamTlsFiles) => {
    const client = open(`${tls === undefined ? 'http' : 'https'}://localhost:${port}`, connections, 5_000, lookup, tls)
    t.teardown(() => client.close())
    return client
  }

  t.test(`${name}: a reply is read`, async t => {
    for (const [what, { reply, expect, after, method = 'GET' }] of Object.entries(GOOD)) {
      const whole = clientFor(t, await cut(t, [bytes(reply)], after))
      t.match(await ask(whole, { method }), expect, what)
      if (reply.length > 1_000) continue
      const client = clientFor(t, await cut(t, perByte(reply), after))
      const outcome = await ask(client, { method })
      t.match(outcome, expect, `${what}, byte by byte`)
      t.equal(outcome.error, undefined)
    }
  })

  t.test(`${name}: what is no reply is told from one`, async t => {
    for (const [what, { reply, error, after }] of Object.entries(WRONG)) {
      t.equal((await ask(clientFor(t, await cut(t, [bytes(reply)], after)))).error, error, what)
      if (reply.length > 1_000) continue
      t.equal((await ask(clientFor(t, await cut(t, perByte(reply), after)))).error, error, `${what}, byte by byte`)
    }
  })

  t.test(`${name}: a request has its method, target, headers and framing`, async t => {
    const upstream = await recordingUpstream(t)
    const client = clientFor(t, upstream.port, 5)
    const sent = async (request: Partial<OutgoingRequest>) => {
      t.match(await ask(client, request), { status: 200 })
      return upstream.seen.at(-1)
    }
    const plain = await sent({ target: '/a?b=c', headers: ['x-a', 'ü', 'x-a', '2'] })
    t.match(plain, { method: 'GET', target: '/a?b=c' })
    t.strictSame(plain?.all('x-a'), ['Ã¼', '2'], 'as UTF-8')
    t.strictSame(plain?.all('host'), [`localhost:${upstream.port}`])
    t.strictSame(plain?.all('content-length'), [])
    t.strictSame((await sent({ headers: ['host', 'a.example'] }))?.all('host'), ['a.example'])
    t.strictSame((await sent({ method: 'POST' }))?.all('content-length'), ['0'], 'its absence is said')
    t.strictSame((await sent({ method: 'DELETE' }))?.all('content-length'), [])
    for (const size of [1, 5_000, 300_000]) {
      const posted = await sent({ method: 'POST', body: Buffer.alloc(size, 'x') })
      t.strictSame([posted?.body.length, posted?.all('content-length')], [size, [String(size)]])
    }
    t.equal((await sent({ method: 'POST', body: wholeBody(Buffer.from('abc')) }))?.body.toString(), 'abc')
  })

  t.test(`${name}: a body that still arrives goes on as it comes`, async t => {
    const upstream = await recordingUpstream(t)
    const client = clientFor(t, upstream.port)
    for (const [headers, framing] of [
      [['content-length', '6'], 'content-length'],
      [[], 'transfer-encoding']
    ] as const) {
      const source = new Source()
      const outcome = ask(client, { method: 'POST', headers: [...headers], body: source })
      const sink = await source.piped
      sink.write(Buffer.from('abc'))
      await new Promise(resolve => setImmediate(resolve))
      sink.write(Buffer.from('def'))
      sink.end()
      t.match(await outcome, { status: 200, body: 'ok' })
      t.equal(upstream.seen.at(-1)?.body.toString(), 'abcdef')
      t.equal(upstream.seen.at(-1)?.all(framing).length, 1)
    }
    const empty = new Source()
    const outcome = ask(client, { method: 'POST', body: empty })
    const sink = await empty.piped
    sink.end()
    t.match(await outcome, { status: 200 })
    t.equal(upstream.seen.at(-1)?.body.length, 0)
  })

  t.test(`${name}: a body that has another length than announced is not sent as if it were whole`, async t => {
    const upstream = await rawUpstream(t)
    const client = clientFor(t, upstream.port)
    for (const text of ['ab', 'abcd']) {
      const source = new Source()
      const outcome = ask(client, { method: 'POST', headers: ['content-length', '3'], body: source })
      const sink = await source.piped
      sink.write(Buffer.from(text))
      sink.end()
      t.strictSame(await outcome, { error: 'GW_BAD_REQUEST' })
      await (await upstream.connection()).closed
    }
  })

  t.test(`${name}: a body that breaks off takes the request with it`, async t => {
    const upstream = await rawUpstream(t)
    const client = clientFor(t, upstream.port)
    const source = new Source()
    const outcome = ask(client, { method: 'POST', body: source })
    const sink = await source.piped
    sink.write(Buffer.from('abc'))
    const connection = await upstream.connection()
    await connection.until('abc')
    sink.fail(new GatewayError('GW_REQUEST_TIMEOUT', 'too slow'))
    t.strictSame(await outcome, { error: 'GW_REQUEST_TIMEOUT' })
    await connection.closed
    t.notMatch(connection.received(), /\r\n0\r\n\r\n/)
  })

  t.test(`${name}: a server that does not read stops the body`, async t => {
    const upstream = await rawUpstream(t)
    const client = clientFor(t, upstream.port)
    const source = new Source()
    const outcome = ask(client, { method: 'POST', body: source })
    const sink = await source.piped
    sink.write(Buffer.from('x'))
    const { socket } = await upstream.connection()
    socket.pause()
    let written = 0
    const before = source.resumed
    while (written < 64 && sink.write(Buffer.alloc(1_048_576))) written++
    t.ok(written < 64)
    t.equal(source.resumed, before)
    socket.resume()
    await source.asked
    sink.end()
    socket.write(OK)
    t.match(await outcome, { status: 200, body: 'ok' })
  })

  t.test(
    `${name}: a reply before the end of the request is the reply, and the connection is not used again`,
    async t => {
      const upstream = await rawUpstream(t)
      const client = clientFor(t, upstream.port)
      const source = new Source()
      const outcome = ask(client, { method: 'POST', body: source })
      const sink = await source.piped
      sink.write(Buffer.from('abc'))
      const first = await upstream.connection()
      await first.until('abc')
      first.socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno')
      t.match(await outcome, { status: 413, body: 'no' })
      await source.cancelled
      await first.closed
      const next = ask(client)
      const second = await upstream.connection()
      await second.until('\r\n\r\n')
      second.socket.write(OK)
      t.match(await next, { status: 200 })
    }
  )

  t.test(`${name}: requests that could be read as two are refused`, async t => {
    const upstream = await recordingUpstream(t)
    const wrong: Partial<OutgoingRequest>[] = [
      { method: 'GET /x' },
      { target: 'a' },
      { target: '/a b' },
      { target: '/a\r\nx: y' },
      { headers: ['x', 'a\r\nb: c'] },
      { headers: ['x', 'a\0'] },
      { headers: ['x y', 'a'] },
      { headers: ['host', 'a', 'host', 'b'] },
      { headers: ['transfer-encoding', 'chunked'] },
      { headers: ['content-length', '1', 'content-length', '2'] },
      { headers: ['content-length', '-1'] },
      { method: 'POST', headers: ['content-length', '1'], body: Buffer.from('ab') }
    ]
    for (const request of wrong) {
      t.strictSame(await ask(clientFor(t, upstream.port), request), { error: 'GW_BAD_REQUEST' }, request)
    }
    t.equal(upstream.seen.length, 0)
  })

  t.test(`${name}: connections are kept, and no more of them opened than allowed`, async t => {
    const upstream = await recordingUpstream(t)
    const client = clientFor(t, upstream.port, 3)
    for (let i = 0; i < 5; i++) t.match(await ask(client), { status: 200 })
    const many = await Promise.all(Array.from({ length: 30 }, (_, i) => ask(client, { target: `/${i}` })))
    t.ok(many.every(({ status }) => status === 200))
    t.ok(upstream.connections() <= 3, `${upstream.connections()} connections`)
  })

  t.test(`${name}: requests that wait are sent in the order they came`, async t => {
    const upstream = await recordingUpstream(t)
    const client = clientFor(t, upstream.port)
    await Promise.all(Array.from({ length: 20 }, (_, i) => ask(client, { target: `/${i}` })))
    t.strictSame(
      upstream.seen.map(({ target }) => target),
      Array.from({ length: 20 }, (_, i) => `/${i}`)
    )
  })

  const LAST: Record<string, { reply: string; after?: 'end'; request?: Partial<OutgoingRequest> }> = {
    'a reply says close': { reply: 'HTTP/1.1 200 OK\r\nConnection: Close\r\ncontent-length: 2\r\n\r\nok' },
    'one option of several is close': {
      reply: 'HTTP/1.1 200 OK\r\nconnection: x-a, close\r\ncontent-length: 2\r\n\r\nok'
    },
    'a reply is of HTTP/1.0': { reply: 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok' },
    'a reply has bytes behind it': { reply: `${OK}${OK}` },
    'a reply is not kept long enough': {
      reply: 'HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 2\r\n\r\nok'
    },
    'the request says close': { reply: OK, request: { headers: ['connection', 'close'] } },
    'the request is a HEAD': { reply: 'HTTP/1.1 200 OK\r\n\r\n', request: { method: 'HEAD' } },
    'a body came where none is expected': { reply: OK, request: { body: Buffer.from('x') } },
    'the server closes it': { reply: OK, after: 'end' }
  }
  for (const [why, { reply, after, request }] of Object.entries(LAST)) {
    t.test(`${name}: a connection is not used again when ${why}`, async t => {
      let connections = 0
      const upstream = await rawUpstream(t, async ({ socket, until }) => {
        connections++
        await until('\r\n\r\n')
        socket.write(reply)
        if (after === 'end') socket.end()
      })
      const client = clientFor(t, upstream.port)
      for (let i = 0; i < 5; i++) t.match(await ask(client, request), { status: 200 })
      t.equal(connections, 5)
    })
  }

  t.test(`${name}: what comes on an idle connection is nobody's reply`, async t => {
    let connections = 0
    const upstream = await rawUpstream(t, async ({ socket, until }) => {
      connections++
      await until('\r\n\r\n')
      socket.write(OK, () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil'))
    })
    const client = clientFor(t, upstream.port)
    for (let i = 0; i < 10; i++) {
      t.match(await ask(client), { body: 'ok' })
      await ask(clientFor(t, (await answering(t, OK, 'end')).port)) // time for it to arrive
    }
    t.equal(connections, 10)
  })

  t.test(`${name}: HTTP/1.0 may keep a connection`, async t => {
    let connections = 0
    const upstream = await rawUpstream(t, ({ socket }) => {
      connections++
      socket.on('data', () => socket.write('HTTP/1.0 200 OK\r\nConnection: keep-alive\r\ncontent-length: 2\r\n\r\nok'))
    })
    const client = clientFor(t, upstream.port)
    for (let i = 0; i < 3; i++) t.match(await ask(client), { status: 200, body: 'ok' })
    t.equal(connections, 1)
  })

  t.test(`${name}: an idle connection goes some time before the server would close it`, async t => {
    const upstream = await rawUpstream(t)
    const client = clientFor(t, upstream.port)
    const outcome = ask(client)
    const connection = await upstream.connection()
    await connection.until('\r\n\r\n')
    connection.socket.write('HTTP/1.1 200 OK\r\nkeep-alive: timeout=3\r\ncontent-length: 2\r\n\r\nok')
    t.match(await outcome, { status: 200 })
    await connection.closed
  })

  t.test(`${name}: silence is a timeout, before the head and within the body`, async t => {
    const upstream = await rawUpstream(t)
    const client = clientFor(t, upstream.port)
    t.strictSame(await ask(client, {}, { headers: 50 }), { error: 'GW_UPSTREAM_TIMEOUT' })
    await (await upstream.connection()).closed
    const half = ask(client, {}, { idle: 50 })
    const connection = await upstream.connection()
    await connection.until('\r\n\r\n')
    connection.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc')
    t.match(await half, { status: 200, body: 'abc', error: 'GW_UPSTREAM_TIMEOUT' })
    await connection.closed
  })

  t.test(`${name}: a client that is slow to take a body is not the server's silence, and stops it`, async t => {
    const size = 30_000_000
    const upstream = await httpUpstream(t, (_, response) => {
      response.setHeader('content-length', size)
      response.end(Buffer.alloc(size))
    })
    const client = clientFor(t, upstream.port)
    const { body } = await sendBy(client, GET, { ...TIMEOUTS, idle: 200 })
    if (Buffer.isBuffer(body)) throw new Error('a client replies with a source')
    let taken = 0
    let writes = 0
    let full: () => void = () => undefined
    const waits = new Promise<void>(resolve => {
      full = resolve
    })
    const ended = new Promise<string>(resolve =>
      body.pipe({
        write: chunk => {
          taken += chunk.length
          if (++writes === 1) full()
          return writes !== 1
        },
        end: () => resolve('end'),
        fail: error => resolve(error.code)
      })
    )
    await waits
    // Another call times out meanwhile: time enough for this one's, were it counted.
    const other = clientFor(t, (await rawUpstream(t)).port)
    for (let i = 0; i < 2; i++) await ask(other, {}, { headers: 350 })
    t.equal(writes, 1, 'nothing more is handed over')
    body.resume()
    t.equal(await ended, 'end')
    t.equal(taken, size)
  })

  t.test(`${name}: a small reply is whole at once`, async t => {
    const client = clientFor(t, (await answering(t, OK)).port)
    const { body } = await sendBy(client, GET, TIMEOUTS)
    t.equal(Buffer.isBuffer(body) ? undefined : body.takeWhole()?.toString(), 'ok')
  })

  t.test(`${name}: who is told of a reply may take its body, or give it up, there and then`, async t => {
    const size = 1_000_000 // more than is read before anybody takes it
    const upstream = await httpUpstream(t, (_, response) => response.end(Buffer.alloc(size)))
    const client = clientFor(t, upstream.port)
    const told = (what: (body: BodySource, call: Cancellable) => Promise<unknown>): Promise<unknown> =>
      new Promise((resolve, reject) => {
        let call: Cancellable | undefined
        client.ask(GET, TIMEOUTS, {
          started: begun => {
            call = begun
          },
          replied: ({ body }) => {
            if (Buffer.isBuffer(body) || call === undefined) reject(new Error('a source, of a call that has begun'))
            else resolve(what(body, call))
          },
          failed: reject
        })
      })
    const taken = async (body: BodySource) => (await collect(body, size, 'GW_UPSTREAM_BODY_TOO_LARGE')).length
    const givenUp = (body: BodySource, call: Cancellable): Promise<unknown> => {
      call.cancel()
      return taken(body).catch((thrown: GatewayError) => thrown.code)
    }
    t.strictSame([await told(taken), await told(givenUp), await told(taken)], [size, 'GW_CLIENT_GONE', size])
  })

  t.test(
    `${name}: a connection over TLS whose reply ended while its client was full has room for the next`,
    async t => {
      const ca = authority(t)
      const size = 40_000 // pieces of TLS have 16 KiB at most, and come together
      const ends: (() => void)[] = []
      const server = createHttps(ca.issue(), (_, response) => {
        response.writeHead(200, { 'content-length': size }).flushHeaders()
        ends.push(() => response.end(Buffer.alloc(size)))
      }).listen(0, '127.0.0.1')
      t.teardown(() => {
        server.close()
        server.closeAllConnections()
      })
      await once(server, 'listening')
      const files = { ca: ca.cert, verify: true, minVersion: 1.2, pins: [] } as unknown as UpstreamTlsFiles
      const client = open(`https://localhost:${(server.address() as AddressInfo).port}`, 1, 5_000, undefined, files)
      t.teardown(() => client.close())
      for (let i = 0; i < 3; i++) {
        const { body } = await sendBy(client, GET, { ...TIMEOUTS, headers: 3_000 })
        if (Buffer.isBuffer(body)) throw new Error('a client replies with a source')
        let got = 0
        let full = false
        await new Promise<void>((resolve, reject) => {
          body.pipe({
            write: chunk => {
              got += chunk.length
              if (full) return true
              full = true
              setImmediate(() => setImmediate(() => body.resume()))
              return false
            },
            end: resolve,
            fail: reject
          })
          ends.shift()?.()
        })
        t.equal(got, size)
      }
    }
  )

  t.test(`${name}: a call is ended early, wherever it is`, async t => {
    const upstream = await rawUpstream(t)
    const client = clientFor(t, upstream.port)
    let call: Cancellable | undefined
    const keep = (started: Cancellable): void => {
      call = started
    }
    const first = ask(client, {}, {}, keep)
    const running = call
    const waiting = ask(client, {}, {}, keep)
    t.equal(call?.sent, false)
    call?.cancel()
    t.strictSame(await waiting, { error: 'GW_CLIENT_GONE' })
    const connection = await upstream.connection()
    await connection.until('\r\n\r\n')
    t.equal(running?.sent, true)
    running?.cancel(new GatewayError('GW_UPSTREAM_TIMEOUT', 'too late'))
    t.strictSame(await first, { error: 'GW_UPSTREAM_TIMEOUT' })
    await connection.closed
    const within = ask(client, {}, {}, keep)
    const second = await upstream.connection()
    await second.until('\r\n\r\n')
    t.notMatch(second.received(), /\r\n\r\n./, 'the one that was taken back has not been sent')
    second.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc', () => setImmediate(() => call?.cancel()))
    t.match(await within, { error: 'GW_CLIENT_GONE' })
    await second.closed
    t.strictSame(await ask(client, {}, {}, started => started.cancel()), { error: 'GW_CLIENT_GONE' }, 'at once')
  })

  t.test(`${name}: nobody there is an error of its own, for each that waits`, async t => {
    const [port = 0] = await freePorts(1)
    const client = clientFor(t, port, 2)
    let call: Cancellable | undefined
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, () =>
        ask(client, {}, {}, started => {
          call = started
        })
      )
    )
    t.strictSame(outcomes, Array(5).fill({ error: 'GW_UPSTREAM_REFUSED' }))
    t.equal(call?.sent, false)
  })

  t.test(`${name}: a name is looked up as it is told to`, async t => {
    const upstream = await recordingUpstream(t)
    const names: string[] = []
    const found: LookupFunction = (host, options, answer) => {
      names.push(host)
      if (options.all === true) answer(null, [{ address: '127.0.0.1', family: 4 }])
      else answer(null, '127.0.0.1', 4)
    }
    t.match(await ask(clientFor(t, upstream.port, 1, found)), { status: 200 })
    t.strictSame(names, ['localhost'])
    const refused: LookupFunction = (_, __, answer) => answer(new Error('forbidden'), '')
    t.strictSame(await ask(clientFor(t, upstream.port, 1, refused)), { error: 'GW_UPSTREAM_REFUSED' })
  })

  t.test(`${name}: closing ends what is under way, and takes nothing more`, async t => {
    const upstream = await rawUpstream(t)
    const client = clientFor(t, upstream.port)
    const outcomes = [ask(client), ask(client)]
    const connection = await upstream.connection()
    await connection.until('\r\n\r\n')
    await client.close()
    t.strictSame(await Promise.all(outcomes), Array(2).fill({ error: 'GW_SHUTTING_DOWN' }))
    await connection.closed
    t.strictSame(await ask(client), { error: 'GW_SHUTTING_DOWN' })
  })

  t.test(`${name}: https: whom it trusts, what it shows, and bodies both ways`, async t => {
    const ca = authority(t)
    const { cert, key, pin } = ca.issue()
    const server = createHttps({ cert, key, keepAliveTimeout: 60_000 }, (request, response) => {
      response.writeHead(200, { 'x-name': String(Reflect.get(request.socket, 'servername')) })
      request.pipe(response)
    })
    let connections = 0
    server.on('secureConnection', () => connections++)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => {
      server.close()
      server.closeAllConnections()
    })
    const { port } = server.address() as AddressInfo
    const files = { ca: ca.cert, verify: true, minVersion: 1.2, pins: [] } as unknown as UpstreamTlsFiles
    const client = clientFor(t, port, 1, undefined, { ...files, pins: [pin] })
    for (const size of [0, 10, 1_000_000]) {
      const outcome = await ask(client, { method: 'POST', body: Buffer.alloc(size, 'x') })
      t.equal(outcome.body?.length, size)
      t.match(outcome.headers, ['x-name', 'localhost'])
    }
    t.equal(connections, 1)
    const none = clientFor(t, port, 1, undefined, { ...files, pins: ['x'] })
    t.strictSame(await ask(none, { method: 'POST', body: Buffer.from('secret') }), { error: 'GW_UPSTREAM_TLS' })
    const stranger = clientFor(t, port, 1, undefined, { ...files, ca: authority(t).cert })
    t.strictSame(await ask(stranger), { error: 'GW_UPSTREAM_TLS' })
    const plain = await rawUpstream(t, ({ socket }) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    t.strictSame(await ask(clientFor(t, plain.port, 1, undefined, files)), { error: 'GW_UPSTREAM_TLS' })
  })
}

t.test('lean: where it is stricter than undici, or tells more', async t => {
  for (const [what, { reply, expect }] of Object.entries(STRICTER)) {
    for (const pieces of [[bytes(reply)], perByte(reply)]) {
      const client = httpClient(`http://127.0.0.1:${await cut(t, pieces)}`, 1, 5_000)
      t.match(await ask(client), expect, what)
      await client.close()
    }
  }
})

// libuv tells an end where the reset comes together with the last data; so it comes when that has been read.
t.test('lean: a reset is not the end of a body that ends with the connection', async t => {
  const upstream = await rawUpstream(t)
  const client = httpClient(`http://127.0.0.1:${upstream.port}`, 1, 5_000)
  t.teardown(() => client.close())
  const sending = sendBy(client, GET, TIMEOUTS)
  const { socket, until } = await upstream.connection()
  await until('\r\n\r\n')
  socket.write('HTTP/1.1 200 OK\r\n\r\nhalf')
  const { body } = await sending
  if (Buffer.isBuffer(body)) throw new Error('a client replies with a source')
  const outcome = await new Promise<string>(resolve =>
    body.pipe({
      write: () => socket.resetAndDestroy() !== undefined,
      end: () => resolve('end'),
      fail: error => resolve(error.code)
    })
  )
  t.equal(outcome, RESET)
})

import { once } from 'node:events'
import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream
} from 'node:http2'
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { BodySink, BodySource } from '../../core/base/body.js'
import { GatewayError } from '../../core/base/errors.js'
import type { HeaderList } from '../../core/base/headers.js'
import { type Cancellable, type HttpClient, type OutgoingRequest, sendBy } from '../../core/upstream/http.js'
import { http2Client } from '../../core/upstream/http2.js'
import { freePorts } from '../command.js'

const TIMEOUTS = { connect: 5_000, headers: 20_000, idle: 20_000 }

interface Upstream {
  readonly server: Http2Server
  readonly port: number
  readonly sessions: ServerHttp2Session[]
}

async function http2Upstream(
  t: Test,
  onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => unknown
): Promise<Upstream> {
  const server = createServer()
  const sessions: ServerHttp2Session[] = []
  server.on('session', session => {
    sessions.push(session)
    session.on('error', () => undefined)
  })
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined)
    onStream(stream, headers)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  return { server, port: (server.address() as AddressInfo).port, sessions }
}

function clientFor(t: Test, port: number, options: Partial<Parameters<typeof http2Client>[1]> = {}): HttpClient {
  const client = http2Client(`http://127.0.0.1:${port}`, { connections: 1, connectTimeoutMs: 5_000, ...options })
  t.teardown(() => client.close())
  return client
}

interface Outcome {
  readonly status?: number
  readonly body?: string
  readonly error?: string
  readonly sent?: boolean | undefined
}

/** Everything one request comes to. */
async function ask(
  client: HttpClient,
  request: Partial<OutgoingRequest> = {},
  timeouts: Partial<typeof TIMEOUTS> = {}
): Promise<Outcome> {
  let call: Cancellable | undefined
  const whole = { method: 'GET', target: '/', headers: [], body: undefined, ...request }
  try {
    const { status, body } = await sendBy(client, whole, { ...TIMEOUTS, ...timeouts }, started => {
      call = started
    })
    if (Buffer.isBuffer(body)) throw new Error('a client replies with a source')
    let text = ''
    const error = await new Promise<string | undefined>(resolve =>
      body.pipe({
        write: chunk => {
          text += chunk.toString()
          return true
        },
        end: () => resolve(undefined),
        fail: thrown => resolve(thrown.code)
      })
    )
    return { status, body: text, ...(error !== undefined && { error }) }
  } catch (thrown) {
    return { error: thrown instanceof GatewayError ? thrown.code : String(thrown), sent: call?.sent }
  }
}

const ok = (stream: ServerHttp2Stream): void => {
  stream.respond({ ':status': 200 })
  stream.end('ok')
}

t.test('a request may have any header twice: lists are joined, of others the first counts', async t => {
  let seen: IncomingHttpHeaders = {}
  const { port } = await http2Upstream(t, (stream, headers) => {
    seen = headers
    ok(stream)
  })
  const client = clientFor(t, port)
  const twice = (name: string): HeaderList => [name, '"a"', name, '"b"']
  for (const [constant, name] of Object.entries(constants)) {
    if (!constant.startsWith('HTTP2_HEADER_') || typeof name !== 'string' || name.startsWith(':')) continue
    if (name === 'content-length' || name === 'host') continue // the gateway's own
    t.match(await ask(client, { headers: twice(name) }), { status: 200 }, name)
  }
  await ask(client, { headers: [...twice('if-none-match'), 'if-match', '"a"', 'if-match', '"b", "c"'] })
  t.match(seen, { 'if-none-match': '"a", "b"', 'if-match': '"a", "b", "c"' })
  await ask(client, { headers: [...twice('authorization'), ...twice('if-modified-since'), ...twice('x-other')] })
  t.match(seen, { authorization: '"a"', 'if-modified-since': '"a"', 'x-other': '"a", "b"' })
})

t.test('what is about a connection is not sent over HTTP/2, but for trailers', async t => {
  let seen: IncomingHttpHeaders = {}
  const { port } = await http2Upstream(t, (stream, headers) => {
    seen = headers
    ok(stream)
  })
  const names = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings', 'te']
  const headers = names.flatMap(name => [name, 'x'])
  t.match(await ask(clientFor(t, port), { headers }), { status: 200 })
  t.strictSame(
    names.filter(name => name in seen),
    ['te']
  )
  t.equal(seen.te, 'trailers')
})

t.test('a request that cannot be sent over HTTP/2 is no fault of the upstream', async t => {
  const { port } = await http2Upstream(t, ok)
  const client = clientFor(t, port)
  t.match(await ask(client, { headers: [':x', '1'] }), { error: 'GW_INTERNAL' })
  t.match(await ask(client), { status: 200 }, 'the connection is as good as before')
})

t.test('a reply is whole when its stream says so, and not when it is broken off without an error', async t => {
  const DONE = dataOf(1, 'ok', true)
  const NO_ERROR = frameOf(RST_STREAM, 1, constants.NGHTTP2_NO_ERROR)
  const RESET = 'GW_UPSTREAM_RESET'
  for (const [what, frames, outcome] of [
    ['whole', [headersOf(1, false), DONE], { status: 200, body: 'ok' }],
    ['whole, and the rest of the request unwanted', [headersOf(1, false), DONE, NO_ERROR], { status: 200, body: 'ok' }],
    ['a head alone', [headersOf(1, true)], { status: 200, body: '' }],
    ['cut off', [headersOf(1, false), dataOf(1, 'ok', false), NO_ERROR], { status: 200, body: 'ok', error: RESET }],
    ['cut off after its head', [headersOf(1, false), NO_ERROR], { status: 200, body: '', error: RESET }],
    ['none', [NO_ERROR], { error: RESET, sent: true }]
  ] as const) {
    const { port } = await http2After(t, ({ type }, socket) => type === HEADERS && socket.write(Buffer.concat(frames)))
    t.strictSame(await ask(clientFor(t, port)), outcome, what)
  }
})

t.test('what a server did not process goes over another connection, and is no failure', async t => {
  for (const code of ['refused', 'going', 'failing'] as const) {
    for (const body of [undefined, Buffer.from('abcdef'), streamed('abc', 'def')]) {
      const { port, connections } = await http2After(t, (frame, socket) => {
        if (frame.type !== HEADERS) return
        if (code === 'refused') socket.write(frameOf(RST_STREAM, frame.stream, constants.NGHTTP2_REFUSED_STREAM))
        else if (code === 'going') socket.write(frameOf(GOAWAY, 0, 0, constants.NGHTTP2_NO_ERROR))
        else socket.write(frameOf(GOAWAY, 0, 0, constants.NGHTTP2_ENHANCE_YOUR_CALM))
        if (code === 'refused') socket.write(frameOf(GOAWAY, 0, frame.stream, constants.NGHTTP2_NO_ERROR))
      })
      const answer = { status: 200, body: body === undefined ? '' : 'abcdef' }
      t.strictSame(await ask(clientFor(t, port), { method: 'POST', body }), answer, code)
      t.equal(connections(), 2)
    }
  }
})

t.test('what is refused again and again was not sent, and what may have been processed was', async t => {
  const refusing = await http2Upstream(t, stream => stream.close(constants.NGHTTP2_REFUSED_STREAM))
  t.strictSame(await ask(clientFor(t, refusing.port)), { error: 'GW_UPSTREAM_RESET', sent: false })
  const failing = await http2Upstream(t, stream => stream.close(constants.NGHTTP2_INTERNAL_ERROR))
  t.strictSame(await ask(clientFor(t, failing.port)), { error: 'GW_UPSTREAM_RESET', sent: true })
  const gone = await http2After(t, (frame, socket) => frame.type === HEADERS && socket.destroy())
  t.strictSame(await ask(clientFor(t, gone.port)), { error: 'GW_UPSTREAM_RESET', sent: true })
  const [closed = 0] = await freePorts(1)
  t.strictSame(await ask(clientFor(t, closed)), { error: 'GW_UPSTREAM_REFUSED', sent: false })
})

t.test('of a body too long to be kept, nothing is sent twice', async t => {
  const { port, connections } = await http2After(t, (frame, socket) => {
    // It opens its windows and refuses the stream once it has more of the body than is kept.
    if (frame.type === HEADERS)
      socket.write(Buffer.concat([0, frame.stream].map(id => frameOf(WINDOW_UPDATE, id, 1e6))))
    if (frame.type === DATA && frame.received > 100_000) socket.write(frameOf(GOAWAY, 0, 0, constants.NGHTTP2_NO_ERROR))
  })
  const body = streamed(...Array.from({ length: 10 }, () => 'x'.repeat(16_384)))
  t.strictSame(await ask(clientFor(t, port), { method: 'POST', body }), { error: 'GW_UPSTREAM_RESET', sent: false })
  t.equal(connections(), 1)
})

t.test('a server that ends its connections gracefully all the time costs no request of any method', async t => {
  let streams = 0
  const { port, sessions } = await http2Upstream(t, stream => {
    streams++
    if (streams % 20 === 0) stream.session?.close()
    stream.respond({ ':status': 200 })
    stream.pipe(stream)
  })
  const client = clientFor(t, port)
  const outcomes = new Map<string, number>()
  const ones = Array.from({ length: 16 }, async (_, lane) => {
    for (let i = 0; i < 50; i++) {
      const text = `${lane}/${i}`
      const body = i % 2 === 0 ? Buffer.from(text) : streamed(text)
      const outcome = await ask(client, { method: 'POST', body })
      const key = outcome.body === text ? 'echoed' : JSON.stringify(outcome)
      outcomes.set(key, (outcomes.get(key) ?? 0) + 1)
    }
  })
  await Promise.all(ones)
  t.strictSame([...outcomes], [['echoed', 800]])
  t.ok(sessions.length > 10, 'it ended many')
})

for (const [how, path, timeouts] of [
  ['no head', '/head', { headers: 400 }],
  ['no more of the body', '/body', { idle: 400 }]
] as const) {
  t.test(
    `after a reply of which ${how} came in time, its connection gets no requests and ends what it has`,
    async t => {
      const paths: unknown[] = []
      const { port, sessions } = await http2Upstream(t, (stream, headers) => {
        paths.push(`${headers[':path']} ${sessions.indexOf(stream.session as ServerHttp2Session)}`)
        if (headers[':path'] === '/now') ok(stream)
        else if (headers[':path'] !== '/head') stream.respond({ ':status': 200 })
        if (headers[':path'] === '/slow') slow.resolve(stream)
      })
      const slow = later<ServerHttp2Stream>()
      const client = clientFor(t, port, { silentMs: 300 })
      const slowly = ask(client, { target: '/slow' })
      const held = await slow.promise
      const closed = sessions.map(session => once(session, 'close'))
      t.strictSame((await ask(client, { target: path }, timeouts)).error, 'GW_UPSTREAM_TIMEOUT')
      t.match(await ask(client, { target: '/now' }), { status: 200, body: 'ok' })
      // Takes longer than the first connection has for its sign of life, which it gives.
      t.strictSame((await ask(client, { target: path }, timeouts)).error, 'GW_UPSTREAM_TIMEOUT')
      held.end('done')
      t.strictSame(await slowly, { status: 200, body: 'done' })
      t.strictSame(paths, ['/slow 0', `${path} 0`, '/now 1', `${path} 1`])
      await Promise.all(closed)
    }
  )
}

t.test('a time limit that whoever waits has set speaks against the connection too, while there is no head', async t => {
  const { port, sessions } = await http2Upstream(t, (stream, headers) => headers[':path'] === '/now' && ok(stream))
  const client = clientFor(t, port)
  const late = new GatewayError('GW_UPSTREAM_TIMEOUT', 'late')
  const request = { method: 'GET', target: '/', headers: [], body: undefined }
  for (const [reason, code] of [
    [undefined, 'GW_CLIENT_GONE'],
    [late, 'GW_UPSTREAM_TIMEOUT']
  ] as const) {
    await t.rejects(
      sendBy(client, request, TIMEOUTS, call => setImmediate(() => setImmediate(() => call.cancel(reason)))),
      { code }
    )
    t.match(await ask(client, { target: '/now' }), { status: 200 })
    t.equal(sessions.length, reason === undefined ? 1 : 2)
  }
})

t.test('a connection without a sign of life is given up, with all that waits for it', async t => {
  const { port, connections } = await http2After(t, () => undefined)
  const client = clientFor(t, port, { silentMs: 300 })
  const patient = ask(client)
  t.strictSame((await ask(client, {}, { headers: 30 })).error, 'GW_UPSTREAM_TIMEOUT')
  t.match(await ask(client), { status: 200 })
  t.strictSame(await patient, { error: 'GW_UPSTREAM_RESET', sent: true })
  t.equal(connections(), 2)
})

t.test(
  'a connection that is used though nothing comes is asked for a sign of life, also while nothing times out',
  async t => {
    let asked = 0
    const silent = later<void>()
    const { port, connections } = await http2After(t, ({ type, stream }, socket) => {
      if (type === PING) asked++
      if (type === HEADERS && stream === 1) socket.write(headersOf(stream, true))
      if (type === HEADERS && stream === 3) setTimeout(silent.resolve, 150)
    })
    const client = clientFor(t, port, { silentMs: 100 })
    t.strictSame(await ask(client), { status: 200, body: '' })
    const before = ask(client)
    await silent.promise
    t.equal(asked, 0)
    t.strictSame(await Promise.all([before, ask(client)]), Array(2).fill({ error: 'GW_UPSTREAM_RESET', sent: true }))
    t.equal(asked, 1)
    t.match(await ask(client), { status: 200 })
    t.equal(connections(), 2)
  }
)

const [DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE] = [0, 1, 3, 4, 6, 7, 8]
const PREFACE = 24

interface Frame {
  readonly type: number
  readonly stream: number
  /** Bytes of the connection so far, this frame included. */
  readonly received: number
}

/** A server whose first connection is played frame by frame (RFC 9113 §4.1); those after it echo. */
async function http2After(
  t: Test,
  onFrame: (frame: Frame, socket: Socket) => unknown
): Promise<{ port: number; connections: () => number }> {
  const echoing = createServer()
  echoing.on('stream', stream => {
    stream.respond({ ':status': 200 })
    stream.pipe(stream)
  })
  let connections = 0
  const server = createTcp(socket => {
    t.teardown(() => socket.destroy())
    socket.on('error', () => undefined)
    if (connections++ === 0) play(socket, onFrame)
    else echoing.emit('connection', socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { port: (server.address() as AddressInfo).port, connections: () => connections }
}

function play(socket: Socket, onFrame: (frame: Frame, socket: Socket) => unknown): void {
  let bytes = Buffer.alloc(0)
  let at = PREFACE
  socket.write(frameOf(SETTINGS, 0))
  socket.on('data', chunk => {
    bytes = Buffer.concat([bytes, chunk])
    while (bytes.length >= at + 9) {
      const end = at + 9 + bytes.readUIntBE(at, 3)
      if (bytes.length < end) return
      const frame = { type: bytes[at + 3] ?? 0, stream: bytes.readUInt32BE(at + 5), received: end }
      at = end
      onFrame(frame, socket)
    }
  })
}

/** A frame whose payload is these numbers of four bytes. */
function frameOf(type: number, stream: number, ...payload: number[]): Buffer {
  const frame = Buffer.alloc(9 + payload.length * 4)
  frame.writeUIntBE(payload.length * 4, 0, 3)
  frame[3] = type
  frame.writeUInt32BE(stream, 5)
  for (const [i, each] of payload.entries()) frame.writeUInt32BE(each, 9 + i * 4)
  return frame
}

const [END_STREAM, END_HEADERS] = [1, 4]

/** The head of a reply: ":status: 200" is the eighth of HPACK's static table. */
function headersOf(stream: number, last: boolean): Buffer {
  const head = frameOf(HEADERS, stream)
  head[2] = 1
  head[4] = END_HEADERS | (last ? END_STREAM : 0)
  return Buffer.concat([head, Buffer.of(0x88)])
}

function dataOf(stream: number, text: string, last: boolean): Buffer {
  const head = frameOf(DATA, stream)
  head[2] = text.length
  head[4] = last ? END_STREAM : 0
  return Buffer.concat([head, Buffer.from(text)])
}

function later<T>(): { readonly promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>(done => {
    resolve = done
  })
  return { promise, resolve: value => resolve(value) }
}

/** A request body that arrives in these pieces, as fast as it is taken. */
function streamed(...pieces: string[]): BodySource {
  let sink: BodySink | undefined
  const more = (): void => {
    for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
      if (sink?.write(Buffer.from(piece)) === false) return
    }
    sink?.end()
    sink = undefined
  }
  return {
    length: undefined,
    takeWhole: () => undefined,
    pipe: to => {
      sink = to
      more()
    },
    resume: more,
    cancel: () => {
      sink = undefined
    }
  }
}

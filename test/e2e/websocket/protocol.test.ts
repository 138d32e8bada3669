import t from 'tap'
import { connect, exchange, request } from '../../support/client.js'
import { startSluice } from '../../support/sluice.js'
import { recordingUpstream } from '../../support/upstream.js'
import {
  BINARY,
  CLOSE_FRAME,
  CONTINUATION,
  closed,
  closePayload,
  echo,
  type FrameOptions,
  frame,
  frameClient,
  handshake,
  KEY,
  message,
  openSocket,
  PING,
  PONG,
  socketRoute,
  socketUpstream,
  TEXT
} from '../../support/websocket.js'

/** Frames by hand, in the manner of the Autobahn test suite: what RFC 6455 allows passes, what it forbids ends the socket. */

const reply = (opcode: number, payload: string | Uint8Array = '') => frame(opcode, payload, { masked: false })
const END = frame(CLOSE_FRAME, closePayload(1000))
const ENDED = reply(CLOSE_FRAME, closePayload(1000))

/** What is sent to an upstream that sends messages back, and what comes back, to the end. */
const ALLOWED: Record<string, { send: Buffer[]; back: Buffer[] }> = {
  'an empty text': { send: [frame(TEXT)], back: [reply(TEXT)] },
  'a text of 125 bytes': { send: [frame(TEXT, 'x'.repeat(125))], back: [reply(TEXT, 'x'.repeat(125))] },
  'a text of 126 bytes': { send: [frame(TEXT, 'x'.repeat(126))], back: [reply(TEXT, 'x'.repeat(126))] },
  'binary data': {
    send: [frame(BINARY, Buffer.from([0, 255, 128]))],
    back: [reply(BINARY, Buffer.from([0, 255, 128]))]
  },
  'two messages in one segment': {
    send: [Buffer.concat([frame(TEXT, 'a'), frame(TEXT, 'b')])],
    back: [reply(TEXT, 'a'), reply(TEXT, 'b')]
  },
  'fragments, as one message': {
    send: [frame(TEXT, 'a', { fin: false }), frame(CONTINUATION, 'b', { fin: false }), frame(CONTINUATION, 'c')],
    back: [reply(TEXT, 'abc')]
  },
  'fragments that cut a character': {
    send: [frame(TEXT, Buffer.from([0xc3]), { fin: false }), frame(CONTINUATION, Buffer.from([0xbc]))],
    back: [reply(TEXT, 'ü')]
  },
  'empty fragments': {
    send: [frame(BINARY, '', { fin: false }), frame(CONTINUATION, '', { fin: false }), frame(CONTINUATION, '')],
    back: [reply(BINARY)]
  },
  'a ping': { send: [frame(PING, 'here?')], back: [reply(PONG, 'here?')] },
  'a ping of 125 bytes': { send: [frame(PING, 'p'.repeat(125))], back: [reply(PONG, 'p'.repeat(125))] },
  'a pong nobody asked for': { send: [frame(PONG, 'x'), frame(TEXT, 'a')], back: [reply(TEXT, 'a')] },
  'a ping between fragments': {
    send: [frame(TEXT, 'a', { fin: false }), frame(PING, 'p'), frame(CONTINUATION, 'b')],
    back: [reply(PONG, 'p'), reply(TEXT, 'ab')]
  }
}

for (const [name, { send, back }] of Object.entries(ALLOWED)) {
  t.test(`${name} passes`, async t => {
    const upstream = await socketUpstream(t, echo)
    const sluice = await startSluice(t, socketRoute(upstream.port))
    const client = await frameClient(t, sluice.port)
    const wanted = Buffer.concat(back)
    let seen = 0
    const arrived = new Promise<void>(resolve => {
      client.socket.on('data', chunk => {
        seen += chunk.length
        if (seen >= wanted.length) resolve()
      })
    })
    for (const each of send) client.send(each)
    await arrived
    client.send(END)
    t.strictSame(await client.frames(), Buffer.concat([wanted, ENDED]))
    t.match(await sluice.access(), { status: 101, socket: { code: 1000, by: 'client' }, error: undefined })
  })
}

t.test('a message that comes byte by byte is one message', async t => {
  const upstream = await socketUpstream(t, echo)
  const sluice = await startSluice(t, socketRoute(upstream.port))
  const client = await frameClient(t, sluice.port)
  for (const byte of Buffer.concat([frame(TEXT, 'grüße '.repeat(30)), END])) {
    await new Promise(resolve => client.socket.write(Buffer.from([byte]), () => setImmediate(resolve)))
  }
  const back = await client.frames()
  t.strictSame(back.subarray(-ENDED.length), ENDED)
})

/** What the client does wrong: the upstream is told 1006's meaning by a code, the client by the end of its connection. */
const FORBIDDEN: Record<string, { send: Buffer; code: number; error: string }> = {
  'text that is not UTF-8': { send: frame(TEXT, Buffer.from([0xff])), code: 1007, error: 'GW_MESSAGE_INVALID' },
  'a surrogate in text': {
    send: frame(TEXT, Buffer.from([0xed, 0xa0, 0x80])),
    code: 1007,
    error: 'GW_MESSAGE_INVALID'
  },
  'a reserved opcode': { send: frame(3), code: 1001, error: 'GW_CLIENT_GONE' },
  'a reserved control opcode': { send: frame(11), code: 1001, error: 'GW_CLIENT_GONE' },
  'a reserved bit': { send: frame(TEXT, 'a', { reserved: 4 }), code: 1001, error: 'GW_CLIENT_GONE' },
  'a ping of 126 bytes': { send: frame(PING, 'p'.repeat(126)), code: 1001, error: 'GW_CLIENT_GONE' },
  'a ping in fragments': { send: frame(PING, 'p', { fin: false }), code: 1001, error: 'GW_CLIENT_GONE' },
  'a continuation of nothing': { send: frame(CONTINUATION, 'a'), code: 1001, error: 'GW_CLIENT_GONE' },
  'a message within another': {
    send: Buffer.concat([frame(TEXT, 'a', { fin: false }), frame(TEXT, 'b')]),
    code: 1001,
    error: 'GW_CLIENT_GONE'
  },
  'a close code that is never sent': {
    send: frame(CLOSE_FRAME, closePayload(1005)),
    code: 1001,
    error: 'GW_CLIENT_GONE'
  }
}

for (const [name, { send, code, error }] of Object.entries(FORBIDDEN)) {
  t.test(`${name} from a client ends the socket, and the upstream hears ${code}`, async t => {
    const upstream = await socketUpstream(t)
    const sluice = await startSluice(t, socketRoute(upstream.port))
    const client = await frameClient(t, sluice.port)
    const { socket } = await upstream.socket()
    socket.on('message', () => t.fail('nothing of it is passed on'))
    const ended = closed(socket)
    client.send(send)
    t.match(await ended, { code, reason: error })
    await client.frames()
    t.match(await sluice.access(), { status: 101, error, socket: { by: 'client', messagesIn: 0 } })
  })
}

const FROM_UPSTREAM: Record<string, { payload: Uint8Array; opcode: number; options?: FrameOptions; code: number }> = {
  'text that is not UTF-8': { opcode: TEXT, payload: Buffer.from([0xff]), code: 1007 },
  'a reserved opcode': { opcode: 3, payload: Buffer.from(''), code: 1002 },
  'a frame with a mask': { opcode: TEXT, payload: Buffer.from('a'), options: { masked: true }, code: 1002 },
  'a message that is too large': { opcode: BINARY, payload: Buffer.alloc(2_000), code: 1009 }
}

for (const [name, { opcode, payload, options, code }] of Object.entries(FROM_UPSTREAM)) {
  const told = code === 1009 ? 1009 : 1014
  t.test(`${name} from the upstream ends the socket: ${code} to it, ${told} to the client`, async t => {
    const upstream = await socketUpstream(t)
    const sluice = await startSluice(t, socketRoute(upstream.port, { messageBytes: '1000B' }))
    const client = await frameClient(t, sluice.port)
    const { socket, request } = await upstream.socket()
    const ended = closed(socket)
    request.socket.write(frame(opcode, payload, { masked: false, ...options }))
    t.equal((await ended).code, code)
    t.strictSame(await client.frames(), reply(CLOSE_FRAME, closePayload(told, 'GW_UPSTREAM_BAD_RESPONSE')))
    t.match(await sluice.access(), { error: 'GW_UPSTREAM_BAD_RESPONSE', socket: { by: 'upstream', code } })
  })
}

t.test('a message over the limit of the route is 1009, to both sides', async t => {
  const upstream = await socketUpstream(t, echo)
  const sluice = await startSluice(t, socketRoute(upstream.port, { messageBytes: '1000B' }))
  const client = await frameClient(t, sluice.port)
  const { socket } = await upstream.socket()
  const ended = closed(socket)
  client.send(frame(TEXT, 'x'.repeat(1_000)))
  t.equal((await message(socket)).data.length, 1_000, 'the limit itself is allowed')
  client.send(Buffer.concat([frame(TEXT, 'x'.repeat(900), { fin: false }), frame(CONTINUATION, 'x'.repeat(101))]))
  t.match(await ended, { code: 1009, reason: 'GW_MESSAGE_TOO_LARGE' })
  const end = reply(CLOSE_FRAME, closePayload(1009, 'GW_MESSAGE_TOO_LARGE'))
  t.strictSame((await client.frames()).subarray(-end.length), end)
  t.match(await sluice.access(), {
    error: 'GW_MESSAGE_TOO_LARGE',
    in: 1_000,
    socket: { by: 'gateway', code: 1009, messagesIn: 1 }
  })
})

t.test('a frame of far more than the limit is not even read: the connection ends', async t => {
  const upstream = await socketUpstream(t)
  const sluice = await startSluice(t, socketRoute(upstream.port, { messageBytes: '1000B' }))
  const client = await frameClient(t, sluice.port)
  const { socket } = await upstream.socket()
  const ended = closed(socket)
  const length = Buffer.alloc(8)
  length.writeBigUInt64BE(2n ** 32n)
  client.send(Buffer.concat([Buffer.from([0x82, 0xff]), length, Buffer.alloc(4)]))
  t.match(await ended, { code: 1009 })
  t.equal((await client.frames()).length, 0, 'uWebSockets.js sends no close frame then')
  t.match(await sluice.access(), { error: 'GW_MESSAGE_TOO_LARGE', socket: { by: 'client', code: 1009 } })
})

/** A handshake without a header. */
function without(name: string): string {
  return handshake('/').replace(new RegExp(`${name}:.*\\r\\n`, 'i'), '')
}

const BAD_HANDSHAKES: Record<string, { bytes: string; status: number; code: string }> = {
  'another version': {
    bytes: handshake('/').replace('version: 13', 'version: 8'),
    status: 426,
    code: 'GW_WEBSOCKET_VERSION'
  },
  'no version': {
    bytes: without('sec-websocket-version'),
    status: 426,
    code: 'GW_WEBSOCKET_VERSION'
  },
  'two keys': {
    bytes: handshake('/', `sec-websocket-key: ${KEY}`),
    status: 400,
    code: 'GW_BAD_REQUEST'
  },
  'a key that is not base64': {
    bytes: handshake('/').replace(KEY, '!'.repeat(24)),
    status: 400,
    code: 'GW_BAD_REQUEST'
  },
  'no key': { bytes: without('sec-websocket-key'), status: 400, code: 'GW_BAD_REQUEST' },
  'a short key': { bytes: handshake('/').replace(KEY, 'abc='), status: 400, code: 'GW_BAD_REQUEST' },
  'neither key nor version': {
    bytes: without('sec-websocket-version').replace(/sec-websocket-key:.*\r\n/, ''),
    status: 426,
    code: 'GW_WEBSOCKET_VERSION'
  },
  'another method': { bytes: handshake('/').replace('GET', 'POST'), status: 400, code: 'GW_BAD_REQUEST' },
  'another method, and a body': {
    bytes: `${handshake('/', 'content-length: 3').replace('GET', 'POST')}abc`,
    status: 400,
    code: 'GW_BAD_REQUEST'
  },
  'no Connection': { bytes: without('connection'), status: 400, code: 'GW_BAD_REQUEST' },
  'a Connection that does not list upgrade': {
    bytes: handshake('/').replace(/connection: .*\r\n/i, 'connection: keep-alive\r\n'),
    status: 400,
    code: 'GW_BAD_REQUEST'
  },
  'a dot segment': { bytes: handshake('/a/../b'), status: 400, code: 'GW_BAD_REQUEST' }
}

for (const [listener, listen] of Object.entries({ 'uWebSockets.js': {}, Node: { listen: { http2: true } } })) {
  for (const [name, { bytes, status, code }] of Object.entries(BAD_HANDSHAKES)) {
    t.test(`${listener}: a handshake with ${name} is ${status}`, async t => {
      const upstream = await recordingUpstream(t)
      const sluice = await startSluice(t, { ...socketRoute(upstream.port), ...listen })
      const reply = await exchange(t, sluice.port, bytes)
      t.equal(reply.status, status)
      t.equal(reply.json().code, code)
      if (status === 426) t.equal(reply.header('sec-websocket-version'), '13')
      t.match(await sluice.access(), { status, error: code })
      t.strictSame(upstream.seen, [])
    })
  }
}

t.test('where a route relays no WebSockets, a handshake is a request like any other', async t => {
  const upstream = await recordingUpstream(t)
  const { upstreams, routes } = socketRoute(upstream.port)
  const sluice = await startSluice(t, { upstreams, routes: routes.map(({ websocket, ...route }) => route) })
  const client = await connect(t, sluice.port)
  client.send(handshake('/'))
  const reply = await client.reply()
  t.equal(reply.status, 200)
  t.equal(reply.body.toString(), 'ok')
  t.strictSame(upstream.seen[0]?.all('upgrade'), [])
  client.send(request('GET', '/next'))
  t.equal((await client.reply()).status, 200, 'and the connection goes on')
})

// uWebSockets.js takes any Connection of five characters for "close".
for (const value of ['close', 'Close', 'x-two']) {
  t.test(`a handshake that says "Connection: ${value}" first is a request like any other`, async t => {
    const upstream = await socketUpstream(t, echo)
    const sluice = await startSluice(t, socketRoute(upstream.port))
    const other = await openSocket(t, sluice)
    for (let i = 0; i < 3; i++) {
      const client = await connect(t, sluice.port)
      client.send(handshake().replace('connection:', `connection: ${value}\r\nconnection:`))
      t.equal((await client.reply('GET')).status, 426, 'the upstream was not asked for a WebSocket')
      await client.rest() // it ends
      t.match(await sluice.access(), { status: 426 })
    }
    const next = await openSocket(t, sluice)
    next.send('a')
    t.match(await message(next), { data: Buffer.from('a') })
    other.send('b')
    t.match(await message(other), { data: Buffer.from('b') })
    t.equal(sluice.listener.active, 2)
  })
}

t.test('where a route does, other requests are as they were, also on the same connection', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, socketRoute(upstream.port))
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/plain'))
  t.equal((await client.reply()).body.toString(), 'ok')
  client.send(request('GET', '/h2c', 'connection: upgrade', 'upgrade: h2c', `sec-websocket-key: ${KEY}`))
  t.equal((await client.reply()).body.toString(), 'ok')
  client.send(
    `${request('POST', '/post', 'connection: upgrade', 'upgrade: h2c', `sec-websocket-key: ${KEY}`, 'content-length: 3')}abc`
  )
  t.equal((await client.reply()).body.toString(), 'ok')
  t.strictSame(
    upstream.seen.map(({ method, target, body }) => [method, target, String(body)]),
    [
      ['GET', '/plain', ''],
      ['GET', '/h2c', ''],
      ['POST', '/post', 'abc']
    ]
  )
  client.send(`${handshake('/body', 'content-length: 3')}abc`)
  t.equal((await client.reply()).body.toString(), 'ok', 'a handshake has no body')
  t.equal(upstream.seen.at(-1)?.body.toString(), 'abc')
  client.send(handshake('/refused'))
  t.equal((await client.reply()).status, 200, 'an upstream that answers 200 has refused')
  client.send(request('GET', '/after'))
  t.equal((await client.reply()).status, 200)
})

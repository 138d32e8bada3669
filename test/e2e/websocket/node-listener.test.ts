import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { ClientOptions, WebSocket } from 'ws'
import { authority } from '../../support/certificates.js'
import { connect, exchange, request } from '../../support/client.js'
import { pluginFolders } from '../../support/plugins.js'
import { Scrape } from '../../support/scrape.js'
import { memory, serve } from '../../support/serve.js'
import { otherSnapshot, startSluice } from '../../support/sluice.js'
import { ask, connectSecure } from '../../support/tls-client.js'
import { httpUpstream, rawUpstream, recordingUpstream } from '../../support/upstream.js'
import { warningsFrom } from '../../support/warnings.js'
import { says } from '../../support/wat.js'
import {
  ACCEPT,
  CLOSE_FRAME,
  closed,
  closePayload,
  echo,
  frame,
  frameClient,
  handshake,
  message,
  openSocket,
  socketRoute,
  socketUpstream,
  TEXT
} from '../../support/websocket.js'

t.setTimeout(180_000)

/** Served by Node's HTTP, without TLS: for frames by hand. */
const PLAIN = { listen: { http2: true } }

/** A place to listen that needs Node's TLS, and what a client needs for it. */
function secure(t: Test, more: object = {}) {
  const ca = authority(t)
  const { certFile, keyFile } = ca.issue()
  const tls = { certificates: [{ cert: certFile, key: keyFile }], minVersion: 1.3, ...more }
  return { ca, listen: { listen: { port: 0, http2: true, tls } }, client: { ca: ca.cert } }
}

/** An upstream, Sluice before it on a port with TLS, and how to open a socket through both. */
async function over(t: Test, onSocket?: (socket: WebSocket) => void, websocket: object = {}, more: object = {}) {
  const upstream = await socketUpstream(t, onSocket)
  const { listen, client } = secure(t)
  const sluice = await startSluice(t, { ...listen, ...socketRoute(upstream.port, websocket), ...more })
  const open = (options: ClientOptions & { readonly protocols?: string[] } = {}, path = '/') =>
    openSocket(t, sluice, path, { ...client, ...options })
  return { upstream, sluice, open, client }
}

t.test('messages go both ways as they are, and the access line counts them', async t => {
  const { upstream, sluice, open } = await over(t, echo)
  const client = await open({ headers: { 'x-a': Buffer.from('ü').toString('latin1') } }, '/room?x=1')
  for (const data of ['grüße', '']) {
    client.send(data)
    t.strictSame(await message(client), { data: Buffer.from(data), binary: false })
  }
  client.send(Buffer.from([0, 255]))
  t.strictSame(await message(client), { data: Buffer.from([0, 255]), binary: true })
  client.send('a', { fin: false })
  client.send('b', { fin: true })
  t.strictSame(await message(client), { data: Buffer.from('ab'), binary: false })
  const { request } = await upstream.socket()
  t.equal(request.url, '/room?x=1')
  t.match(request.headers, {
    'x-forwarded-proto': 'https',
    via: '1.1 sluice',
    'x-a': Buffer.from('ü').toString('latin1'),
    'sec-websocket-extensions': undefined
  })
  client.close(1000, 'done')
  t.strictSame(await closed(client), { code: 1000, reason: 'done' })
  t.match(await sluice.access(), {
    path: '/room',
    status: 101,
    in: 11,
    out: 11,
    socket: { code: 1000, reason: 'done', by: 'client', messagesIn: 4, messagesOut: 4, bytesIn: 11, bytesOut: 11 },
    error: undefined
  })
})

t.test('fragments of the upstream are one message, and its pings come back', async t => {
  const { upstream, open } = await over(t)
  const client = await open()
  const { socket } = await upstream.socket()
  const [pong, ping, arrived] = [once(socket, 'pong'), once(client, 'ping'), message(client)]
  socket.send(Buffer.from([1]), { fin: false })
  socket.ping('there?')
  socket.send(Buffer.from([2]), { fin: true })
  t.strictSame(await arrived, { data: Buffer.from([1, 2]), binary: true })
  t.equal(String((await ping)[0]), 'there?')
  await pong
  const up = once(socket, 'ping')
  const answered = once(client, 'pong')
  client.ping('still here')
  t.equal(String((await up)[0]), 'still here')
  t.equal(String((await answered)[0]), 'still here')
})

for (const by of ['client', 'upstream'] as const) {
  for (const [code, reason] of [
    [1000, ''],
    [1011, 'ü'.repeat(61)],
    [3999, 'r'],
    [4999, 'r'.repeat(123)]
  ] as const) {
    t.test(`a close with ${code} from the ${by} reaches the other side`, async t => {
      const { upstream, sluice, open } = await over(t)
      const client = await open()
      const { socket } = await upstream.socket()
      const both = Promise.all([closed(socket), closed(client)])
      const from = by === 'client' ? client : socket
      from.close(code, reason)
      t.strictSame(await both, [
        { code, reason },
        { code, reason }
      ])
      t.match(await sluice.access(), { socket: { by, code, reason }, error: undefined })
    })
  }
}

t.test('a close without a code has none on the other side, and a broken connection has ours', async t => {
  const { upstream, sluice, open } = await over(t)
  const first = await open()
  const one = await upstream.socket()
  first.close()
  t.strictSame(await closed(one.socket), { code: 1005, reason: '' })
  await sluice.access()
  const second = await open()
  const two = await upstream.socket()
  second.terminate()
  t.strictSame(await closed(two.socket), { code: 1001, reason: 'GW_CLIENT_GONE' })
  t.match(await sluice.access(), { error: 'GW_CLIENT_GONE', socket: { by: 'client', code: 1006 } })
  const third = await open()
  const three = await upstream.socket()
  three.socket.terminate()
  t.strictSame(await closed(third), { code: 1014, reason: 'GW_UPSTREAM_RESET' })
})

for (const [offered, chosen] of [
  [['chat', 'superchat'], 'superchat'],
  [['chat'], false],
  [[], false]
] as const) {
  t.test(`of the subprotocols [${offered}] the client gets what the upstream chose: ${chosen || 'none'}`, async t => {
    const upstream = await socketUpstream(t, echo, { handleProtocols: () => chosen, perMessageDeflate: true })
    const sluice = await startSluice(t, { ...PLAIN, ...socketRoute(upstream.port) })
    const lines = offered.length === 0 ? [] : [`sec-websocket-protocol: ${offered.join(', ')}`]
    // Other protocols beside it, and an extension nobody offers.
    const bytes = handshake('/', ...lines, 'upgrade: h2c', 'sec-websocket-extensions: permessage-deflate')
    const reply = await exchange(t, sluice.port, bytes)
    t.equal(reply.status, 101)
    t.equal(reply.header('sec-websocket-protocol'), chosen || undefined)
    t.equal(reply.header('sec-websocket-accept'), ACCEPT)
    t.equal(reply.header('sec-websocket-extensions'), undefined)
    t.equal(reply.header('via'), '1.1 sluice')
    t.equal((await upstream.socket()).request.headers['sec-websocket-protocol'], offered.join(', ') || undefined)
  })
}

t.test('a policy that refuses answers with a reply, and the connection may try again', async t => {
  let handshakes = 0
  const upstream = await socketUpstream(t, () => handshakes++)
  const { listen, client } = secure(t)
  const sha256 = createHash('sha256').update('ada-key').digest('hex')
  const policies = [{ plugin: 'auth-key', settings: { keys: [{ sha256, consumer: 'ada' }] } }]
  const sluice = await startSluice(t, { ...listen, ...socketRoute(upstream.port, {}, { policies }) })
  const warnings = warningsFrom(t)
  const socket = await connectSecure(t, sluice.port, { ...client, ALPNProtocols: ['http/1.1'] })
  for (let i = 0; i < 12; i++) {
    const refused = await ask(socket, handshake('/'))
    t.equal(refused.status, 401)
    t.ok(refused.header('www-authenticate'))
    t.match(await sluice.access(), { status: 401, socket: undefined })
  }
  t.equal(handshakes, 0)
  t.equal((await ask(socket, handshake('/', 'x-api-key: ada-key'))).status, 101)
  await upstream.socket()
  socket.destroy()
  t.match(await sluice.access(), { status: 101, consumer: 'ada' })
  t.strictSame(warnings, [], 'nothing is left behind on the connection')
})

t.test('a policy that says no to an upstream’s yes ends the socket to the upstream', async t => {
  const upstream = await socketUpstream(t)
  const plugins = pluginFolders(t, { no: says({ reply: { status: 403 } }, 'on_response') })
  const route = socketRoute(upstream.port, {}, { policies: [{ plugin: 'no' }] })
  const sluice = await startSluice(t, { ...PLAIN, ...route, plugins })
  const client = await connect(t, sluice.port)
  client.send(handshake('/') + request('GET', '/', 'connection: close'))
  t.equal((await client.reply()).status, 403)
  const { socket } = await upstream.socket()
  if (socket.readyState !== socket.CLOSED) await once(socket, 'close')
  t.match(await sluice.access(), { status: 403, socket: undefined })
  t.equal((await client.reply()).status, 403, 'what came behind the handshake is read')
  await client.rest()
})

t.test('an upstream that refuses is passed on, status, headers and body', async t => {
  const body = Buffer.alloc(3 << 20, 'not you ')
  const upstream = await httpUpstream(t, (_, response) => {
    response.writeHead(403, { 'x-why': 'no', 'set-cookie': ['a=1', 'b=2'] })
    response.end(body)
  })
  const { listen, client } = secure(t)
  const sluice = await startSluice(t, { ...listen, ...socketRoute(upstream.port) })
  const socket = await connectSecure(t, sluice.port, { ...client, ALPNProtocols: ['http/1.1'] })
  for (let i = 0; i < 2; i++) {
    const reply = await ask(socket, handshake('/'))
    t.equal(reply.status, 403)
    t.equal(reply.header('x-why'), 'no')
    t.strictSame(reply.all('set-cookie'), ['a=1', 'b=2'])
    t.ok(reply.body.equals(body), 'more than goes out at once')
    t.match(await sluice.access(), { status: 403, out: body.length, socket: undefined })
  }
})

t.test('a message over the limit of the route is 1009, to both sides', async t => {
  const { upstream, sluice, open } = await over(t, undefined, { messageBytes: '1000B' })
  for (const [bytes, reason, by] of [
    [1_001, 'GW_MESSAGE_TOO_LARGE', 'gateway'],
    [1 << 20, '', 'client']
  ] as const) {
    const client = await open()
    const { socket } = await upstream.socket()
    client.send('x'.repeat(1_000))
    t.equal((await message(socket)).data.length, 1_000, 'the limit itself is allowed')
    const both = Promise.all([closed(client), closed(socket)])
    client.send('x'.repeat(bytes))
    t.strictSame(await both, [
      { code: 1009, reason },
      { code: 1009, reason: 'GW_MESSAGE_TOO_LARGE' }
    ])
    t.match(await sluice.access(), { error: 'GW_MESSAGE_TOO_LARGE', in: 1_000, socket: { by, code: 1009 } })
  }
})

for (const [what, bytes, code] of [
  ['text that is not UTF-8', frame(TEXT, Buffer.from([0xff])), 1007],
  ['a reserved opcode', frame(3), 1002],
  ['a frame without a mask', frame(TEXT, 'a', { masked: false }), 1002]
] as const) {
  t.test(`${what} ends the socket: ${code} to both sides`, async t => {
    const upstream = await socketUpstream(t)
    const sluice = await startSluice(t, { ...PLAIN, ...socketRoute(upstream.port) })
    const client = await frameClient(t, sluice.port)
    const { socket } = await upstream.socket()
    const ended = closed(socket)
    client.send(bytes)
    t.strictSame(await ended, { code, reason: 'GW_MESSAGE_INVALID' })
    t.strictSame(await client.frames(), frame(CLOSE_FRAME, closePayload(code), { masked: false }))
    t.match(await sluice.access(), { error: 'GW_MESSAGE_INVALID', socket: { by: 'client', code } })
  })
}

t.test('a message of the upstream that is too large is 1009 to both sides', async t => {
  const { upstream, sluice, open } = await over(t, undefined, { messageBytes: '1000B' })
  const client = await open()
  const { socket } = await upstream.socket()
  const both = Promise.all([closed(client), closed(socket)])
  socket.send('x'.repeat(2_000))
  t.match(await both, [{ code: 1009, reason: 'GW_UPSTREAM_BAD_RESPONSE' }, { code: 1009 }])
  t.match(await sluice.access(), { error: 'GW_UPSTREAM_BAD_RESPONSE', socket: { by: 'upstream' } })
})

t.test('a socket ends with 1001 when it is idle, and when its lifetime is over', async t => {
  const quiet = await over(t, undefined, { idle: '100ms' })
  t.strictSame(await closed(await quiet.open()), { code: 1001, reason: 'idle' })
  t.match(await quiet.sluice.access(), { error: undefined, socket: { by: 'gateway', reason: 'idle' } })
  const busy = await over(t, echo, { lifetime: '200ms' })
  const client = await busy.open()
  client.on('message', data => client.send(data))
  client.send('round and round')
  t.strictSame(await closed(client), { code: 1001, reason: 'lifetime' })
})

t.test('while it drains both sides hear 1001; what does not answer is cut off at the deadline', async t => {
  const { upstream, sluice, open } = await over(t)
  const client = await open()
  const { socket } = await upstream.socket()
  const both = Promise.all([closed(client), closed(socket)])
  const drained = sluice.listener.drain(60_000)
  t.strictSame(await both, [
    { code: 1001, reason: 'GW_SHUTTING_DOWN' },
    { code: 1001, reason: 'GW_SHUTTING_DOWN' }
  ])
  t.equal(await drained, 0)
  const stuck = await over(t)
  const other = await stuck.open()
  const { socket: deaf } = await stuck.upstream.socket()
  deaf.pause()
  const ended = closed(other)
  t.equal(await stuck.sluice.listener.drain(50), 1)
  t.match(await ended, { code: 1001 })
})

t.test('a socket outlives a change of the configuration, which waits for it', async t => {
  const { upstream, sluice, open, client } = await over(t, echo)
  const before = await open()
  await upstream.socket()
  const snapshot = await otherSnapshot(t, socketRoute((await recordingUpstream(t)).port))
  let freed = false
  const swapped = sluice.listener.swap(snapshot).then(() => {
    freed = true
  })
  const socket = await connectSecure(t, sluice.port, { ...client, ALPNProtocols: ['http/1.1'] })
  t.equal((await ask(socket, handshake('/'))).status, 200, 'the upstream of the new one speaks no WebSocket')
  before.send('still the old one')
  t.equal(String((await message(before)).data), 'still the old one')
  t.equal(freed, false)
  before.close()
  await swapped
})

t.test('a client that leaves during the handshake takes the upstream’s with it', async t => {
  const upstream = await rawUpstream(t)
  const { listen, client } = secure(t)
  const sluice = await startSluice(t, { ...listen, ...socketRoute(upstream.port) })
  const ends: ((socket: Socket) => unknown)[] = [socket => socket.destroy(), socket => socket.end()]
  for (const leave of ends) {
    const socket = await connectSecure(t, sluice.port, { ...client, ALPNProtocols: ['http/1.1'] })
    socket.write(handshake('/'))
    const connection = await upstream.connection()
    await connection.until('\r\n\r\n')
    leave(socket)
    await connection.closed
    t.match(await sluice.access(), { status: 499, error: 'GW_CLIENT_GONE', socket: undefined })
  }
})

t.test('what a client sends before it has its answer is not lost', async t => {
  const upstream = await socketUpstream(t, echo)
  const sluice = await startSluice(t, { ...PLAIN, ...socketRoute(upstream.port) })
  const client = await connect(t, sluice.port)
  const large = Array.from({ length: 40 }, (_, i) => frame(TEXT, String(i % 10).repeat(5_000)))
  client.send(Buffer.concat([Buffer.from(handshake('/')), frame(TEXT, 'early'), ...large]))
  client.send(frame(CLOSE_FRAME, closePayload(1000)))
  t.equal((await client.reply()).status, 101)
  await client.rest()
  t.match(await sluice.access(), { socket: { by: 'client', code: 1000, messagesIn: 41, bytesIn: 200_005 } })
})

const MIB = 1024 ** 2
/** More than the kernel's buffers and Sluice's own together. */
const FULL = 64

/** Sends messages of 1 MiB until none is taken for as long as others need for 20 round trips. @returns how many */
async function sendUntilStuck(from: WebSocket, roundTrip: () => Promise<unknown>): Promise<number> {
  for (let sent = 1; sent <= FULL; sent++) {
    let taken = false
    from.send(Buffer.alloc(MIB, sent), () => {
      taken = true
    })
    for (let i = 0; i < 20 && !taken; i++) await roundTrip()
    if (!taken) return sent
  }
  return FULL
}

for (const slow of ['client', 'upstream'] as const) {
  t.test(`when the ${slow} does not read, the other side waits, and nothing is lost`, async t => {
    const upstream = await socketUpstream(t)
    const { listen, client: trust } = secure(t)
    const sluice = await serve(t, { ...listen, ...socketRoute(upstream.port, { messageBytes: '2MiB' }) })
    const client = await openSocket(t, sluice, '/', trust)
    const { socket } = await upstream.socket()
    const other = await connectSecure(t, sluice.port, { ...trust, ALPNProtocols: ['http/1.1'] })
    const [from, to] = slow === 'client' ? [socket, client] : [client, socket]
    const before = memory(sluice.pid).now
    to.pause()
    // A handshake that is refused needs no upstream.
    const roundTrip = () => ask(other, handshake('/').replace('version: 13', 'version: 8'))
    const sent = await sendUntilStuck(from, roundTrip)
    t.ok(sent < FULL, `${sent} MiB were taken, then no more`)
    const growth = memory(sluice.pid).peak - before
    t.ok(growth < 100 * MIB, `grew by ${Math.round(growth / MIB)} MiB at most`)
    to.send('still here')
    t.equal(String((await once(from, 'message'))[0]), 'still here', 'the other direction is open')
    let count = 0
    to.on('message', (data: Buffer) => {
      if (data.length !== MIB || data[0] !== ++count || data[MIB - 1] !== count) t.fail(`message ${count} is another`)
      if (count === sent) to.emit('all')
    })
    const all = once(to, 'all')
    to.resume()
    await all
    client.close(1000)
    t.equal((await closed(socket)).code, 1000)
  })
}

t.test('the certificate of a client is the consumer that policies see', async t => {
  let handshakes = 0
  const upstream = await socketUpstream(t, socket => {
    handshakes++
    echo(socket)
  })
  const ca = authority(t)
  const { certFile, keyFile } = ca.issue()
  const tls = { certificates: [{ cert: certFile, key: keyFile }], clientAuth: { ca: ca.certFile, consumer: 'cn' } }
  const policies = [{ plugin: 'authz', settings: { rules: [{ effect: 'allow', consumers: ['orders'] }] } }]
  const sluice = await startSluice(t, { listen: { tls }, ...socketRoute(upstream.port, {}, { policies }) })
  const [orders, other] = [ca.issue({ subject: '/CN=orders' }), ca.issue({ subject: '/CN=other' })]
  const client = await openSocket(t, sluice, '/', { ca: ca.cert, cert: orders.cert, key: orders.key })
  client.send('hello')
  t.equal(String((await message(client)).data), 'hello')
  client.close()
  t.match(await sluice.access(), { status: 101, consumer: 'orders' })
  const socket = await connectSecure(t, sluice.port, { ca: ca.cert, cert: other.cert, key: other.key })
  t.equal((await ask(socket, handshake('/'))).status, 403)
  t.match(await sluice.access(), { status: 403, consumer: 'other' })
  t.equal(handshakes, 1)
})

t.test('behind the PROXY protocol a socket has the client’s address', async t => {
  const upstream = await socketUpstream(t)
  const listen = { proxyProtocol: { trusted: ['127.0.0.1'] } }
  const sluice = await startSluice(t, { listen, ...socketRoute(upstream.port) })
  const client = await connect(t, sluice.port)
  client.send(`PROXY TCP4 203.0.113.9 127.0.0.1 5000 80\r\n${handshake('/')}`)
  t.equal((await client.reply()).status, 101)
  t.equal((await upstream.socket()).request.headers['x-forwarded-for'], '203.0.113.9')
})

t.test('where a route relays no WebSockets, a handshake is a request like any other', async t => {
  const upstream = await recordingUpstream(t)
  const { upstreams, routes } = socketRoute(upstream.port)
  const { listen, client } = secure(t)
  const sluice = await startSluice(t, {
    ...listen,
    upstreams,
    routes: routes.map(({ websocket, ...route }) => route)
  })
  const socket = await connectSecure(t, sluice.port, { ...client, ALPNProtocols: ['http/1.1'] })
  for (const bytes of [handshake('/'), request('GET', '/next'), handshake('/', 'content-length: 0')]) {
    t.match(await ask(socket, bytes), { status: 200, body: Buffer.from('ok') })
  }
  t.strictSame(upstream.seen[0]?.all('upgrade'), [])
  socket.write(handshake('/', 'connection: close'))
  await once(socket, 'close')
  t.equal(upstream.seen.length, 4)
})

t.test('where a route does, other requests are as they were, also on the same connection', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, { ...PLAIN, ...socketRoute(upstream.port) })
  const client = await connect(t, sluice.port)
  const upgrade = (to: string) => ['connection: upgrade', `upgrade: ${to}`]
  const sent = [
    request('GET', '/h2c', ...upgrade('h2c')),
    `${request('POST', '/post', ...upgrade('h2c'), 'content-length: 3')}abc`,
    `${handshake('/body', 'content-length: 3')}abc`,
    `${handshake('/chunks', 'transfer-encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`,
    handshake('/refused'),
    request('GET', '/after'),
    handshake('/again', 'connection: close')
  ]
  // What comes in one segment behind an Upgrade that it does not follow, Node loses; behind a handshake nothing is lost.
  const pipelined = sent.splice(4)
  for (const each of sent) {
    client.send(each)
    t.match(await client.reply(), { status: 200, body: Buffer.from('ok') }, each)
  }
  client.send(pipelined.join(''))
  for (const each of pipelined) t.match(await client.reply(), { status: 200, body: Buffer.from('ok') }, each)
  await client.rest()
  t.strictSame(
    upstream.seen.map(({ target, body }) => [target, String(body)]),
    [
      ['/h2c', ''],
      ['/post', 'abc'],
      ['/body', 'abc'],
      ['/chunks', 'abc'],
      ['/refused', ''],
      ['/after', ''],
      ['/again', '']
    ]
  )
})

t.test('a handshake behind a request that has no answer yet is a request, and breaks nothing', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, { ...PLAIN, ...socketRoute(upstream.port) })
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/first') + handshake('/second'))
  for (const name of ['firs', 'seco']) {
    const { socket, until, received } = await upstream.connection()
    await until('\r\n\r\n')
    socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n${received().slice(5, 9)}`)
    t.equal(String((await client.reply()).body), name)
  }
})

t.test('the refusal of a CONNECT waits for the reply to the request before it', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, { ...PLAIN, ...socketRoute(upstream.port) })
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/first') + request('CONNECT', 'a.test:443'))
  const { socket, until } = await upstream.connection()
  await until('\r\n\r\n')
  socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfirst')
  t.equal(String((await client.reply()).body), 'first')
  t.match(await client.rest(), /^HTTP\/1.1 501 .*GW_METHOD_NOT_SUPPORTED/s)
})

t.test('sockets are counted while they are open', async t => {
  const upstream = await socketUpstream(t, echo)
  const { listen, client: trust } = secure(t)
  const sluice = await serve(t, { admin: { port: 0 }, ...listen, ...socketRoute(upstream.port) })
  const { admin } = JSON.parse(sluice.lines.find(line => line.includes('"listening"')) ?? '')
  const scrape = async () => new Scrape(await (await fetch(`${admin}/metrics`)).text())
  const clients = [await openSocket(t, sluice, '/', trust), await openSocket(t, sluice, '/', trust)]
  clients[0]?.send('12345')
  if (clients[0] !== undefined) await message(clients[0])
  let found = await scrape()
  t.equal(found.value('gateway_open_websockets', { route: 'sockets' }), 2)
  t.equal(found.value('gateway_active_exchanges'), 2, 'each is an exchange under way')
  t.equal(found.value('gateway_open_connections'), 2)
  t.equal(found.value('gateway_websocket_bytes_total', { route: 'sockets', direction: 'in' }), 5)
  for (const client of clients) {
    client.close()
    await closed(client)
  }
  // Sluice hears of an end no sooner than the client does.
  do found = await scrape()
  while (found.value('gateway_requests_total', { route: 'sockets', status: '101' }) !== 2)
  t.equal(found.value('gateway_open_websockets', { route: 'sockets' }), 0)
  t.equal(found.value('gateway_active_exchanges'), 0)
})

import { createHash } from 'node:crypto'
import t from 'tap'
import { connect, request } from '../../support/client.js'
import { pluginFolders } from '../../support/plugins.js'
import { startSluice } from '../../support/sluice.js'
import { asks, switching, tunnelRoute, tunnelUpstream } from '../../support/tunnel.js'
import { answering, httpUpstream, rawUpstream, recordingUpstream } from '../../support/upstream.js'
import { warningsFrom } from '../../support/warnings.js'
import { says } from '../../support/wat.js'
import { handshake, socketUpstream } from '../../support/websocket.js'

t.setTimeout(60_000)

/** Served by Node's HTTP, without TLS. */
const PLAIN = { listen: { http2: true } }

for (const [what, listen, upgrade] of [
  ['where a route has no "upgrade"', PLAIN, undefined],
  ['where a route has another protocol', PLAIN, { protocols: ['echo/2', 'echo'] }],
  ['on a listener of uWebSockets.js', {}, {}]
] as const) {
  t.test(`${what}, it is a request like any other, and the connection serves more`, async t => {
    const upstream = await recordingUpstream(t)
    const { upstreams, routes } = tunnelRoute(upstream.port, upgrade)
    const sluice = await startSluice(t, {
      ...listen,
      upstreams,
      routes: upgrade === undefined ? routes.map(({ upgrade: _, ...route }) => route) : routes
    })
    const client = await connect(t, sluice.port)
    for (const bytes of [
      asks(),
      asks('echo/1', 'POST /post', 'content-length: 0'),
      `${asks('echo/1', 'POST /body', 'content-length: 4')}body`,
      request('GET', '/next')
    ]) {
      client.send(bytes)
      t.match(await client.reply(), { status: 200, body: Buffer.from('ok') })
      t.match(await sluice.access(), { status: 200, tunnel: undefined })
    }
    t.strictSame(
      upstream.seen.map(({ target, body, all }) => [target, String(body), all('upgrade')]),
      [
        ['/', '', []],
        ['/post', '', []],
        ['/body', 'body', []],
        ['/next', '', []]
      ]
    )
    client.send(asks('echo/1', 'GET /', 'connection: close'))
    t.equal((await client.reply()).status, 200)
    await client.rest()
  })
}

t.test('what comes in one segment behind it is served too', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, { ...PLAIN, ...tunnelRoute(upstream.port, { protocols: ['other'] }) })
  const client = await connect(t, sluice.port)
  client.send(
    `${asks('echo/1', 'GET /a')}${asks('echo/1', 'POST /b', 'content-length: 3')}abc${request('GET', '/c', 'connection: close')}`
  )
  for (let i = 0; i < 3; i++) t.equal((await client.reply()).status, 200)
  await client.rest()
  t.strictSame(
    upstream.seen.map(({ target, body }) => target + body),
    ['/a', '/babc', '/c']
  )
})

t.test('h2c, a body that is large or comes in chunks, and WebSockets stay what they were', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, { ...PLAIN, ...tunnelRoute(upstream.port) })
  const client = await connect(t, sluice.port)
  for (const [bytes, body] of [
    [asks('h2c'), ''],
    [`${asks('echo/1', 'POST /', 'transfer-encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`, 'abc'],
    [asks('echo/1', 'POST /', 'content-length: 100000') + 'x'.repeat(100_000), 'x'.repeat(100_000)],
    [handshake('/'), '']
  ] as const) {
    client.send(bytes)
    t.match(await client.reply(), { status: 200 })
    t.strictSame(upstream.seen.at(-1)?.all('upgrade'), [])
    t.ok(upstream.seen.at(-1)?.body.equals(Buffer.from(body)))
  }
})

t.test('a route may have both: a WebSocket is relayed as one, whatever else is offered beside it', async t => {
  const upstream = await socketUpstream(t)
  const sluice = await startSluice(t, { ...PLAIN, ...tunnelRoute(upstream.port, {}, { websocket: {} }) })
  const client = await connect(t, sluice.port)
  client.send(handshake('/', 'upgrade: echo/1'))
  t.equal((await client.reply()).status, 101)
  t.equal((await upstream.socket()).request.headers.upgrade, 'websocket')
  client.socket.destroy()
  t.match(await sluice.access(), { status: 101, socket: { by: 'client' }, tunnel: undefined })
})

t.test('a refusal of the upstream is passed on, and the connection may try again', async t => {
  const body = Buffer.alloc(3 << 20, 'not so ')
  const upstream = await httpUpstream(t, (_, response) => {
    response.writeHead(400, { 'x-why': 'no', 'set-cookie': ['a=1', 'b=2'] })
    response.end(body)
  })
  const sluice = await startSluice(t, { ...PLAIN, ...tunnelRoute(upstream.port) })
  const client = await connect(t, sluice.port)
  for (let i = 0; i < 2; i++) {
    client.send(asks())
    const reply = await client.reply()
    t.equal(reply.status, 400)
    t.equal(reply.header('x-why'), 'no')
    t.strictSame(reply.all('set-cookie'), ['a=1', 'b=2'])
    t.ok(reply.body.equals(body), 'more than goes out at once')
    t.match(await sluice.access(), { status: 400, out: body.length, tunnel: undefined })
  }
})

for (const [what, answer] of [
  ['a protocol nobody offered', switching('tcp')],
  ['WebSocket', switching('websocket')],
  ['two protocols', switching('echo/1, tcp')],
  ['it does not say what', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  ['what is no HTTP', 'hello?\r\n\r\n']
] as const) {
  t.test(`an upstream that switches to ${what} is a bad one, once`, async t => {
    let asked = 0
    const upstream = await rawUpstream(t, ({ socket, until }) => {
      asked++
      void until('\r\n\r\n').then(() => socket.write(answer))
    })
    const sluice = await startSluice(t, { ...PLAIN, ...tunnelRoute(upstream.port) })
    const client = await connect(t, sluice.port)
    for (let i = 1; i <= 2; i++) {
      client.send(asks())
      t.match(await client.reply(), { status: 502 })
      t.match(await sluice.access(), { status: 502, error: 'GW_UPSTREAM_BAD_RESPONSE', tunnel: undefined })
      t.equal(asked, i, 'it is tried once')
    }
  })
}

t.test('an upstream that hangs up, does not answer or is not there is told as ever', async t => {
  const hanging = await answering(t, '', 'end')
  const silent = await rawUpstream(t)
  for (const [port, error] of [
    [hanging.port, 'GW_UPSTREAM_RESET'],
    [silent.port, 'GW_UPSTREAM_TIMEOUT'],
    [1, 'GW_UPSTREAM_REFUSED']
  ] as const) {
    const timeouts = { connect: '50ms', headers: '50ms' }
    const sluice = await startSluice(t, { ...PLAIN, ...tunnelRoute(port), timeouts })
    const client = await connect(t, sluice.port)
    client.send(asks())
    t.match((await client.reply()).json(), { code: error })
    t.match(await sluice.access(), { error, tunnel: undefined })
  }
})

t.test('a policy that refuses answers with a reply, and the connection may try again', async t => {
  const upstream = await tunnelUpstream(t)
  const sha256 = createHash('sha256').update('ada-key').digest('hex')
  const policies = [{ plugin: 'auth-key', settings: { keys: [{ sha256, consumer: 'ada' }] } }]
  const sluice = await startSluice(t, { ...PLAIN, ...tunnelRoute(upstream.port, {}, { policies }) })
  const warnings = warningsFrom(t)
  const client = await connect(t, sluice.port)
  for (let i = 0; i < 12; i++) {
    client.send(asks())
    t.equal((await client.reply()).status, 401)
    t.match(await sluice.access(), { status: 401, tunnel: undefined })
  }
  client.send(asks('echo/1', 'GET /', 'x-api-key: ada-key'))
  t.equal((await client.reply()).status, 101)
  const server = await upstream.tunnel()
  t.equal(server.request.headers['x-api-key'], undefined)
  client.socket.end()
  server.socket.end()
  t.match(await sluice.access(), { status: 101, consumer: 'ada' })
  t.strictSame(warnings, [], 'nothing is left behind on the connection')
})

t.test('a refusal does not wait for the body, and what is left of it is no request', async t => {
  const sha256 = createHash('sha256').update('ada-key').digest('hex')
  const policies = [{ plugin: 'auth-key', settings: { keys: [{ sha256, consumer: 'ada' }] } }]
  const sluice = await startSluice(t, { ...PLAIN, ...tunnelRoute(1, {}, { policies }) })
  const client = await connect(t, sluice.port)
  client.send(`${asks('echo/1', 'POST /a', 'content-length: 9')}GET`)
  t.equal((await client.reply()).status, 401)
  client.send(` / HTT${request('GET', '/next', 'connection: close')}`)
  t.equal((await client.reply()).status, 401)
  t.equal(await client.rest(), '')
  t.match([await sluice.access(), await sluice.access()], [{ path: '/a' }, { path: '/next' }])
})

t.test('a policy that says no to an upstream’s yes ends its connection', async t => {
  const upstream = await tunnelUpstream(t)
  const plugins = pluginFolders(t, { no: says({ reply: { status: 403 } }, 'on_response') })
  const policies = [{ plugin: 'no' }]
  const sluice = await startSluice(t, { ...PLAIN, ...tunnelRoute(upstream.port, {}, { policies }), plugins })
  const client = await connect(t, sluice.port)
  client.send(asks() + request('GET', '/', 'connection: close'))
  t.equal((await client.reply()).status, 403)
  const server = await upstream.tunnel()
  t.equal(await server.rest(), '')
  t.match(await sluice.access(), { status: 403, tunnel: undefined })
  t.equal((await client.reply()).status, 403, 'what came behind the request is read')
  await client.rest()
})

t.test('a cache neither answers it nor keeps what comes of it, and leaves WebSockets alone', async t => {
  const upstream = await tunnelUpstream(t)
  const cache = { ttl: '1m' }
  const sluice = await startSluice(t, { ...PLAIN, ...tunnelRoute(upstream.port, {}, { cache, websocket: {} }) })
  const plain = await connect(t, sluice.port)
  plain.send(request('GET', '/'))
  t.equal(String((await plain.reply()).body), 'plain')
  for (let i = 0; i < 2; i++) {
    const client = await connect(t, sluice.port)
    client.send(asks())
    t.equal((await client.reply()).status, 101)
    const server = await upstream.tunnel()
    server.socket.end()
    client.socket.end()
  }
  const socket = await connect(t, sluice.port)
  socket.send(handshake('/'))
  t.equal((await socket.reply()).status, 502, 'this upstream speaks no WebSocket, but was asked')
})

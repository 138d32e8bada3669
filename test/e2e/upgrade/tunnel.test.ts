import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import t, { type Test } from 'tap'
import { authority } from '../../support/certificates.js'
import { connect, request } from '../../support/client.js'
import { memory, serve } from '../../support/serve.js'
import { startSluice } from '../../support/sluice.js'
import { ask, connectSecure } from '../../support/tls-client.js'
import { asks, switching, tunnel, tunnelRoute, tunnelUpstream } from '../../support/tunnel.js'
import { rawUpstream } from '../../support/upstream.js'

t.setTimeout(180_000)

/** Served by Node's HTTP, without TLS. */
const PLAIN = { listen: { http2: true } }

/** A place to listen that needs Node's TLS, and what a client needs for it. */
function secure(t: Test) {
  const ca = authority(t)
  const { certFile, keyFile } = ca.issue()
  const tls = { certificates: [{ cert: certFile, key: keyFile }], minVersion: 1.3 }
  return { listen: { listen: { port: 0, http2: true, tls } }, client: { ca: ca.cert, ALPNProtocols: ['http/1.1'] } }
}

for (const [where, listening] of [
  ['over TLS', secure],
  ['in the clear', () => ({ listen: PLAIN, client: undefined })]
] as const) {
  t.test(`bytes go both ways ${where}, the early ones too, and the access line counts them`, async t => {
    const upstream = await tunnelUpstream(t, `${switching('echo/1', 'x-up: yes', 'keep-alive: timeout=5')}welcome`)
    const { listen, client: trust } = listening(t)
    const sluice = await startSluice(t, { ...listen, ...tunnelRoute(upstream.port) })
    const client = await tunnel(t, sluice.port, `${asks('Echo/1, h2c', 'POST /in?x=1', 'x-a: 1')}early`, trust)
    t.equal(client.reply.header('upgrade'), 'echo/1', 'as the upstream said it')
    t.equal(client.reply.header('connection'), 'Upgrade')
    t.equal(client.reply.header('x-up'), 'yes')
    t.equal(client.reply.header('via'), '1.1 sluice')
    t.equal(client.reply.header('keep-alive'), undefined)
    const server = await upstream.tunnel()
    t.match(server.request, {
      method: 'POST',
      url: '/in?x=1',
      headers: {
        host: `127.0.0.1:${upstream.port}`,
        connection: 'Upgrade',
        upgrade: 'Echo/1',
        'x-a': '1',
        via: '1.1 sluice',
        'content-length': '0'
      }
    })
    t.equal(await client.take(7), 'welcome')
    t.equal(await server.take(5), 'early')
    client.socket.write('ping')
    t.equal(await server.take(4), 'ping')
    server.socket.write('pong')
    t.equal(await client.take(4), 'pong')
    client.socket.end()
    t.equal(await server.rest(), '')
    server.socket.end()
    t.equal(await client.rest(), '')
    t.match(await sluice.access(), {
      method: 'POST',
      path: '/in',
      status: 101,
      in: 9,
      out: 11,
      route: 'tunnels',
      socket: undefined,
      tunnel: { protocol: 'echo/1', by: 'client', reason: '', bytesIn: 9, bytesOut: 11 },
      error: undefined
    })
  })

  for (const first of ['client', 'upstream'] as const) {
    t.test(`the ${first} may end its side and hear the other to its end, ${where}`, async t => {
      const upstream = await tunnelUpstream(t)
      const { listen, client: trust } = listening(t)
      const sluice = await startSluice(t, { ...listen, ...tunnelRoute(upstream.port) })
      const client = await tunnel(t, sluice.port, asks(), trust)
      const server = await upstream.tunnel()
      const [one, other] = first === 'client' ? [client, server] : [server, client]
      one.socket.end('that is all')
      t.equal(await other.rest(), 'that is all')
      other.socket.write('an answer ')
      t.equal(await one.take(10), 'an answer ')
      other.socket.end('to its end')
      t.equal(await one.rest(), 'to its end')
      t.match(await sluice.access(), { status: 101, tunnel: { by: first, reason: '' }, error: undefined })
    })
  }
}

t.test('behind the PROXY protocol a tunnel has the client’s address', async t => {
  const upstream = await tunnelUpstream(t)
  const listen = { proxyProtocol: { trusted: ['127.0.0.1'] } }
  const sluice = await startSluice(t, { listen, ...tunnelRoute(upstream.port) })
  const client = await tunnel(t, sluice.port, `PROXY TCP4 203.0.113.9 127.0.0.1 5000 80\r\n${asks()}hello`)
  const server = await upstream.tunnel()
  t.equal(server.request.headers['x-forwarded-for'], '203.0.113.9')
  t.equal(await server.take(5), 'hello')
  client.socket.end()
})

t.test('of the protocols offered those of the route go upstream, as the client wrote them', async t => {
  const upstream = await tunnelUpstream(t, switching('tcp'))
  const sluice = await startSluice(t, { ...PLAIN, ...tunnelRoute(upstream.port) })
  const client = await tunnel(t, sluice.port, asks('other/9, Tcp', 'GET /', 'upgrade: ECHO/1'))
  t.equal(client.reply.header('upgrade'), 'tcp')
  t.equal((await upstream.tunnel()).request.headers.upgrade, 'Tcp, ECHO/1')
})

t.test('a request with a small body may become a tunnel too (Docker’s exec), and the two are told apart', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, { ...PLAIN, ...tunnelRoute(upstream.port) })
  const body = '{"Detach":false,"Tty":true}'
  const head = asks('tcp', 'POST /exec/1/start', 'content-type: application/json', `content-length: ${body.length}`)
  for (const [first = '', ...later] of [[`${head}${body}ls\n`], [head, body.slice(0, 9), `${body.slice(9)}ls\n`]]) {
    const client = await connect(t, sluice.port)
    client.send(first)
    const connection = await upstream.connection()
    for (const piece of later) client.send(piece)
    await connection.until(body)
    connection.socket.write(`${switching('tcp')}file\n`)
    t.equal((await client.reply()).status, 101)
    await connection.until('ls\n')
    t.match(connection.received(), /^POST \/exec\/1\/start HTTP\/1\.1\r\n/)
    t.ok(connection.received().endsWith(`\r\n\r\n${body}ls\n`))
    connection.socket.end()
    t.equal(await client.rest(), 'file\n')
    t.match(await sluice.access(), { status: 101, in: body.length + 3, out: 5, tunnel: { bytesIn: 3, bytesOut: 5 } })
  }
})

t.test('an upstream that is reached by TLS, and is who it should be', async t => {
  const ca = authority(t)
  const { cert, key, pin } = ca.issue()
  const server = createSecure({ cert, key }, (_, response) => response.end('plain'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  server.on('upgrade', (_, socket: Socket) => {
    socket.write(switching('echo/1'))
    socket.pipe(socket)
  })
  const { port } = server.address() as AddressInfo
  for (const [pins, status] of [
    [[pin], 101],
    [[ca.pin], 502]
  ] as const) {
    const tls = { ca: ca.certFile, serverName: 'localhost', pins: pins.map(each => `sha256/${each}`) }
    const { routes } = tunnelRoute(port)
    const upstreams = { main: { targets: [`https://127.0.0.1:${port}`], tls } }
    const sluice = await startSluice(t, { ...PLAIN, upstreams, routes })
    const client = await connect(t, sluice.port)
    client.send(`${asks()}there and back`)
    t.equal((await client.reply()).status, status)
    client.socket.end()
    if (status === 101) t.equal(await client.rest(), 'there and back')
    t.match(await sluice.access(), { status, error: status === 101 ? undefined : 'GW_UPSTREAM_TLS' })
  }
})

const MIB = 1024 ** 2
const FULL = 64

for (const slow of ['client', 'upstream'] as const) {
  t.test(`when the ${slow} does not read, the other side waits, and nothing is lost`, async t => {
    const upstream = await tunnelUpstream(t)
    const { listen, client: trust } = secure(t)
    const sluice = await serve(t, { ...listen, ...tunnelRoute(upstream.port) })
    const client = await tunnel(t, sluice.port, asks(), trust)
    const server = await upstream.tunnel()
    const other = await connectSecure(t, sluice.port, trust)
    const [from, to] = slow === 'client' ? [server, client] : [client, server]
    const before = memory(sluice.pid).now
    let sent = 0
    for (let i = 0; i < FULL; i++) from.socket.write(Buffer.alloc(MIB, i), () => sent++)
    // Until none is taken for as long as others need for 20 round trips.
    for (let quiet = 0, last = 0; quiet < 20 && sent < FULL; quiet = sent === last ? quiet + 1 : 0) {
      last = sent
      t.equal((await ask(other, request('GET', '/'))).status, 200)
    }
    t.ok(sent < FULL / 2, `${sent} MiB were taken, then no more`)
    const growth = memory(sluice.pid).peak - before
    t.ok(growth < 64 * MIB, `grew by ${Math.round(growth / MIB)} MiB at most`)
    to.socket.write('still here')
    t.equal(await from.take(10), 'still here', 'the other direction is open')
    for (let i = 0; i < FULL; i++) {
      const piece = await to.take(MIB)
      if (piece !== String.fromCharCode(i).repeat(MIB)) t.fail(`piece ${i} is another`)
    }
    client.socket.end()
    t.equal(await server.rest(), '')
  })
}

import { once } from 'node:events'
import t, { type Test } from 'tap'
import { connect, exchange, request } from '../../support/client.js'
import { pluginFolders } from '../../support/plugins.js'
import { Scrape } from '../../support/scrape.js'
import { serve } from '../../support/serve.js'
import { otherSnapshot, startSluice } from '../../support/sluice.js'
import { asks, switching, tunnel, tunnelRoute, tunnelUpstream } from '../../support/tunnel.js'
import { answering, rawUpstream, recordingUpstream } from '../../support/upstream.js'
import { says } from '../../support/wat.js'

t.setTimeout(60_000)

/** Served by Node's HTTP, without TLS. */
const PLAIN = { listen: { http2: true } }

/** An upstream, Sluice before it, and a tunnel through both. */
async function through(t: Test, upgrade: object = {}) {
  const upstream = await tunnelUpstream(t)
  const sluice = await startSluice(t, { ...PLAIN, ...tunnelRoute(upstream.port, upgrade) })
  const client = await tunnel(t, sluice.port, asks())
  const server = await upstream.tunnel()
  return { sluice, client, server }
}

t.test('a tunnel without a byte ends when it is idle', async t => {
  const { sluice, client, server } = await through(t, { idle: '100ms' })
  t.strictSame(await Promise.all([client.rest(), server.rest()]), ['', ''])
  t.match(await sluice.access(), { status: 101, error: undefined, tunnel: { by: 'gateway', reason: 'idle' } })
})

t.test('a tunnel ends when its lifetime is over, however busy, behind what was said in it', async t => {
  const { sluice, client, server } = await through(t, { lifetime: '200ms' })
  server.socket.pipe(server.socket)
  client.socket.write('round and round')
  const echoed = async () => {
    for (;;) {
      const bytes = await client.take(15)
      if (bytes.length < 15) return bytes
      client.socket.write(bytes)
    }
  }
  t.equal(await echoed(), '', 'nothing is cut in the middle')
  t.match(await sluice.access(), { status: 101, error: undefined, tunnel: { by: 'gateway', reason: 'lifetime' } })
})

t.test('a client that breaks off takes the upstream’s connection with it', async t => {
  const { sluice, client, server } = await through(t)
  const closed = once(server.socket, 'close')
  client.socket.resetAndDestroy()
  await server.rest()
  server.socket.end()
  await closed
  t.match(await sluice.access(), { status: 101, error: 'GW_CLIENT_GONE', tunnel: { by: 'client' } })
})

t.test('a client that leaves without a word does too, once the upstream speaks', async t => {
  const { sluice, client, server } = await through(t)
  client.socket.destroy()
  await server.rest()
  while (!server.socket.destroyed)
    await new Promise<unknown>(written => server.socket.write(Buffer.alloc(65_536), written))
  t.match(await sluice.access(), { status: 101, error: undefined, tunnel: { by: 'client' } })
})

t.test('an upstream that breaks off takes the client’s connection with it, behind what it had said', async t => {
  const { sluice, client, server } = await through(t)
  server.socket.write('last words')
  t.equal(await client.take(10), 'last words')
  server.socket.resetAndDestroy()
  t.equal(await client.rest(), '')
  t.match(await sluice.access(), { status: 101, error: 'GW_UPSTREAM_RESET', tunnel: { by: 'upstream', bytesOut: 10 } })
})

for (const after of ['end', 'reset'] as const) {
  t.test(`an upstream that says yes and all it has at once, and leaves (${after}), is heard`, async t => {
    const upstream = await answering(t, `${switching('echo/1')}all there is`, after)
    const plugins = pluginFolders(t, { slow: says({}, 'on_response') })
    const policies = [{ plugin: 'slow' }]
    const sluice = await startSluice(t, { ...PLAIN, ...tunnelRoute(upstream.port, {}, { policies }), plugins })
    const client = await connect(t, sluice.port)
    client.send(asks())
    t.equal((await client.reply()).status, 101)
    const rest = await client.rest()
    if (after === 'end') t.equal(rest, 'all there is')
    // Of a reset that comes with bytes libuv makes an end.
    t.match(await sluice.access(), { status: 101, tunnel: { by: 'upstream' } })
  })
}

t.test('a client that leaves before it has its answer takes the upstream’s connection with it', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, { ...PLAIN, ...tunnelRoute(upstream.port) })
  const client = await connect(t, sluice.port)
  client.send(asks())
  const connection = await upstream.connection()
  await connection.until('\r\n\r\n')
  client.socket.destroy()
  await connection.closed
  t.match(await sluice.access(), { status: 499, error: 'GW_CLIENT_GONE', tunnel: undefined })
})

t.test('while it drains a tunnel goes on, and is cut off at the deadline', async t => {
  const done = await through(t)
  const drained = done.sluice.listener.drain(60_000)
  done.client.socket.end('the rest')
  t.equal(await done.server.rest(), 'the rest')
  done.server.socket.end('thanks')
  t.equal(await done.client.rest(), 'thanks')
  t.equal(await drained, 0)
  const endless = await through(t)
  const ends = Promise.all([endless.client.rest(), endless.server.rest()])
  t.equal(await endless.sluice.listener.drain(50), 1)
  await ends
  t.match(await endless.sluice.access(), { status: 101, tunnel: { by: 'gateway', reason: 'GW_SHUTTING_DOWN' } })
})

t.test('a tunnel outlives a change of the configuration, which waits for it', async t => {
  const { sluice, client, server } = await through(t)
  const snapshot = await otherSnapshot(t, tunnelRoute((await recordingUpstream(t)).port))
  let freed = false
  const swapped = sluice.listener.swap(snapshot).then(() => {
    freed = true
  })
  t.equal(String((await exchange(t, sluice.port, request('GET', '/'))).body), 'ok', 'the upstream of the new one')
  client.socket.write('still the old one')
  t.equal(await server.take(17), 'still the old one')
  t.equal(freed, false)
  client.socket.end()
  server.socket.end()
  await swapped
})

t.test('tunnels and their bytes are counted while they are open', async t => {
  const upstream = await tunnelUpstream(t)
  const sluice = await serve(t, { admin: { port: 0 }, listen: { port: 0, http2: true }, ...tunnelRoute(upstream.port) })
  const { admin } = JSON.parse(sluice.lines.find(line => line.includes('"listening"')) ?? '')
  const scrape = async () => new Scrape(await (await fetch(`${admin}/metrics`)).text())
  const clients = [await tunnel(t, sluice.port, asks()), await tunnel(t, sluice.port, asks())]
  const servers = [await upstream.tunnel(), await upstream.tunnel()]
  clients[0]?.socket.write('12345')
  t.equal(await servers[0]?.take(5), '12345')
  servers[0]?.socket.write('123')
  t.equal(await clients[0]?.take(3), '123')
  let found = await scrape()
  t.equal(found.value('gateway_open_tunnels', { route: 'tunnels' }), 2)
  t.equal(found.value('gateway_active_exchanges'), 2, 'each is an exchange under way')
  t.equal(found.value('gateway_tunnel_bytes_total', { route: 'tunnels', direction: 'in' }), 5)
  t.equal(found.value('gateway_tunnel_bytes_total', { route: 'tunnels', direction: 'out' }), 3)
  for (const { socket } of [...clients, ...servers]) socket.end()
  for (const client of clients) await client.rest()
  do found = await scrape()
  while (found.value('gateway_requests_total', { route: 'tunnels', status: '101' }) !== 2)
  t.equal(found.value('gateway_open_tunnels', { route: 'tunnels' }), 0)
  t.equal(found.value('gateway_active_exchanges'), 0)
})

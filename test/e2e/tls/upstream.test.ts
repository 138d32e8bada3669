import { once } from 'node:events'
import { createServer as createHttp, type IncomingMessage } from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Test } from 'tap'
import t from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { type Authority, authority, type Certificate } from '../../support/certificates.js'
import { exchange, request } from '../../support/client.js'
import { addresses, dnsServer } from '../../support/dns.js'
import { startSluice } from '../../support/sluice.js'
import { asks, switching, tunnel, tunnelRoute } from '../../support/tunnel.js'

interface Seen {
  readonly name: string | false | undefined
  readonly client: string | undefined
  readonly version: string | undefined
  readonly protocol: string | undefined
}

/** An https upstream that notes what each connection showed and asked for. */
async function secureUpstream(
  t: Test,
  { certFile: _, cert, key }: Certificate,
  options: { readonly clientCa?: Authority; readonly http2?: boolean; readonly maxVersion?: 'TLSv1.2' } = {}
): Promise<{ port: number; seen: Seen[] }> {
  const seen: Seen[] = []
  const { clientCa, http2 = false, maxVersion } = options
  const tls = {
    cert,
    key,
    ...(maxVersion !== undefined && { maxVersion }),
    ...(clientCa !== undefined && { ca: clientCa.cert, requestCert: true, rejectUnauthorized: true })
  }
  const server = http2
    ? createSecureServer(tls, (__, response) => response.end('ok'))
    : createHttps(tls, (__, response) => response.end('ok'))
  server.on('secureConnection', (socket: TLSSocket) => {
    const { CN: client } = socket.getPeerCertificate().subject ?? {}
    seen.push({
      name: (socket as { servername?: string | false }).servername,
      client: client === undefined ? undefined : String(client),
      version: socket.getProtocol() ?? undefined,
      protocol: socket.alpnProtocol || undefined
    })
  })
  const sockets = new Set<{ destroy(): void }>()
  server.on('connection', socket => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { port: (server.address() as AddressInfo).port, seen }
}

for (const http2 of [false, true]) {
  const protocol = http2 ? 'HTTP/2' : 'HTTP/1.1'
  /** What a request to an upstream with these settings comes to: a status, and the log's words for an error. */
  const outcome = async (t: Test, port: number, tls: object, more: object = {}): Promise<[number, unknown]> => {
    const upstreams = { main: { targets: [`https://localhost:${port}`], http2, tls, ...more } }
    const sluice = await startSluice(t, { upstreams })
    const { status } = await exchange(t, sluice.port, request('GET', '/'))
    return [status, (await sluice.access()).detail]
  }

  t.test(`${protocol}: an upstream whose authority is trusted is spoken to, another one is not`, async t => {
    const ca = authority(t)
    const { port, seen } = await secureUpstream(t, ca.issue(), { http2 })
    t.strictSame(await outcome(t, port, { ca: ca.certFile }), [200, undefined])
    t.match(seen[0], { name: 'localhost', version: 'TLSv1.3', protocol: http2 ? 'h2' : 'http/1.1' })
    t.match(await outcome(t, port, { ca: authority(t).certFile }), [502, /signature|unable to/])
    t.match(await outcome(t, port, {}), [502, /unable to|self-signed/], 'those of the system do not know it')
    t.strictSame(await outcome(t, port, { verify: false }), [200, undefined])
  })

  t.test(`${protocol}: the name in the certificate must be the one asked for`, async t => {
    const ca = authority(t)
    const { port, seen } = await secureUpstream(t, ca.issue({ names: 'DNS:api.test' }), { http2 })
    t.match(await outcome(t, port, { ca: ca.certFile }), [502, /localhost/])
    const named = { ca: ca.certFile, serverName: 'api.test' }
    t.strictSame(await outcome(t, port, named), [200, undefined])
    t.equal(seen.at(-1)?.name, 'api.test')
    t.strictSame(await outcome(t, port, named, { preserveHost: true }), [200, undefined], 'whatever the Host header')
    t.equal(seen.at(-1)?.name, 'api.test')
  })

  t.test(`${protocol}: a key that is not pinned is refused, even where nothing else is checked`, async t => {
    const ca = authority(t)
    const leaf = ca.issue()
    const { port } = await secureUpstream(t, leaf, { http2 })
    const [right, wrong] = [`sha256/${leaf.pin}`, `sha256/${ca.pin}`]
    t.strictSame(await outcome(t, port, { ca: ca.certFile, pins: [wrong, right] }), [200, undefined])
    t.match(await outcome(t, port, { ca: ca.certFile, pins: [wrong] }), [502, /pinned/])
    t.match(await outcome(t, port, { verify: false, pins: [wrong] }), [502, /pinned/])
  })

  t.test(`${protocol}: the upstream gets the client certificate it demands`, async t => {
    const ca = authority(t)
    const client = ca.issue({ subject: '/CN=gateway' })
    const { port, seen } = await secureUpstream(t, ca.issue(), { http2, clientCa: ca })
    const tls = { ca: ca.certFile, cert: client.certFile, key: client.keyFile }
    t.strictSame(await outcome(t, port, tls), [200, undefined])
    t.equal(seen.at(-1)?.client, 'gateway')
    t.equal((await outcome(t, port, { ca: ca.certFile }))[0], 502)
  })

  t.test(`${protocol}: an upstream that speaks only old TLS is refused by minVersion`, async t => {
    const ca = authority(t)
    const { port } = await secureUpstream(t, ca.issue(), { http2, maxVersion: 'TLSv1.2' })
    t.strictSame(await outcome(t, port, { ca: ca.certFile }), [200, undefined])
    t.equal((await outcome(t, port, { ca: ca.certFile, minVersion: 1.3 }))[0], 502)
  })
}

t.test('failures of TLS have a code of their own', async t => {
  const ca = authority(t)
  const { port } = await secureUpstream(t, ca.issue())
  const upstreams = { main: { targets: [`https://localhost:${port}`], tls: { ca: authority(t).certFile } } }
  const sluice = await startSluice(t, { upstreams })
  const reply = await exchange(t, sluice.port, request('GET', '/'))
  t.match(JSON.parse(reply.body.toString()), { code: 'GW_UPSTREAM_TLS', status: 502, retryable: false })
  t.match(await sluice.access(), { error: 'GW_UPSTREAM_TLS' })
})

for (const http2 of [false, true]) {
  const protocol = http2 ? 'HTTP/2' : 'HTTP/1.1'

  t.test(`${protocol}: a target whose handshake fails costs no request of any method, and is ejected`, async t => {
    const ca = authority(t)
    const good = await secureUpstream(t, ca.issue(), { http2 })
    const bad = await secureUpstream(t, authority(t).issue(), { http2 })
    const targets = [good, bad].map(({ port }) => `https://localhost:${port}`)
    const health = { passive: { consecutive: 2 } }
    const sluice = await startSluice(t, { upstreams: { main: { targets, http2, tls: { ca: ca.certFile }, health } } })
    const attempts: unknown[] = []
    for (let i = 0; i < 8; i++) {
      const reply = await exchange(t, sluice.port, `${request('POST', '/', 'content-length: 4')}body`)
      t.equal(reply.status, 200)
      attempts.push((await sluice.access()).attempts)
    }
    t.equal(attempts.filter(count => count === 2).length, 2, 'until it is ejected')
    t.match(sluice.others, [{ target: targets[1], reason: 'consecutive' }])
  })
}

t.test('an upstream that is to speak HTTP/2 and does not is refused', async t => {
  const ca = authority(t)
  const { port } = await secureUpstream(t, ca.issue())
  const upstreams = { main: { targets: [`https://localhost:${port}`], http2: true, tls: { ca: ca.certFile } } }
  const sluice = await startSluice(t, { upstreams })
  t.equal((await exchange(t, sluice.port, request('GET', '/'))).status, 502)
  t.match(await sluice.access(), { error: 'GW_UPSTREAM_TLS' })
})

for (const http2 of [false, true]) {
  const protocol = http2 ? 'HTTP/2' : 'HTTP/1.1'

  t.test(`${protocol}: WebSockets and tunnels have the authority, client certificate and pins of requests`, async t => {
    const ca = authority(t)
    const certificate = ca.issue()
    const files = { cert: certificate.cert, key: certificate.key, ca: ca.cert, requestCert: true }
    const server = createSecureServer({ ...files, allowHTTP1: true })
    const sockets = new WebSocketServer({ noServer: true })
    const ends = new Set<Duplex>()
    server.on('upgrade', (asked: IncomingMessage, socket: Duplex, early: Buffer) => {
      ends.add(socket)
      if (asked.headers.upgrade === 'websocket') {
        sockets.handleUpgrade(asked, socket, early, opened => opened.on('message', data => opened.send(data)))
      } else {
        socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nhello')
      }
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => {
      for (const each of ends) each.destroy()
      server.close()
    })
    const client = ca.issue()
    const { port } = server.address() as AddressInfo
    const opened = async (tls: object): Promise<[string, string]> => {
      const upstreams = { main: { targets: [`https://localhost:${port}`], tls, http2 } }
      const routes = [
        { name: 'ws', match: { path: '/ws' }, upstream: 'main', websocket: {} },
        { name: 'tunnel', match: { path: '/*' }, upstream: 'main', upgrade: { protocols: ['echo'] } }
      ]
      const sluice = await startSluice(t, { listen: { http2: true }, upstreams, routes })
      const tunnel = connect(sluice.port, '127.0.0.1')
      tunnel.write('GET /x HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n')
      const [status] = await once(tunnel, 'data')
      tunnel.destroy()
      return [await overWebSocket(sluice.port), String(status).slice(9, 12)]
    }
    const shown = { cert: client.certFile, key: client.keyFile }
    const pin = `sha256/${certificate.pin}`
    t.strictSame(await opened({ ca: ca.certFile, ...shown, pins: [pin] }), ['hello', '101'])
    const other = { ca: ca.certFile, ...shown, pins: [`sha256/${client.pin}`] }
    t.strictSame(await opened(other), ['502', '502'], 'another key than the one pinned')
    t.strictSame(await opened({ ca: ca.certFile, pins: [pin] }), ['502', '502'], 'no certificate to show')
    t.strictSame(await opened({ ca: authority(t).certFile }), ['502', '502'], 'an authority that is not trusted')
  })
}

/** What a WebSocket through the gateway echoes, or the status that refuses it. */
async function overWebSocket(port: number): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`)
  const refused = new Promise<string>(resolve => {
    socket.once('unexpected-response', (asked, reply) => {
      asked.destroy()
      resolve(String(reply.statusCode))
    })
  })
  const open = once(socket, 'open').then(async () => {
    socket.send('hello')
    const [data] = await once(socket, 'message')
    return String(data)
  })
  const outcome = await Promise.race([refused, open])
  socket.terminate()
  return outcome
}

for (const { scheme, http2 } of [
  { scheme: 'http', http2: false },
  { scheme: 'https', http2: false },
  { scheme: 'https', http2: true }
]) {
  const what = `${scheme}${http2 ? ' that speaks HTTP/2 else' : ''}`
  t.test(`a target found by DNS is asked by its name when a connection leaves HTTP (${what})`, async t => {
    const ca = authority(t)
    const { cert, key } = ca.issue({ names: 'DNS:orders.internal' })
    const server = scheme === 'https' ? createHttps({ cert, key }) : createHttp()
    const sockets = new WebSocketServer({ noServer: true })
    server.on('upgrade', (asked, socket: Socket, head) => {
      const host = String(asked.headers.host)
      if (asked.headers.upgrade === 'echo/1') socket.end(`${switching('echo/1')}${host}`)
      else sockets.handleUpgrade(asked, socket, head, opened => opened.send(host))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => {
      for (const each of sockets.clients) each.terminate()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    const dns = await dnsServer(t)
    dns.records.set('A orders.internal', addresses('A', 'orders.internal', 60, '127.0.0.1'))
    const discover = { dns: 'orders.internal', port, scheme, family: 'ipv4', servers: [dns.address] }
    const tls = scheme === 'https' ? { tls: { ca: ca.certFile } } : {}
    const { routes } = tunnelRoute(port, {}, { websocket: {} })
    const upstreams = { main: { discover, http2, ...tls } }
    const sluice = await startSluice(t, { listen: { http2: true }, upstreams, routes })
    const socket = new WebSocket(`ws://127.0.0.1:${sluice.port}/`)
    t.teardown(() => socket.terminate())
    const [said] = await once(socket, 'message')
    t.equal(String(said), `orders.internal:${port}`)
    t.equal(await (await tunnel(t, sluice.port, asks())).rest(), `orders.internal:${port}`)
  })
}

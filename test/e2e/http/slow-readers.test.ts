import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect as connectTcp } from 'node:net'
import type { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { authority } from '../../support/certificates.js'
import { exchange, request } from '../../support/client.js'
import { startSluice, toOne } from '../../support/sluice.js'
import { ask2, connect2, connectSecure } from '../../support/tls-client.js'
import { httpUpstream, rawUpstream } from '../../support/upstream.js'

const PIECE = Buffer.alloc(65_536, 'x')
/** Of uWebSockets.js, for who is not what is tested. */
const OTHER = { port: 8081 }

/** Everything but /small has no end. */
function endless({ url }: IncomingMessage, response: ServerResponse): void {
  const fill = (): void => {
    while (response.write(PIECE));
  }
  if (url === '/small') response.end('ok')
  else fill()
  response.on('drain', fill)
}

interface Kind {
  readonly name: string
  readonly listen: unknown
  /** Asks for a path, and reads nothing of the reply until somebody reads the stream. */
  ask(t: Test, port: number, path: string): Promise<Readable>
}

const http1: Kind['ask'] = async (t, port, path) => {
  const socket = connectTcp(port, '127.0.0.1').pause()
  t.teardown(() => socket.destroy())
  socket.on('error', () => undefined)
  socket.write(request('GET', path))
  return socket
}

const http2: Kind['ask'] = async (t, port, path) => {
  const stream = (await connect2(t, port)).request({ ':path': path })
  stream.on('error', () => undefined)
  return stream
}

/** HTTP/2 by a client whose windows are as wide as can be, and that leaves everything in its connection. */
const stuck: Kind['ask'] = async (t, port) => {
  const socket = connectTcp(port, '127.0.0.1').pause()
  t.teardown(() => socket.destroy())
  socket.on('error', () => undefined)
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  socket.write(frame(4, 0, 0, '00047fffffff')) // SETTINGS_INITIAL_WINDOW_SIZE
  socket.write(frame(8, 0, 0, '7fff0000')) // WINDOW_UPDATE
  socket.write(frame(1, 5, 1, '828684410161')) // HEADERS: GET http://a/
  return socket
}

function frame(type: number, flags: number, stream: number, payload: string): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(9), Buffer.from(payload, 'hex')])
  bytes.writeUIntBE(bytes.length - 9, 0, 3)
  bytes[3] = type
  bytes[4] = flags
  bytes.writeUInt32BE(stream, 5)
  return bytes
}

const ca = authority(t)
const { certFile, keyFile } = ca.issue()
const tls = { certificates: [{ cert: certFile, key: keyFile }] }

const NODE: readonly Kind[] = [
  { name: 'HTTP/1.1 by Node', listen: { http2: true }, ask: http1 },
  {
    name: 'HTTP/1.1 with TLS by Node',
    listen: { http2: true, tls },
    ask: async (t, port, path) => {
      const socket = await connectSecure(t, port, { ca: ca.cert, ALPNProtocols: ['http/1.1'] })
      socket.pause().write(request('GET', path))
      return socket
    }
  },
  { name: 'HTTP/2', listen: { http2: true }, ask: http2 },
  {
    name: 'HTTP/2 with TLS',
    listen: { http2: true, tls },
    ask: async (t, port, path) => {
      const stream = (await connect2(t, port, { ca: ca.cert })).request({ ':path': path })
      stream.on('error', () => undefined)
      return stream
    }
  }
]

// uWebSockets.js has a clock of its own, 8 to 12 seconds.
const EVERY: readonly Kind[] = [
  { name: 'HTTP/1.1 by uWebSockets.js', listen: { http2: false }, ask: http1 },
  ...NODE,
  { name: 'HTTP/2, with nothing but the connection in the way', listen: { http2: true }, ask: stuck }
]

for (const { name, listen, ask } of EVERY) {
  t.test(`${name}: a client that stops reading is cut off, and what it occupied is free again`, async t => {
    const upstream = await httpUpstream(t, endless)
    const targets = [`http://127.0.0.1:${upstream.port}`]
    const upstreams = { main: { targets, connections: 1 } }
    const sluice = await startSluice(t, { upstreams, listen: [listen, OTHER], timeouts: { reply: '100ms' } })
    await ask(t, sluice.port, '/')
    t.match(await sluice.access(), { path: '/', status: 200, error: 'GW_CLIENT_GONE' })
    t.equal((await exchange(t, sluice.ports[1] ?? 0, request('GET', '/small'))).body.toString(), 'ok')
    await sluice.access()
    t.equal(sluice.listener.active, 0)
  })
}

t.test('the end of a reply that nobody reads is waited for no longer than any other part', async t => {
  const upstream = await httpUpstream(t, (_, response) => response.end(Buffer.alloc(32_000_000)))
  for (const { listen, ask } of NODE) {
    const limits = { bufferedBodyBytes: '64MiB' }
    const sluice = await startSluice(t, toOne(upstream.port, { listen, limits, timeouts: { reply: '100ms' } }))
    await ask(t, sluice.port, '/')
    t.match(await sluice.access(), { status: 200, error: 'GW_CLIENT_GONE' })
  }
})

for (const { name, listen, ask } of NODE) {
  t.test(`${name}: a client that reads slowly is not cut off, however long it takes over all`, async t => {
    const two = name.startsWith('HTTP/2')
    // Between two signs of life: of HTTP/2 the window, of HTTP/1.1 a third of what the kernel keeps for this machine's connections.
    const step = two ? 16_384 : 1_048_576
    const size = (two ? 128 : 48) * step
    const whole = two ? { reply: { body: 'x'.repeat(size) } } : { upstream: 'main' }
    const upstream = await httpUpstream(t, (_, response) => response.end(Buffer.alloc(size)))
    const routes = [{ name: 'all', match: { path: '/*' }, ...whole }]
    const sluice = await startSluice(t, toOne(upstream.port, { listen, routes, timeouts: { reply: '400ms' } }))
    const reader = await ask(t, sluice.port, '/')
    let happened = (): void => undefined
    const something = (): Promise<void> =>
      new Promise(resolve => {
        happened = resolve
      })
    reader.on('readable', () => happened()).on('close', () => happened())
    let read = 0
    for (let next = step; read < size; ) {
      const chunk: Buffer | null = reader.read()
      if (chunk === null) {
        if (reader.destroyed) break
        await something()
        continue
      }
      read += chunk.length
      if (read < next) continue
      next += step
      await pause(25)
    }
    t.ok(read >= size, `${read} of ${size} bytes`)
    t.match(await sluice.access(), { status: 200, error: undefined })
  })

  t.test(`${name}: a stream whose upstream is silent is not cut off`, async t => {
    const upstream = await rawUpstream(t)
    const sluice = await startSluice(
      t,
      toOne(upstream.port, { listen: [listen, OTHER], timeouts: { reply: '20ms', request: '60ms' } })
    )
    const reader = await ask(t, sluice.port, '/')
    const { socket, until } = await upstream.connection()
    await until('\r\n\r\n')
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n')
    await once(reader, 'readable')
    // Requests of others time out meanwhile: three times as patiently.
    for (let i = 0; i < 2; i++) {
      const slow = `${request('POST', '/slow', 'content-length: 9')}ab`
      t.equal((await exchange(t, sluice.ports[1] ?? 0, slow)).status, 408)
    }
    socket.write('4\r\nlast\r\n0\r\n\r\n')
    let text = ''
    reader.on('data', chunk => {
      text += chunk
    })
    while (!text.includes('last')) await once(reader, 'data')
    for (let i = 0; i < 2; i++) t.match(await sluice.access(), { path: '/slow' })
    t.match(await sluice.access(), { path: '/', status: 200, error: undefined })
  })
}

t.test('of an HTTP/2 connection that goes on, the stream that nobody reads is reset, and no other', async t => {
  const upstream = await httpUpstream(t, endless)
  const sluice = await startSluice(t, toOne(upstream.port, { listen: { http2: true }, timeouts: { reply: '100ms' } }))
  const session = await connect2(t, sluice.port)
  session.setLocalWindowSize(1_000_000)
  const [unread, read] = [session.request({ ':path': '/unread' }), session.request({ ':path': '/read' })]
  read.resume()
  unread.on('error', () => undefined)
  const closed = once(unread, 'close')
  t.match(await sluice.access(), { path: '/unread', status: 200, error: 'GW_CLIENT_GONE' })
  unread.resume()
  await closed
  t.equal(unread.rstCode, 8, 'CANCEL')
  t.equal((await ask2(session, { ':path': '/small' })).body, 'ok')
  t.match(await sluice.access(), { path: '/small' })
  await once(read, 'data')
  t.strictSame(sluice.untaken, [])
  read.close()
})

import { once } from 'node:events'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { sluice as sluiceCommand } from '../../command.js'
import { connect, exchange, request } from '../../support/client.js'
import { serve } from '../../support/serve.js'
import { configFile, startSluice, toOne } from '../../support/sluice.js'
import { connect2 } from '../../support/tls-client.js'
import { rawUpstream, recordingUpstream } from '../../support/upstream.js'
import { closed, echo, message, openSocket, socketRoute, socketUpstream } from '../../support/websocket.js'

const ended = (lines: readonly string[]) => lines.map(line => JSON.parse(line))

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(
    `after ${signal} no connection is taken, what is asked on open ones is answered, and the exit code is 0`,
    async t => {
      const upstream = await rawUpstream(t)
      const sluice = await serve(t, toOne(upstream.port))
      const running = await connect(t, sluice.port)
      running.send(request('GET', '/running'))
      const connection = await upstream.connection()
      await connection.until('/running')
      const idle = await connect(t, sluice.port)
      idle.send(request('GET', '/%'))
      await idle.rest()
      const kept = await connect(t, sluice.port)
      const exit = sluice.end(signal)
      // The port is given back: a new connection is refused.
      await refusing(t, sluice.port)
      kept.send(request('GET', '/late'))
      const next = await upstream.connection()
      await next.until('/late')
      next.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nlate')
      const late = await kept.reply()
      t.equal(late.body.toString(), 'late', 'a request on an open connection is served')
      t.equal(late.header('connection'), 'close', 'and the connection ends with it')
      connection.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello')
      const reply = await running.reply()
      t.equal(reply.status, 200)
      t.equal(reply.body.toString(), 'hello')
      t.equal(await exit, 0)
      t.match(ended(sluice.lines), [
        { msg: 'listening' },
        { status: 400 },
        { msg: 'draining', signal },
        { path: '/late', status: 200 },
        { path: '/running', status: 200 },
        { msg: 'stopped' }
      ])
    }
  )
}

t.test('an exchange that hangs is cut off at the deadline, and the exit code is still 0', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await serve(t, toOne(upstream.port, { timeouts: { drain: '100ms' } }))
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/hangs'))
  const connection = await upstream.connection()
  await connection.until('/hangs')
  t.equal(await sluice.end(), 0)
  t.equal(await client.rest(), '')
  await connection.closed
  t.match(ended(sluice.lines), [
    { msg: 'listening' },
    { msg: 'draining' },
    { path: '/hangs', status: 503, error: 'GW_SHUTTING_DOWN' },
    { cutOff: 1 },
    { msg: 'stopped' }
  ])
})

t.test('with drainDelay it says that it drains, and serves on new connections until the delay is over', async t => {
  const upstream = await recordingUpstream(t)
  const { end, lines, ...sluice } = await serve(
    t,
    toOne(upstream.port, { admin: { port: 0 }, timeouts: { drainDelay: '2s' } })
  )
  const { admin } = ended(lines)[0]
  const busy = await connect(t, sluice.port)
  const began = performance.now()
  const exit = end()
  await sluice.until(line => line.includes('"draining"'))
  const ready = await fetch(`${admin}/readyz`)
  t.equal(ready.status, 503, 'balancers send nothing more')
  t.equal((await fetch(`${admin}/livez`)).status, 200)
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/'))
  t.equal((await client.reply()).status, 200, 'but what they still send is served')
  for (let last = false; !last; ) {
    busy.send(request('GET', '/busy'))
    last = (await busy.reply()).header('connection') === 'close'
  }
  await busy.rest()
  const other = await exchange(t, sluice.port, request('GET', '/'))
  t.equal(other.status, 200, 'who keeps sending is told to go elsewhere before the end')
  t.equal(await exit, 0)
  t.ok(performance.now() - began >= 1_990, 'the whole delay')
  t.match(ended(lines)[1], { msg: 'draining', delayMs: 2_000 })
})

const listeners = [
  ['uWebSockets.js', {}],
  ["Node's", { listen: { http2: true } }]
] as const

for (const [name, listen] of listeners) {
  t.test(`no busy client loses a request from the signal to the end: ${name}`, async t => {
    const upstream = await recordingUpstream(t)
    const sluice = await startSluice(t, toOne(upstream.port, listen))
    let rerouted = false
    let ends = 0
    const failures: unknown[] = []
    let enough: () => void = () => undefined
    const busy = new Promise<void>(resolve => {
      enough = resolve
    })
    // As a balancer: it takes connections that end for what they are, and opens others until it has noticed.
    const work = async (): Promise<void> => {
      while (!rerouted) {
        const { reply, send, rest, socket } = await connect(t, sluice.port)
        for (let last = false; !last; ) {
          send(request('GET', '/'))
          last = (await reply()).header('connection') === 'close'
        }
        socket.end()
        await rest()
        if (++ends === 100) enough()
      }
    }
    const clients = Array.from({ length: 8 }, () => work().catch(error => failures.push(error)))
    sluice.listener.depart(200)
    await busy
    rerouted = true
    const cutOff = await sluice.listener.drain(60_000)
    await Promise.all(clients)
    t.strictSame(failures, [])
    t.equal(cutOff, 0)
    t.equal(sluice.listener.connections, 0)
  })

  t.test(`after the delay a request that was on its way is served: ${name}`, async t => {
    const upstream = await recordingUpstream(t)
    const sluice = await startSluice(t, toOne(upstream.port, listen))
    const fresh = await connect(t, sluice.port)
    const idle = await connect(t, sluice.port)
    idle.send(request('GET', '/'))
    await idle.reply()
    sluice.listener.depart(0)
    const drained = sluice.listener.drain(60_000)
    await refusing(t, sluice.port)
    for (const client of [idle, fresh]) {
      client.send(request('GET', '/'))
      t.equal((await client.reply()).header('connection'), 'close')
      t.equal(await client.rest(), '')
    }
    t.equal(await drained, 0)
  })
}

t.test('an HTTP/2 client is told to go elsewhere behind a reply, and what it sent until then is served', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port, { listen: { http2: true } }))
  const session = await connect2(t, sluice.port)
  const told = once(session, 'goaway')
  const slow = session.request({ ':path': '/slow' })
  const slowUpstream = await upstream.connection()
  await slowUpstream.until('/slow')
  sluice.listener.depart(0)
  const quick = session.request({ ':path': '/quick' })
  const quickUpstream = await upstream.connection()
  await quickUpstream.until('/quick')
  quickUpstream.socket.write('HTTP/1.1 204 No Content\r\n\r\n')
  t.match(await once(quick, 'response'), [{ ':status': 204 }])
  const [code, lastStream] = await told
  t.equal(code, 0)
  t.equal(lastStream, 2 ** 31 - 1, 'no stream is left out yet')
  slowUpstream.socket.write('HTTP/1.1 204 No Content\r\n\r\n')
  t.match(await once(slow, 'response'), [{ ':status': 204 }])
  await once(session, 'close')
  t.equal((await exchange(t, sluice.port, request('GET', '/%'))).status, 400, 'new connections are taken')
})

t.test('a WebSocket that is opened in the delay stays until its end', async t => {
  const upstream = await socketUpstream(t, echo)
  const sluice = await startSluice(t, socketRoute(upstream.port))
  sluice.listener.depart(0)
  const socket = await openSocket(t, sluice)
  socket.send('still here')
  t.match(await message(socket), { data: Buffer.from('still here') })
  const end = closed(socket)
  const drained = sluice.listener.drain(60_000)
  t.match(await end, { code: 1001 })
  t.equal(await drained, 0)
})

t.test('a reply in chunks that begins while it drains is whole', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port))
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/'))
  const connection = await upstream.connection()
  await connection.until('\r\n\r\n')
  const drained = sluice.listener.drain(60_000)
  connection.socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n')
  await new Promise(resolve => client.socket.once('data', resolve))
  connection.socket.write('2\r\nde\r\n0\r\n\r\n')
  const reply = await client.reply()
  t.equal(reply.body.toString(), 'abcde')
  t.equal(reply.header('connection'), 'close')
  t.equal(await drained, 0)
})

for (const [name, upstreamOptions, listen] of [
  ['uWebSockets.js', {}, {}],
  ['uWebSockets.js, nothing is sent twice', { retries: { attempts: 0 } }, {}],
  ["Node's", {}, { listen: { http2: true } }]
] as const) {
  t.test(`what is cut off at the deadline was ended by the gateway, not by its client: ${name}`, async t => {
    const upstream = await rawUpstream(t)
    const targets = [`http://127.0.0.1:${upstream.port}`]
    const sluice = await startSluice(t, { upstreams: { main: { targets, ...upstreamOptions } }, ...listen })
    const silent = await connect(t, sluice.port)
    silent.send(request('GET', '/silent'))
    await (await upstream.connection()).until('/silent')
    const begun = await connect(t, sluice.port)
    begun.send(request('GET', '/begun'))
    const answering = await upstream.connection()
    await answering.until('/begun')
    answering.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nsome')
    await new Promise(resolve => begun.socket.once('data', resolve))
    const sending = await connect(t, sluice.port)
    sending.send(`${request('POST', '/sending', 'content-length: 9').trimEnd()}\r\n\r\nsome`)
    await (await upstream.connection()).until('some')
    const gone = await connect(t, sluice.port)
    gone.send(request('GET', '/gone'))
    await (await upstream.connection()).until('/gone')
    gone.socket.resetAndDestroy()
    t.match(await sluice.access(), { path: '/gone', status: 499, error: 'GW_CLIENT_GONE' })
    t.equal(await sluice.listener.drain(0), 3)
    const lines = [await sluice.access(), await sluice.access(), await sluice.access()]
    const byPath = new Map(lines.map(line => [line.path, line]))
    t.match(byPath.get('/silent'), { status: 503, error: 'GW_SHUTTING_DOWN', out: 0 })
    t.match(byPath.get('/begun'), { status: 200, error: 'GW_SHUTTING_DOWN', out: 4 })
    t.match(byPath.get('/sending'), { status: 503, error: 'GW_SHUTTING_DOWN', in: 4 })
  })
}

t.test('of HTTP/2 too', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port, { listen: { http2: true } }))
  const session = await connect2(t, sluice.port)
  session.request({ ':path': '/silent' }).on('error', () => undefined)
  await (await upstream.connection()).until('/silent')
  t.equal(await sluice.listener.drain(0), 1)
  t.match(await sluice.access(), { path: '/silent', status: 503, error: 'GW_SHUTTING_DOWN' })
})

t.test('with nothing under way it ends at once, idle connections and all', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await serve(t, toOne(upstream.port))
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/'))
  await client.reply()
  t.equal(await sluice.end(), 0)
  t.equal(await client.rest(), '')
  t.match(ended(sluice.lines).at(-2), { msg: 'draining' })
})

t.test('a port in use is said so, and the exit code is 1', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  t.teardown(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const file = configFile(t, toOne(1, { listen: { port }, admin: { port: 0 } }))
  const { code, stdout, stderr } = await sluiceCommand(['serve', '-c', file])
  t.equal(code, 1)
  t.equal(stderr, `cannot listen on 127.0.0.1:${port}: the port is in use\n`)
  t.equal(stdout, '')
})

for (const reader of ['gone', 'stuck'] as const) {
  t.test(`a second signal ends it at once where the reader of its log is ${reader}`, async t => {
    const upstream = await rawUpstream(t)
    const sluice = await serve(t, toOne(upstream.port))
    const hanging = await connect(t, sluice.port)
    hanging.send(request('GET', '/hangs'))
    await (await upstream.connection()).until('/hangs')
    const { stdout } = sluice.process
    if (reader === 'gone') stdout?.destroy()
    else {
      stdout?.pause()
      // More than a pipe holds: each is a line of the log.
      const path = `/%?${'a'.repeat(500)}`
      for (let i = 0; i < 3_000; i++) await (await fetch(`http://127.0.0.1:${sluice.port}${path}`)).text()
    }
    const closed = new Promise(resolve => sluice.process.once('exit', (code, signal) => resolve(code ?? signal)))
    sluice.process.kill('SIGTERM')
    await refusing(t, sluice.port)
    sluice.process.kill('SIGTERM')
    t.equal(await closed, reader === 'gone' ? 1 : 'SIGKILL')
  })
}

/** When no connection is taken any more. */
async function refusing(t: Test, port: number): Promise<void> {
  for (;;) {
    const late = await connect(t, port)
    const refused = late.socket.destroyed
    late.socket.destroy()
    if (refused) return
  }
}

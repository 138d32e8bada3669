import { createHash, randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { connect, exchange, type RawClient, request } from '../../support/client.js'
import { memory, serve } from '../../support/serve.js'
import { startSluice } from '../../support/sluice.js'
import { httpUpstream, rawUpstream } from '../../support/upstream.js'

t.setTimeout(120_000)

/** Server-sent events: streams of text that are read as they come, and may never end. */

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
  connection: 'keep-alive'
}

function route(port: number, more: object = {}) {
  return {
    upstreams: { main: { targets: [`http://127.0.0.1:${port}`] } },
    routes: [{ name: 'events', match: { path: '/*' }, upstream: 'main', ...more }]
  }
}

/** An upstream whose streams the test writes. */
async function streams(t: Test) {
  const open: ServerResponse[] = []
  const takers: ((response: ServerResponse) => void)[] = []
  const upstream = await httpUpstream(t, (_, response) => {
    response.writeHead(200, HEADERS)
    const taker = takers.shift()
    if (taker === undefined) open.push(response)
    else taker(response)
  })
  const next = (): Promise<ServerResponse> => {
    const response = open.shift()
    return response === undefined ? new Promise(resolve => takers.push(resolve)) : Promise.resolve(response)
  }
  return { port: upstream.port, next }
}

/** What has arrived, and the wait for more. */
function arriving({ socket }: RawClient) {
  let text = ''
  let changed: () => void = () => undefined
  socket.on('data', chunk => {
    text += chunk.toString('latin1')
    changed()
  })
  return async (wanted: string): Promise<string> => {
    const latin1 = Buffer.from(wanted).toString('latin1')
    while (!text.includes(latin1)) {
      await new Promise<void>(resolve => {
        changed = resolve
      })
    }
    return text
  }
}

t.test('each event arrives before the next is sent', async t => {
  const upstream = await streams(t)
  const sluice = await startSluice(t, route(upstream.port))
  const client = await connect(t, sluice.port)
  const until = arriving(client)
  client.send(request('GET', '/', 'accept: text/event-stream'))
  const stream = await upstream.next()
  // Comments, fields cut in two, characters of several bytes, all three ends of line.
  const events = [': hello\n\n', 'id: 1\ndata: eins\n\n', 'data: zw', 'ei ü\r\n\r\n', 'event: x\rdata: drei\r\r', '\n']
  for (const event of events) {
    stream.write(event)
    await until(event)
  }
  const text = await until(': hello')
  t.match(text, /^HTTP\/1\.1 200 OK\r\n/)
  t.match(text, /\r\ncontent-type: text\/event-stream; charset=utf-8\r\n/i)
  t.match(text, /\r\ncache-control: no-cache, no-transform\r\n/i)
  t.match(text, /\r\nx-accel-buffering: no\r\n/i)
  t.notMatch(text, /content-length/i)
  stream.end()
  t.match(await sluice.access(), { status: 200, out: Buffer.byteLength(events.join('')), error: undefined })
})

t.test('a stream of any bytes comes through as it is, and the connection goes on after its end', async t => {
  const pieces = Array.from({ length: 200 }, (_, i) => randomBytes(1 + ((i * 7919) % 4_000)))
  const upstream = await streams(t)
  const sluice = await startSluice(t, route(upstream.port))
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/'))
  const stream = await upstream.next()
  for (const piece of pieces) stream.write(piece)
  stream.end()
  const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
  t.equal(digest((await client.reply()).body), digest(Buffer.concat(pieces)))
  client.send(request('GET', '/again'))
  const second = await upstream.next()
  second.end('data: again\n\n')
  t.equal((await client.reply()).body.toString(), 'data: again\n\n')
})

t.test('a heartbeat keeps a stream; without one it ends after the idle time of its route', async t => {
  const upstream = await streams(t)
  const sluice = await startSluice(t, route(upstream.port, { timeouts: { idle: '300ms' } }))
  const open = async () => {
    const client = await connect(t, sluice.port)
    client.send(request('GET', '/'))
    const stream = await upstream.next()
    stream.write('data: first\n\n')
    return { client, stream }
  }
  const kept = await open()
  const until = arriving(kept.client)
  const beat = setInterval(() => kept.stream.write(':\n\n'), 20)
  t.teardown(() => clearInterval(beat))
  // The quiet ones are the clock.
  for (let i = 0; i < 3; i++) {
    const quiet = await open()
    t.match(await quiet.client.rest(), /data: first/)
    t.match(await sluice.access(), { status: 200, error: 'GW_UPSTREAM_TIMEOUT' })
  }
  kept.stream.write('data: last\n\n')
  await until('data: last')
  clearInterval(beat)
  kept.stream.end()
  t.match(await sluice.access(), { status: 200, error: undefined })
})

t.test(
  'a stream may be silent for as long as its idle time says, though uWebSockets.js has clocks of ten seconds',
  async t => {
    const upstream = await streams(t)
    const { upstreams, routes } = route(upstream.port)
    const clock = { name: 'clock', match: { path: '/clock' }, upstream: 'main', timeouts: { idle: '13s' } }
    const sluice = await startSluice(t, { upstreams, routes: [...routes, clock] })
    const client = await connect(t, sluice.port)
    const until = arriving(client)
    client.send(request('GET', '/'))
    const stream = await upstream.next()
    stream.write('data: first\n\n')
    await until('data: first')
    const other = await connect(t, sluice.port)
    other.send(request('GET', '/clock'))
    const ticking = await upstream.next()
    ticking.write('data: first\n\n')
    await other.rest()
    stream.write('data: second\n\n')
    await until('data: second')
  }
)

t.test('when the client goes, the stream of the upstream ends', async t => {
  const upstream = await streams(t)
  const sluice = await startSluice(t, route(upstream.port))
  const client = await connect(t, sluice.port)
  const until = arriving(client)
  client.send(request('GET', '/'))
  const stream = await upstream.next()
  stream.write('data: first\n\n')
  await until('data: first')
  const ended = new Promise(resolve => stream.once('close', resolve))
  client.socket.destroy()
  await ended
  t.match(await sluice.access(), { status: 200, error: 'GW_CLIENT_GONE' })
})

t.test('an upstream that breaks off in a stream is not taken for its end', async t => {
  const upstream = await streams(t)
  const sluice = await startSluice(t, route(upstream.port))
  const client = await connect(t, sluice.port)
  const until = arriving(client)
  client.send(request('GET', '/'))
  const stream = await upstream.next()
  stream.write('data: first\n\n')
  await until('data: first')
  stream.destroy()
  t.notMatch(await client.rest(), /\r\n0\r\n\r\n$/)
  t.match(await sluice.access(), { status: 200, error: 'GW_UPSTREAM_RESET' })
})

const MIB = 1024 ** 2
const EVENT = `data: ${'x'.repeat(10_000)}\n\n`

t.test('a client that reads slowly slows the stream, in bounded memory', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await serve(t, route(upstream.port))
  const client = await connect(t, sluice.port)
  client.socket.pause()
  client.send(request('GET', '/'))
  const { socket, until } = await upstream.connection()
  await until('\r\n\r\n')
  const before = memory(sluice.pid).now
  socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n')
  const chunk = `${EVENT.length.toString(16)}\r\n${EVENT}\r\n`
  let written = 0
  let stuck = false
  while (written < 64 * MIB && !stuck) {
    let drained = socket.write(chunk)
    written += chunk.length
    if (drained) continue
    socket.once('drain', () => {
      drained = true
    })
    // Others are served all the while: their round trips are the clock.
    for (let i = 0; i < 20 && !drained; i++) await exchange(t, sluice.port, request('GET', '/%'))
    stuck = !drained
  }
  t.ok(stuck, `${Math.round(written / MIB)} MiB were taken, then no more`)
  const growth = memory(sluice.pid).peak - before
  t.ok(growth < 50 * MIB, `grew by ${Math.round(growth / MIB)} MiB at most`)
  socket.write('0\r\n\r\n')
  client.socket.resume()
  const reply = await client.reply()
  t.equal(reply.body.length % EVENT.length, 0)
  t.equal(reply.body.length, (written / chunk.length) * EVENT.length, 'all of it came')
})

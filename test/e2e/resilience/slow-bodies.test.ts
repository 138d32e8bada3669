import t, { type Test } from 'tap'
import { connect, request } from '../../support/client.js'
import { startSluice, toOne } from '../../support/sluice.js'
import { type RawConnection, rawUpstream } from '../../support/upstream.js'

// Replies whose bodies come a byte at a time: never silent for long, and never at an end.
t.setTimeout(120_000)

const PIECE = { 'content-length: 1000000': 'x', 'transfer-encoding: chunked': '1\r\nx\r\n' } as const

/** Sends a piece every few milliseconds, for as long as the connection is open. @returns stops it */
function drip({ socket }: RawConnection, piece: string): () => void {
  const timer = setInterval(() => socket.write(piece), 10)
  const stop = (): void => clearInterval(timer)
  socket.once('close', stop)
  return stop
}

async function dripping(t: Test, framing: keyof typeof PIECE, timeouts: Readonly<Record<string, string>>) {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`], timeouts } }
  })
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/'))
  const connection = await upstream.connection()
  await connection.until('\r\n\r\n')
  connection.socket.write(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n`)
  return { sluice, client, connection, stop: drip(connection, PIECE[framing]) }
}

for (const framing of ['content-length: 1000000', 'transfer-encoding: chunked'] as const) {
  t.test(`a body with ${framing} that drips is ended by the total time, however steadily it comes`, async t => {
    const { sluice, client, connection } = await dripping(t, framing, { idle: '30s', total: '400ms' })
    const received = await client.rest()
    t.match(received, /^HTTP\/1\.1 200 /)
    t.notMatch(received, /\r\n0\r\n\r\n$/, 'it does not look whole')
    t.match(await sluice.access(), { status: 200, error: 'GW_UPSTREAM_TIMEOUT', detail: /not over within 400 ms/ })
    await connection.closed
  })

  t.test(`a body with ${framing} that drips is never idle; once it stops, it is`, async t => {
    const { sluice, client, connection, stop } = await dripping(t, framing, { idle: '500ms' })
    // Longer than the idle time in all, and each byte in time.
    const since = performance.now()
    while (performance.now() - since < 1_200) {
      await new Promise(resolve => client.socket.once('data', resolve))
      t.equal(client.socket.destroyed, false)
    }
    stop()
    t.notMatch(await client.rest(), /\r\n0\r\n\r\n$/, 'it does not look whole')
    t.match(await sluice.access(), { status: 200, error: 'GW_UPSTREAM_TIMEOUT', detail: /the body fell silent/ })
    await connection.closed
  })
}

t.test('a route may be less patient with a body than its upstream', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(
    t,
    toOne(upstream.port, {
      timeouts: { idle: '1h' },
      routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', timeouts: { idle: '100ms' } }]
    })
  )
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/'))
  const connection = await upstream.connection()
  await connection.until('\r\n\r\n')
  connection.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc')
  t.match(await client.rest(), /^HTTP\/1\.1 200 [\s\S]*abc$/)
  t.match(await sluice.access(), { error: 'GW_UPSTREAM_TIMEOUT', detail: /the body fell silent/, out: 3 })
  await connection.closed
})

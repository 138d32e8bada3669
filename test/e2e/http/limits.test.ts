import t from 'tap'
import { connect, exchange, request } from '../../support/client.js'
import { startSluice, toOne } from '../../support/sluice.js'
import { rawUpstream, recordingUpstream } from '../../support/upstream.js'

t.test('too many bytes of headers, or too many of them, are 431', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port, { limits: { headerBytes: '2KiB', headers: 10 } }))
  const ask = (...headers: string[]) => exchange(t, sluice.port, request('GET', '/', ...headers))
  t.equal((await ask(`x: ${'y'.repeat(1_900)}`)).status, 200)
  t.equal((await ask(...Array.from({ length: 9 }, (_, i) => `x${i}: 1`))).status, 200)
  for (const headers of [[`x: ${'y'.repeat(2_100)}`], Array.from({ length: 10 }, (_, i) => `x${i}: 1`)]) {
    const reply = await ask(...headers)
    t.equal(reply.status, 431)
    t.equal(reply.json().code, 'GW_HEADERS_TOO_LARGE')
    t.equal(reply.header('connection'), 'close')
  }
  t.equal(
    (await exchange(t, sluice.port, request('GET', `/${'x'.repeat(2_100)}`))).status,
    431,
    'the target counts too'
  )
  t.equal(upstream.seen.length, 2)
})

t.test('an announced body that is too large is 413 before any of it is taken', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port, { limits: { bodyBytes: '1KiB' } }))
  t.equal((await exchange(t, sluice.port, request('POST', '/', 'content-length: 1024') + 'x'.repeat(1024))).status, 200)
  const client = await connect(t, sluice.port)
  client.send(request('POST', '/', 'content-length: 1025'))
  const reply = await client.reply()
  t.equal(reply.status, 413)
  t.equal(reply.json().code, 'GW_BODY_TOO_LARGE')
  client.send('x'.repeat(1025))
  client.send(request('GET', '/'))
  t.equal((await client.reply()).status, 200, 'a little that is left is read and the connection goes on')
  const endless = await connect(t, sluice.port)
  endless.send(request('POST', '/', 'content-length: 999999999999'))
  t.match(await endless.rest(), /^HTTP\/1\.1 413 .*\r\nconnection: close\r\n/is, 'much is not')
})

t.test('a chunked body that grows too large is 413 and the request upstream is cancelled', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port, { limits: { bodyBytes: '1KiB' } }))
  const client = await connect(t, sluice.port)
  client.send(`${request('POST', '/', 'transfer-encoding: chunked')}200\r\n${'x'.repeat(512)}\r\n`)
  const connection = await upstream.connection()
  await connection.until('x'.repeat(512))
  client.send(`201\r\n${'y'.repeat(513)}\r\n`)
  t.match(await client.rest(), /^HTTP\/1\.1 413 /)
  await connection.closed
  t.notMatch(connection.received(), /yy/, 'what is too much was not sent on')
  t.match(await sluice.access(), { status: 413, error: 'GW_BODY_TOO_LARGE', in: 1025 })
})

t.test('a route may take more or less than the others', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, {
    ...toOne(upstream.port),
    limits: { bodyBytes: '1KiB' },
    routes: [
      { name: 'more', match: { path: '/more' }, upstream: 'main', limits: { bodyBytes: '1MiB' } },
      { name: 'less', match: { path: '/less' }, upstream: 'main', limits: { bodyBytes: '10B' } }
    ]
  })
  const post = async (path: string, size: number): Promise<number> => {
    const body = 'x'.repeat(size)
    return (await exchange(t, sluice.port, request('POST', path, `content-length: ${size}`) + body)).status
  }
  t.equal(await post('/more', 500_000), 200)
  t.equal(await post('/less', 10), 200)
  t.equal(await post('/less', 11), 413)
  const chunked = request('POST', '/less', 'transfer-encoding: chunked')
  t.equal((await exchange(t, sluice.port, `${chunked}b\r\nhello world\r\n0\r\n\r\n`)).status, 413)
})

t.test('a connection too many is 503, and free again when another ends', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port, { limits: { connections: 3 } }))
  const clients = []
  for (let i = 0; i < 3; i++) {
    const client = await connect(t, sluice.port)
    client.send(request('GET', '/'))
    t.equal((await client.reply()).status, 200)
    clients.push(client)
  }
  const refused = await connect(t, sluice.port)
  const text = await refused.rest()
  t.match(text, /^HTTP\/1\.1 503 /)
  t.match(text, /GW_TOO_MANY_CONNECTIONS/)
  t.strictSame(sluice.refused, ['too-many: too many connections are open'])
  for (const client of clients) {
    client.send(request('GET', '/'))
    t.equal((await client.reply()).status, 200, 'the others are served')
  }
  const [first] = clients
  first?.socket.resetAndDestroy()
  // The end of one and the beginning of the next are two events: ask until the first has been seen.
  for (;;) {
    const next = await connect(t, sluice.port)
    next.send(request('GET', '/'))
    const reply = await next.reply().catch(() => undefined)
    if (reply?.status === 200) break
    next.socket.destroy()
  }
  t.pass('one more is served')
})

t.test('connections are counted over all that is listened on, of either kind', async t => {
  const upstream = await recordingUpstream(t)
  const host = '127.0.0.1'
  const listen = [{ host }, { host, port: 8081 }, { host, port: 8082, http2: true }]
  const sluice = await startSluice(t, toOne(upstream.port, { listen, limits: { connections: 3 } }))
  const [first = 0, , third = 0] = sluice.ports
  for (const port of sluice.ports) {
    const client = await connect(t, port)
    client.send(request('GET', '/'))
    t.equal((await client.reply()).status, 200)
  }
  for (const port of [first, third]) {
    t.match(await (await connect(t, port)).rest(), /^HTTP\/1\.1 503 .*GW_TOO_MANY_CONNECTIONS/s)
  }
})

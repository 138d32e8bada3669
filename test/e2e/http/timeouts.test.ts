import t, { type Test } from 'tap'
import { connect, request } from '../../support/client.js'
import { startSluice, toOne } from '../../support/sluice.js'
import { rawUpstream } from '../../support/upstream.js'

for (const framing of ['content-length: 100', 'transfer-encoding: chunked']) {
  t.test(`a request with ${framing} whose body stops coming is 408, and cancelled upstream`, async t => {
    const upstream = await rawUpstream(t)
    const sluice = await startSluice(t, toOne(upstream.port, { timeouts: { request: '100ms' } }))
    const client = await connect(t, sluice.port)
    client.send(`${request('POST', '/', framing)}5\r\nabcde\r\n`)
    const connection = await upstream.connection()
    await connection.until('abcde')
    const received = await client.rest()
    t.match(received, /^HTTP\/1\.1 408 /)
    t.match(received, /GW_REQUEST_TIMEOUT/)
    await connection.closed
    t.match(await sluice.access(), { status: 408, error: 'GW_REQUEST_TIMEOUT' })
  })
}

for (const [kind, listen] of [
  ['uWebSockets.js', { port: 0 }],
  ['Node', { port: 0, http2: true }]
] as const) {
  t.test(`a route may have more patience with a body, or less, on a listener of ${kind}`, async t => {
    const upstream = await rawUpstream(t)
    const patient = (name: string, ms: string) => ({
      name,
      match: { path: `/${name}` },
      upstream: 'main',
      timeouts: { request: ms }
    })
    const routes = [patient('short', '40ms'), patient('long', '1h')]
    const sluice = await startSluice(t, toOne(upstream.port, { listen, timeouts: { request: '200ms' }, routes }))
    const long = await connect(t, sluice.port)
    long.send(`${request('POST', '/long', 'content-length: 3')}a`)
    const connection = await upstream.connection()
    await connection.until('\r\n\r\na')
    // Another client's request times out three times meanwhile: time enough for the first one's, were it as impatient.
    for (let i = 0; i < 3; i++) {
      const short = await connect(t, sluice.port)
      short.send(`${request('POST', '/short', 'content-length: 9')}ab`)
      t.match(await short.rest(), /^HTTP\/1\.1 408 /)
    }
    long.send('bc')
    await connection.until('abc')
    connection.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    t.equal((await long.reply()).status, 200)
  })
}

t.test('the time a client waits for the upstream to read is not counted as its own', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port, { timeouts: { request: '40ms' } }))
  const client = await connect(t, sluice.port)
  const size = 30_000_000
  // More than every buffer on the way: the rest waits because nobody reads.
  client.send(request('POST', '/', `content-length: ${size}`))
  client.send(Buffer.alloc(size))
  const connection = await upstream.connection()
  connection.socket.pause()
  // Another client's request times out three times meanwhile: time enough for the first one's, were it counted.
  for (let i = 0; i < 3; i++) {
    const other = await connect(t, sluice.port)
    other.send(`${request('POST', '/', 'content-length: 9')}ab`)
    t.match(await other.rest(), /^HTTP\/1\.1 408 /)
  }
  let taken = 0
  connection.socket.on('data', chunk => {
    taken += chunk.length
    if (taken > size) connection.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
  })
  connection.socket.resume()
  t.equal((await client.reply()).status, 200)
})

/** Until uWebSockets.js has closed a connection that was opened now and says nothing: its clock has gone round. */
async function uwsClock(t: Test, port: number): Promise<void> {
  const silent = await connect(t, port)
  await silent.rest()
}

// These wait for uWebSockets.js's own clock, 8 to 12 seconds; all at once.
t.test('beyond the clock of uWebSockets.js', { jobs: 4 }, async t => {
  void t.test('a client may send a body slowly, as long as the configuration says', async t => {
    const upstream = await rawUpstream(t)
    const sluice = await startSluice(t, toOne(upstream.port))
    const client = await connect(t, sluice.port)
    client.send(`${request('POST', '/', 'content-length: 3')}a`)
    const connection = await upstream.connection()
    await connection.until('\r\n\r\na')
    await uwsClock(t, sluice.port)
    client.send('b')
    await connection.until('ab')
    client.send('c')
    await connection.until('abc')
    connection.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    t.equal((await client.reply()).status, 200)
  })

  void t.test('an upload may wait for an upstream that does not read', async t => {
    const upstream = await rawUpstream(t)
    const sluice = await startSluice(t, toOne(upstream.port))
    const client = await connect(t, sluice.port)
    const size = 30_000_000
    client.send(request('POST', '/', `content-length: ${size}`))
    client.send(Buffer.alloc(size))
    const connection = await upstream.connection()
    connection.socket.pause()
    await uwsClock(t, sluice.port)
    let taken = 0
    connection.socket.on('data', chunk => {
      taken += chunk.length
      if (taken > size) connection.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    })
    connection.socket.resume()
    t.equal((await client.reply()).status, 200)
  })

  void t.test('an upstream may think', async t => {
    const upstream = await rawUpstream(t)
    const sluice = await startSluice(t, toOne(upstream.port))
    const client = await connect(t, sluice.port)
    client.send(request('GET', '/'))
    const connection = await upstream.connection()
    await connection.until('\r\n\r\n')
    await uwsClock(t, sluice.port)
    connection.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello')
    t.equal((await client.reply()).body.toString(), 'hello')
  })

  void t.test('a stream may be silent between two events', async t => {
    const upstream = await rawUpstream(t)
    const sluice = await startSluice(t, toOne(upstream.port))
    const client = await connect(t, sluice.port)
    client.send(request('GET', '/'))
    const connection = await upstream.connection()
    await connection.until('\r\n\r\n')
    connection.socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n')
    await new Promise(resolve => client.socket.once('data', resolve))
    await uwsClock(t, sluice.port)
    connection.socket.write('3\r\nllo\r\n0\r\n\r\n')
    t.equal((await client.reply()).body.toString(), 'hello')
  })
})

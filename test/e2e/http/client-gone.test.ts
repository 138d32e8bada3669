import t from 'tap'
import { connect, request } from '../../support/client.js'
import { startSluice, toOne } from '../../support/sluice.js'
import { rawUpstream, recordingUpstream } from '../../support/upstream.js'

const GONE = { error: 'GW_CLIENT_GONE', method: 'GET', path: '/', client: '127.0.0.1', route: 'all' }

for (const how of ['closes', 'resets'] as const) {
  const leave = (socket: { destroy(): void; resetAndDestroy(): void }): void => {
    if (how === 'closes') socket.destroy()
    else socket.resetAndDestroy()
  }

  t.test(`a client that ${how} before the head cancels the request upstream`, async t => {
    const upstream = await rawUpstream(t)
    const sluice = await startSluice(t, toOne(upstream.port))
    const client = await connect(t, sluice.port)
    client.send(request('GET', '/'))
    const connection = await upstream.connection()
    await connection.until('\r\n\r\n')
    leave(client.socket)
    await connection.closed
    t.match(await sluice.access(), { ...GONE, status: 499, out: 0, target: `http://127.0.0.1:${upstream.port}` })
  })

  for (const framing of ['content-length: 1000', 'transfer-encoding: chunked']) {
    t.test(`a client that ${how} within a reply with ${framing} cancels the request upstream`, async t => {
      const upstream = await rawUpstream(t)
      const sluice = await startSluice(t, toOne(upstream.port))
      const client = await connect(t, sluice.port)
      client.send(request('GET', '/'))
      const connection = await upstream.connection()
      await connection.until('\r\n\r\n')
      connection.socket.write(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n5\r\nabc\r\n\r\n`)
      await new Promise(resolve => client.socket.once('data', resolve))
      leave(client.socket)
      await connection.closed
      t.match(await sluice.access(), { ...GONE, status: 200 })
    })
  }

  for (const framing of ['content-length: 100000', 'transfer-encoding: chunked']) {
    t.test(`a client that ${how} within a request with ${framing} cancels the request upstream`, async t => {
      const upstream = await rawUpstream(t)
      const sluice = await startSluice(t, toOne(upstream.port))
      const client = await connect(t, sluice.port)
      client.send(`${request('POST', '/', framing)}5\r\nabcde\r\n`)
      const connection = await upstream.connection()
      await connection.until('abcde')
      leave(client.socket)
      await connection.closed
      t.match(await sluice.access(), { ...GONE, method: 'POST', status: 499, out: 0 })
    })
  }
}

t.test('a client that leaves while its request waits for a connection does not wait with it', async t => {
  const upstream = await rawUpstream(t)
  const targets = [`http://127.0.0.1:${upstream.port}`]
  const sluice = await startSluice(t, { upstreams: { main: { targets, connections: 1 } } })
  const first = await connect(t, sluice.port)
  first.send(request('GET', '/first'))
  const connection = await upstream.connection()
  await connection.until('/first')
  const second = await connect(t, sluice.port)
  second.send(request('GET', '/second'))
  const third = await connect(t, sluice.port)
  third.send(`${request('POST', '/third', 'content-length: 5')}ab`)
  // A reply to a fourth says that the two are with Sluice.
  const fourth = await connect(t, sluice.port)
  fourth.send(request('GET', '/%'))
  await fourth.reply()
  await sluice.access()
  second.socket.destroy()
  t.match(await sluice.access(), { path: '/second', status: 499, error: 'GW_CLIENT_GONE' })
  third.socket.destroy()
  t.match(await sluice.access(), { path: '/third', status: 499, error: 'GW_CLIENT_GONE' })
  connection.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
  t.equal((await first.reply()).status, 200)
  const fifth = await connect(t, sluice.port)
  fifth.send(request('GET', '/fifth'))
  await connection.until('/fifth')
  t.notMatch(connection.received(), /second|third/, 'the upstream never heard of them')
})

t.test('clients that leave do not use up the connections to the upstream', async t => {
  let answer = false
  const upstream = await rawUpstream(t, ({ socket }) => {
    socket.on('data', () => answer && socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
  })
  const targets = [`http://127.0.0.1:${upstream.port}`]
  const sluice = await startSluice(t, { upstreams: { main: { targets, connections: 4 } } })
  for (let i = 0; i < 20; i++) {
    const client = await connect(t, sluice.port)
    client.send(request('GET', '/'))
    await new Promise(resolve => client.socket.write('', resolve))
    client.socket.destroy()
    await sluice.access()
  }
  answer = true
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/'))
  t.equal((await client.reply()).status, 200)
})

t.test('a client that leaves between two requests leaves no line', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port))
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/one'))
  await client.reply()
  t.match(await sluice.access(), { path: '/one', status: 200, error: undefined })
  client.socket.destroy()
  const other = await connect(t, sluice.port)
  other.send(request('GET', '/two'))
  await other.reply()
  t.match(await sluice.access(), { path: '/two', status: 200 })
  t.strictSame(sluice.untaken, [])
})

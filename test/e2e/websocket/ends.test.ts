import { once } from 'node:events'
import t from 'tap'
import { connect, exchange, request } from '../../support/client.js'
import { memory, serve } from '../../support/serve.js'
import { startSluice } from '../../support/sluice.js'
import { rawUpstream } from '../../support/upstream.js'
import {
  ACCEPT,
  closed,
  echo,
  handshake,
  message,
  openSocket,
  socketRoute,
  socketUpstream
} from '../../support/websocket.js'

t.setTimeout(120_000)

for (const [code, reason] of [
  [1000, ''],
  [1001, 'bye'],
  [1011, 'ü'.repeat(61)],
  [4000, 'r'],
  [4999, 'r'.repeat(123)]
] as const) {
  t.test(`a close with ${code} goes from the client to the upstream`, async t => {
    const upstream = await socketUpstream(t)
    const sluice = await startSluice(t, socketRoute(upstream.port))
    const client = await openSocket(t, sluice)
    const { socket } = await upstream.socket()
    const both = Promise.all([closed(socket), closed(client)])
    client.close(code, reason)
    t.strictSame(await both, [
      { code, reason },
      { code, reason }
    ])
    t.match(await sluice.access(), { socket: { by: 'client', code, reason }, error: undefined })
  })

  t.test(`a close with ${code} goes from the upstream to the client`, async t => {
    const upstream = await socketUpstream(t)
    const sluice = await startSluice(t, socketRoute(upstream.port))
    const client = await openSocket(t, sluice)
    const { socket } = await upstream.socket()
    const both = Promise.all([closed(socket), closed(client)])
    socket.close(code, reason)
    t.strictSame(await both, [
      { code, reason },
      { code, reason }
    ])
    t.match(await sluice.access(), { socket: { by: 'upstream', code, reason }, error: undefined })
  })
}

t.test('a close without a code has none on the other side either', async t => {
  const upstream = await socketUpstream(t)
  const sluice = await startSluice(t, socketRoute(upstream.port))
  const first = await openSocket(t, sluice)
  const opened = await upstream.socket()
  first.close()
  t.strictSame(await closed(opened.socket), { code: 1005, reason: '' })
  const second = await openSocket(t, sluice)
  const { socket } = await upstream.socket()
  socket.close()
  t.strictSame(await closed(second), { code: 1005, reason: '' })
})

for (const how of ['closes', 'resets'] as const) {
  t.test(`an upstream hears 1001 when the client ${how} the connection`, async t => {
    const upstream = await socketUpstream(t)
    const sluice = await startSluice(t, socketRoute(upstream.port))
    const client = await connect(t, sluice.port)
    client.send(handshake('/'))
    await client.reply()
    const { socket } = await upstream.socket()
    const ended = closed(socket)
    if (how === 'closes') client.socket.destroy()
    else client.socket.resetAndDestroy()
    t.strictSame(await ended, { code: 1001, reason: 'GW_CLIENT_GONE' })
    t.match(await sluice.access(), { status: 101, error: 'GW_CLIENT_GONE', socket: { by: 'client', code: 1006 } })
  })

  t.test(`a client hears 1014 when the upstream ${how} the connection`, async t => {
    const upstream = await socketUpstream(t)
    const sluice = await startSluice(t, socketRoute(upstream.port))
    const client = await openSocket(t, sluice)
    const { request } = await upstream.socket()
    const ended = closed(client)
    if (how === 'closes') request.socket.destroy()
    else request.socket.resetAndDestroy()
    t.strictSame(await ended, { code: 1014, reason: 'GW_UPSTREAM_RESET' })
    t.match(await sluice.access(), { status: 101, error: 'GW_UPSTREAM_RESET', socket: { by: 'upstream', code: 1006 } })
  })
}

t.test('a socket over which nothing goes ends with 1001 after the idle time', async t => {
  const upstream = await socketUpstream(t)
  const sluice = await startSluice(t, socketRoute(upstream.port, { idle: '100ms' }))
  const client = await openSocket(t, sluice)
  const { socket } = await upstream.socket()
  t.strictSame(await Promise.all([closed(client), closed(socket)]), [
    { code: 1001, reason: 'idle' },
    { code: 1001, reason: 'idle' }
  ])
  t.match(await sluice.access(), { error: undefined, socket: { by: 'gateway', code: 1001, reason: 'idle' } })
})

for (const kind of ['messages', 'pings'] as const) {
  for (const from of ['client', 'upstream'] as const) {
    t.test(`${kind} from the ${from} keep a socket from being idle`, async t => {
      const upstream = await socketUpstream(t)
      const sluice = await startSluice(t, socketRoute(upstream.port, { idle: '1200ms' }))
      const quiet = await openSocket(t, sluice)
      await upstream.socket()
      const client = await openSocket(t, sluice)
      const { socket } = await upstream.socket()
      const busy = from === 'client' ? client : socket
      // The quiet ones are the clock: they go, the busy one stays.
      const beat = setInterval(() => (kind === 'pings' ? busy.ping() : busy.send('x')), 20)
      t.teardown(() => clearInterval(beat))
      await closed(quiet)
      await closed(await openSocket(t, sluice))
      t.equal(client.readyState, client.OPEN)
      clearInterval(beat)
      t.match(await closed(client), { code: 1001, reason: 'idle' })
    })
  }
}

t.test('`total` and `perTry` are for the answer to the handshake: the socket outlives them', async t => {
  const upstream = await socketUpstream(t, echo)
  const timeouts = { total: '80ms', perTry: '80ms' }
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`], timeouts } },
    routes: [{ name: 'sockets', match: { path: '/*' }, upstream: 'main', websocket: {} }]
  })
  const client = await openSocket(t, sluice)
  for (const since = performance.now(); performance.now() - since < 200; ) {
    client.send('still here')
    await message(client)
  }
  t.equal(client.readyState, client.OPEN)
})

t.test('a socket ends with 1001 when its lifetime is over, whatever goes over it', async t => {
  const upstream = await socketUpstream(t, echo)
  const sluice = await startSluice(t, socketRoute(upstream.port, { lifetime: '200ms' }))
  const client = await openSocket(t, sluice)
  client.on('message', data => client.send(data))
  client.send('round and round')
  t.strictSame(await closed(client), { code: 1001, reason: 'lifetime' })
  t.match(await sluice.access(), { socket: { by: 'gateway', code: 1001, reason: 'lifetime' } })
})

t.test('a ping of the upstream reaches the client, and its pong comes back', async t => {
  const upstream = await socketUpstream(t)
  const sluice = await startSluice(t, socketRoute(upstream.port))
  const client = await openSocket(t, sluice)
  const { socket } = await upstream.socket()
  const ping = once(client, 'ping')
  const pong = once(socket, 'pong')
  socket.ping('are you there?')
  t.equal(String((await ping)[0]), 'are you there?')
  await pong
  t.pass('not before the client has answered')
})

t.test('a ping of the client is answered once, and reaches the upstream', async t => {
  const upstream = await socketUpstream(t)
  const sluice = await startSluice(t, socketRoute(upstream.port))
  const client = await openSocket(t, sluice)
  const { socket } = await upstream.socket()
  let pongs = 0
  client.on('pong', () => pongs++)
  const ping = once(socket, 'ping')
  client.ping('still here')
  t.equal(String((await ping)[0]), 'still here')
  socket.send('after the pong')
  await message(client)
  t.equal(pongs, 1)
})

t.test('a client that leaves during the handshake takes the upstream’s with it', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, socketRoute(upstream.port))
  const client = await connect(t, sluice.port)
  client.send(handshake('/'))
  const connection = await upstream.connection()
  await connection.until('\r\n\r\n')
  client.socket.destroy()
  await connection.closed
  t.match(await sluice.access(), { status: 499, error: 'GW_CLIENT_GONE', socket: undefined })
})

const HANDSHAKES: Record<string, { reply: string; status: number; code: string }> = {
  'breaks off': { reply: '', status: 502, code: 'GW_UPSTREAM_RESET' },
  'answers with a wrong key': {
    reply: 'HTTP/1.1 101 x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: x\r\n\r\n',
    status: 502,
    code: 'GW_UPSTREAM_BAD_RESPONSE'
  },
  'switches to another protocol': {
    reply: 'HTTP/1.1 101 x\r\nupgrade: foo\r\nconnection: upgrade\r\n\r\n',
    status: 502,
    code: 'GW_UPSTREAM_BAD_RESPONSE'
  },
  'speaks no HTTP': { reply: '220 mail.example.com ESMTP\r\n', status: 502, code: 'GW_UPSTREAM_BAD_RESPONSE' }
}

for (const [name, { reply, status, code }] of Object.entries(HANDSHAKES)) {
  t.test(`an upstream that ${name} is ${status}`, async t => {
    const upstream = await rawUpstream(t, ({ socket, until }) => {
      void until('\r\n\r\n').then(() => (reply === '' ? socket.destroy() : socket.write(reply)))
    })
    const sluice = await startSluice(t, socketRoute(upstream.port))
    const answer = await exchange(t, sluice.port, handshake('/'))
    t.equal(answer.status, status)
    t.equal(answer.json().code, code)
    t.match(await sluice.access(), { status, error: code })
  })
}

t.test('an upstream that does not answer the handshake is 504, one that cannot be reached 502', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, {
    ...socketRoute(upstream.port, {}, { timeouts: { headers: '50ms' } }),
    timeouts: { connect: '50ms' }
  })
  t.equal((await exchange(t, sluice.port, handshake('/'))).json().code, 'GW_UPSTREAM_TIMEOUT')
  const nowhere = await startSluice(t, {
    ...socketRoute(upstream.port),
    upstreams: { main: { targets: ['http://nowhere.invalid'] } }
  })
  t.equal((await exchange(t, nowhere.port, handshake('/'))).json().code, 'GW_UPSTREAM_REFUSED')
})

t.test('an upstream of https: is asked by TLS; one that speaks none is 502', async t => {
  const upstream = await rawUpstream(t, ({ socket }) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const { routes } = socketRoute(upstream.port)
  const targets = [`https://127.0.0.1:${upstream.port}`]
  const sluice = await startSluice(t, { upstreams: { main: { targets } }, routes })
  t.equal((await exchange(t, sluice.port, handshake('/'))).json().code, 'GW_UPSTREAM_TLS')
})

for (const [what, reply] of [
  ['an empty body', 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n'],
  ['no body', 'HTTP/1.1 204 No Content\r\n\r\n']
]) {
  t.test(`the connection of a refusal with ${what} is given back`, async t => {
    const upstream = await rawUpstream(t)
    const sluice = await startSluice(t, socketRoute(upstream.port))
    const client = await connect(t, sluice.port)
    client.send(handshake('/'))
    const connection = await upstream.connection()
    await connection.until('\r\n\r\n')
    connection.socket.write(reply ?? '')
    t.match(await client.reply(), { status: Number(reply?.slice(9, 12)) })
    await connection.closed
  })
}

t.test('messages the upstream sends with its handshake are not lost', async t => {
  const upstream = await rawUpstream(t, ({ socket, until, received }) => {
    void until('\r\n\r\n').then(async () => {
      const { createHash } = await import('node:crypto')
      const key = /sec-websocket-key: (.*)\r/i.exec(received())?.[1]
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      const head = `HTTP/1.1 101 x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`
      socket.write(Buffer.concat([Buffer.from(head), Buffer.from([0x81, 2, 0x68, 0x69])]))
    })
  })
  const sluice = await startSluice(t, socketRoute(upstream.port))
  const client = await connect(t, sluice.port)
  client.send(handshake('/'))
  t.equal((await client.reply()).header('sec-websocket-accept'), ACCEPT)
  client.socket.end()
  t.match(await client.rest(), /hi$/)
})

t.test('after SIGTERM both sides hear 1001, and the exit code is 0', async t => {
  const upstream = await socketUpstream(t, echo)
  const sluice = await serve(t, socketRoute(upstream.port))
  const client = await openSocket(t, sluice)
  const { socket } = await upstream.socket()
  // One that goes on sending hears it too.
  client.on('message', data => client.send(data))
  client.send('round and round')
  const both = Promise.all([closed(client), closed(socket)])
  const exit = sluice.end()
  t.strictSame(await both, [
    { code: 1001, reason: 'GW_SHUTTING_DOWN' },
    { code: 1001, reason: 'GW_SHUTTING_DOWN' }
  ])
  t.equal(await exit, 0)
  t.match(
    // uWebSockets.js has a word for standard error when it makes the first WebSocket (core/server/open-client.ts).
    sluice.lines.filter(line => line.startsWith('{')).map(line => JSON.parse(line)),
    [
      { msg: 'listening' },
      { msg: 'draining' },
      { status: 101, socket: { by: 'gateway', code: 1001 }, error: undefined },
      { msg: 'stopped' }
    ]
  )
})

t.test('an upstream that does not answer the close is cut off at the deadline', async t => {
  const upstream = await socketUpstream(t)
  const sluice = await serve(t, { ...socketRoute(upstream.port), timeouts: { drain: '100ms' } })
  const client = await openSocket(t, sluice)
  const { socket } = await upstream.socket()
  socket.pause()
  const exit = sluice.end()
  t.match(await closed(client), { code: 1001 })
  t.equal(await exit, 0)
})

t.test('sockets that were opened and closed are not counted as connections any more', async t => {
  const upstream = await socketUpstream(t, echo)
  const sluice = await startSluice(t, { ...socketRoute(upstream.port), limits: { connections: 2 } })
  for (let i = 0; i < 5; i++) {
    const client = await openSocket(t, sluice)
    client.close()
    await closed(client)
    await sluice.access()
  }
  t.equal((await exchange(t, sluice.port, request('GET', '/%'))).status, 400, 'not 503')
})

t.test('a thousand sockets come and go, and the memory is given back', async t => {
  const upstream = await socketUpstream(t, echo)
  const sluice = await serve(t, socketRoute(upstream.port))
  const round = async (): Promise<void> => {
    const clients = await Promise.all(Array.from({ length: 100 }, () => openSocket(t, sluice)))
    await Promise.all(
      clients.map(async client => {
        client.send('x'.repeat(10_000))
        await message(client)
        client.close()
        await closed(client)
      })
    )
  }
  for (let i = 0; i < 3; i++) await round()
  const before = memory(sluice.pid).now
  for (let i = 0; i < 10; i++) await round()
  const growth = memory(sluice.pid).now - before
  t.ok(growth < 50 * 1024 ** 2, `grew by ${Math.round(growth / 1024)} KiB`)
})

import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { connect, exchange, request } from '../../support/client.js'
import { type RunningSluice, startSluice, toOne } from '../../support/sluice.js'
import { answering, rawUpstream, recordingUpstream } from '../../support/upstream.js'

/** Asks once and checks that the failure is told the same way to the client and in the log. */
async function fails(t: Test, sluice: RunningSluice, status: number, code: string, ask = request('GET', '/')) {
  const reply = await exchange(t, sluice.port, ask)
  t.equal(reply.status, status)
  t.equal(reply.header('content-type'), 'application/problem+json')
  const problem = reply.json()
  t.match(problem, { type: `urn:sluice:error:${code}`, code, status, exchange: String })
  t.notMatch(reply.body.toString(), /127\.0\.0\.1|node:|\.js|\n\s+at /, 'the client hears of no host, file or stack')
  const line = await sluice.access()
  t.match(line, { status, error: code, id: problem.exchange, detail: String, out: reply.body.length })
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

const BAD = 'GW_UPSTREAM_BAD_RESPONSE'
const RESET = 'GW_UPSTREAM_RESET'

const ANSWERS: Record<string, { reply: string; after?: 'keep' | 'end' | 'reset'; code: string }> = {
  'closes without an answer': { reply: '', after: 'end', code: RESET },
  'resets without an answer': { reply: '', after: 'reset', code: RESET },
  'closes within the head': { reply: 'HTTP/1.1 200 OK\r\ncontent-le', after: 'end', code: RESET },
  'speaks another protocol': { reply: '220 mail.example.com ESMTP\r\n', code: BAD },
  'speaks HTTP/3.7': { reply: 'HTTP/3.7 200 OK\r\ncontent-length: 0\r\n\r\n', code: BAD },
  'has no status': { reply: 'HTTP/1.1 OK\r\ncontent-length: 0\r\n\r\n', code: BAD },
  'sends garbage': { reply: '\0\x01\xff garbage \x02'.repeat(50), code: BAD },
  'has a bad header name': { reply: 'HTTP/1.1 200 OK\r\nx y: 1\r\ncontent-length: 0\r\n\r\n', code: BAD },
  'has a control character in a value': {
    reply: 'HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 0\r\n\r\n',
    code: BAD
  },
  'has two lengths': { reply: 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', code: BAD },
  'has a length that is no number': { reply: 'HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n', code: BAD },
  'has a length beside chunked': {
    reply: 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    code: BAD
  },
  'has a coding that nobody asked for': {
    reply: 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    code: BAD
  },
  'has headers of 20 KB': { reply: `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, code: BAD },
  'switches protocols unasked': {
    reply: 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    code: RESET
  },
  'is chunked and the first size is no number': {
    reply: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n',
    code: BAD
  },
  'is chunked and ends before the first chunk': {
    reply: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n',
    after: 'end',
    code: RESET
  }
}

for (const [name, { reply, after, code }] of Object.entries(ANSWERS)) {
  t.test(`an upstream that ${name} is 502`, async t => {
    const upstream = await answering(t, Buffer.from(reply, 'latin1'), after)
    await fails(t, await startSluice(t, toOne(upstream.port)), 502, code)
  })
}

t.test('an upstream nobody listens at is 502', async t => {
  const sluice = await startSluice(t, toOne(await closedPort()))
  await fails(t, sluice, 502, 'GW_UPSTREAM_REFUSED')
  await fails(t, sluice, 502, 'GW_UPSTREAM_REFUSED', `${request('POST', '/', 'content-length: 3')}abc`)
})

t.test('an upstream whose name is not known is 502', async t => {
  const sluice = await startSluice(t, { upstreams: { main: { targets: ['http://nowhere.invalid'] } } })
  await fails(t, sluice, 502, 'GW_UPSTREAM_REFUSED')
})

t.test('an upstream that speaks no TLS is 502', async t => {
  const upstream = await rawUpstream(t, ({ socket }) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const sluice = await startSluice(t, { upstreams: { main: { targets: [`https://127.0.0.1:${upstream.port}`] } } })
  await fails(t, sluice, 502, 'GW_UPSTREAM_TLS')
})

t.test('an upstream that is silent before the head is 504', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port, { timeouts: { headers: '50ms' } }))
  await fails(t, sluice, 504, 'GW_UPSTREAM_TIMEOUT')
  const connection = await upstream.connection()
  await connection.closed
})

/** How a reply that has begun ends when its upstream breaks: with the connection, and a line that says why. */
const BROKEN: Record<string, { reply: string; after?: 'keep' | 'end' | 'reset'; code: string; out: number }> = {
  'is reset': { reply: 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc', after: 'reset', code: RESET, out: 3 },
  'ends before its length': {
    reply: 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc',
    after: 'end',
    code: RESET,
    out: 3
  },
  'ends between chunks': {
    reply: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n',
    after: 'end',
    code: RESET,
    out: 3
  },
  'ends within a chunk': {
    reply: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nabc',
    after: 'end',
    code: RESET,
    out: 3
  },
  'has a bad chunk': {
    reply: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n',
    code: BAD,
    out: 3
  },
  'falls silent': {
    reply: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n',
    code: 'GW_UPSTREAM_TIMEOUT',
    out: 3
  }
}

for (const [name, { reply, after, code, out }] of Object.entries(BROKEN)) {
  t.test(`a reply that ${name} is cut, and never looks whole`, async t => {
    // In two segments: what stands before the fault has been sent on when it comes.
    const at = reply.indexOf('abc') + 3
    const upstream = await rawUpstream(t)
    const sluice = await startSluice(t, toOne(upstream.port, { timeouts: { idle: '50ms' } }))
    const client = await connect(t, sluice.port)
    client.send(request('GET', '/'))
    const { socket, until } = await upstream.connection()
    await until('\r\n\r\n')
    socket.write(reply.slice(0, at))
    await new Promise(resolve => client.socket.once('data', resolve))
    if (at < reply.length) socket.write(reply.slice(at))
    if (after === 'end') socket.end()
    if (after === 'reset') socket.resetAndDestroy()
    const received = await client.rest()
    t.match(received, /^HTTP\/1\.1 200 OK\r\n/)
    t.match(received, /abc/)
    t.notMatch(received, /\r\n0\r\n\r\n$/, 'no last chunk')
    t.equal(received.match(/HTTP\/1\.1/g)?.length, 1, 'no second head')
    t.match(await sluice.access(), { status: 200, error: code, out })
  })
}

t.test('a byte more than the announced length is no part of the reply', async t => {
  const upstream = await answering(t, 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\n\r\nevil')
  const sluice = await startSluice(t, toOne(upstream.port))
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/a'))
  t.equal((await client.reply()).body.toString(), 'abc')
  client.send(request('GET', '/b'))
  t.equal((await client.reply()).body.toString(), 'abc', 'and not the next one either')
})

t.test('a body that a HEAD reply must not have does not become the next reply', async t => {
  const upstream = await answering(t, 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil')
  const sluice = await startSluice(t, toOne(upstream.port))
  const client = await connect(t, sluice.port)
  client.send(request('HEAD', '/'))
  t.equal((await client.reply('HEAD')).status, 200)
  client.send(request('GET', '/'))
  t.equal((await client.reply()).body.toString(), 'evil', 'an answer of its own, on a connection of its own')
})

t.test('a folded header of a reply cannot become two', async t => {
  const upstream = await answering(t, 'HTTP/1.1 200 OK\r\nx-folded: a\r\n b: c\r\ncontent-length: 0\r\n\r\n')
  const sluice = await startSluice(t, toOne(upstream.port))
  const reply = await exchange(t, sluice.port, request('GET', '/'))
  t.notOk(reply.headers.some(([name]) => name === 'b'))
  t.ok(reply.status === 502 || !/[\r\n]/.test(reply.header('x-folded') ?? ''))
})

t.test('a connection that the upstream closed while it was idle costs no request', async t => {
  let connections = 0
  const upstream = await rawUpstream(t, ({ socket, until }) => {
    connections++
    void until('\r\n\r\n').then(() => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
  })
  const sluice = await startSluice(t, toOne(upstream.port))
  const client = await connect(t, sluice.port)
  for (let i = 0; i < 20; i++) {
    client.send(request('GET', `/${i}`))
    t.equal((await client.reply()).status, 200)
  }
  t.equal(connections, 20)
})

t.test('after a fault the next request is served', async t => {
  let broken = true
  const good = await recordingUpstream(t)
  const upstream = await rawUpstream(t, ({ socket }) => {
    if (broken) socket.resetAndDestroy()
    else socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
  })
  const sluice = await startSluice(t, toOne(upstream.port))
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/'))
  t.equal((await client.reply()).status, 502)
  broken = false
  client.send(request('GET', '/'))
  t.equal((await client.reply()).status, 200, 'on the same connection of the client')
  t.equal(good.seen.length, 0)
})

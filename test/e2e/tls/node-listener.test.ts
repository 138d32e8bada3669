import { once } from 'node:events'
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import t from 'tap'
import { connect, exchange, request } from '../../support/client.js'
import { startSluice, toOne } from '../../support/sluice.js'
import { ask2, connect2 } from '../../support/tls-client.js'
import { answering, httpUpstream, rawUpstream, recordingUpstream } from '../../support/upstream.js'

/** The listener of Node's, without TLS: HTTP/1.1, and HTTP/2 by prior knowledge. */
const NODE = { listen: { http2: true } }
const GET = { ':path': '/' }

t.test('HTTP/1.1: what must not be forwarded is refused, and the connection ends', async t => {
  const upstream = await recordingUpstream(t)
  const { port } = await startSluice(t, toOne(upstream.port, NODE))
  for (const [why, status, bytes] of [
    ['two lengths', 400, 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    [
      'a length and a coding',
      400,
      'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'
    ],
    ['another coding', 400, 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['no host', 400, 'GET / HTTP/1.1\r\n\r\n'],
    ['two hosts', 400, 'GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n'],
    ['a bare CR', 400, 'GET / HTTP/1.1\r\nhost: a\r\nx: a\rb\r\n\r\n'],
    ['a space in a name', 400, 'GET / HTTP/1.1\r\nhost: a\r\nx y: a\r\n\r\n'],
    ['a dot segment', 400, request('GET', '/a/../b')],
    ['garbage', 400, '\x16\x03\x01\r\n\r\n'],
    ['TRACE', 501, request('TRACE', '/')],
    ['CONNECT', 501, request('CONNECT', 'a.test:443')],
    ['an unknown expectation', 417, request('GET', '/', 'expect: miracles')],
    ['too many headers', 431, request('GET', '/', ...Array.from({ length: 101 }, (_, i) => `x-${i}: 1`))],
    ['too much of them', 431, request('GET', '/', `x: ${'y'.repeat(17_000)}`)],
    ['far too much of them', 431, request('GET', '/', `x: ${'y'.repeat(70_000)}`)]
  ] as const) {
    const client = await connect(t, port)
    client.send(bytes)
    const reply = await client.reply()
    t.equal(reply.status, status, why)
    t.match(JSON.parse(reply.body.toString()), { status }, why)
    await client.rest()
  }
  t.strictSame(upstream.seen, [])
})

t.test('HTTP/2: what must not be forwarded is refused, and the connection goes on', async t => {
  const upstream = await recordingUpstream(t)
  const { port } = await startSluice(t, toOne(upstream.port, NODE))
  const session = await connect2(t, port)
  for (const [why, status, headers] of [
    ['a dot segment', 400, { ':path': '/a/../b' }],
    ['another host', 400, { ':path': '/', ':authority': 'a.test', host: 'b.test' }],
    ['TRACE', 501, { ':path': '/', ':method': 'TRACE' }],
    ['too much', 431, { ':path': '/', x: 'y'.repeat(17_000) }]
  ] as const) {
    t.equal((await ask2(session, headers)).status, status, why)
  }
  t.match(await ask2(session, GET), { status: 200, body: 'ok' })
  t.equal(upstream.seen.length, 1)
})

t.test('HTTP/1.1: the absolute form, HTTP/1.0, pipelining, and what UTF-8 there is, are taken', async t => {
  const upstream = await recordingUpstream(t, ({ target }, response) => response.end(target))
  const { port } = await startSluice(t, toOne(upstream.port, NODE))
  t.match(await exchange(t, port, request('GET', 'http://b.test/x?y')), { status: 200, body: Buffer.from('/x?y') })
  t.strictSame(upstream.seen[0]?.all('x-forwarded-host'), ['b.test'])
  t.match(await exchange(t, port, 'GET /old HTTP/1.0\r\nhost: a\r\n\r\n'), { status: 200, body: Buffer.from('/old') })
  const client = await connect(t, port)
  client.send(request('GET', '/1') + request('GET', '/2') + request('GET', '/3', 'connection: close'))
  for (const path of ['/1', '/2', '/3']) t.match(await client.reply(), { status: 200, body: Buffer.from(path) })
  await client.rest()
  const came = (name: string) => Buffer.from(upstream.seen.at(-1)?.all(name)[0] ?? '', 'latin1').toString()
  const text = await connect(t, port)
  text.socket.write(request('GET', '/', 'x-ends: é a é', 'x-only: é'))
  await text.reply()
  t.strictSame([came('x-ends'), came('x-only')], ['é a é', 'é'])
  text.socket.write(request('GET', '/', 'x-latin1: \xe9 a \xe9'), 'latin1')
  await text.reply()
  t.equal(came('x-latin1'), 'é a é', 'what is not UTF-8 is Latin-1, and goes on as UTF-8')
})

t.test('HTTP/1.1: the authority of an absolute form is the Host for whoever asks for it', async t => {
  const sluice = await startSluice(t, {
    listen: { http2: true },
    upstreams: {},
    routes: ['a.test', 'b.test'].map(value => ({
      name: value,
      match: { path: '/*', headers: [{ name: 'host', value }] },
      reply: { body: value }
    }))
  })
  const ask = async (text: string) => String((await exchange(t, sluice.port, text)).body)
  t.equal(await ask('GET /x HTTP/1.1\r\nhost: a.test\r\n\r\n'), 'a.test')
  t.equal(await ask('GET http://b.test/x HTTP/1.1\r\nhost: a.test\r\n\r\n'), 'b.test')
})

t.test('HTTP/1.1: headers of replies that are not ASCII are the bytes the upstream sent', async t => {
  const upstream = await httpUpstream(t, (request, response) => {
    response.writeHead(200, ['x', Buffer.from('grün').toString('latin1'), 'cache-control', 'max-age=60'])
    response.write('', 'latin1') // as the head is
    response.end(request.method)
  })
  const { upstreams } = toOne(upstream.port)
  const routes = [
    { name: 'plain', match: { path: '/plain' }, upstream: 'main' },
    { name: 'cached', match: { path: '/cached' }, upstream: 'main', cache: {} },
    { name: 'fixed', match: { path: '/fixed' }, reply: { headers: { x: 'grün' }, body: 'text' } }
  ]
  const { port } = await startSluice(t, { ...NODE, upstreams, routes })
  const client = await connect(t, port)
  for (const [method, path] of [
    ['GET', '/plain'],
    ['HEAD', '/plain'],
    ['GET', '/cached'],
    ['GET', '/cached'],
    ['GET', '/fixed']
  ] as const) {
    client.send(request(method, path))
    t.equal((await client.reply(method)).header('x'), 'grün', `${method} ${path}`)
  }
})

t.test('HTTP/1.1: a client that waits for "100 Continue" gets it when its request may be sent on', async t => {
  const upstream = await recordingUpstream(t)
  const { port } = await startSluice(t, toOne(upstream.port, NODE))
  const client = await connect(t, port)
  client.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n')
  t.equal((await client.reply()).status, 100)
  client.send('hi')
  t.equal((await client.reply()).status, 200)
  t.equal(upstream.seen[0]?.body.toString(), 'hi')
})

t.test(
  'HTTP/1.1: a client that waits for "100 Continue" gets none when it is refused, and the connection ends',
  async t => {
    const upstream = await recordingUpstream(t)
    const { upstreams } = toOne(upstream.port)
    const routes = [{ name: 'one', match: { path: '/one' }, upstream: 'main', limits: { bodyBytes: '1KiB' } }]
    const { port } = await startSluice(t, { ...NODE, upstreams, routes })
    for (const [path, status] of [
      ['/other', 404],
      ['/one', 413]
    ] as const) {
      const client = await connect(t, port)
      client.send(request('POST', path, 'content-length: 2000', 'expect: 100-continue'))
      const reply = await client.reply()
      t.equal(reply.status, status)
      t.equal(reply.header('connection'), 'close', 'what came next could be the body or a request')
      t.equal(await client.rest(), '')
    }
    t.strictSame(upstream.seen, [])
  }
)

t.test('HTTP/2: a client that waits for "100 Continue" gets it when its body is wanted', async t => {
  const upstream = await recordingUpstream(t)
  const { upstreams } = toOne(upstream.port)
  const routes = [{ name: 'one', match: { path: '/one' }, upstream: 'main' }]
  const { port } = await startSluice(t, { ...NODE, upstreams, routes })
  const session = await connect2(t, port)
  const ask = async (path: string): Promise<[boolean, number]> => {
    const headers = { ':method': 'POST', ':path': path, expect: '100-continue', 'content-length': '2' }
    const stream = session.request(headers)
    let told = false
    stream.on('continue', () => {
      told = true
      stream.end('hi')
    })
    const [head] = await once(stream, 'response')
    stream.close()
    return [told, head[':status']]
  }
  t.strictSame(await ask('/one'), [true, 200])
  t.strictSame(await ask('/other'), [false, 404])
})

t.test('links of "103 Early Hints" go to the client before the reply, over both versions', async t => {
  const links = ['</a.css>; rel=preload; as=style, </ü.js>; rel=preload', '<https://cdn.test>; rel=preconnect']
  const upstream = await rawUpstream(t, ({ socket, until }) => {
    void until('\r\n\r\n').then(() => {
      const early = links.map(link => `Link: ${link}\r\n`).join('')
      socket.write(`HTTP/1.1 103 Early Hints\r\n${early}X-Secret: 1\r\n\r\n`)
      socket.write('HTTP/1.1 103 Early Hints\r\nx-other: 1\r\n\r\n')
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    })
  })
  const { port } = await startSluice(t, toOne(upstream.port, NODE))
  const client = await connect(t, port)
  client.send(request('GET', '/'))
  const hint = await client.reply()
  t.equal(hint.status, 103)
  t.strictSame(
    hint.headers,
    links.map(link => ['link', link])
  )
  t.match(await client.reply(), { status: 200, body: Buffer.from('ok') })
  t.match(await exchange(t, port, 'GET / HTTP/1.0\r\nhost: a\r\n\r\n'), { status: 200 }, 'HTTP/1.0 has none')
  const session = await connect2(t, port)
  const stream = session.request(GET)
  const seen: unknown[] = []
  stream.on('headers', headers => seen.push([headers[':status'], headers['x-secret']]))
  stream.on('response', headers => seen.push(headers[':status']))
  await once(stream.resume(), 'close')
  t.strictSame(seen, [[103, undefined], 200])
})

t.test('an upstream that hints without end is heard ten times', async t => {
  const early = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'
  const upstream = await answering(t, `${early.repeat(50)}HTTP/1.1 204 No Content\r\n\r\n`)
  const { port } = await startSluice(t, toOne(upstream.port, NODE))
  const client = await connect(t, port)
  client.send(request('GET', '/'))
  const statuses: number[] = []
  while (statuses.at(-1) !== 204) statuses.push((await client.reply()).status)
  t.equal(statuses.length, 11)
})

t.test('a status above 599 is passed on where the protocol has it, and 502 where it has not', async t => {
  const upstream = await answering(t, 'HTTP/1.1 999 Denied\r\ncontent-length: 2\r\n\r\nno', 'end')
  const sluice = await startSluice(t, toOne(upstream.port, NODE))
  t.match(await exchange(t, sluice.port, request('GET', '/')), { status: 999, body: Buffer.from('no') })
  t.match(await sluice.access(), { status: 999 })
  const session = await connect2(t, sluice.port)
  for (const method of ['GET', 'HEAD']) {
    t.match(await ask2(session, { ':method': method, ':path': '/' }), { status: 502 })
    t.match(await sluice.access(), { status: 502, error: 'GW_UPSTREAM_BAD_RESPONSE' })
  }
})

t.test('HTTP/2: several cookies are one to an HTTP/1.1 upstream', async t => {
  const upstream = await recordingUpstream(t)
  const { port } = await startSluice(t, toOne(upstream.port, NODE))
  const session = await connect2(t, port)
  const stream = session.request({ ...GET, cookie: ['a=1', 'b=2'] })
  await once(stream.resume(), 'close')
  t.strictSame(upstream.seen[0]?.all('cookie'), ['a=1; b=2'])
})

t.test('HEAD, 204 and 304 have no body, over both versions', async t => {
  const upstream = await recordingUpstream(t, ({ target, method }, response) => {
    const status = Number(target.slice(1))
    response.writeHead(status, status === 200 ? { 'content-length': 5 } : {}).end(method === 'HEAD' ? '' : undefined)
  })
  const { port, access } = await startSluice(t, toOne(upstream.port, NODE))
  const session = await connect2(t, port)
  for (const [method, target] of [
    ['HEAD', '/200'],
    ['GET', '/204'],
    ['GET', '/304']
  ] as const) {
    const one = await exchange(t, port, request(method, target))
    const two = await ask2(session, { ':method': method, ':path': target })
    t.match([one.status, two.status], [Number(target.slice(1)), Number(target.slice(1))])
    t.equal(two.body, '')
    if (method === 'HEAD') t.equal(two.headers['content-length'], '5')
    for (const version of [1, 2]) t.equal((await access()).error, undefined, `${method} over HTTP/${version}`)
  }
})

t.test('large bodies pass both ways, and neither side is read faster than the other takes it', async t => {
  const size = 8 << 20
  const upstream = await httpUpstream(t, (incoming, response) => incoming.pipe(response))
  const { port } = await startSluice(t, toOne(upstream.port, NODE))
  const body = Buffer.alloc(size, 'abcdefgh')
  const session = await connect2(t, port)
  const stream = session.request({ ...GET, ':method': 'POST' })
  stream.end(body)
  let received = 0
  for await (const chunk of stream) received += chunk.length
  t.equal(received, size, 'HTTP/2')
  const reply = await exchange(
    t,
    port,
    Buffer.concat([Buffer.from(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${size}\r\n\r\n`), body])
  )
  t.ok(reply.body.equals(body), 'HTTP/1.1')
})

t.test('an upload the upstream does not read is held back', async t => {
  const upstream = await rawUpstream(t)
  const { port } = await startSluice(t, toOne(upstream.port, NODE))
  const session = await connect2(t, port)
  const stream = session.request({ ...GET, ':method': 'POST' })
  stream.on('error', () => undefined)
  const taken = upstream.connection()
  let written = 0
  const chunk = Buffer.alloc(65_536)
  const fill = (): void => {
    while (stream.write(chunk)) written += chunk.length
  }
  stream.on('drain', fill)
  fill()
  const { socket } = await taken
  socket.pause()
  // Everything on the way is bounded: while it fills, another stream of the same connection is served.
  const other = await startSluice(t, toOne((await recordingUpstream(t)).port, NODE))
  t.match(await ask2(await connect2(t, other.port), GET), { status: 200 })
  t.ok(written < 64 << 20, `${written} bytes were taken`)
})

t.test('a body over the limit is refused, also when its length was not said', async t => {
  const upstream = await recordingUpstream(t)
  const { port } = await startSluice(t, toOne(upstream.port, { ...NODE, limits: { bodyBytes: '1KiB' } }))
  const session = await connect2(t, port)
  const post = { ...GET, ':method': 'POST' }
  t.equal((await ask2(session, { ...post, 'content-length': '2000' }, Buffer.alloc(2_000))).status, 413)
  t.equal((await ask2(session, post, Buffer.alloc(2_000))).status, 413)
  t.equal((await ask2(session, post, Buffer.alloc(1_000))).status, 200, 'the connection goes on')
})

t.test('a client that stops sending its body is told so', async t => {
  const upstream = await rawUpstream(t)
  const { port } = await startSluice(t, toOne(upstream.port, { ...NODE, timeouts: { request: '20ms' } }))
  const client = await connect(t, port)
  client.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc')
  t.equal((await client.reply()).status, 408)
  const stream = (await connect2(t, port)).request({ ...GET, ':method': 'POST' })
  stream.write('abc')
  const [head] = await once(stream, 'response')
  t.equal(head[':status'], 408)
})

t.test('when the client goes away, so does the request', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port, NODE))
  const stream = (await connect2(t, sluice.port)).request(GET)
  stream.on('error', () => undefined)
  const first = await upstream.connection()
  await first.until('\r\n\r\n')
  stream.close(8)
  await first.closed
  t.match(await sluice.access(), { error: 'GW_CLIENT_GONE' })
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/'))
  const second = await upstream.connection()
  await second.until('\r\n\r\n')
  client.socket.destroy()
  await second.closed
  t.match(await sluice.access(), { error: 'GW_CLIENT_GONE' })
})

t.test('what is no request behind good ones does not cost them their replies, and ends the connection', async t => {
  const upstream = await rawUpstream(t)
  const { port } = await startSluice(t, toOne(upstream.port, NODE))
  for (const garbage of ['\x01\x02\r\n\r\n', 'GET /3 HTTP/1.1\r\nx y: a\r\n\r\n']) {
    const client = await connect(t, port)
    client.send(request('GET', '/1') + request('GET', '/2') + garbage)
    for (let i = 0; i < 2; i++) {
      const { socket, until } = await upstream.connection()
      await until('\r\n\r\n')
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
      t.match(await client.reply(), { status: 200, body: Buffer.from('ok') })
    }
    t.equal(await client.rest(), '')
  }
})

t.test('requests that wait behind another are never begun when their connection ends', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port, NODE))
  const gone = await connect(t, sluice.port)
  gone.send(request('GET', '/1') + request('GET', '/2') + request('GET', '/3'))
  const { until, closed } = await upstream.connection()
  await until('/1')
  gone.socket.destroy()
  await closed
  t.match(await sluice.access(), { path: '/1', error: 'GW_CLIENT_GONE' })
  // The reply before it ends the connection.
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/4', 'expect: miracles') + request('GET', '/5'))
  t.equal((await client.reply()).status, 417)
  await client.rest()
  t.match(await sluice.access(), { path: '/4', error: 'GW_EXPECTATION_FAILED' })
  t.strictSame(sluice.untaken, [])
  t.equal(await sluice.listener.drain(60_000), 0, 'nothing waits for ever')
})

t.test('a reply that breaks off is seen to be incomplete', async t => {
  const upstream = await answering(t, 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc', 'end')
  const sluice = await startSluice(t, toOne(upstream.port, NODE))
  const stream = (await connect2(t, sluice.port)).request(GET)
  const [error] = await once(stream.resume(), 'error').catch(thrown => [thrown])
  t.match(error, { code: 'ERR_HTTP2_STREAM_ERROR' })
  await t.rejects(exchange(t, sluice.port, request('GET', '/')), /ended after/)
  t.match(await sluice.access(), { error: /GW_UPSTREAM/ })
})

t.test('events come one by one, not when the reply is whole', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port, NODE))
  const stream = (await connect2(t, sluice.port)).request(GET)
  const { socket, until } = await upstream.connection()
  await until('\r\n\r\n')
  socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
  const [head] = await once(stream, 'response')
  t.equal(head[':status'], 200, 'the head does not wait for the first event')
  for (const event of ['a', 'b']) {
    socket.write(`1\r\n${event}\r\n`)
    const [chunk] = await once(stream, 'data')
    t.equal(chunk.toString(), event)
  }
})

/** An upstream that speaks HTTP/2 without TLS. */
async function http2Upstream(t: Test, answer: (stream: ServerHttp2Stream) => void): Promise<number> {
  const server = createHttp2()
  const sessions = new Set<{ destroy(): void }>()
  server.on('session', session => sessions.add(session))
  server.on('stream', answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const session of sessions) session.destroy()
  })
  return (server.address() as AddressInfo).port
}

t.test('trailers reach HTTP/2 clients, and those of HTTP/1.1 that ask for them', async t => {
  const port = await http2Upstream(t, stream => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '42' }))
    stream.end('body')
  })
  const upstreams = { main: { targets: [`http://127.0.0.1:${port}`], http2: true } }
  const sluice = await startSluice(t, { upstreams, ...NODE })
  const two = await ask2(await connect2(t, sluice.port), GET)
  t.match(two, { body: 'body', trailers: { 'x-sum': '42' } })
  for (const [asks, there] of [
    [['te: trailers', 'connection: te, close'], true],
    [['connection: close'], false]
  ] as const) {
    const client = await connect(t, sluice.port)
    client.send(request('GET', '/', ...asks))
    t.equal((await client.rest()).includes('x-sum: 42'), there)
  }
})

t.test('trailers outlive a policy that writes the body anew', async t => {
  const port = await http2Upstream(t, stream => {
    stream.respond({ ':status': 200, 'content-type': 'application/json' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '42' }))
    stream.end('{"a":1}')
  })
  const upstreams = { main: { targets: [`http://127.0.0.1:${port}`], http2: true } }
  const policies = [{ plugin: 'transform-json', settings: { response: [{ rename: '/a', to: 'b' }] } }]
  const routes = [{ name: 'all', match: { path: '/*' }, upstream: 'main', policies }]
  const sluice = await startSluice(t, { upstreams, routes, ...NODE })
  t.match(await ask2(await connect2(t, sluice.port), GET), { body: '{"b":1}', trailers: { 'x-sum': '42' } })
})

t.test('an HTTP/2 upstream: failures are what they are', async t => {
  const port = await http2Upstream(t, stream => {
    stream.on('error', () => undefined)
    stream.close(2)
  })
  const upstreams = {
    reset: { targets: [`http://127.0.0.1:${port}`], http2: true },
    silent: {
      targets: [`http://127.0.0.1:${await http2Upstream(t, () => undefined)}`],
      http2: true,
      timeouts: { headers: '30ms' }
    },
    refused: { targets: ['http://127.0.0.1:1'], http2: true },
    garbage: {
      targets: [`http://127.0.0.1:${(await answering(t, 'HTTP/1.1 400 Bad Request\r\n\r\n')).port}`],
      http2: true
    }
  }
  const routes = Object.keys(upstreams).map(name => ({ name, match: { path: `/${name}` }, upstream: name }))
  const sluice = await startSluice(t, { upstreams, routes })
  for (const [path, status, error] of [
    ['/reset', 502, 'GW_UPSTREAM_RESET'],
    ['/silent', 504, 'GW_UPSTREAM_TIMEOUT'],
    ['/refused', 502, 'GW_UPSTREAM_REFUSED'],
    ['/garbage', 502, 'GW_UPSTREAM_BAD_RESPONSE']
  ] as const) {
    t.equal((await exchange(t, sluice.port, request('GET', path))).status, status, path)
    t.match(await sluice.access(), { error })
  }
})

t.test('draining: HTTP/2 clients are told (GOAWAY), what runs finishes, idle connections end', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port, NODE))
  const session = await connect2(t, sluice.port)
  const idle = await connect(t, sluice.port)
  const stream = session.request(GET)
  const { socket, until } = await upstream.connection()
  await until('\r\n\r\n')
  const goaway = once(session, 'goaway')
  const drained = sluice.listener.drain(60_000)
  await goaway
  socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone')
  const [chunk] = await once(stream, 'data')
  t.equal(chunk.toString(), 'done')
  t.equal(await drained, 0, 'nothing was cut off')
  t.equal(await idle.rest(), '')
})

t.test('more connections than the limit are closed', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port, { ...NODE, limits: { connections: 2 } }))
  const [first, second] = [await connect(t, sluice.port), await connect(t, sluice.port)]
  const third = await connect(t, sluice.port)
  t.match(await third.rest(), /^HTTP\/1.1 503 .*GW_TOO_MANY_CONNECTIONS/s)
  t.match(sluice.refused, [/^too-many/])
  for (const client of [first, second]) {
    client.send(request('GET', '/'))
    t.equal((await client.reply()).status, 200)
  }
})

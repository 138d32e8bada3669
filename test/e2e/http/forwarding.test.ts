import t from 'tap'
import { connect, exchange, request } from '../../support/client.js'
import { startSluice, toOne } from '../../support/sluice.js'
import { answering, httpUpstream, recordingUpstream } from '../../support/upstream.js'

t.test('every method arrives as it is, with and without a body', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port))
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'QUERY', 'REPORT']
  for (const method of methods) {
    t.equal((await exchange(t, sluice.port, request(method, '/'))).status, 200, method)
    t.equal((await exchange(t, sluice.port, `${request(method, '/', 'content-length: 4')}body`)).status, 200, method)
  }
  t.strictSame(
    upstream.seen.map(({ method, body }) => `${method} ${body}`),
    methods.flatMap(method => [`${method} `, `${method} body`])
  )
})

t.test('CONNECT and TRACE are 501', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port))
  for (const method of ['CONNECT', 'TRACE']) {
    const reply = await exchange(t, sluice.port, request(method, '/'))
    t.equal(reply.status, 501, method)
    t.equal(reply.json().code, 'GW_METHOD_NOT_SUPPORTED', method)
  }
  t.strictSame(upstream.seen, [])
})

t.test('the trace of a request is passed on as it is, and named in the log', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port))
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const parent = `00-${trace}-00f067aa0ba902b7-01`
  await exchange(
    t,
    sluice.port,
    request('GET', '/', `traceparent: ${parent}`, 'tracestate: a=1,b=2', 'baggage: user=ann')
  )
  const passed = ['traceparent', 'tracestate', 'baggage'].flatMap(name => upstream.seen[0]?.all(name) ?? [])
  t.strictSame(passed, [parent, 'a=1,b=2', 'user=ann'])
  t.match(await sluice.access(), { trace })
})

t.test('end-to-end headers pass in both directions, repeated ones in order and apart', async t => {
  const upstream = await httpUpstream(t, (received, response) => {
    t.strictSame(
      received.rawHeaders
        .flatMap((name, i) => (i % 2 === 0 && /^x-|cookie/i.test(name) ? [[name, received.rawHeaders[i + 1]]] : []))
        .slice(0, 5),
      [
        ['cookie', 'a=1'],
        ['x-many', '1'],
        ['cookie', 'b=2'],
        ['x-many', '2, 3'],
        ['x-empty', '']
      ]
    )
    response.writeHead(
      201,
      [
        ['Set-Cookie', 'a=1; Path=/'],
        ['X-Other', 'grüße'],
        ['Set-Cookie', 'b=2, c'],
        ['X-Empty', ''],
        ['Date', 'Tue, 01 Jan 2030 00:00:00 GMT']
      ].flatMap(([name = '', value = '']) => [name, Buffer.from(value).toString('latin1')])
    )
    response.end('made')
  })
  const sluice = await startSluice(t, toOne(upstream.port))
  const reply = await exchange(
    t,
    sluice.port,
    request('GET', '/', 'Cookie: a=1', 'X-Many: 1', 'cookie: b=2', 'x-many: 2, 3', 'x-empty:')
  )
  t.equal(reply.status, 201)
  t.strictSame(reply.all('set-cookie'), ['a=1; Path=/', 'b=2, c'])
  t.equal(reply.header('x-other'), 'grüße')
  t.equal(reply.header('x-empty'), '')
  t.equal(reply.all('date').length, 1, 'one Date')
  t.equal(reply.all('server').length + reply.all('uwebsockets').length, 0, 'no word of what serves it')
  t.equal(reply.body.toString(), 'made')
})

t.test('hop-by-hop headers stay where they are, also those Connection names', async t => {
  const upstream = await recordingUpstream(t, (_, response) => {
    response.writeHead(200, {
      connection: 'keep-alive, X-Private',
      'x-private': '1',
      'keep-alive': 'timeout=60',
      'proxy-authenticate': 'Basic',
      upgrade: 'h2c',
      trailer: 'x-t',
      'x-public': '2'
    })
    response.end('ok')
  })
  const sluice = await startSluice(t, toOne(upstream.port))
  const reply = await exchange(
    t,
    sluice.port,
    request(
      'GET',
      '/',
      'connection: X-Mine, keep-alive',
      'connection: x-second',
      'x-mine: 1',
      'x-second: 1',
      'keep-alive: timeout=5',
      'proxy-connection: keep-alive',
      'proxy-authorization: Basic eA==',
      'te: trailers',
      'trailer: x',
      'upgrade: h2c',
      'http2-settings: x',
      'x-stays: 1'
    )
  )
  const sent = upstream.seen[0]?.headers.map(([name]) => name) ?? []
  t.strictSame(
    sent.filter(name => !/^(host|connection|via|forwarded|x-forwarded-.*)$/.test(name)),
    ['x-stays']
  )
  t.strictSame(upstream.seen[0]?.all('connection'), ['keep-alive'], 'the connection to the upstream is its own affair')
  for (const name of ['connection', 'x-private', 'keep-alive', 'proxy-authenticate', 'upgrade', 'trailer']) {
    t.strictSame(reply.all(name), [], name)
  }
  t.equal(reply.header('x-public'), '2')
})

t.test('what an untrusted client says of its origin is replaced', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port))
  await exchange(
    t,
    sluice.port,
    request(
      'GET',
      '/',
      'x-forwarded-for: 192.0.2.1',
      'x-forwarded-host: evil.test',
      'x-forwarded-proto: https',
      'forwarded: for=192.0.2.1',
      'x-real-ip: 192.0.2.1',
      'via: 1.0 other'
    )
  )
  const [seen] = upstream.seen
  t.strictSame(seen?.all('x-forwarded-for'), ['127.0.0.1'])
  t.strictSame(seen?.all('x-forwarded-host'), ['gateway.test'])
  t.strictSame(seen?.all('x-forwarded-proto'), ['http'])
  t.strictSame(seen?.all('forwarded'), ['for=127.0.0.1;host=gateway.test;proto=http'])
  t.strictSame(seen?.all('x-real-ip'), [])
  t.strictSame(seen?.all('via'), ['1.0 other, 1.1 sluice'], 'Via is a trace, not a claim')
  t.strictSame(seen?.all('host'), [`127.0.0.1:${upstream.port}`])
  t.equal((await sluice.access()).client, '127.0.0.1')
})

t.test(
  'a header that servers may take for one of the gateway’s does not go on, others with an underscore do',
  async t => {
    const upstream = await recordingUpstream(t)
    const sluice = await startSluice(t, { ...toOne(upstream.port), listen: { http2: true } })
    const headers = ['x_forwarded_for: 6.6.6.6', 'X-Forwarded_Host: evil', 'x_real_ip: 6.6.6.6', 'content_length: 5']
    const mixed = ['x-user: ann', 'x_user: eve', 'session_id: 7', 'Transfer_Encoding: chunked']
    await exchange(t, sluice.port, request('GET', '/', ...headers, ...mixed))
    const names = upstream.seen[0]?.headers.map(([name]) => name)
    t.strictSame(
      names?.filter(name => name.includes('_')),
      ['session_id']
    )
    t.strictSame(upstream.seen[0]?.all('x-user'), ['ann'])
  }
)

t.test('what a trusted proxy says is extended, and the client is who it speaks for', async t => {
  const upstream = await recordingUpstream(t, (_, response) => {
    response.setHeader('via', '1.1 inner')
    response.end()
  })
  const sluice = await startSluice(t, toOne(upstream.port, { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] }))
  const reply = await exchange(
    t,
    sluice.port,
    request(
      'GET',
      '/',
      'x-forwarded-for: 203.0.113.9',
      'x-forwarded-for: 198.51.100.7, 10.1.2.3',
      'x-forwarded-host: shop.test',
      'x-forwarded-proto: https',
      'forwarded: for=198.51.100.7'
    )
  )
  const [seen] = upstream.seen
  t.strictSame(seen?.all('x-forwarded-for'), ['203.0.113.9, 198.51.100.7, 10.1.2.3, 127.0.0.1'])
  t.strictSame(seen?.all('x-forwarded-host'), ['shop.test'])
  t.strictSame(seen?.all('x-forwarded-proto'), ['https'])
  t.strictSame(seen?.all('forwarded'), ['for=198.51.100.7, for=127.0.0.1;host=gateway.test;proto=http'])
  t.strictSame(seen?.all('x-real-ip'), ['198.51.100.7'])
  t.equal(reply.header('via'), '1.1 inner, 1.1 sluice')
  t.equal((await sluice.access()).client, '198.51.100.7', 'the last address that is no proxy')
})

t.test('a trusted proxy that says X-Forwarded-* alone is heard by servers that heed Forwarded alone, too', async t => {
  const upstream = await recordingUpstream(t)
  const { port } = await startSluice(t, toOne(upstream.port, { trustedProxies: ['127.0.0.0/8'] }))
  const own = 'for=127.0.0.1;host=gateway.test;proto=http'
  for (const [headers, expected] of [
    [
      ['x-forwarded-for: 192.0.2.7', 'x-forwarded-host: shop.test', 'x-forwarded-proto: https'],
      'for=192.0.2.7;host=shop.test;proto=https, '
    ],
    [['x-forwarded-for: 6.6.6.6, 2001:db8::7', 'x-forwarded-proto: https, http'], 'for="[2001:db8::7]";proto=https, '],
    [['x-forwarded-for: nobody', 'x-forwarded-host: shop.test:8443'], 'for=unknown;host="shop.test:8443", '],
    [['x-forwarded-for: 192.0.2.7', 'x-forwarded-host: a";for=b', 'x-forwarded-proto: h;x'], 'for=192.0.2.7, '],
    [['x-forwarded-proto: https'], 'for=127.0.0.1;proto=https, '],
    [['forwarded: for=192.0.2.8', 'x-forwarded-for: 192.0.2.7'], 'for=192.0.2.8, '],
    [[], '']
  ] as const) {
    await exchange(t, port, request('GET', '/', ...headers))
    t.strictSame(upstream.seen.at(-1)?.all('forwarded'), [expected + own], headers.join())
  }
})

t.test('what Sluice does not write of X-Forwarded-* goes on for trusted proxies alone', async t => {
  const names = ['x-forwarded-port', 'x-forwarded-prefix', 'x-forwarded-client-cert', 'x_forwarded_ssl']
  const headers = names.flatMap(name => [`${name}: 1`, `${name}: 2`])
  for (const trustedProxies of [['10.0.0.0/8'], [], ['127.0.0.1']]) {
    const upstream = await recordingUpstream(t)
    const { port } = await startSluice(t, toOne(upstream.port, { trustedProxies, listen: { http2: true } }))
    await exchange(t, port, request('GET', '/', ...headers, 'x-forwarding: 3'))
    const came = names.flatMap(name => upstream.seen[0]?.all(name) ?? [])
    t.strictSame(came, trustedProxies[0] === '127.0.0.1' ? names.flatMap(() => ['1', '2']) : [], trustedProxies.join())
    t.strictSame(upstream.seen[0]?.all('x-forwarding'), ['3'])
  }
})

t.test('preserveHost sends the Host of the client', async t => {
  const upstream = await recordingUpstream(t)
  const targets = [`http://127.0.0.1:${upstream.port}`]
  const sluice = await startSluice(t, { upstreams: { main: { targets, preserveHost: true } } })
  await exchange(t, sluice.port, 'GET / HTTP/1.1\r\nhost: Shop.test:8080\r\n\r\n')
  t.strictSame(upstream.seen[0]?.all('host'), ['Shop.test:8080'])
})

t.test('Expect: 100-continue is answered, any other expectation is 417', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port))
  const client = await connect(t, sluice.port)
  client.send(request('POST', '/', 'content-length: 4', 'Expect: 100-continue'))
  t.equal((await client.reply()).status, 100)
  client.send('body')
  t.equal((await client.reply()).status, 200)
  t.equal(upstream.seen[0]?.body.toString(), 'body')
  t.strictSame(upstream.seen[0]?.all('expect'), [], 'it was met here')
  const other = await exchange(t, sluice.port, request('POST', '/', 'content-length: 0', 'expect: tea'))
  t.equal(other.status, 417)
  t.equal(other.json().code, 'GW_EXPECTATION_FAILED')
})

t.test('replies without content have none', async t => {
  const upstream = await recordingUpstream(t, ({ target, method }, response) => {
    const status = Number(target.slice(1))
    if (status === 304) response.writeHead(304, { etag: '"x"', 'content-length': '11' })
    else if (method === 'HEAD') response.writeHead(status, { 'content-length': '11' })
    else response.writeHead(status)
    response.end()
  })
  const sluice = await startSluice(t, toOne(upstream.port))
  const client = await connect(t, sluice.port)
  const ask = async (method: string, target: string) => {
    client.send(request(method, target))
    return client.reply(method)
  }
  const head = await ask('HEAD', '/200')
  t.equal(head.header('content-length'), '11', 'HEAD tells the length a GET would have')
  const none = await ask('GET', '/204')
  t.equal(none.header('content-length'), undefined)
  t.equal(none.header('transfer-encoding'), undefined)
  const same = await ask('GET', '/304')
  t.equal(same.header('etag'), '"x"')
  t.equal(same.header('content-length'), '11')
  const empty = await ask('GET', '/200')
  t.equal(empty.body.length, 0)
  const missing = await ask('HEAD', '/404')
  t.equal(missing.status, 404, 'and the connection is still in step')
})

t.test('HEAD on an error tells the length of the problem it leaves out', async t => {
  const sluice = await startSluice(t, {
    ...toOne(1),
    routes: [{ name: 'a', match: { path: '/a' }, upstream: 'main' }]
  })
  const client = await connect(t, sluice.port)
  client.send(request('HEAD', '/b'))
  const head = await client.reply('HEAD')
  t.equal(head.status, 404)
  t.ok(Number(head.header('content-length')) > 0)
  client.send(request('GET', '/b'))
  t.equal((await client.reply()).status, 404)
})

t.test('replies before the final one stay between the upstream and us', async t => {
  const upstream = await answering(
    t,
    'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
  )
  const sluice = await startSluice(t, toOne(upstream.port))
  const reply = await exchange(t, sluice.port, request('GET', '/'))
  t.equal(reply.status, 200)
  t.equal(reply.body.toString(), 'ok')
})

t.test('connections to the upstream are used again', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port))
  const client = await connect(t, sluice.port)
  for (let i = 0; i < 20; i++) {
    client.send(i % 2 === 0 ? request('GET', `/${i}`) : `${request('POST', `/${i}`, 'content-length: 1')}x`)
    t.equal((await client.reply()).status, 200)
  }
  t.equal(upstream.connections(), 1)
})

t.test('targets of an upstream take turns', async t => {
  const a = await recordingUpstream(t)
  const b = await recordingUpstream(t)
  const targets = [a, b].map(({ port }) => `http://127.0.0.1:${port}`)
  const sluice = await startSluice(t, { upstreams: { main: { targets } } })
  for (let i = 0; i < 6; i++) await exchange(t, sluice.port, request('GET', '/'))
  t.equal(a.seen.length, 3)
  t.equal(b.seen.length, 3)
})

import fc from 'fast-check'
import t from 'tap'
import { connect, request } from '../../support/client.js'
import { startSluice, toOne } from '../../support/sluice.js'
import { recordingUpstream } from '../../support/upstream.js'

/** One connection, one request after the other: each reply is that of its request, whatever came before it. */

/** A request, and what its reply must be. */
interface Step {
  readonly bytes: (n: number) => string
  readonly method: string
  readonly status: number
  /** The reply's body, or what it says beside others. */
  readonly body: (n: number) => string
}

const STEPS: Record<string, Step> = {
  get: { bytes: n => request('GET', `/get/${n}`), method: 'GET', status: 200, body: n => `GET /get/${n} ` },
  head: { bytes: n => request('HEAD', `/head/${n}`), method: 'HEAD', status: 200, body: () => '' },
  sized: {
    bytes: n => `${request('POST', `/sized/${n}`, 'content-length: 5')}body${n % 10}`,
    method: 'POST',
    status: 200,
    body: n => `POST /sized/${n} body${n % 10}`
  },
  empty: {
    bytes: n => request('POST', `/empty/${n}`, 'content-length: 0'),
    method: 'POST',
    status: 200,
    body: n => `POST /empty/${n} `
  },
  chunked: {
    bytes: n =>
      `${request('PUT', `/chunked/${n}`, 'transfer-encoding: chunked')}2\r\nbo\r\n3\r\ndy${n % 10}\r\n0\r\n\r\n`,
    method: 'PUT',
    status: 200,
    body: n => `PUT /chunked/${n} body${n % 10}`
  },
  // A body that looks like a request, for who loses count.
  smuggled: {
    bytes: n => {
      const inner = request('GET', '/inner')
      return request('POST', `/outer/${n}`, `content-length: ${inner.length}`) + inner
    },
    method: 'POST',
    status: 200,
    body: n => `POST /outer/${n} ${request('GET', '/inner')}`
  },
  streamed: {
    bytes: n => request('GET', `/streamed/${n}`),
    method: 'GET',
    status: 200,
    body: n => `GET /streamed/${n} `.repeat(1_000)
  },
  none: { bytes: n => request('GET', `/204/${n}`), method: 'GET', status: 204, body: () => '' },
  unmodified: { bytes: n => request('GET', `/304/${n}`), method: 'GET', status: 304, body: () => '' },
  unknown: { bytes: () => request('GET', '/nowhere', 'host2: x'), method: 'GET', status: 404, body: () => 'GW_ROUTE' },
  forbidden: { bytes: () => request('DELETE', '/get/1'), method: 'DELETE', status: 405, body: () => 'GW_METHOD' },
  tooLarge: {
    bytes: () => `${request('POST', '/sized/x', 'content-length: 2000')}${'x'.repeat(2_000)}`,
    method: 'POST',
    status: 413,
    body: () => 'GW_BODY_TOO_LARGE'
  },
  broken: { bytes: () => request('GET', '/broken'), method: 'GET', status: 502, body: () => 'GW_UPSTREAM_RESET' }
}

async function started(test: Parameters<typeof startSluice>[0]) {
  const upstream = await recordingUpstream(test, ({ method, target, body }, response) => {
    const text = `${method} ${target} ${body}`
    if (target === '/broken') response.destroy()
    else if (target.startsWith('/204') || target.startsWith('/304'))
      response.writeHead(Number(target.slice(1, 4))).end()
    else if (target.startsWith('/streamed')) for (let i = 0; i < 1_000; i++) response.write(text)
    if (!response.writableEnded && !response.destroyed) response.end(target.startsWith('/streamed') ? undefined : text)
  })
  const paths = ['get', 'head', 'sized', 'empty', 'chunked', 'outer', 'inner', 'streamed', '204', '304', 'broken']
  const sluice = await startSluice(
    test,
    toOne(upstream.port, {
      limits: { bodyBytes: '1KiB' },
      routes: paths.map(name => ({
        name: `to-${name}`,
        match: { path: `/${name}/*`, methods: ['GET', 'POST', 'PUT'] },
        upstream: 'main'
      }))
    })
  )
  return { upstream, sluice }
}

t.test('any sequence of requests on one connection gets its replies, errors in the middle and all', async t => {
  const { upstream, sluice } = await started(t)
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...Object.values(STEPS)), { minLength: 2, maxLength: 20 }),
      async steps => {
        const client = await connect(t, sluice.port)
        for (const [n, { bytes, method, status, body }] of steps.entries()) {
          client.send(bytes(n))
          const reply = await client.reply(method)
          const text = reply.body.toString()
          const right = status < 400 ? text === body(n) : text.includes(body(n))
          if (reply.status !== status || !right) throw new Error(`${n}: ${reply.status} ${text.slice(0, 200)}`)
        }
        client.socket.destroy()
      }
    ),
    { numRuns: 60 }
  )
  t.notOk(
    upstream.seen.some(({ target }) => target === '/inner'),
    'no body was taken for a request'
  )
})

t.test('a request in the segment that ends the one before is in step once that one is answered', async t => {
  const { sluice } = await started(t)
  const client = await connect(t, sluice.port)
  // The end of the first and the start of the second travel together, the rest of the second when the first is answered.
  client.send(`${request('POST', '/sized/1', 'content-length: 5')}bod`)
  client.send('y1')
  t.equal((await client.reply()).body.toString(), 'POST /sized/1 body1')
  const second = `${request('POST', '/sized/2', 'content-length: 5')}body2`
  client.send(second.slice(0, -3))
  client.send(second.slice(-3))
  t.equal((await client.reply()).body.toString(), 'POST /sized/2 body2')
})

t.test('what comes behind a request that is refused is not taken for a request', async t => {
  const { sluice, upstream } = await started(t)
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/%') + request('GET', '/get/2'))
  t.equal(await client.rest(), '', 'the connection ends')
  t.match(await sluice.access(), { status: 400, error: 'GW_BAD_REQUEST' })
  t.strictSame(upstream.seen, [])
  t.strictSame(sluice.untaken, [])
})

t.test('Connection: close ends it with the reply', async t => {
  const { sluice } = await started(t)
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/get/1', 'connection: close'))
  const reply = await client.reply()
  t.equal(reply.status, 200)
  client.send(request('GET', '/get/2'))
  t.equal(await client.rest(), '')
})

t.test('Connection: close does so among other options, and only as a whole one', async t => {
  const { sluice } = await started(t)
  for (const value of ['close, te', 'TE,\tClose', 'keep-alive, close ']) {
    const client = await connect(t, sluice.port)
    client.send(request('GET', '/get/1', `connection: ${value}`))
    t.match(await client.reply(), { status: 200 })
    t.equal(await client.rest(), '', value)
  }
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/get/1', 'connection: x-close, closed'))
  t.match(await client.reply(), { status: 200 })
  client.send(request('GET', '/get/2'))
  t.match(await client.reply(), { status: 200 })
})

t.test('a reply to HEAD that is there at once is whole, also where the connection should end', async t => {
  const routes = [{ name: 'fixed', match: { path: '/*' }, reply: { body: 'hello' } }]
  const sluice = await startSluice(t, { upstreams: {}, routes })
  for (const connection of ['keep-alive', 'close', 'close, te']) {
    const client = await connect(t, sluice.port)
    client.send(request('HEAD', '/', `connection: ${connection}`))
    const reply = await client.reply('HEAD')
    t.equal(reply.status, 200, connection)
    t.equal(reply.header('content-length'), '5')
    t.match(await sluice.access(), { method: 'HEAD', status: 200 })
  }
})

t.test('a reply that is streamed is whole, and says that the connection ends', async t => {
  const upstream = await recordingUpstream(t, ({ target }, response) => {
    if (target === '/sized') response.setHeader('content-length', 300_000)
    if (target !== '/empty') response.write(Buffer.alloc(100_000))
    setImmediate(() => response.end(target === '/empty' ? undefined : Buffer.alloc(200_000)))
  })
  for (const listen of [{}, { listen: { http2: true } }]) {
    const sluice = await startSluice(t, toOne(upstream.port, listen))
    for (const path of ['/sized', '/chunked', '/empty']) {
      for (const connection of ['close', 'close, te']) {
        const client = await connect(t, sluice.port)
        client.send(request('GET', path, `connection: ${connection}`))
        const reply = await client.reply()
        t.equal(reply.body.length, path === '/empty' ? 0 : 300_000, `${path} ${connection}`)
        if (connection !== 'close') t.equal(reply.header('connection'), 'close')
        client.socket.end()
        t.equal(await client.rest(), '')
      }
    }
  }
})

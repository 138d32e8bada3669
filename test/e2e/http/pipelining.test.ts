import t from 'tap'
import { connect, request } from '../../support/client.js'
import { startSluice } from '../../support/sluice.js'
import { rawUpstream, recordingUpstream } from '../../support/upstream.js'

/**
 * Requests that do not wait for the reply to the one before (RFC 9112 §9.3.2). Node's listener takes all of them, one
 * after the other. uWebSockets.js takes those that follow one that was answered at once; else it ends the connection, and
 * what had not left yet is lost with it. On neither is a reply mixed up or a request handled twice.
 */

const LISTENERS = [
  ['uWebSockets.js', {}, false],
  ["Node's", { listen: { http2: true } }, true]
] as const

interface Case {
  readonly requests: readonly string[]
  readonly replies: readonly (readonly [number, string | number])[]
  /** The connection ends with the last of them. */
  readonly ends?: boolean
}

const get = (path: string, ...headers: string[]): string => request('GET', path, ...headers)
const post = (path: string, body: string): string => request('POST', path, `content-length: ${body.length}`) + body
const LARGE = 2_000_000

const CASES: Readonly<Record<string, Case>> = {
  'two that go upstream': {
    requests: [get('/a/1'), get('/a/2')],
    replies: [
      [200, 'GET /a/1 0'],
      [200, 'GET /a/2 0']
    ]
  },
  'a run of them': {
    requests: [1, 2, 3, 4, 5, 6, 7, 8].map(n => get(`/a/${n}`)),
    replies: [1, 2, 3, 4, 5, 6, 7, 8].map(n => [200, `GET /a/${n} 0`])
  },
  'a body second': {
    requests: [get('/a/1'), post('/a/2', 'abc')],
    replies: [
      [200, 'GET /a/1 0'],
      [200, 'POST /a/2 3']
    ]
  },
  'a body first': {
    requests: [post('/a/1', 'abc'), get('/a/2')],
    replies: [
      [200, 'POST /a/1 3'],
      [200, 'GET /a/2 0']
    ]
  },
  'chunks first': {
    requests: [`${request('POST', '/a/1', 'transfer-encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`, get('/a/2')],
    replies: [
      [200, 'POST /a/1 3'],
      [200, 'GET /a/2 0']
    ]
  },
  'a large reply first': {
    requests: [get('/large'), get('/a/2')],
    replies: [
      [200, LARGE],
      [200, 'GET /a/2 0']
    ]
  },
  'a stored reply first': {
    requests: [get('/stored'), get('/a/2')],
    replies: [
      [200, 'GET /stored 0'],
      [200, 'GET /a/2 0']
    ]
  },
  'a stored reply second': {
    requests: [get('/a/1'), get('/stored')],
    replies: [
      [200, 'GET /a/1 0'],
      [200, 'GET /stored 0']
    ]
  },
  'stored, fixed, missing': {
    requests: [
      get('/stored'),
      get('/fixed'),
      request('HEAD', '/fixed'),
      get('/nowhere'),
      post('/fixed', 'abc'),
      get('/stored')
    ],
    replies: [
      [200, 'GET /stored 0'],
      [200, 'fixed'],
      [200, ''],
      [404, 'GW_ROUTE_NOT_FOUND'],
      [200, 'fixed'],
      [200, 'GET /stored 0']
    ]
  },
  'a refusal of a policy first': {
    requests: [post('/keyed', 'abc'), get('/a/2')],
    replies: [
      [401, ''],
      [200, 'GET /a/2 0']
    ]
  },
  'one that is the last, upstream': {
    requests: [get('/a/1', 'connection: close'), get('/a/2')],
    replies: [[200, 'GET /a/1 0']],
    ends: true
  },
  'one that is the last, at once': {
    requests: [get('/fixed', 'connection: close'), post('/a/2', 'abc')],
    replies: [[200, 'fixed']],
    ends: true
  },
  'one that is the last, among others': {
    requests: [get('/fixed', 'connection: te, close'), get('/fixed')],
    replies: [[200, 'fixed']],
    ends: true
  },
  'one that is refused': { requests: [get('/%'), post('/a/2', 'abc')], replies: [[400, 'GW_BAD_REQUEST']], ends: true },
  'one whose body is left out': {
    requests: [`${request('POST', '/fixed', 'transfer-encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`, post('/a/2', 'abc')],
    replies: [[200, 'fixed']],
    ends: true
  }
}

async function started(test: Parameters<typeof startSluice>[0], listen: object) {
  const upstream = await recordingUpstream(test, ({ method, target, body }, response) => {
    if (target !== '/large') return response.end(`${method} ${target} ${body.length}`)
    return response.setHeader('content-length', LARGE).end(Buffer.alloc(LARGE))
  })
  const keys = [{ sha256: '0'.repeat(64), consumer: 'ada' }]
  const sluice = await startSluice(test, {
    ...listen,
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    routes: [
      { name: 'a', match: { path: '/a/*' }, upstream: 'main' },
      { name: 'large', match: { path: '/large' }, upstream: 'main' },
      { name: 'stored', match: { path: '/stored' }, upstream: 'main', cache: { ttl: '1h' } },
      {
        name: 'keyed',
        match: { path: '/keyed' },
        upstream: 'main',
        policies: [{ plugin: 'auth-key', settings: { keys } }]
      },
      { name: 'fixed', match: { path: '/fixed' }, reply: { body: 'fixed' } }
    ]
  })
  const client = await connect(test, sluice.port)
  client.send(get('/stored'))
  await client.reply()
  client.socket.destroy()
  return { upstream, sluice }
}

/** How the requests travel: in one segment, in one each, or once the reply to the first has begun. */
const WAYS = ['together', 'one by one', 'behind the first reply'] as const

for (const [listener, listen, takesAll] of LISTENERS) {
  for (const way of WAYS) {
    t.test(`requests that come ${way} have their own replies, in order: ${listener}`, async t => {
      const { upstream, sluice } = await started(t, listen)
      for (const [name, { requests, replies, ends }] of Object.entries(CASES)) {
        upstream.seen.length = 0
        const client = await connect(t, sluice.port)
        const [first = '', ...others] = requests
        if (way === 'together') client.send(requests.join(''))
        else {
          client.send(first)
          if (way === 'behind the first reply') await new Promise(resolve => client.socket.once('data', resolve))
          for (const each of others) client.send(each)
        }
        const got: (readonly [number, string | number])[] = []
        for (const [i, [, body]] of replies.entries()) {
          const reply = await client.reply(requests[i]?.split(' ')[0]).catch(() => undefined)
          if (reply === undefined) break
          const text = reply.body.toString()
          const code = /"(GW_\w+)"/.exec(text)?.[1]
          got.push([reply.status, typeof body === 'number' ? reply.body.length : (code ?? (body === '' ? '' : text))])
        }
        if (takesAll) t.strictSame(got, replies, name)
        else t.strictSame(got, replies.slice(0, got.length), `${name}: ${got.length} of ${replies.length}`)
        if (ends === true || got.length < replies.length)
          t.equal(await client.rest(), '', `${name}: the connection ends`)
        const asked = requests.flatMap((each, i) => (replies[i] === undefined ? [] : [each.split(' ')[1]]))
        const went = asked.filter(path => path?.startsWith('/a/') || path === '/large')
        const seen = upstream.seen.map(({ target }) => target)
        t.strictSame(seen, went.slice(0, takesAll ? went.length : seen.length), `${name}: each went upstream once`)
        client.socket.destroy()
      }
    })
  }

  t.test(`a body that still comes when it is refused does not get into the next request: ${listener}`, async t => {
    const { sluice } = await started(t, listen)
    const client = await connect(t, sluice.port)
    const body = get('/a/smuggled').repeat(2_000)
    client.send(`${request('POST', '/keyed', `content-length: ${body.length}`)}${body.slice(0, 1_000)}`)
    t.equal((await client.reply()).status, 401)
    client.send(body.slice(1_000) + get('/fixed') + get('/a/2'))
    t.equal((await client.reply()).body.toString(), 'fixed')
    t.equal((await client.reply()).body.toString(), 'GET /a/2 0')
    client.socket.destroy()
  })
}

t.test('on a listener of Node’s a request goes upstream when the one before has its reply', async t => {
  const upstream = await rawUpstream(t)
  const upstreams = { main: { targets: [`http://127.0.0.1:${upstream.port}`] } }
  const sluice = await startSluice(t, { listen: { http2: true }, upstreams })
  const client = await connect(t, sluice.port)
  client.send(post('/1', 'abc') + get('/2'))
  const first = await upstream.connection()
  await first.until('abc')
  const other = await connect(t, sluice.port)
  other.send(get('/other'))
  await (await upstream.connection()).until('/other')
  first.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1')
  t.equal((await client.reply()).body.toString(), '1')
  const second = await upstream.connection()
  await second.until('/2')
  second.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n2')
  t.equal((await client.reply()).body.toString(), '2')
})

t.test('a client that sends more than may wait loses its connection', async t => {
  const upstream = await rawUpstream(t)
  const upstreams = { main: { targets: [`http://127.0.0.1:${upstream.port}`] } }
  const sluice = await startSluice(t, { listen: { http2: true }, upstreams })
  const client = await connect(t, sluice.port)
  client.send(get('/1').repeat(300))
  t.equal(await client.rest(), '')
  t.match(await sluice.access(), { path: '/1', error: 'GW_CLIENT_GONE' })
  t.strictSame(sluice.untaken, [], 'what waited was never begun')
})

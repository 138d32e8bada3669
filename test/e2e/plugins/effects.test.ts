import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import t, { type Test } from 'tap'
import { EffectInput, type Verdict } from '../../../core/plugin-host/abi.js'
import { pluginFolders } from '../../support/plugins.js'
import { startSluice } from '../../support/sluice.js'
import { httpUpstream, read, recordingUpstream } from '../../support/upstream.js'
import { guest, says, verdictAt, when } from '../../support/wat.js'

type VerdictInit = Parameters<typeof Verdict.encode>[0]
type EffectInit = NonNullable<VerdictInit['effects']>[number]

/** Asks for these effects in `hook`, and replies with the input of on_effect. */
function asker(effects: readonly EffectInit[], hook = 'on_request', more: VerdictInit = {}): Uint8Array {
  return guest({
    hooks: { [hook]: '(i32.const 1024)', on_effect: '(call $show (local.get $ptr) (local.get $len))' },
    more: verdictAt(1024, { ...more, effects: [...effects] })
  })
}

/** A server for callouts: says what it got, and misbehaves by path; "/last/N" is answered once N requests have come. */
async function world(
  t: Test
): Promise<{ port: number; seen: { url: string; headers: Record<string, unknown>; body: string }[] }> {
  const seen: { url: string; headers: Record<string, unknown>; body: string }[] = []
  const waiting: { readonly count: number; readonly end: () => void }[] = []
  const { port } = await httpUpstream(t, (request, response) => {
    void read(request).then(bytes => {
      const body = bytes.toString('utf8')
      seen.push({ url: request.url ?? '', headers: request.headers, body })
      const [, count] = /^\/last\/(\d+)$/.exec(request.url ?? '') ?? []
      if (count !== undefined) waiting.push({ count: Number(count), end: () => response.end('at last') })
      for (const { count, end } of waiting) if (count === seen.length) end()
      if (count !== undefined) return undefined
      if (request.url === '/silent') return undefined
      if (request.url === '/huge') return response.end('x'.repeat(100_000))
      if (request.url === '/elsewhere') return response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
      return response.writeHead(201, { 'x-answer': 'yes' }).end(`${request.method} ${request.url} ${body}`)
    })
  })
  return { port, seen }
}

interface Served {
  readonly get: (path: string, init?: RequestInit) => Promise<Response>
  readonly upstream: Awaited<ReturnType<typeof recordingUpstream>>
  readonly sluice: Awaited<ReturnType<typeof startSluice>>
}

async function serve(
  t: Test,
  wasm: Record<string, Uint8Array>,
  permissions: object,
  more: Record<string, unknown> = {},
  policies: readonly object[] = [{ plugin: 'asker' }]
): Promise<Served> {
  const upstream = await recordingUpstream(t)
  const { upstreams = {}, ...rest } = more
  const sluice = await startSluice(t, {
    callouts: { allowNetworks: ['127.0.0.0/8'] },
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] }, ...(upstreams as object) },
    plugins: pluginFolders(
      t,
      Object.fromEntries(Object.entries(wasm).map(([name, bytes]) => [name, { wasm: bytes, permissions }]))
    ),
    routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', policies }],
    ...rest
  })
  return { get: (path, init) => fetch(`http://127.0.0.1:${sluice.port}${path}`, init), upstream, sluice }
}

async function answersIn(response: Response): Promise<EffectInput> {
  return EffectInput.decode(new Uint8Array(await response.arrayBuffer()))
}

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? '').toString('utf8')

t.test('callouts go to a named upstream and to a granted origin, side by side, and come back together', async t => {
  const { port, seen } = await world(t)
  const origin = `http://127.0.0.1:${port}`
  const { get } = await serve(
    t,
    {
      asker: asker([
        { id: 'last', http: { url: `${origin}/last/2` } },
        {
          id: 'named',
          http: {
            upstream: 'judge',
            url: '/check?a=1',
            method: 'POST',
            body: Buffer.from('hello'),
            headers: ['x-mine', '1']
          }
        }
      ])
    },
    { callouts: ['judge', origin] },
    { upstreams: { judge: { targets: [origin] } } }
  )
  const input = await answersIn(await get('/some/path?q=1', { method: 'GET' }))
  t.equal(input.hook, 'on_request')
  t.equal(input.request?.path, '/some/path', 'the request is there again')
  t.match(input.answers, [
    { id: 'last', error: '', status: 200 },
    { id: 'named', error: '', status: 201 }
  ])
  t.equal(text(input.answers[0]?.body), 'at last')
  t.equal(text(input.answers[1]?.body), 'POST /check?a=1 hello')
  t.ok(input.answers[1]?.headers.includes('x-answer'))
  const named = seen.find(({ url }) => url === '/check?a=1')
  t.match(named?.headers, { 'x-mine': '1', 'cdn-loop': /^sluice-/ }, 'a callout is marked as one')
})

t.test('what goes wrong with a callout is an answer, and no redirect is followed', async t => {
  const { port, seen } = await world(t)
  const origin = `http://127.0.0.1:${port}`
  const { get } = await serve(
    t,
    {
      asker: asker([
        { id: 'silent', http: { url: `${origin}/silent`, timeoutMs: 50 } },
        { id: 'huge', http: { url: `${origin}/huge`, maxBytes: 1_000 } },
        { id: 'moved', http: { url: `${origin}/elsewhere` } },
        { id: 'nobody', http: { url: 'http://127.0.0.1:1/' } }
      ])
    },
    { callouts: [origin, 'http://127.0.0.1:1'] }
  )
  const { answers } = await answersIn(await get('/'))
  t.strictSame(
    answers.map(({ id, error, status }) => [id, error, status]),
    [
      ['silent', 'timeout', 0],
      ['huge', 'too-large', 0],
      ['moved', '', 302],
      ['nobody', 'unreachable', 0]
    ]
  )
  t.equal(seen.length, 3)
})

t.test('a callout to what is not granted is the plugin’s failure, in whatever form it is written', async t => {
  const { port, seen } = await world(t)
  const origin = `http://127.0.0.1:${port}`
  const tricks = [
    'http://127.0.0.1:1/',
    `http://2130706433:${port + 1}/`,
    `http://granted.example@127.0.0.1:${port}/`,
    `http://user:pass@127.0.0.1:${port}/`,
    `https://127.0.0.1:${port}/`,
    `file:///etc/passwd`,
    `gopher://127.0.0.1:${port}/`,
    `//127.0.0.1:${port}/`,
    'http://169.254.169.254/latest/meta-data',
    'http://localhost./'
  ]
  for (const url of tricks) {
    await t.test(url, async t => {
      const { get, sluice } = await serve(t, { asker: asker([{ id: 'x', http: { url } }]) }, { callouts: [origin] })
      t.equal((await get('/')).status, 500)
      t.match(sluice.others.at(-1), { reason: 'denied' })
    })
  }
  t.equal(seen.length, 0, 'nothing was called')
})

t.test('headers that frame the message, and control characters, never get into a callout', async t => {
  const { port, seen } = await world(t)
  const origin = `http://127.0.0.1:${port}`
  for (const headers of [
    ['host', 'x'],
    ['content-length', '3'],
    ['transfer-encoding', 'chunked'],
    ['cdn-loop', 'x'],
    ['x-a', 'b\r\nx: y'],
    ['x a', 'b'],
    ['x-a']
  ]) {
    const wasm = { asker: asker([{ id: 'x', http: { url: origin, headers } }]) }
    const { get } = await serve(t, wasm, { callouts: [origin] })
    t.equal((await get('/')).status, 500, headers.join(': '))
  }
  t.equal(seen.length, 0)
})

t.test(
  'an origin that is a private address is refused when the configuration is read, unless its network is allowed',
  async t => {
    const wasm = asker([{ id: 'x', http: { url: 'http://127.0.0.1:9/' } }])
    const start = (origin: string) =>
      serve(t, { asker: wasm }, { callouts: [origin] }, { callouts: { allowNetworks: [] } })
    for (const origin of [
      'http://127.0.0.1:9',
      'http://[::1]:9',
      'http://[::ffff:127.0.0.1]:9',
      'http://0x7f000001:9',
      'http://169.254.169.254',
      'http://10.1.2.3',
      'https://192.168.0.1'
    ]) {
      await t.rejects(start(origin), /not a public address/, origin)
    }
    await t.resolves(start('https://93.184.215.14'))
  }
)

t.test('a name that stands for a private address cannot be called', async t => {
  const { port, seen } = await world(t)
  const origin = `http://localhost:${port}`
  const wasm = { asker: asker([{ id: 'x', http: { url: origin } }]) }
  const { get } = await serve(t, wasm, { callouts: [origin] }, { callouts: { allowNetworks: [] } })
  t.match((await answersIn(await get('/'))).answers, [{ error: 'denied' }])
  t.equal(seen.length, 0)
})

t.test('a callout into the gateway itself causes no further callouts', async t => {
  const upstream = await recordingUpstream(t)
  // The gateway's own port is known only once it listens: the callout goes through a small server that passes it on.
  let port = 0
  let passed = 0
  const mirror = await httpUpstream(t, async (request, response) => {
    passed++
    const loop = String(request.headers['cdn-loop'] ?? '')
    const again = await fetch(`http://127.0.0.1:${port}/again`, { headers: { 'cdn-loop': loop } })
    response.end(Buffer.from(await again.arrayBuffer()))
  })
  const origin = `http://127.0.0.1:${mirror.port}`
  const sluice = await startSluice(t, {
    callouts: { allowNetworks: ['127.0.0.0/8'] },
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    plugins: pluginFolders(t, {
      asker: { wasm: asker([{ id: 'x', http: { url: origin } }]), permissions: { callouts: [origin] } }
    }),
    routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', policies: [{ plugin: 'asker' }] }]
  })
  port = sluice.port
  const outer = await answersIn(await fetch(`http://127.0.0.1:${port}/`))
  const inner = EffectInput.decode(outer.answers[0]?.body ?? new Uint8Array(0))
  t.match(inner.answers, [{ error: 'loop' }])
  t.equal(passed, 1)
})

t.test('the store keeps values for a plugin: set, get, swap, add, delete', async t => {
  const wasm = asker([
    { id: 'none', kv: { kind: 0, key: 'a' } },
    { id: 'sum', kv: { kind: 4, key: '__proto__', delta: 5 } },
    { id: 'set', kv: { kind: 1, key: 'b', value: Buffer.from('v') } }
  ])
  const then = asker([
    { id: 'get', kv: { kind: 0, key: 'b' } },
    { id: 'wrong', kv: { kind: 3, key: 'b', expected: Buffer.from('other'), value: Buffer.from('w') } },
    { id: 'gone', kv: { kind: 2, key: 'gone' } }
  ])
  const { get } = await serve(t, { asker: wasm }, { store: true })
  t.match((await answersIn(await get('/'))).answers, [
    { id: 'none', found: false },
    { id: 'sum', found: true, number: 5 },
    { id: 'set', found: true }
  ])
  t.match((await answersIn(await get('/'))).answers, [{ found: false }, { number: 10 }, { found: true }])
  const other = await serve(t, { asker: then }, { store: true })
  t.match((await answersIn(await other.get('/'))).answers, [{ found: false }, { found: false }, { found: false }])
})

t.test(
  'a secret is had by those it is granted to, and a missing one is found when the configuration is read',
  async t => {
    const wasm = { asker: asker([{ id: 's', secret: 'token' }]) }
    const { get } = await serve(t, wasm, { secrets: ['token'] }, { secrets: { token: 'hunter2' } })
    const { answers } = await answersIn(await get('/'))
    t.equal(text(answers[0]?.body), 'hunter2')
    await t.rejects(serve(t, wasm, { secrets: ['token'] }), /asks for the secret "token", which is not under secrets/)
    const denied = await serve(t, wasm, {}, { secrets: { token: 'hunter2' } })
    t.equal((await denied.get('/')).status, 500)
  }
)

t.test('a key set is fetched once for many', async t => {
  let fetched = 0
  const server = await httpUpstream(t, (_request, response) => {
    fetched++
    response.end('{"keys":[]}')
  })
  const origin = `http://127.0.0.1:${server.port}`
  const wasm = { asker: asker([{ id: 'j', jwks: `${origin}/jwks.json` }]) }
  const { get } = await serve(t, wasm, { callouts: [origin] })
  const replies = await Promise.all(Array.from({ length: 20 }, () => get('/')))
  for (const reply of replies) t.equal(text((await answersIn(reply)).answers[0]?.body), '{"keys":[]}')
  t.equal(fetched, 1)
})

t.test('the chain goes on behind the plugin that asked, with what both of its verdicts changed', async t => {
  const { port } = await world(t)
  const origin = `http://127.0.0.1:${port}`
  const set = (name: string, value: string) => ({ op: 0, name, value })
  const first = guest({
    hooks: { on_request: '(i32.const 1024)', on_effect: '(i32.const 4096)' },
    more: `${verdictAt(1024, { headers: [set('x-first', '1')], state: Buffer.from('kept'), effects: [{ id: 'a', http: { url: origin } }] })}
      ${verdictAt(4096, { headers: [set('x-second', '2')], consumer: 'ada' })}`
  })
  const last = guest({
    hooks: { on_request: `${when('x-se', '(return (i32.const 1024))')} (i32.const 0)` },
    more: verdictAt(1024, { headers: [set('x-last', 'saw it')] })
  })
  const permissions = { callouts: [origin], requestHeaders: { read: ['*'], write: ['*'] }, consumer: true }
  const { get, upstream, sluice } = await serve(
    t,
    { before: says({ headers: [set('x-before', '0')] }), first, last },
    permissions,
    {},
    [{ plugin: 'before' }, { plugin: 'first' }, { plugin: 'last' }]
  )
  t.equal((await get('/')).status, 200)
  t.match(Object.fromEntries(upstream.seen[0]?.headers ?? []), {
    'x-before': '0',
    'x-first': '1',
    'x-second': '2',
    'x-last': 'saw it'
  })
  t.match(await sluice.access(), { consumer: 'ada' })
})

t.test('in a body hook the body is there again, and a response hook may ask as well', async t => {
  const { port } = await world(t)
  const origin = `http://127.0.0.1:${port}`
  const effects = [{ id: 'a', http: { url: origin } }]
  for (const [hook, permission] of [
    ['on_request_body', 'requestBody'],
    ['on_response_body', 'responseBody'],
    ['on_response', '']
  ] as const) {
    const { get } = await serve(
      t,
      { asker: asker(effects, hook) },
      { callouts: [origin], ...(permission && { [permission]: 'read' }) }
    )
    const input = await answersIn(await get('/', { method: 'POST', body: 'the body of the request' }))
    t.equal(input.hook, hook)
    t.equal(input.answers[0]?.status, 201, hook)
    if (hook === 'on_request_body') t.equal(text(input.body), 'the body of the request')
    else t.ok(input.response?.status, 'the response is there')
    if (hook === 'on_response_body') t.ok(input.body.length > 0)
  }
})

t.test(
  'until a body hook has its answer nothing goes upstream; then headers, path and upstream may still change',
  async t => {
    const before: number[] = []
    const other = await recordingUpstream(t)
    const judge = await httpUpstream(t, (_, response) => {
      before.push(upstream.connections(), other.connections())
      response.end()
    })
    const origin = `http://127.0.0.1:${judge.port}`
    const decides = guest({
      hooks: { on_request_body: '(i32.const 1024)', on_effect: '(i32.const 4096)' },
      more: `${verdictAt(1024, { effects: [{ id: 'a', http: { url: origin } }] })}
      ${verdictAt(4096, { headers: [{ op: 0, name: 'x-judged', value: '1' }], path: '/moved', query: 'b=2', method: 'PUT', upstream: 'other' })}`
    })
    const { get, upstream } = await serve(
      t,
      { asker: decides },
      { callouts: [origin], requestBody: 'read', requestHeaders: { write: ['x-judged'] }, rewrite: true, route: true },
      { upstreams: { other: { targets: [`http://127.0.0.1:${other.port}`] } } }
    )
    t.equal((await get('/here?a=1', { method: 'POST', body: 'what is judged' })).status, 200)
    t.strictSame(before, [0, 0])
    t.equal(upstream.seen.length, 0)
    const [seen] = other.seen
    t.match(seen, { method: 'PUT', target: '/moved?b=2' })
    t.strictSame(seen?.all('x-judged'), ['1'])
    t.equal(seen?.body.toString(), 'what is judged')
  }
)

t.test('a plugin that asks again and again is stopped after a few rounds', async t => {
  const { port, seen } = await world(t)
  const origin = `http://127.0.0.1:${port}`
  const wasm = guest({
    hooks: { on_request: '(i32.const 1024)', on_effect: '(i32.const 1024)' },
    more: verdictAt(1024, { effects: [{ id: 'a', http: { url: origin } }] })
  })
  const { get, sluice } = await serve(t, { asker: wasm }, { callouts: [origin] })
  t.equal((await get('/')).status, 500)
  t.match(sluice.others.at(-1), { reason: 'budget', msg: /asked for effects more than 4 times/ })
  t.equal(seen.length, 4)
})

t.test('a plugin that is stopped so and fails open does not take those behind it along', async t => {
  const { port } = await world(t)
  const origin = `http://127.0.0.1:${port}`
  const asks = verdictAt(1024, { effects: [{ id: 'a', http: { url: origin } }] })
  const endless = guest({ hooks: { on_request: '(i32.const 1024)', on_effect: '(i32.const 1024)' }, more: asks })
  const denier = says({ reply: { status: 403 } })
  const { get } = await serve(t, { endless, denier }, { callouts: [origin] }, {}, [
    { plugin: 'endless', failure: 'open' },
    { plugin: 'denier' }
  ])
  t.equal((await get('/')).status, 403)
})

t.test('each plugin of a chain has rounds of its own', async t => {
  const { port, seen } = await world(t)
  const origin = `http://127.0.0.1:${port}`
  // Asks three times in a row, then goes on.
  const patient = guest({
    hooks: {
      on_request: '(i32.const 1024)',
      on_effect: `(global.set $n (i32.add (global.get $n) (i32.const 1)))
        (select (i32.const 0) (i32.const 1024) (i32.eq (global.get $n) (i32.const 3)))`
    },
    more: `(global $n (mut i32) (i32.const 0)) ${verdictAt(1024, { effects: [{ id: 'a', http: { url: origin } }] })}`
  })
  const { get } = await serve(t, { patient, second: patient }, { callouts: [origin] }, {}, [
    { plugin: 'patient' },
    { plugin: 'second' }
  ])
  t.equal((await get('/')).status, 200)
  t.equal(seen.length, 6)
})

t.test('a plugin that cannot hear the answer may not ask, nor ask for two things at once, nor for a crowd', async t => {
  const url = 'http://127.0.0.1:9/'
  const permissions = { callouts: ['http://127.0.0.1:9'], secrets: ['s'] }
  const more = { secrets: { s: 'x' } }
  const deaf = says({ effects: [{ id: 'a', http: { url } }] })
  const both = asker([{ id: 'a', http: { url }, secret: 's' }])
  const nothing = asker([{ id: 'a' }])
  const crowd = asker(Array.from({ length: 17 }, (_, i) => ({ id: String(i), secret: 's' })))
  for (const wasm of [deaf, both, nothing, crowd]) {
    const { get } = await serve(t, { asker: wasm }, permissions, more)
    t.equal((await get('/')).status, 500)
  }
})

t.test('effects of many exchanges run at the same time', async t => {
  const { port, seen } = await world(t)
  const origin = `http://127.0.0.1:${port}`
  const wasm = { asker: asker([{ id: 'a', http: { url: `${origin}/last/12` } }]) }
  const { get } = await serve(t, wasm, { callouts: [origin] })
  const replies = await Promise.all(Array.from({ length: 12 }, () => get('/')))
  for (const reply of replies) t.match((await answersIn(reply)).answers, [{ error: '', status: 200 }])
  t.equal(seen.length, 12)
})

t.test('a client that goes away ends the callouts made for it', async t => {
  let heard: (request: IncomingMessage) => void = () => undefined
  const begun = new Promise<IncomingMessage>(resolve => {
    heard = resolve
  })
  const { port } = await httpUpstream(t, request => heard(request))
  const origin = `http://127.0.0.1:${port}`
  const { get } = await serve(
    t,
    { asker: asker([{ id: 'a', http: { url: origin, timeoutMs: 60_000 } }]) },
    { callouts: [origin] }
  )
  const ended = new AbortController()
  const reply = get('/', { signal: ended.signal }).catch(() => undefined)
  const request = await begun
  const gone = once(request.socket, 'close')
  ended.abort()
  await gone
  await reply
  t.pass('the connection of the callout was closed')
})

t.test('an effect that nobody waits for holds nothing up, and goes on when the client is gone', async t => {
  const { port, seen } = await world(t)
  const origin = `http://127.0.0.1:${port}`
  const http = { url: `${origin}/silent`, method: 'POST', body: Buffer.from('a copy'), timeoutMs: 300 }
  const wasm = says({ headers: [{ op: 0, name: 'x-on', value: '1' }], effects: [{ id: 'm', http, detached: true }] })
  const { get, upstream } = await serve(t, { asker: wasm }, { callouts: [origin], requestHeaders: { write: ['x-on'] } })
  t.equal((await get('/')).status, 200, 'it has no on_effect, and needs none')
  t.equal(Object.fromEntries(upstream.seen[0]?.headers ?? [])['x-on'], '1')
  while (seen.length === 0) await new Promise(setImmediate)
  t.match(seen, [{ url: '/silent', body: 'a copy' }])
})

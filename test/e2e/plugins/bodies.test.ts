import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { RequestInput, ResponseInput } from '../../../core/plugin-host/abi.js'
import { connect } from '../../support/client.js'
import { pluginFolders } from '../../support/plugins.js'
import { type RunningSluice, startSluice } from '../../support/sluice.js'
import { recordingUpstream } from '../../support/upstream.js'
import { guest, says } from '../../support/wat.js'

const show = '(call $show (local.get $ptr) (local.get $len))'
const LARGE = { limits: { memoryPages: 512, outputBytes: 8_000_000, timeoutMs: 5_000 } }
/** Replies with its input; takes part in the body's phase alone. */
const shower = (hook: string) => ({ wasm: guest({ hooks: { [hook]: show } }), ...LARGE })
/** Reads the body and leaves it. */
const reader = (hook: string) => ({ wasm: guest({ hooks: { [hook]: '(i32.const 0)' } }), ...LARGE })

/** A Sluice with a route /name for each plugin, and a request to it. */
async function withRoutes(
  t: Parameters<typeof startSluice>[0],
  port: number,
  plugins: Parameters<typeof pluginFolders>[1]
): Promise<{ sluice: RunningSluice; call: (path: string, init?: RequestInit) => Promise<Response> }> {
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${port}`] } },
    limits: { bodyBytes: '4MiB', bufferedBodyBytes: '1MiB' },
    plugins: pluginFolders(t, plugins),
    routes: Object.keys(plugins).map(name => ({
      name,
      match: { path: `/${name}` },
      upstream: 'main',
      policies: [{ plugin: name }]
    }))
  })
  return { sluice, call: (path, init) => fetch(`http://127.0.0.1:${sluice.port}/${path}`, init) }
}

const post = (body: Buffer | string, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body,
  headers
})
const code = async (reply: Response) => {
  const { code } = (await reply.json()) as { code: string }
  return `${reply.status} ${code}`
}

t.test('a coded request body is shown decoded, and forwarded as it came when nobody changes it', async t => {
  const upstream = await recordingUpstream(t)
  const { call } = await withRoutes(t, upstream.port, {
    shown: shower('on_request_body'),
    read: reader('on_request_body')
  })
  const text = Buffer.from('the plain text, '.repeat(500))
  const coded = {
    gzip: gzipSync(text),
    'x-gzip': gzipSync(text),
    deflate: deflateSync(text),
    br: brotliCompressSync(text),
    'deflate, gzip': gzipSync(deflateSync(text)),
    identity: text
  }
  for (const [coding, body] of Object.entries(coded)) {
    const shown = await call('shown', post(body, { 'content-encoding': coding }))
    const input = RequestInput.decode(new Uint8Array(await shown.arrayBuffer()))
    t.ok(Buffer.from(input.body).equals(text), `${coding}: the policy sees the text`)
    await call('read', post(body, { 'content-encoding': coding }))
    const seen = upstream.seen.at(-1)
    t.ok(seen?.body.equals(body), `${coding}: the upstream gets the bytes that came`)
    t.strictSame(seen?.all('content-encoding'), [coding])
  }
  t.equal(upstream.seen.length, Object.keys(coded).length)
})

t.test('a body made anew is not described as the old one was', async t => {
  const upstream = await recordingUpstream(t, (_, response) =>
    response
      .writeHead(200, {
        'content-encoding': 'gzip',
        etag: '"old"',
        'content-digest': 'sha-256=:x:',
        'content-type': 'a/b'
      })
      .end(gzipSync('of the upstream'))
  )
  const { call } = await withRoutes(t, upstream.port, {
    request: says({ body: Buffer.from('made anew') }, 'on_request_body'),
    response: says({ body: Buffer.from('made anew, too') }, 'on_response_body'),
    empty: says({ body: Buffer.alloc(0) }, 'on_request_body')
  })
  await call(
    'request',
    post(gzipSync('old'), { 'content-encoding': 'gzip', 'content-digest': 'sha-256=:y:', 'x-a': '1' })
  )
  const [seen] = upstream.seen
  t.equal(seen?.body.toString(), 'made anew')
  t.strictSame(
    ['content-length', 'content-encoding', 'content-digest', 'x-a'].map(name => seen?.all(name)),
    [['9'], [], [], ['1']]
  )
  const reply = await call('response')
  t.equal(await reply.text(), 'made anew, too')
  t.strictSame(
    ['content-length', 'content-encoding', 'etag', 'content-digest', 'content-type'].map(name =>
      reply.headers.get(name)
    ),
    ['14', null, null, null, 'a/b']
  )
  await call('empty', post('something'))
  t.equal(upstream.seen.at(-1)?.body.length, 0, 'also a body that is taken away')
})

t.test('a body that unpacks to too much is refused, as is one that cannot be unpacked', async t => {
  const upstream = await recordingUpstream(t)
  const { call } = await withRoutes(t, upstream.port, { read: reader('on_request_body') })
  const bomb = gzipSync(Buffer.alloc(200_000_000))
  t.ok(bomb.length < 1 << 20, `${bomb.length} bytes unpack to 200 MB`)
  const refused: Record<string, [body: Buffer, coding: string, answer: string]> = {
    'a bomb': [bomb, 'gzip', '413 GW_BODY_TOO_LARGE'],
    'a bomb in a bomb': [gzipSync(bomb), 'gzip, gzip', '413 GW_BODY_TOO_LARGE'],
    'not gzip': [Buffer.from('not gzip'), 'gzip', '415 GW_BODY_ENCODING'],
    'half of it': [gzipSync(Buffer.from('x'.repeat(10_000))).subarray(0, 30), 'gzip', '415 GW_BODY_ENCODING'],
    'a coding nobody knows': [Buffer.from('x'), 'zstd-9000', '415 GW_BODY_ENCODING'],
    'codings in a long row': [gzipSync('x'), Array(50).fill('gzip').join(), '415 GW_BODY_ENCODING']
  }
  for (const [what, [body, coding, answer]] of Object.entries(refused)) {
    t.equal(await code(await call('read', post(body, { 'content-encoding': coding }))), answer, what)
  }
  t.equal(upstream.seen.length, 0, 'none of it went upstream')
  t.equal((await call('read', post('fine'))).status, 200)
})

t.test('a request body larger than a policy may be handed is refused', async t => {
  const upstream = await recordingUpstream(t)
  const { call, sluice } = await withRoutes(t, upstream.port, { read: reader('on_request_body') })
  t.equal((await call('read', post(Buffer.alloc(1 << 20)))).status, 200, 'exactly as much')
  t.equal(await code(await call('read', post(Buffer.alloc((1 << 20) + 1)))), '413 GW_BODY_TOO_LARGE')
  const client = await connect(t, sluice.port)
  client.send('POST /read HTTP/1.1\r\nhost: gateway.test\r\ntransfer-encoding: chunked\r\n\r\n')
  const chunk = Buffer.alloc(0x40000)
  for (let i = 0; i < 5; i++) client.send(Buffer.concat([Buffer.from('40000\r\n'), chunk, Buffer.from('\r\n')]))
  t.equal((await client.reply('POST')).status, 413, 'also when its length is not said')
  t.equal(upstream.seen.length, 1)
})

t.test('a response body is handed over whole and decoded, or refused', async t => {
  const text = Buffer.from('reply, '.repeat(1_000))
  const upstream = await recordingUpstream(t, (request, response) => {
    const what = request.headers.find(([name]) => name === 'x-reply')?.[1]
    if (what === 'gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text))
    else if (what === 'bomb')
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000)))
    else if (what === 'broken') response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip')
    else if (what === 'large') response.end(Buffer.alloc(3 << 20))
    else if (what === 'endless') for (let i = 0; i < 40; i++) response.write(Buffer.alloc(1 << 16))
    else if (what === 'empty') response.writeHead(204).end()
    else response.end(text)
  })
  const { call } = await withRoutes(t, upstream.port, {
    shown: shower('on_response_body'),
    read: reader('on_response_body')
  })
  const asking = (what: string, method = 'GET') => ({ method, headers: { 'x-reply': what, 'accept-encoding': 'gzip' } })
  for (const what of ['plain', 'gzip']) {
    const shown = ResponseInput.decode(new Uint8Array(await (await call('shown', asking(what))).arrayBuffer()))
    t.ok(Buffer.from(shown.body).equals(text), `${what}: the policy sees the text`)
    t.equal(shown.response?.status, 200)
    const read = await call('read', asking(what))
    t.ok(Buffer.from(await read.arrayBuffer()).equals(text), `${what}: the client gets what was sent`)
    t.equal(read.headers.get('content-encoding'), what === 'gzip' ? 'gzip' : null)
  }
  t.strictSame(upstream.seen[0]?.all('accept-encoding'), ['identity'], 'uncoded is what was asked for')
  t.equal(await code(await call('read', asking('bomb'))), '502 GW_UPSTREAM_BODY_TOO_LARGE')
  t.equal(await code(await call('read', asking('large'))), '502 GW_UPSTREAM_BODY_TOO_LARGE')
  t.equal(await code(await call('read', asking('endless'))), '502 GW_UPSTREAM_BODY_TOO_LARGE')
  t.equal(await code(await call('read', asking('broken'))), '502 GW_UPSTREAM_BAD_RESPONSE')
  t.equal((await call('read', asking('empty'))).status, 204)
  const head = await call('read', asking('plain', 'HEAD'))
  t.equal(head.status, 200)
  t.equal(await head.text(), '')
})

t.test('a policy that reads replies gets all of one, whatever part the client asks for', async t => {
  const text = 'Contact ann@example.com now.'
  const upstream = await recordingUpstream(t, ({ all }, response) => {
    const ranged = all('range').length + all('x-part').length > 0
    if (ranged) response.writeHead(206, { 'content-range': `bytes 0-14/${text.length}` }).end(text.slice(0, 15))
    else response.writeHead(200, { 'cache-control': 'max-age=60', etag: '"a"' }).end(text)
  })
  const plugins = pluginFolders(t, { read: reader('on_response_body'), heads: reader('on_response') })
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    plugins,
    routes: [
      { name: 'read', match: { path: '/read' }, upstream: 'main', policies: [{ plugin: 'read' }] },
      { name: 'stored', match: { path: '/stored' }, upstream: 'main', cache: {}, policies: [{ plugin: 'read' }] },
      { name: 'heads', match: { path: '/heads' }, upstream: 'main', policies: [{ plugin: 'heads' }] }
    ]
  })
  const ask = async (path: string, headers: Record<string, string>): Promise<string> => {
    const reply = await fetch(`http://127.0.0.1:${sluice.port}/${path}`, { headers })
    return `${reply.status} ${await reply.text()}`
  }
  const part = { range: 'bytes=0-14', 'if-range': '"a"' }
  t.equal(await ask('read', part), `200 ${text}`)
  t.equal(await ask('stored', part), `200 ${text}`)
  t.equal(await ask('stored', part), `200 ${text}`, 'nor of what is stored')
  t.equal(await ask('heads', part), `206 ${text.slice(0, 15)}`, 'of no concern to those that read no body')
  t.match(await ask('read', { 'x-part': 'yes' }), /^502 .*GW_UPSTREAM_BAD_RESPONSE/, 'a part nobody asked for')
})

t.test('replies without a body are none for policies that read bodies', async t => {
  const upstream = await recordingUpstream(t, ({ all }, response) => {
    if (all('if-none-match').length > 0) response.writeHead(304, { etag: '"a"', 'content-length': '5' }).end()
    else response.writeHead(200, { etag: '"a"', 'content-length': '5' }).end('hello')
  })
  const { sluice } = await withRoutes(t, upstream.port, { shown: shower('on_response_body') })
  const client = await connect(t, sluice.port)
  for (const [method, more] of [
    ['HEAD', ''],
    ['GET', 'if-none-match: "a"\r\n']
  ] as const) {
    client.send(`${method} /shown HTTP/1.1\r\nhost: x\r\n${more}\r\n`)
    const reply = await client.reply(method)
    t.equal(reply.status, method === 'HEAD' ? 200 : 304)
    t.equal(reply.header('etag'), '"a"')
    t.strictSame([...reply.all('content-length'), ...reply.all('transfer-encoding')], [], 'a length nobody knows')
  }
})

t.test('a 64 KB body and a megabyte pass through a body plugin unharmed, many at a time', async t => {
  const upstream = await recordingUpstream(t, (request, response) => response.end(request.body))
  const { call } = await withRoutes(t, upstream.port, { read: reader('on_request_body') })
  const sizes = Array.from({ length: 60 }, (_, i) => [65_536, 1, 1_000_000, 300_000, 0][i % 5] ?? 0)
  const replies = await Promise.all(
    sizes.map(async (size, i) => {
      const body = Buffer.alloc(size, i + 1)
      return Buffer.from(await (await call('read', post(body))).arrayBuffer()).equals(body)
    })
  )
  t.ok(replies.every(Boolean))
})

import { createServer, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { EffectInput } from '../../core/plugin-host/abi.js'
import { httpUpstream } from '../support/upstream.js'
import { guest, says, verdictAt } from '../support/wat.js'
import { field } from './harness.js'

t.setTimeout(120_000)

const set = (name: string, value: string) => ({ op: 0, name, value })

type Callout = { url: string; timeoutMs?: number; maxBytes?: number }

/** Sends these callouts at once, and replies with the answers. */
function asker(callouts: readonly Callout[]): Uint8Array {
  return guest({
    pages: 20,
    hooks: { on_request: '(i32.const 1024)', on_effect: '(call $show (local.get $ptr) (local.get $len))' },
    more: verdictAt(1024, { effects: callouts.map((http, i) => ({ id: String(i), http })) })
  })
}

const BOMB = gzipSync(Buffer.alloc(20_000_000))

/** A server that does a callout no good, by path. */
async function badWorld(t: Test): Promise<{ origin: string; open: () => number; seen: () => number }> {
  let seen = 0
  let open = 0
  const { port } = await httpUpstream(t, (request, response) => {
    seen++
    open++
    response.on('close', () => open--)
    if (request.url === '/drip') return void every(response, 10, 'x')
    if (request.url === '/endless') return void every(response, 0, 'x'.repeat(65_536))
    if (request.url === '/silent') return
    if (request.url === '/gzip') return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(BOMB)
    if (request.url === '/headers') return void response.writeHead(200, { 'x-a': 'x'.repeat(100_000) }).end()
    response.end('fine')
  })
  return { origin: `http://127.0.0.1:${port}`, open: () => open, seen: () => seen }
}

/** Writes the text again and again, until the other side has had enough. */
function every(response: ServerResponse, ms: number, text: string): void {
  const timer = setInterval(() => response.writableNeedDrain || response.write(text), ms)
  response.on('close', () => clearInterval(timer))
}

// 34: where callouts may go at all, and the loop into the gateway itself, are in test/e2e/plugins/effects.test.ts
t.test('answers to callouts that are too large, too slow or packed, and callouts in crowds', async t => {
  const world = await badWorld(t)
  let proxied = 0
  const proxy = createServer((_request, response) => {
    proxied++
    response.end()
  }).on('connect', (_request, socket) => {
    proxied++
    socket.destroy()
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  t.teardown(() => proxy.close())
  const address = proxy.address()
  const proxyUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  const to = (path: string, more: Partial<Callout> = {}) => ({ url: `${world.origin}${path}`, ...more })
  const permissions = { callouts: [world.origin] }
  const plugins = {
    bombs: asker([
      to('/drip', { timeoutMs: 200 }),
      to('/endless', { maxBytes: 1_000_000 }),
      to('/gzip'),
      to('/headers'),
      to('/silent', { timeoutMs: 200 })
    ]),
    crowd: asker(Array.from({ length: 17 }, () => to('/fine'))),
    fan: asker(Array.from({ length: 16 }, () => to('/fine'))),
    rounds: guest({
      hooks: { on_request: '(i32.const 1024)', on_effect: '(i32.const 1024)' },
      more: verdictAt(1024, { effects: Array.from({ length: 16 }, (_, i) => ({ id: String(i), http: to('/fine') })) })
    })
  }
  const sluice = await field(t, {
    plugins: Object.fromEntries(Object.entries(plugins).map(([name, wasm]) => [name, { wasm, permissions }])),
    routes: Object.fromEntries(Object.keys(plugins).map(name => [name, [{ plugin: name }]])),
    more: { callouts: { allowNetworks: ['127.0.0.0/8'] } },
    env: {
      http_proxy: proxyUrl,
      https_proxy: proxyUrl,
      all_proxy: proxyUrl,
      HTTP_PROXY: proxyUrl,
      NODE_USE_ENV_PROXY: '1'
    }
  })
  const ask = async (name: string) => {
    const reply = await fetch(`${String((await sluice.logged(({ msg }) => msg === 'listening')).url)}/${name}/x`)
    return EffectInput.decode(new Uint8Array(await reply.arrayBuffer())).answers
  }

  t.test('each is an error, or bytes as they came', async t => {
    await sluice.during(t, 'answers that are bombs', () =>
      Promise.all(
        Array.from({ length: 4 }, async () => {
          const answers = await ask('bombs')
          t.strictSame(
            answers.map(({ error }) => error).slice(0, 2),
            ['timeout', 'too-large'],
            'a drip and a flood are cut off'
          )
          t.equal(answers[2]?.error, '', 'what is packed stays packed: nobody asked for it')
          t.equal(answers[2]?.body.length, BOMB.length)
          t.not(answers[3]?.error, '', 'a header without end')
          t.equal(answers[4]?.error, 'timeout')
        })
      )
    )
  })

  t.test('a verdict may ask for sixteen at a time, and so four times', async t => {
    await sluice.during(t, 'crowds of callouts', async () => {
      const before = world.seen()
      t.equal((await sluice.get('crowd/x')).code, 'GW_PLUGIN_FAILED')
      t.equal(world.seen(), before)
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask('fan')))
      t.equal(answers.flat().filter(({ status }) => status === 200).length, 320)
      const between = world.seen()
      t.equal((await sluice.get('rounds/x')).code, 'GW_PLUGIN_FAILED')
      t.equal(world.seen() - between, 64)
    })
    t.equal(proxied, 0, 'the environment names no proxy for callouts')
  })
})

// 35
const SMUGGLED: Record<string, Parameters<typeof says>[0]> = {
  'crlf-in-a-value': { headers: [set('x-a', 'b\r\nx-evil: 1')] },
  'lf-in-a-value': { headers: [set('x-a', 'b\nx-evil: 1')] },
  'nul-in-a-value': { headers: [set('x-a', 'b\0')] },
  'crlf-in-a-name': { headers: [set('x-a\r\nx-evil', 'b')] },
  'a-pseudo-header': { headers: [set(':path', '/admin')] },
  'content-length': { headers: [set('content-length', '0')] },
  'transfer-encoding': { headers: [set('transfer-encoding', 'chunked')] },
  host: { headers: [set('host', 'evil.example')] },
  'a-rename-to-host': { headers: [{ op: 3, name: 'x-a', value: 'host' }] },
  'dots-in-the-path': { path: '/a/../admin' },
  'coded-dots-in-the-path': { path: '/a/%2e%2E/admin' },
  'a-path-with-a-request-in-it': { path: '/ HTTP/1.1\r\nhost: evil\r\n\r\nGET /admin' },
  'a-path-with-a-query': { path: '/a?admin=1' },
  'a-url-for-a-path': { path: 'http://evil.example/' },
  'crlf-in-the-query': { query: 'a=1 HTTP/1.1\r\nx-evil: 1' },
  'a-method-of-two-words': { method: 'GET /admin' },
  connect: { method: 'CONNECT' },
  'crlf-in-a-reply': { reply: { status: 200, headers: ['x-a', 'b\r\nset-cookie: a=b'], body: Buffer.alloc(0) } },
  'content-length-of-a-reply': { reply: { status: 200, headers: ['content-length', '5'], body: Buffer.alloc(0) } },
  'an-informational-reply': { reply: { status: 101, headers: [], body: Buffer.alloc(0) } },
  'crlf-in-response-headers': { responseHeaders: [set('x-a', 'b\r\nset-cookie: a=b')] }
}

t.test('no verdict gets a second message into the first', async t => {
  const sluice = await field(t, {
    plugins: Object.fromEntries(Object.entries(SMUGGLED).map(([name, verdict]) => [name, says(verdict)])),
    routes: Object.fromEntries(Object.keys(SMUGGLED).map(name => [name, [{ plugin: name }]]))
  })
  await sluice.during(t, 'smuggling', async () => {
    for (const name of Object.keys(SMUGGLED)) {
      t.equal((await sluice.get(`${name}/x`, { headers: { 'x-a': '1' } })).code, 'GW_PLUGIN_FAILED', name)
      t.equal(sluice.upstreamSaw(name), 0)
    }
    t.equal(sluice.upstreamSaw('admin'), 0)
  })
  for (const name of Object.keys(SMUGGLED))
    await sluice.logged(line => line.plugin === name && line.reason === 'denied')
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { buildSnapshot } from '../../../core/gateway/build.js'
import { readConfig } from '../../../core/gateway/read-config.js'
import { createLog } from '../../../core/observe/log.js'
import { alone } from '../../../core/server/entry.js'
import { Listener } from '../../../core/server/listener.js'
import { HttpCache } from '../../../core/traffic/cache/http-cache.js'
import { plainRequest } from '../../support/cached.js'
import { Scrape } from '../../support/scrape.js'
import { serve } from '../../support/serve.js'
import { configFile, startSluice } from '../../support/sluice.js'
import { recordingUpstream } from '../../support/upstream.js'

t.setTimeout(120_000)

t.test('operators see what the cache does, and take out what they name', async t => {
  const server = createServer((request, response) => {
    response.setHeader('cache-control', 'max-age=600')
    response.setHeader('surrogate-key', `all page${request.url?.length}`)
    response.end('the reply')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close().closeAllConnections())
  const served = await serve(t, {
    admin: { port: 0 },
    upstreams: { main: { targets: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`] } },
    routes: [{ name: 'pages', match: { path: '/*' }, upstream: 'main', cache: {} }]
  })
  const admin = String(JSON.parse(served.lines.find(line => line.includes('"listening"')) ?? '').admin)
  const get = (path: string) => plainRequest(served.port, path, { host: 'shop.test' })
  const purge = async (what: unknown): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' }
    return (await fetch(`${admin}/cache/purge`, { method: 'POST', body: JSON.stringify(what), headers })).json()
  }
  for (const path of ['/a', '/a', '/bb', '/ccc']) await get(path)
  const scrape = new Scrape(await (await fetch(`${admin}/metrics`)).text())
  const requests = (outcome: string) => scrape.value('gateway_cache_requests_total', { route: 'pages', outcome })
  t.strictSame([requests('hit'), requests('miss'), requests('collapsed')], [1, 3, 0])
  t.equal(scrape.value('gateway_cache_stored_entries'), 3)
  t.ok((scrape.value('gateway_cache_stored_bytes') ?? 0) > 3 * 1_024)
  t.equal(scrape.value('gateway_cache_evictions_total'), 0)
  t.strictSame(await purge({ url: 'http://shop.test/a' }), { purged: 1 })
  t.strictSame(await purge({ tags: ['page3'] }), { purged: 1 })
  t.strictSame(await purge({ route: 'pages' }), { purged: 1 })
  t.match((await get('/a')).headers, { 'cache-status': 'sluice; fwd=uri-miss; stored' })
})

t.test('each request is counted by what the cache did, also one that gets an error or goes away', async t => {
  const asked = new Set<string>()
  const upstream = createServer(({ url = '' }, response) => {
    const again = asked.has(url)
    asked.add(url)
    if (url === '/hangs') return
    if (url === '/breaks') setTimeout(() => response.destroy(), 100)
    else if (again) response.destroy()
    else response.end('the reply')
  }).listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  t.teardown(() => upstream.close().closeAllConnections())
  const served = await serve(t, {
    admin: { port: 0 },
    upstreams: {
      main: { targets: [`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`], retries: { attempts: 0 } }
    },
    routes: [{ name: 'pages', match: { path: '/*' }, upstream: 'main', cache: { ttl: '1h', staleIfError: '1h' } }]
  })
  const admin = String(JSON.parse(served.lines.find(line => line.includes('"listening"')) ?? '').admin)
  const get = (path: string, headers = {}) => plainRequest(served.port, path, { host: 'shop.test', ...headers })
  const statuses = await Promise.all(['/breaks', '/breaks', '/breaks'].map(async path => (await get(path)).status))
  t.strictSame(statuses, [502, 502, 502])
  t.equal((await get('/none', { 'cache-control': 'only-if-cached' })).status, 504)
  for (const control of ['max-age=60', 'max-age=60', 'no-cache']) await get('/page', { 'cache-control': control })
  await t.rejects(fetch(`http://127.0.0.1:${served.port}/hangs`, { signal: AbortSignal.timeout(200) }))
  const scraped = async () => new Scrape(await (await fetch(`${admin}/metrics`)).text())
  while ((await scraped()).value('gateway_active_exchanges') !== 0) await setImmediate()
  const counts = await scraped()
  const requests = (outcome: string) => counts.value('gateway_cache_requests_total', { route: 'pages', outcome })
  // One of three, what is stored nowhere, the first of the page, and the client that went away.
  t.strictSame(['hit', 'stale', 'miss', 'collapsed', 'bypass'].map(requests), [1, 1, 4, 2, 0])
})

t.test('what is stored outlives a reload, unless the route has become another', async t => {
  const upstream = await recordingUpstream(t, (_, response) => {
    response.setHeader('cache-control', 'max-age=600')
    response.end('the reply')
  })
  const cache = new HttpCache({ bytes: 1_048_576 })
  const ask = async (route: Record<string, unknown>): Promise<string> => {
    const routes = [{ name: 'all', match: { path: '/v1/*' }, upstream: 'main', cache: {}, ...route }]
    const config = configFile(t, { upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } }, routes })
    const snapshot = await buildSnapshot(readConfig(config), { log: createLog('silent'), cache })
    const listener = await Listener.open(snapshot, { host: '127.0.0.1', port: 0, ...alone() })
    const { headers } = await plainRequest(listener.port, '/v1/a', { host: 'a.test' })
    await listener.drain(0)
    await snapshot.close()
    return String(headers['cache-status'])
  }
  t.match(await ask({}), /stored/)
  t.match(await ask({}), /hit/)
  t.match(await ask({ timeouts: { headers: '5s' }, cache: { coalesce: false, entryBytes: '1KiB' } }), /hit/)
  const unrelated = {
    retries: { attempts: 3 },
    priority: 'bulk',
    accessLog: false,
    websocket: {},
    deprecation: { since: '2026-01-01' },
    match: { path: '/v1/*', priority: 2 }
  }
  t.match(await ask(unrelated), /hit/, 'what says nothing of replies')
  t.match(await ask({ stripPrefix: '/v1' }), /uri-miss/, 'another path goes upstream')
  for (const cache of [{ ttl: '1s' }, { staleIfError: '1m' }, { surrogateHeaders: 'strip' }]) {
    t.match(await ask({ cache }), /uri-miss/, `stored under other rules than ${JSON.stringify(cache)}`)
  }
  t.match(await ask({}), /hit/)
  t.equal(upstream.seen.length, 5)
})

t.test('with a dead upstream stale replies are served for as long as the route allows it', async t => {
  const server = createServer((_, response) => {
    response.setHeader('cache-control', 'max-age=0')
    response.setHeader('etag', '"1"')
    response.end('the last one')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`] } },
    routes: [
      { name: 'lenient', match: { path: '/lenient' }, upstream: 'main', cache: { staleIfError: '1h' } },
      { name: 'strict', match: { path: '/strict' }, upstream: 'main', cache: {} }
    ]
  })
  for (const path of ['/lenient', '/strict']) t.match(await plainRequest(port, path), { status: 200 })
  server.close().closeAllConnections()
  await once(server, 'close')
  for (let i = 0; i < 5; i++) {
    const reply = await plainRequest(port, '/lenient')
    t.match(reply, {
      status: 200,
      text: 'the last one',
      headers: { 'cache-status': /^sluice; hit; ttl=.*stale-if-error$/ }
    })
  }
  t.match(await plainRequest(port, '/strict'), { status: 502 })
})

t.test('a route that only changes things takes out what another has stored', async t => {
  let count = 0
  const server = createServer((request, response) => {
    request.resume()
    response.setHeader('cache-control', 'max-age=600')
    response.end(`reply ${++count}`)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close().closeAllConnections())
  const { port } = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`] } },
    routes: [
      { name: 'read', match: { path: '/*', methods: ['GET'] }, upstream: 'main', cache: {} },
      { name: 'write', match: { path: '/*', methods: ['POST'] }, upstream: 'main', cache: { store: false } }
    ]
  })
  await plainRequest(port, '/a?page=2')
  t.match(await plainRequest(port, '/a?page=2'), { text: 'reply 1' })
  await plainRequest(port, '/a', {}, 'POST')
  t.match(await plainRequest(port, '/a?page=2'), { text: 'reply 3' }, 'whatever the query')
})

t.test('what an unsafe request changes is out of date in every event loop, by the time its reply is there', async t => {
  let version = 1
  const upstream = await recordingUpstream(t, ({ method }, response) => {
    if (method === 'POST') version++
    response.setHeader('cache-control', 'max-age=600')
    response.end(`version ${version}`)
  })
  const routes = [{ name: 'all', match: { path: '/*' }, upstream: 'main', cache: {} }]
  const upstreams = { main: { targets: [`http://127.0.0.1:${upstream.port}`] } }
  const sluice = await serve(t, { threads: 2, upstreams, routes })
  // Each on a connection of its own: the kernel gives every event loop its share of them.
  const all = async (): Promise<string[]> =>
    Promise.all(Array.from({ length: 40 }, async () => (await plainRequest(sluice.port, '/a')).text))
  for (let round = 1; round <= 3; round++) {
    t.strictSame(new Set(await all()), new Set([`version ${round}`]))
    t.match(await plainRequest(sluice.port, '/a', {}, 'POST'), { status: 200 })
  }
  await sluice.until(line => line.includes('"method"'), 123)
  const ids = sluice.lines.flatMap(line => (line.includes('"method"') ? [JSON.parse(line).id.slice(0, 12)] : []))
  t.equal(new Set(ids).size, 2, 'both loops served')
})

t.test('what policies rewrite is purged, and out of date, where clients ask for it, too', async t => {
  const cache = new HttpCache({ bytes: 1_048_576 })
  let count = 0
  const { port } = await recordingUpstream(t, (request, response) => {
    response.setHeader('cache-control', 'max-age=600')
    response.end(`${request.target} ${++count}`)
  })
  const sluice = await startSluice(
    t,
    {
      upstreams: { main: { targets: [`http://127.0.0.1:${port}`] } },
      routes: [
        {
          name: 'all',
          match: { path: '/*' },
          upstream: 'main',
          cache: {},
          policies: [{ plugin: 'transform-path', settings: { stripPrefix: '/api' } }]
        }
      ]
    },
    { cache }
  )
  const ask = async (path: string, method = 'GET') =>
    (await plainRequest(sluice.port, path, { host: 'shop.test' }, method)).text
  t.equal(await ask('/api/a'), '/a 1')
  t.equal(await ask('/api/a'), '/a 1')
  t.equal(cache.purge({ url: 'http://shop.test/api/a' }), 1, 'as clients ask for it')
  t.equal(await ask('/api/a'), '/a 2')
  t.equal(cache.purge({ url: 'http://shop.test/api/*' }), 1)
  t.equal(await ask('/api/a'), '/a 3')
  t.equal(cache.purge({ url: 'http://shop.test/a' }), 1, 'as it goes upstream')
  t.equal(await ask('/api/a'), '/a 4')
  t.equal(await ask('/a', 'PUT'), '/a 5')
  t.equal(await ask('/api/a'), '/a 6', 'changed by who asks for it otherwise')
})

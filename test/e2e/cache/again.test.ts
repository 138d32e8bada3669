import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { buildSnapshot } from '../../../core/gateway/build.js'
import { readConfig } from '../../../core/gateway/read-config.js'
import type { Repeats } from '../../../core/gateway/repeats.js'
import type { Route } from '../../../core/gateway/snapshot.js'
import { createLog } from '../../../core/observe/log.js'
import { alone } from '../../../core/server/entry.js'
import { Listener } from '../../../core/server/listener.js'
import { HttpCache, type Purge } from '../../../core/traffic/cache/http-cache.js'
import { cachedSluice, plainRequest } from '../../support/cached.js'
import { clock } from '../../support/clock.js'
import { configFile, startSluice } from '../../support/sluice.js'
import { httpUpstream } from '../../support/upstream.js'

t.setTimeout(120_000)

type Headers = Record<string, string>

/** What both upstreams answer with, but for what was changed. */
let edition = 0

/** A gateway whose routes are told apart by everything that can; `short`: whether it may take the short way. */
async function gateway(t: Test, short: boolean) {
  const upstream = await httpUpstream(t, (request, response) => {
    const { url = '', headers } = request
    response.setHeader('date', new Date(Date.now()).toUTCString())
    response.setHeader('cache-control', url.includes('public') ? 'public, max-age=20' : 'max-age=10')
    response.setHeader('expires', new Date(Date.now() + 30_000).toUTCString())
    response.setHeader('surrogate-key', `tag${url.length % 2}`)
    response.setHeader('vary', url.includes('two') ? 'accept-language, user-agent' : 'accept-language')
    response.setHeader('etag', `"${edition}"`)
    response.statusCode = url.includes('missing') ? 404 : 200
    const told = headers['x-forwarded-host'] ?? ''
    response.end(`${url} in ${headers['accept-language']} for ${told}: ${edition}`)
  })
  const to = (name: string, match: object, more: object = {}) => ({
    name,
    match,
    upstream: 'main',
    cache: { notFoundTtl: '5s' },
    ...more
  })
  const file = configFile(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    log: { access: false },
    trustedProxies: ['127.0.0.0/8'],
    routes: [
      to('gold', { path: '/p/*', headers: [{ name: 'x-tier', value: 'gold' }] }, { rewrite: { path: '/gold/{*}' } }),
      to('bot', { path: '/p/*', headers: [{ name: 'user-agent', prefix: 'bot' }] }, { rewrite: { path: '/bot/{*}' } }),
      to('new', { path: '/p/*', query: [{ name: 'beta', present: true }] }, { rewrite: { path: '/beta/{*}' } }),
      to('all', { path: '/*' })
    ]
  })
  const cache = new HttpCache({ bytes: 1_048_576 })
  const built = await buildSnapshot(readConfig(file), { log: createLog('silent'), cache })
  const counted = counting(built.repeats)
  const snapshot = { ...built, repeats: short ? counted.repeats : undefined }
  const listener = await Listener.open(snapshot, { host: '127.0.0.1', port: 0, ...alone() })
  t.teardown(async () => {
    await listener.drain(0)
    await built.close()
  })
  return { port: listener.port, cache, taken: counted.taken }
}

/** Counts how often the short way was taken. */
function counting(repeats: Repeats<Route> | undefined): { repeats: Repeats<Route> | undefined; taken: () => number } {
  let count = 0
  const replyTo = repeats?.replyTo.bind(repeats)
  if (repeats !== undefined) {
    repeats.replyTo = exchange => {
      const reply = replyTo?.(exchange)
      if (reply !== undefined) count++
      return reply
    }
  }
  return { repeats, taken: () => count }
}

const oneOf = <T>(...values: T[]) => fc.constantFrom(...values)
/** Most requests have none of these. */
const rarely = (...values: string[]) =>
  fc.oneof({ weight: 14, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: oneOf(...values) })

interface Asked {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

const asked: fc.Arbitrary<Asked> = fc.record({
  method: fc.oneof({ weight: 8, arbitrary: fc.constant('GET') }, oneOf('HEAD', 'POST', 'DELETE')),
  path: oneOf('one', 'two', 'public', 'missing'),
  query: fc.oneof({ weight: 5, arbitrary: fc.constant('') }, oneOf('?a=1', '?beta')),
  headers: fc.record({
    connection: fc.oneof(
      { weight: 14, arbitrary: oneOf('close') },
      { weight: 1, arbitrary: oneOf('x-tier, close', 'connection, accept-language, close') }
    ),
    host: oneOf('a.test', 'a.test', 'b.test'),
    'accept-language': oneOf('en', 'en', 'de'),
    'user-agent': oneOf('browser', 'browser', 'curl', 'bot'),
    'x-tier': rarely('gold', 'silver'),
    'x-other': rarely('1', '2'),
    'x-forwarded-for': rarely('192.0.2.1', 'nobody'),
    'x-forwarded-host': rarely('c.test'),
    'cache-control': rarely('no-cache', 'max-age=3', 'only-if-cached'),
    authorization: rarely('Basic YTpi'),
    cookie: rarely('a=1'),
    range: rarely('bytes=0-3'),
    'if-none-match': rarely('"0"', '"1"', '"2"')
  })
})
const step = fc.oneof(
  { weight: 20, arbitrary: fc.record({ request: asked, times: oneOf(1, 3), pause: oneOf(0, 0, 0, 4) }) },
  { weight: 2, arbitrary: oneOf(0.6, 3, 11).map(seconds => ({ seconds })) },
  {
    weight: 1,
    arbitrary: oneOf<Purge>({ tags: ['tag0'] }, { url: 'http://a.test/p/*' }, { route: 'all' }, { all: true }).chain(
      purge => oneOf(true, false).map(soft => ({ purge, soft }))
    )
  },
  { weight: 1, arbitrary: fc.constant({ change: true }) }
)

t.test('who asks again gets the same by the short way as by the whole way', async t => {
  let now = Date.now()
  t.intercept(Date, 'now', { value: () => now }) // or a second could end between the two
  const whole = await gateway(t, false)
  const short = await gateway(t, true)
  const told = async (port: number, { method, path, query, headers }: Asked) => {
    const given = Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== undefined)
    const all: Headers = Object.fromEntries(given)
    const reply = await plainRequest(port, `/p/${path}${query}`, all, method)
    const { date, ...rest } = reply.headers
    return { ...reply, headers: rest, text: reply.text.replace(/"exchange":"[^"]*"/, '') }
  }
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async steps => {
      for (const { cache } of [whole, short]) cache.purge({ all: true })
      for (const each of steps) {
        if ('seconds' in each) now += each.seconds * 1_000
        else if ('change' in each) edition++
        else if ('purge' in each) for (const { cache } of [whole, short]) cache.purge(each.purge, each.soft)
        else {
          for (let i = 0; i < each.times; i++) {
            now += each.pause * 1_000
            deepStrictEqual(await told(short.port, each.request), await told(whole.port, each.request))
          }
        }
      }
      deepStrictEqual(short.cache.counts, whole.cache.counts)
    }),
    { numRuns: 30, endOnFailure: true }
  )
  t.ok(short.taken() > 200, `${short.taken()} took the short way`)
})

t.test('where more than the request and the store decides, each request goes the whole way', async t => {
  const repeats = async (route: object, more: object = {}): Promise<boolean> => {
    const routes = [{ name: 'all', match: { path: '/*' }, upstream: 'main', cache: {}, ...route }]
    const upstreams = { main: { targets: ['http://127.0.0.1:1'] } }
    const { snapshot } = await startSluice(t, { upstreams, routes, ...more })
    return snapshot.repeats !== undefined
  }
  t.equal(await repeats({}), true)
  const deciding: Record<string, object> = {
    policies: { policies: [{ plugin: 'cors', settings: { origins: ['*'] } }] },
    'a draw': { match: { path: '/*', weight: 1 } },
    'the hour': { deprecation: { since: '2026-01-01T00:00:00Z' } },
    'the time it took': { serverTiming: true },
    'a header in the key': { cache: { key: { headers: ['x-tier'] } } },
    'cookies in the key': { cache: { key: { cookies: ['tier'] } } },
    'a query that is narrowed': { cache: { key: { query: ['page'] } } },
    'a parameter that is ignored': { cache: { key: { ignoreQuery: ['utm'] } } },
    'no cache': { cache: undefined }
  }
  for (const [what, route] of Object.entries(deciding)) t.equal(await repeats(route), false, what)
  t.equal(await repeats({}, { record: { folder: t.testdir(), faults: true } }), false, 'all is recorded')
})

t.test('another method, and what a client asks of caches, are judged each time', async t => {
  const pass = clock(t)
  const { get } = await cachedSluice(t, {}, (_, response, count) => {
    response.setHeader('cache-control', 'max-age=60')
    response.end(`reply ${count}`)
  })
  for (let i = 0; i < 3; i++) t.match(await get('/a'), { text: 'reply 1' })
  t.match(await get('/a', {}, 'DELETE'), { text: 'reply 2', did: 'fwd=method' })
  await get('/a')
  for (let i = 0; i < 3; i++) t.match(await get('/a', { 'cache-control': 'max-age=5' }), { text: 'reply 3' })
  pass(10)
  t.match(await get('/a', { 'cache-control': 'max-age=5' }), { text: 'reply 4', did: /^fwd=request/ })
})

t.test('what Connection takes off a request does not select its reply, however often it comes', async t => {
  const { get } = await cachedSluice(t, {}, ({ all }, response) => {
    response.setHeader('cache-control', 'max-age=60')
    response.setHeader('vary', 'accept-language')
    response.end(`in ${all('accept-language')[0]}`)
  })
  t.match(await get('/a', { 'accept-language': 'de' }), { text: 'in de' })
  t.match(await get('/a'), { text: 'in undefined' })
  // It names itself, too: of the headers that are left none tells that there were others.
  const headers = { 'accept-language': 'de', connection: 'connection, accept-language, close' }
  // So often that its headers are known by then, whatever came before them.
  for (let i = 0; i < 40; i++) t.match(await get('/a', headers), { text: 'in undefined' }, `request ${i + 1}`)
})

t.test('who asks again is logged as before', async t => {
  const { get, access } = await cachedSluice(
    t,
    {},
    (_, response) => {
      response.setHeader('cache-control', 'max-age=60')
      response.end('a reply')
    },
    { trustedProxies: ['127.0.0.0/8'] }
  )
  const lines = []
  for (let i = 0; i < 4; i++) {
    await get('/a', { 'x-forwarded-for': '192.0.2.7' })
    const { id, time, ms, ...line } = await access()
    lines.push(line)
  }
  t.match(lines[1], { route: 'all', upstream: 'main', cache: 'hit', status: 200, out: 7, client: '192.0.2.7' })
  t.strictSame([lines[2], lines[3]], [lines[1], lines[1]])
  await get('/a', { 'x-forwarded-for': '192.0.2.8' })
  t.match(await access(), { ...lines[1], client: '192.0.2.8' })
})

t.test('an event loop that cannot keep up sheds what asks again, too', async t => {
  const { get, snapshot } = await cachedSluice(
    t,
    {},
    (_, response) => {
      response.setHeader('cache-control', 'max-age=60')
      response.end('a reply')
    },
    { loadShedding: { delay: '50ms' } }
  )
  for (let i = 0; i < 3; i++) t.match(await get('/a'), { status: 200 })
  for (let i = 0; i < 100; i++) snapshot.shedder?.sample(10_000)
  t.match(await get('/a'), { status: 503 })
})

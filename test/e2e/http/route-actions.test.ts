import { createHash } from 'node:crypto'
import t, { type Test } from 'tap'
import { exchange, request } from '../../support/client.js'
import { clock } from '../../support/clock.js'
import { pluginFolders } from '../../support/plugins.js'
import { Scrape } from '../../support/scrape.js'
import { serve } from '../../support/serve.js'
import { type SluiceConfig, startSluice } from '../../support/sluice.js'
import { recordingUpstream } from '../../support/upstream.js'
import { says } from '../../support/wat.js'

t.setTimeout(120_000)

async function started(t: Test, routes: readonly object[], more: object = {}) {
  const upstream = await recordingUpstream(t, (_, response) => {
    response.setHeader('vary', 'accept-encoding')
    response.end('ok')
  })
  const config: SluiceConfig = {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    routes,
    ...more
  }
  const sluice = await startSluice(t, config)
  const get = (target: string, ...headers: string[]) => exchange(t, sluice.port, request('GET', target, ...headers))
  return { ...sluice, get, seen: upstream.seen }
}

const route = (name: string, match: object, more: object = { upstream: 'main' }): object => ({ name, match, ...more })

t.test('headers, query and cookies choose among the routes of one path, and priority above all', async t => {
  const { get, access } = await started(t, [
    route('plain', { path: '/a' }),
    route('beta', { path: '/a', headers: [{ name: 'X-Beta', value: 'yes' }] }),
    route('debug', { path: '/a', query: [{ name: 'debug' }], methods: ['GET'] }),
    route('cookie', {
      path: '/a',
      cookies: [
        { name: 'lane', prefix: 'b' },
        { name: 'old', present: false }
      ]
    }),
    route('urgent', { path: '/*', headers: [{ name: 'x-urgent' }], priority: 1 }),
    route('number', { pathRegex: '/n/(?<id>[0-9]+)' }),
    route('posts', { path: '/p', methods: ['POST'], headers: [{ name: 'x-beta' }] })
  ])
  const routeOf = async (target: string, ...headers: string[]): Promise<unknown> => {
    await get(target, ...headers)
    const { route: name, error } = await access()
    return error ?? name
  }
  t.equal(await routeOf('/a'), 'plain')
  t.equal(await routeOf('/a', 'x-beta: yes'), 'beta')
  t.equal(await routeOf('/a', 'x-beta: no'), 'plain')
  t.equal(await routeOf('/a?debug'), 'debug')
  t.equal(await routeOf('/a?debug', 'x-beta: yes'), 'debug', 'of two with as many conditions, one names a method')
  t.equal(await routeOf('/a', 'cookie: lane=b2'), 'cookie')
  t.equal(await routeOf('/a', 'cookie: lane=b2; old=1'), 'plain')
  t.equal(await routeOf('/a', 'x-urgent: 1', 'x-beta: yes'), 'urgent')
  t.equal(await routeOf('//n///%31'), 'number')
  t.equal(await routeOf('/n/x'), 'GW_ROUTE_NOT_FOUND')
  t.equal(await routeOf('/p'), 'GW_ROUTE_NOT_FOUND', 'POST would not do either')
  t.equal(await routeOf('/p', 'x-beta: 1'), 'GW_METHOD_NOT_ALLOWED')
})

t.test('a rewritten request goes upstream as its template says, but for a path that a policy wrote', async t => {
  const plugins = pluginFolders(t, { writes: says({ path: '/mine', query: 'a=1' }) })
  const { get, seen } = await started(
    t,
    [
      route(
        'all',
        { path: '/shop/{id}/*' },
        {
          upstream: 'main',
          rewrite: { path: '/s/{*}', host: 'shop.internal:81', query: { set: { id: '{id}' }, remove: ['secret'] } }
        }
      ),
      route(
        'policy',
        { path: '/policy/{id}' },
        {
          upstream: 'main',
          rewrite: { path: '/s/{id}', query: { add: { id: '{id}' } } },
          policies: [{ plugin: 'writes' }]
        }
      ),
      route('regex', { pathRegex: '/a(?<dot>.*)/b' }, { upstream: 'main', rewrite: { path: '/{dot}/x' } })
    ],
    { plugins }
  )
  t.equal((await get('/shop/7%2F8/a/b?secret=1&x=2')).status, 200)
  t.equal(seen[0]?.target, '/s/a/b?x=2&id=7%2F8')
  t.strictSame(seen[0]?.all('host'), ['shop.internal:81'])
  t.strictSame(seen[0]?.all('x-forwarded-host'), ['gateway.test'])
  t.equal((await get('/aa/b')).status, 200)
  t.equal(seen[1]?.target, '/a/x')
  t.equal((await get('/a./b')).status, 400, 'a dot segment would be made')
  t.equal((await get('/policy/7')).status, 200)
  t.equal(seen[2]?.target, '/mine?a=1&id=7')
  t.equal(seen.length, 3)
})

t.test('a fixed 304 says no length: nobody knows that of the 200', async t => {
  const upstreams = { main: { targets: ['http://127.0.0.1:1'] } }
  const routes = [route('same', { path: '/same' }, { reply: { status: 304, headers: { etag: '"1"' } } })]
  for (const http2 of [false, true]) {
    const { port } = await startSluice(t, { upstreams, routes, listen: { http2 } })
    const reply = await exchange(t, port, request('GET', '/same'))
    t.strictSame([reply.status, reply.header('etag'), reply.header('content-length')], [304, '"1"', undefined])
  }
})

t.test('redirects and fixed replies come after the policies', async t => {
  const plugins = pluginFolders(t, {
    denies: says({ reply: { status: 403 } }),
    marks: says({ responseHeaders: [{ name: 'x-marked', value: '1' }] })
  })
  const { get, port, seen } = await started(
    t,
    [
      route('moved', { path: '/old/{id}' }, { redirect: { to: '/new/{id}' } }),
      route('secure', { path: '/secure/*' }, { redirect: { to: 'https://{host}/{*}', status: 301 } }),
      route('denied', { path: '/denied' }, { redirect: { to: '/new' }, policies: [{ plugin: 'denies' }] }),
      route(
        'fixed',
        { path: '/fixed' },
        {
          reply: { status: 503, headers: { 'retry-after': '60' }, json: { down: true } },
          policies: [{ plugin: 'marks' }]
        }
      ),
      route('empty', { path: '/empty' }, { reply: { status: 204 } })
    ],
    { plugins }
  )
  const moved = await get('/old/7%0d%0a?x=1')
  t.strictSame([moved.status, moved.header('location'), moved.body.length], [308, '/new/7%0D%0A?x=1', 0])
  t.equal((await get('/secure//evil.test/a')).header('location'), 'https://gateway.test/evil.test/a')
  t.equal((await get('/denied')).status, 403)
  for (let i = 0; i < 2; i++) {
    const fixed = await get('/fixed')
    t.strictSame([fixed.status, fixed.json()], [503, { down: true }])
    t.equal(fixed.header('retry-after'), '60')
    t.equal(fixed.header('x-marked'), '1')
    t.equal(fixed.header('content-type'), 'application/json')
  }
  const head = await exchange(t, port, request('HEAD', '/fixed'))
  t.strictSame([head.status, head.header('content-length')], [503, '13'])
  t.equal((await get('/empty')).status, 204)
  const posted = await exchange(t, port, 'POST /old/1 HTTP/1.1\r\nhost: a.test\r\ncontent-length: 5\r\n\r\nhello')
  t.equal(posted.header('location'), '/new/1', 'a body that nobody wants is no trouble')
  t.equal(seen.length, 0, 'nothing went upstream')
})

t.test(
  'versions by header and media type vary; one that does not exist is refused with the list of those that do',
  async t => {
    const version = (name: string, more: object = {}) => ({ name, by: { header: 'X-Api-Version' }, ...more })
    const media = { mediaType: 'application/vnd.x+json' }
    const { get, access } = await started(t, [
      route('one', { path: '/h/*', version: version('1', { default: true }) }),
      route('two', { path: '/h/*', version: version('2') }),
      route('m1', { path: '/m', version: { name: '1', by: media } }),
      route('m2', { path: '/m', version: { name: '2', by: media } }),
      route('p1', { path: '/{version}/p', version: { name: 'v1', by: { path: 'version' } } })
    ])
    const first = await get('/h/a')
    t.strictSame([first.status, first.all('vary')], [200, ['accept-encoding', 'x-api-version']])
    t.equal((await access()).route, 'one')
    await get('/h/a', 'x-api-version: 2')
    t.equal((await access()).route, 'two')
    const unknown = await get('/h/a', 'x-api-version: 3')
    t.match(unknown.json(), { code: 'GW_VERSION_UNKNOWN', status: 404, versions: ['1', '2'] })
    t.equal(unknown.header('vary'), 'x-api-version')
    t.match((await get('/m', 'accept: application/vnd.x.v3+json')).json(), {
      code: 'GW_VERSION_NOT_ACCEPTABLE',
      status: 406
    })
    t.match((await get('/m', 'accept: */*')).json(), { code: 'GW_VERSION_MISSING', status: 400 })
    t.equal((await get('/m', 'accept: application/vnd.x.v2+json')).all('vary')[1], 'accept')
    t.equal((await get('/v1/p')).status, 200)
    t.match((await get('/v2/p')).json(), { code: 'GW_VERSION_UNKNOWN', versions: ['1'] })
  }
)

t.test(
  'a deprecated route says so in every reply, is switched off in brown-outs and gone after its sunset',
  async t => {
    const hour = 3_600
    const pass = clock(t)
    const at = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString().replace(/\.\d+Z$/, 'Z')
    const { get, seen } = await started(t, [
      route(
        'old',
        { path: '/old' },
        {
          upstream: 'main',
          deprecation: {
            since: '2026-01-01',
            sunset: at(48 * hour),
            grace: '24h',
            successor: '/new',
            brownouts: [{ from: at(hour), for: '60m', every: '1d' }]
          }
        }
      ),
      route(
        'moved',
        { path: '/moved' },
        { redirect: { to: '/new' }, deprecation: { since: '2026-01-01', sunset: at(hour) } }
      )
    ])
    const said = (reply: Awaited<ReturnType<typeof get>>) => [reply.status, reply.header('deprecation')]
    const first = await get('/old')
    t.strictSame(said(first), [200, '@1767225600'])
    t.match(first.header('sunset'), / GMT$/)
    t.equal(first.header('link'), '</new>; rel="successor-version"')
    t.strictSame(said(await get('/moved')), [308, '@1767225600'])
    pass(hour + 60)
    const brown = await get('/old')
    t.strictSame(said(brown), [503, '@1767225600'])
    t.equal(brown.json().code, 'GW_ROUTE_BROWNOUT')
    const wait = Number(brown.header('retry-after'))
    t.ok(wait > 0 && wait <= 59 * 60, `${wait} s`)
    t.match((await get('/moved')).json(), { code: 'GW_ROUTE_GONE', status: 410 })
    pass(hour)
    t.equal((await get('/old')).status, 200)
    pass(23 * hour)
    t.equal((await get('/old')).status, 503, 'the next day again')
    pass(24 * hour)
    t.equal((await get('/old')).status, 200, 'the sunset is over, the grace is not')
    pass(23 * hour)
    t.strictSame(said(await get('/old')), [410, '@1767225600'])
    t.equal(seen.length, 3)
  }
)

t.test('operators read who still calls a deprecated route', async t => {
  const upstream = await recordingUpstream(t)
  const keys = ['ann', 'bob'].map(consumer => ({
    consumer,
    sha256: createHash('sha256').update(consumer).digest('hex')
  }))
  const policies = [{ plugin: 'auth-key', settings: { keys } }]
  const { port, lines } = await serve(t, {
    admin: { port: 0 },
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    routes: [
      { name: 'old', match: { path: '/old' }, upstream: 'main', policies, deprecation: { since: '2026-01-01' } },
      {
        name: 'gone',
        match: { path: '/gone' },
        upstream: 'main',
        policies,
        deprecation: { since: '2025-01-01', sunset: '2025-06-01' }
      },
      { name: 'silent', match: { path: '/silent' }, reply: {}, accessLog: false }
    ]
  })
  const { admin } = JSON.parse(lines.find(line => line.includes('"listening"')) ?? '')
  const get = async (path: string, key: string) =>
    (await fetch(`http://127.0.0.1:${port}/${path}`, { headers: { 'x-api-key': key } })).status
  t.strictSame(
    [
      await get('old', 'ann'),
      await get('old', 'bob'),
      await get('old', 'ann'),
      await get('gone', 'bob'),
      await get('gone', 'eve'),
      await get('old', 'eve')
    ],
    [200, 200, 200, 410, 401, 401]
  )
  const report = (await (await fetch(`${admin}/deprecations`)).json()) as { routes: { consumers: unknown[] }[] }
  t.match(report, {
    routes: [
      {
        route: 'old',
        state: 'serves',
        served: 3,
        refused: 0,
        consumers: [
          { consumer: 'ann', served: 2 },
          { consumer: 'bob', served: 1 }
        ]
      },
      { route: 'gone', state: 'gone', served: 0, refused: 1, consumers: [{ consumer: 'bob', served: 0, refused: 1 }] }
    ]
  })
  t.strictSame(
    report.routes.map(({ consumers }) => consumers.length),
    [2, 1],
    'who has no key is nobody who calls'
  )
  const scrape = new Scrape(await (await fetch(`${admin}/metrics`)).text())
  t.equal(scrape.value('gateway_deprecated_requests_total', { route: 'gone', outcome: 'refused' }), 1)
  t.equal(await get('silent', ''), 200)
  t.equal(await get('old', ''), 401)
  t.notOk(
    lines.some(line => line.includes('"silent"')),
    'a route may be left out of the log'
  )
})

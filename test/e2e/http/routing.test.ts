import t from 'tap'
import { connect, exchange, request } from '../../support/client.js'
import { startSluice } from '../../support/sluice.js'
import { recordingUpstream } from '../../support/upstream.js'

const route = (name: string, match: object, more: object = {}): object => ({ name, match, upstream: 'main', ...more })

t.test('the most specific route serves a request', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    routes: [
      route('rest', { path: '/*' }),
      route('orders', { path: '/orders/*' }),
      route('order', { path: '/orders/{id}' }),
      route('newest', { path: '/orders/newest' }),
      route('lines', { path: '/orders/{id}/lines/*' }),
      route('host', { hosts: ['api.example.com'], path: '/*' }),
      route('sub', { hosts: ['*.example.com'], path: '/*' }),
      route('subsub', { hosts: ['*.eu.example.com'], path: '/*' })
    ]
  })
  const routeOf = async (path: string, host = 'other.test'): Promise<unknown> => {
    await exchange(t, sluice.port, `GET ${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`)
    return (await sluice.access()).route
  }
  t.equal(await routeOf('/'), 'rest')
  t.equal(await routeOf('/orders'), 'orders', 'a prefix serves its own path')
  t.equal(await routeOf('/orders/'), 'orders', 'a parameter is never empty')
  t.equal(await routeOf('/orders/newest'), 'newest', 'exact before parameter')
  t.equal(await routeOf('/orders/7'), 'order', 'parameter before prefix')
  t.equal(await routeOf('/orders/7/lines/1'), 'lines', 'the longest prefix')
  t.equal(await routeOf('/orders/7/other'), 'orders', 'back to the shorter prefix')
  t.equal(await routeOf('/orders%2F7'), 'rest', 'an encoded slash is none')
  t.equal(await routeOf('/%6frders/newest'), 'newest', 'a letter is the same, encoded or not')
  t.equal(await routeOf('//orders//newest'), 'newest', 'empty segments do not get around a route')
  t.equal(await routeOf('/orders/7', 'api.example.com:8080'), 'host', 'an exact host, whatever the port')
  t.equal(await routeOf('/orders/7', 'API.Example.COM'), 'host', 'in any case')
  t.equal(await routeOf('/', 'a.example.com'), 'sub')
  t.equal(await routeOf('/', 'a.eu.example.com'), 'subsub', 'the longest wildcard host')
  t.equal(await routeOf('/', 'example.com'), 'rest', 'a wildcard host is only names below')
})

t.test('a path nobody serves is 404, a method nobody takes is 405 with Allow', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    routes: [
      route('read', { path: '/things/{id}', methods: ['GET'] }),
      route('write', { path: '/things/*', methods: ['PUT', 'DELETE'] })
    ]
  })
  const missing = await exchange(t, sluice.port, request('GET', '/nothing'))
  t.equal(missing.status, 404)
  t.equal(missing.header('content-type'), 'application/problem+json')
  t.match(missing.json(), { code: 'GW_ROUTE_NOT_FOUND', status: 404, exchange: String })
  const wrong = await exchange(t, sluice.port, request('POST', '/things/1', 'content-length: 0'))
  t.equal(wrong.status, 405)
  t.strictSame(wrong.header('allow')?.split(', ').sort(), ['DELETE', 'GET', 'HEAD', 'PUT'])
  t.equal(wrong.json().code, 'GW_METHOD_NOT_ALLOWED')
  t.equal((await exchange(t, sluice.port, request('get', '/things/1'))).status, 405, 'methods are case-sensitive')
  t.equal((await exchange(t, sluice.port, request('HEAD', '/things/1'))).status, 200, 'HEAD where GET is')
  t.equal((await exchange(t, sluice.port, request('PUT', '/things/1', 'content-length: 0'))).status, 200)
  t.strictSame(
    upstream.seen.map(({ method }) => method),
    ['HEAD', 'PUT']
  )
})

t.test('a connection goes on after a 404 and a 405', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    routes: [route('read', { path: '/a', methods: ['GET'] })]
  })
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/b'))
  t.equal((await client.reply()).status, 404)
  client.send(`${request('POST', '/a', 'content-length: 5')}hello`)
  t.equal((await client.reply()).status, 405)
  client.send(`${request('POST', '/b', 'content-length: 5')}he`)
  t.equal((await client.reply()).status, 404, 'also before the end of a body')
  client.send('llo')
  client.send(request('GET', '/a'))
  t.equal((await client.reply()).status, 200)
})

t.test('a prefix is taken off however the client writes it: with empty segments, or encoded', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    routes: [
      route('v1', { path: '/v1/*' }, { stripPrefix: '/v1' }),
      route('old', { path: '/%7eold/*' }, { stripPrefix: '/%7eold' })
    ]
  })
  for (const target of ['//v1/x', '/v1//x/y', '///v1', '/%761/x', '/~old/x', '/%7Eold//x']) {
    t.equal((await exchange(t, sluice.port, request('GET', target))).status, 200, target)
  }
  t.strictSame(
    upstream.seen.map(({ target }) => target),
    ['/x', '/x/y', '/', '/x', '/x', '/x']
  )
})

t.test('a prefix is taken off, query and encoding go on untouched', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    routes: [route('v1', { path: '/v1/*' }, { stripPrefix: '/v1' }), route('rest', { path: '/*' })]
  })
  for (const target of [
    '/v1',
    '/v1/',
    '/v1/a%20b/c%2Fd?x=%7B%7D&y[]=a"b',
    '/v1?q',
    '/v2/a//b/?',
    '/%7Euser?%7E',
    "/a;b=c,d/(e)!$&'*+:@|^`[]",
    `/${'x'.repeat(4_000)}`
  ]) {
    t.equal((await exchange(t, sluice.port, request('GET', target))).status, 200, target.slice(0, 40))
  }
  t.strictSame(
    upstream.seen.map(({ target }) => target),
    [
      '/',
      '/',
      '/a%20b/c%2Fd?x=%7B%7D&y[]=a"b',
      '/?q',
      '/v2/a//b/',
      '/~user?%7E',
      "/a;b=c,d/(e)!$&'*+:@|^`[]",
      `/${'x'.repeat(4_000)}`
    ]
  )
})

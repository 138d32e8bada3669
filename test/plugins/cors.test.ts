import t from 'tap'
import { exchange, request } from '../support/client.js'
import { startSluice } from '../support/sluice.js'
import { recordingUpstream } from '../support/upstream.js'

const PAGE = 'https://app.example.com'

t.test('a page may read every answer: of the upstream, of other policies, and of the gateway itself', async t => {
  const upstream = await recordingUpstream(t)
  const cors = { plugin: 'cors', settings: { origins: [PAGE], credentials: true } }
  const key = { plugin: 'auth-key', settings: { keys: [{ sha256: '0'.repeat(64), consumer: 'ada' }] } }
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] }, gone: { targets: ['http://127.0.0.1:1'] } },
    routes: [
      { name: 'open', match: { path: '/open' }, upstream: 'main', policies: [cors] },
      { name: 'keyed', match: { path: '/keyed' }, upstream: 'main', policies: [cors, key] },
      { name: 'gone', match: { path: '/gone' }, upstream: 'gone', policies: [cors] }
    ]
  })
  const call = (path: string, init?: RequestInit) =>
    fetch(`http://127.0.0.1:${sluice.port}${path}`, { headers: { origin: PAGE }, ...init })
  const seen = async (reply: Response) => {
    await reply.arrayBuffer()
    const { status, headers } = reply
    return [status, headers.get('access-control-allow-origin'), headers.get('access-control-allow-credentials')]
  }
  t.strictSame(await seen(await call('/open')), [200, PAGE, 'true'])
  t.strictSame(await seen(await call('/keyed')), [401, PAGE, 'true'], 'a refusal of a policy behind')
  t.strictSame(await seen(await call('/gone')), [502, PAGE, 'true'], 'an error of the gateway')

  const asked = upstream.seen.length
  const headers = {
    origin: PAGE,
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'x-api-key'
  }
  const preflight = await call('/keyed', { method: 'OPTIONS', headers })
  t.strictSame(await seen(preflight), [204, PAGE, 'true'], 'a preflight needs no key')
  t.equal(preflight.headers.get('access-control-allow-headers'), 'x-api-key')
  t.equal(upstream.seen.length, asked, 'and does not go upstream')
})

t.test('what a reply varies by is said once, whoever says it', async t => {
  const upstream = await recordingUpstream(t, ({ target }, response) =>
    response.setHeader('vary', target === '/quiet' ? [] : ['accept-encoding, origin']).end('ok')
  )
  const cors = { plugin: 'cors', settings: { origins: [PAGE] } }
  const policies = [
    cors,
    cors,
    { plugin: 'transform-headers', settings: { response: { add: { vary: 'ORIGIN, x-b' } } } }
  ]
  const version = { name: '1', by: { header: 'Origin' }, default: true }
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    routes: [{ name: 'all', match: { path: '/*', version }, upstream: 'main', policies }]
  })
  const varies = async (path: string) => {
    const reply = await fetch(`http://127.0.0.1:${sluice.port}${path}`)
    await reply.arrayBuffer()
    return reply.headers.get('vary')?.toLowerCase()
  }
  t.equal(await varies('/'), 'accept-encoding, origin, x-b')
  t.equal(await varies('/quiet'), 'origin, x-b')
})

t.test('what the page before was told is told nobody else', async t => {
  const other = 'https://other.example.com'
  const upstream = await recordingUpstream(t)
  const cors = { plugin: 'cors', settings: { origins: [PAGE, other] } }
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    routes: [{ name: 'open', match: { path: '/open' }, upstream: 'main', policies: [cors] }]
  })
  const allowed = async (...headers: string[]) => {
    const method = headers.length > 1 && headers[1]?.startsWith('access-control') === true ? 'OPTIONS' : 'GET'
    const reply = await exchange(t, sluice.port, request(method, '/open', ...headers))
    return [reply.status, reply.header('access-control-allow-origin')]
  }
  for (const page of [PAGE, PAGE, other, PAGE]) t.strictSame(await allowed(`origin: ${page}`), [200, page])
  t.strictSame(await allowed(`origin: ${PAGE}.evil.test`), [200, undefined], 'a longer name')
  t.strictSame(await allowed(`origin: ${PAGE}`, 'origin: https://evil.test'), [200, undefined], 'two origins')
  t.strictSame(await allowed(`origin: ${PAGE}`, 'access-control-request-method: PUT'), [204, PAGE], 'a preflight')
  t.strictSame(await allowed(), [200, undefined], 'no origin')
})

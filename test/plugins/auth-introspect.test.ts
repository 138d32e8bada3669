import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { clock } from '../support/clock.js'
import { CLIENT, startIssuer } from '../support/issuer.js'
import { startSluice } from '../support/sluice.js'
import { recordingUpstream } from '../support/upstream.js'

const ENDPOINT = '/token/introspection'

async function serve(t: Test, more: object = {}, config: object = {}) {
  const issuer = await startIssuer(t, 'opaque')
  const upstream = await recordingUpstream(t)
  const credentials = { clientId: CLIENT.id, clientSecret: CLIENT.secret }
  const settings = { url: issuer.origin + ENDPOINT, ...credentials, timeoutMs: 20_000, ...more }
  const sluice = await startSluice(t, {
    callouts: { allowNetworks: ['127.0.0.0/8'] },
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] }, issuer: { targets: [issuer.origin] } },
    routes: [
      { name: 'all', match: { path: '/*' }, upstream: 'main', policies: [{ plugin: 'auth-introspect', settings }] }
    ],
    ...config
  })
  const get = async (token: string): Promise<Response> => {
    return fetch(`http://127.0.0.1:${sluice.port}/`, { headers: { authorization: `Bearer ${token}` } })
  }
  const status = async (token: string): Promise<number> => (await get(token)).status
  return { issuer, upstream, sluice, get, status, asked: () => issuer.count(ENDPOINT) }
}

t.test('the provider is asked once for a token, whatever it says of it', async t => {
  const { issuer, upstream, sluice, get, status, asked } = await serve(t, {
    scopes: ['orders.read'],
    headers: { 'x-app': '/client_id' },
    hideToken: true
  })
  const token = await issuer.token()
  for (let i = 0; i < 3; i++) t.equal(await status(token), 200)
  t.equal(asked(), 1)
  t.match(await sluice.access(), { consumer: 'orders' })
  t.strictSame(upstream.seen[0]?.all('x-app'), ['orders'])
  t.strictSame(upstream.seen[0]?.all('authorization'), [])
  for (let i = 0; i < 3; i++) t.equal(await status('nobody-gave-this-out'), 401)
  t.equal(asked(), 2)
  const reply = await get(await issuer.token('orders.write'))
  t.equal(reply.status, 403)
  t.match(
    reply.headers.get('www-authenticate'),
    /^Bearer realm="api", error="insufficient_scope".*scope="orders.read"$/
  )
  t.equal(upstream.seen.length, 3)
})

t.test(
  'a token that was revoked passes no longer than the setting says, one that was inactive may come again',
  async t => {
    const pass = clock(t)
    const { issuer, status, asked } = await serve(t, { activeSeconds: 30, inactiveSeconds: 5 })
    const token = await issuer.token()
    t.equal(await status(token), 200)
    await issuer.revoke(token)
    pass(29)
    t.equal(await status(token), 200)
    t.equal(asked(), 1)
    pass(2)
    t.equal(await status(token), 401)
    t.equal(await status(token), 401)
    t.equal(asked(), 2)
    pass(6)
    t.equal(await status(token), 401)
    t.equal(asked(), 3)
  }
)

t.test('a token is not taken beyond its exp, however long the answer is kept', async t => {
  const pass = clock(t)
  const { issuer, status, asked } = await serve(t, { activeSeconds: 86_400 })
  const token = await issuer.token()
  t.equal(await status(token), 200)
  pass(1_000)
  t.equal(await status(token), 401, 'the provider’s tokens live for ten minutes')
  t.equal(asked(), 1)
})

t.test('requests that show the same token at once are all answered', async t => {
  const { issuer, status } = await serve(t)
  const token = await issuer.token()
  const replies = await Promise.all(Array.from({ length: 20 }, () => status(token)))
  t.strictSame(new Set(replies), new Set([200]))
})

t.test('while the provider fails the answer is 503, and it is asked again for the next request', async t => {
  const { issuer, upstream, get, status } = await serve(t)
  const token = await issuer.token()
  issuer.failing = 500
  const reply = await get(token)
  t.equal(reply.status, 503)
  t.equal(reply.headers.get('retry-after'), '5')
  t.equal(upstream.seen.length, 0)
  issuer.failing = 0
  t.equal(await status(token), 200)
  await issuer.close()
  t.equal(await status(token), 200, 'what is known stays')
  t.equal(await status('another'), 503)
})

t.test('a provider that does not answer in time is as good as none', async t => {
  const { issuer, status, sluice } = await serve(t, { timeoutMs: 50, onFailure: 'allow' })
  issuer.silent = true
  t.equal(await status('some-token'), 200)
  const line = await sluice.access()
  t.match(JSON.stringify(line), /"timeout"/)
  t.notOk(line.consumer)
})

t.test('the endpoint may be that of an upstream, and the secret stand in a file, which may change', async t => {
  const file = join(mkdtempSync(join(tmpdir(), 'sluice-secret-')), 'secret')
  t.teardown(() => rmSync(dirname(file), { recursive: true }))
  writeFileSync(file, 'an old secret')
  const named = {
    url: undefined,
    upstream: 'issuer',
    path: ENDPOINT,
    clientSecret: undefined,
    clientSecretName: 'provider'
  }
  const { issuer, status, asked } = await serve(t, named, { secrets: { provider: { file } } })
  const token = await issuer.token()
  t.equal(await status(token), 503)
  t.equal(asked(), 2, 'the secret was read again, and was the same')
  writeFileSync(file, `${CLIENT.secret}\n`)
  t.equal(await status(token), 200)
})

t.test('a secret that the provider does not take opens nothing', async t => {
  const { issuer, get, asked } = await serve(t, { clientSecret: 'a secret that is not the right one' })
  t.equal((await get(await issuer.token())).status, 503)
  t.equal(asked(), 1)
})

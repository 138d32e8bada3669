import { createHmac, generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { clock } from '../support/clock.js'
import { type Issuer, startIssuer } from '../support/issuer.js'
import { startSluice } from '../support/sluice.js'
import { recordingUpstream } from '../support/upstream.js'

const KEYS = '/jwks'

/** A key pair as a private JWK, which the issuer signs with. */
function keyPair(kid: string): Record<string, unknown> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }
}

async function serve(t: Test, url: string, more: object = {}) {
  const upstream = await recordingUpstream(t)
  const settings = { jwks: { url }, algorithms: ['ES256', 'HS256'], consumer: '/client_id', ...more }
  const sluice = await startSluice(t, {
    callouts: { allowNetworks: ['127.0.0.0/8'] },
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', policies: [{ plugin: 'auth-jwt', settings }] }]
  })
  const get = async (token: string): Promise<Response> => {
    return fetch(`http://127.0.0.1:${sluice.port}/`, { headers: { authorization: `Bearer ${token}` } })
  }
  return { upstream, sluice, get, status: async (token: string) => (await get(token)).status }
}

const withIssuer = async (
  t: Test,
  more: object = {}
): Promise<{ issuer: Issuer } & Awaited<ReturnType<typeof serve>>> => {
  const issuer = await startIssuer(t, 'jwt', keyPair('first'))
  return { issuer, ...(await serve(t, issuer.origin + KEYS, { issuers: [issuer.origin], ...more })) }
}

t.test('tokens of an OpenID provider pass, its key set is fetched once for many', async t => {
  const { issuer, sluice, get } = await withIssuer(t, { audiences: ['https://api.example'], scopes: ['orders.read'] })
  const token = await issuer.token()
  const replies = await Promise.all(Array.from({ length: 12 }, () => get(token)))
  t.strictSame(new Set(replies.map(({ status }) => status)), new Set([200]))
  t.match(await sluice.access(), { consumer: 'orders' })
  t.equal((await get(await issuer.token('orders.write'))).status, 403)
  t.equal(issuer.count(KEYS), 1)
})

t.test('a key that the issuer begins to use is found, one it gives up serves no longer', async t => {
  const pass = clock(t)
  const { issuer, status } = await withIssuer(t)
  const old = await issuer.token()
  t.equal(await status(old), 200)
  issuer.rotate(keyPair('second'))
  const young = await issuer.token()
  t.equal(await status(young), 401, 'the host does not look again at once: anyone can make up a kid')
  t.equal(issuer.count(KEYS), 1)
  pass(31)
  t.equal(await status(young), 200)
  t.equal(issuer.count(KEYS), 2)
  t.equal(await status(old), 401, 'also though it was known')
  t.equal(await status(young), 200)
})

t.test('a key that is given up serves no longer when its time has come, also when no new one is shown', async t => {
  const pass = clock(t)
  const { issuer, status } = await withIssuer(t)
  const token = await issuer.token()
  t.equal(await status(token), 200)
  issuer.rotate(keyPair('second'))
  pass(200)
  t.equal(await status(token), 200)
  t.equal(issuer.count(KEYS), 1)
  pass(101)
  t.equal(await status(token), 401)
})

t.test('a set that cannot be renewed serves on', async t => {
  const pass = clock(t)
  const { issuer, status } = await withIssuer(t)
  const token = await issuer.token()
  t.equal(await status(token), 200)
  issuer.failing = 500
  pass(400)
  for (let i = 0; i < 3; i++) t.equal(await status(token), 200)
  t.equal(issuer.count(KEYS), 2, 'it is not asked for every token')
})

t.test('while a set that is known cannot be renewed, a token of another key may come again', async t => {
  const pass = clock(t)
  const { issuer, get } = await withIssuer(t)
  const known = await issuer.token()
  t.equal((await get(known)).status, 200)
  issuer.rotate(keyPair('second'))
  const unknown = await issuer.token()
  issuer.failing = 500
  pass(31)
  for (let i = 0; i < 2; i++) {
    const reply = await get(unknown)
    t.equal(reply.status, 503)
    t.equal(reply.headers.get('retry-after'), '5')
    t.equal((await get(known)).status, 200)
  }
  issuer.failing = 0
  pass(6)
  t.equal((await get(unknown)).status, 200)
})

t.test('while the key set cannot be had, keys of the settings serve and other tokens may come again', async t => {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const given = { ...key.privateKey.export({ format: 'jwk' }), kid: 'given', alg: 'ES256', use: 'sig' }
  const issuer = await startIssuer(t, 'jwt', given)
  const known = await issuer.token()
  issuer.rotate(keyPair('other'))
  const unknown = await issuer.token()
  const keys = [{ jwk: { ...key.publicKey.export({ format: 'jwk' }), kid: 'given' } }]
  const { get, upstream } = await serve(t, issuer.origin + KEYS, { keys })
  issuer.failing = 503
  t.equal((await get(known)).status, 200)
  t.equal(issuer.count(KEYS), 0, 'a key that is known needs no set')
  const reply = await get(unknown)
  t.equal(reply.status, 503)
  t.equal(reply.headers.get('retry-after'), '5')
  t.equal(upstream.seen.length, 1)
})

t.test('nothing in a key set makes a shared secret of a public key, and secrets in it are none', async t => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'a' }
  const secret = Buffer.from('a secret that stands where anybody reads it')
  const server = createServer((_, response) => {
    const oct = { kty: 'oct', k: secret.toString('base64url'), kid: 'b' }
    response.end(JSON.stringify({ keys: [jwk, { ...jwk, kid: 'c', alg: 'HS256' }, oct, null, 7] }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  t.teardown(() => server.closeAllConnections())
  const { status } = await serve(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const forged = (kid: string, key: string | Buffer): string => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const input = `${part({ alg: 'HS256', kid })}.${part({ client_id: 'root', exp: Date.now() })}`
    return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
  }
  for (const kid of ['a', 'b', 'c', '../../etc/passwd', "' or 1=1"]) {
    t.equal(await status(forged(kid, secret)), 401, kid)
    t.equal(await status(forged(kid, String(publicKey.export({ type: 'spki', format: 'pem' })))), 401, kid)
    t.equal(await status(forged(kid, JSON.stringify(jwk))), 401, kid)
  }
})

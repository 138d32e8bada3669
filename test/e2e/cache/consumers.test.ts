import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { type CachedSluice, cachedSluice } from '../../support/cached.js'
import { pluginFolders } from '../../support/plugins.js'
import { says } from '../../support/wat.js'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const KEYS = { ada: 'key-of-ada-0123456789', bob: 'key-of-bob-0123456789' }
const ada = { 'x-api-key': KEYS.ada }
const bob = { 'x-api-key': KEYS.bob }

/** A route behind keys, whose upstream counts its replies. */
function behindKeys(t: Test, control: string, cache: Record<string, unknown> = {}): Promise<CachedSluice> {
  const keys = Object.entries(KEYS).map(([consumer, key]) => ({ consumer, sha256: sha256(key) }))
  return cachedSluice(
    t,
    cache,
    (_, response, count) => {
      response.setHeader('cache-control', control)
      response.end(`reply ${count}`)
    },
    { route: { policies: [{ plugin: 'auth-key', settings: { keys } }] } }
  )
}

t.test('each consumer has its own stored replies', async t => {
  for (const control of ['max-age=60', 'public, max-age=60', 's-maxage=60']) {
    const { get } = await behindKeys(t, control)
    t.match(await get('/a', ada), { text: 'reply 1', did: /stored/ }, control)
    t.match(await get('/a', bob), { text: 'reply 2', did: 'fwd=uri-miss; stored' }, control)
    t.match(await get('/a', ada), { text: 'reply 1', did: /^hit/ }, control)
    t.match(await get('/a', bob), { text: 'reply 2', did: /^hit/ }, control)
  }
})

t.test('a policy that refuses is asked before the cache', async t => {
  const { get } = await behindKeys(t, 'public, max-age=60', { key: { shareAcrossConsumers: true } })
  await get('/a', ada)
  t.match(await get('/a'), { status: 401, did: '' })
  t.match(await get('/a', { 'x-api-key': 'wrong' }), { status: 401, did: '' })
})

t.test('what says that it is for everybody is shared when the operator allows it, and nothing else', async t => {
  const sharing = { key: { shareAcrossConsumers: true } }
  for (const control of ['public, max-age=60', 's-maxage=60']) {
    const { get } = await behindKeys(t, control, sharing)
    await get('/a', ada)
    t.match(await get('/a', bob), { text: 'reply 1', did: /^hit/ }, control)
  }
  const { get } = await behindKeys(t, 'max-age=60', sharing)
  await get('/a', ada)
  t.match(await get('/a', bob), { text: 'reply 2', did: /stored/ })
  t.match(await get('/a', ada), { text: 'reply 1', did: /^hit/ })
})

t.test('many requests of two consumers at the same time are never mixed', async t => {
  const keys = Object.entries(KEYS).map(([consumer, key]) => ({ consumer, sha256: sha256(key) }))
  for (const shareAcrossConsumers of [false, true]) {
    const { get, seen } = await cachedSluice(
      t,
      { key: { shareAcrossConsumers } },
      (request, response) => {
        response.setHeader('cache-control', 'max-age=60')
        response.end(`for ${request.all('x-user')[0]}`)
      },
      { route: { policies: [{ plugin: 'auth-key', settings: { keys } }] } }
    )
    const all = await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const [user, key] = i % 2 === 0 ? ['ada', KEYS.ada] : ['bob', KEYS.bob]
        const { text } = await get('/a', { 'x-api-key': key, 'x-user': user })
        return text === `for ${user}`
      })
    )
    t.ok(
      all.every(right => right),
      `sharing: ${shareAcrossConsumers}`
    )
    t.ok(seen.length >= 2 && seen.length < 10, `${seen.length} upstream calls`)
  }
})

t.test('response policies run on what comes out of the cache, whole', async t => {
  const edit = [{ op: 1, name: 'x-marked', value: 'yes' }]
  const plugins = {
    early: says({ responseHeaders: edit }),
    late: says({ headers: edit }, 'on_response'),
    body: says({ body: new TextEncoder().encode('another') }, 'on_response_body')
  }
  for (const plugin of ['early', 'late', 'body']) {
    const { get, seen } = await cachedSluice(
      t,
      {},
      (_, response) => {
        response.setHeader('cache-control', 'max-age=60')
        response.end('the reply')
      },
      { plugins: pluginFolders(t, plugins), route: { policies: [{ plugin }] } }
    )
    for (let i = 0; i < 2; i++) {
      const reply = await get('/a')
      t.match(
        [reply.header('x-marked'), reply.text],
        plugin === 'body' ? [undefined, 'another'] : ['yes', 'the reply'],
        plugin
      )
    }
    t.equal(seen.length, 1)
  }
})

t.test('what a believed proxy says of host and scheme makes another reply; of others it is not believed', async t => {
  const evil = { 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'https' }
  const links = (request: { all(name: string): string[] }, response: ServerResponse) => {
    response.setHeader('cache-control', 'max-age=60')
    response.end(`${request.all('x-forwarded-proto')[0]}://${request.all('x-forwarded-host')[0]}`)
  }
  const believing = await cachedSluice(t, {}, links, { trustedProxies: ['127.0.0.1'] })
  t.match(await believing.get('/a', { host: 'shop.test', ...evil }), { text: 'https://evil.test' })
  t.match(await believing.get('/a', { host: 'shop.test' }), { text: 'http://shop.test', did: /uri-miss/ })
  const strict = await cachedSluice(t, {}, links)
  t.match(await strict.get('/a', { host: 'shop.test', ...evil }), { text: 'http://shop.test' })
  t.match(await strict.get('/a', { host: 'shop.test' }), { text: 'http://shop.test', did: /^hit/ })
})

t.test(
  'what a believed proxy lets through in Forwarded and the like cannot be written into what others get',
  async t => {
    const echo = (request: { all(name: string): string[] }, response: ServerResponse) => {
      response.setHeader('cache-control', 'max-age=60')
      response.end(`${request.all('forwarded')[0]?.split(', ')[0]} ${request.all('x-forwarded-prefix')[0] ?? ''}`)
    }
    const { get } = await cachedSluice(t, {}, echo, { trustedProxies: ['127.0.0.1'] })
    const plain = { host: 'shop.test', forwarded: 'for=192.0.2.1;proto=https' }
    for (let i = 0; i < 2; i++) t.match(await get('/a', plain), { text: 'for=192.0.2.1;proto=https ' })
    t.match(await get('/a', { ...plain, forwarded: 'For="[2001:db8::1]:4";proto=https' }), { did: /^hit/ }, 'addresses')
    for (const forwarded of [
      'for=192.0.2.1;proto=https;host=evil.test',
      'For="a;host=b";host=evil.test',
      'for="a;host=evil.test'
    ]) {
      t.match(await get('/a', { ...plain, forwarded }), { text: `${forwarded} ` }, forwarded)
    }
    t.match(await get('/a', { ...plain, 'x-forwarded-prefix': '/evil' }), { text: /\/evil$/ })
    t.match(await get('/a', plain), { text: 'for=192.0.2.1;proto=https ', did: /^hit/ })
  }
)

t.test('credentials that the upstream judges are not answered with what others got', async t => {
  const answer = (control: string) => (request: { all(name: string): string[] }, response: ServerResponse) => {
    response.setHeader('cache-control', control)
    response.end(`for ${request.all('authorization')[0] ?? 'anyone'}`)
  }
  const plain = await cachedSluice(t, {}, answer('max-age=60'))
  await plain.get('/a')
  t.match(await plain.get('/a', { authorization: 'Bearer a' }), { text: 'for Bearer a', did: 'fwd=request' })
  t.match(await plain.get('/b', { authorization: 'Bearer a' }), { text: 'for Bearer a' })
  t.match(await plain.get('/b', { authorization: 'Bearer b' }), { text: 'for Bearer b' })
  t.match(await plain.get('/b'), { text: 'for anyone' })

  const keyed = await cachedSluice(t, { key: { headers: ['authorization'] } }, answer('max-age=60'))
  for (const token of ['a', 'b', 'a', 'b']) {
    t.match(await keyed.get('/a', { authorization: `Bearer ${token}` }), { text: `for Bearer ${token}` })
  }
  t.equal(keyed.seen.length, 2)
})

t.test('a reply that sets a cookie is for one client', async t => {
  const { get } = await cachedSluice(t, {}, (_, response, count) => {
    response.setHeader('cache-control', 'public, max-age=60')
    response.setHeader('set-cookie', `session=${count}`)
    response.end()
  })
  t.equal((await get('/a')).header('set-cookie'), 'session=1')
  t.equal((await get('/a')).header('set-cookie'), 'session=2')
})

t.test(
  'what nobody said how long to keep is not kept for requests with cookies, unless it is said which matter',
  async t => {
    const answer = (request: { all(name: string): string[] }, response: ServerResponse) => {
      response.end(`cookies: ${request.all('cookie')[0] ?? 'none'}`)
    }
    const open = await cachedSluice(t, { ttl: '60s' }, answer)
    await open.get('/a')
    t.match(await open.get('/a'), { text: 'cookies: none', did: /^hit/ })
    t.match(await open.get('/a', { cookie: 'session=1' }), { text: 'cookies: session=1', did: 'fwd=request' })

    const said = await cachedSluice(t, { ttl: '60s', key: { cookies: ['theme'] } }, answer)
    t.match(await said.get('/a', { cookie: 'session=1; theme=dark' }), { text: 'cookies: theme=dark', did: /stored/ })
    t.match(await said.get('/a', { cookie: 'theme=dark; session=2' }), { text: 'cookies: theme=dark', did: /^hit/ })
    t.match(await said.get('/a', { cookie: 'theme=light' }), { text: 'cookies: theme=light', did: /stored/ })
    t.match(await said.get('/a', { cookie: 'session=3' }), { text: 'cookies: none', did: /stored/ })
  }
)

t.test('parameters that do not count change nothing that others get', async t => {
  const { get, seen } = await cachedSluice(
    t,
    { ttl: '60s', key: { ignoreQuery: ['utm_source'], sortQuery: true } },
    (request, response) => response.end(request.target)
  )
  t.match(await get('/a?utm_source=evil&b=2&a=1'), { text: '/a?b=2&a=1' })
  t.match(await get('/a?a=1&b=2&%75tm_source=x'), { text: '/a?b=2&a=1', did: /^hit/ })
  t.match(await get('/a?a=1'), { text: '/a?a=1', did: /stored/ })
  t.equal(seen.length, 2)
})

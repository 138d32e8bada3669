import { get } from 'node:http'
import t, { type Test } from 'tap'
import { adminPages, type Operated } from '../../core/admin/pages.js'
import { type AdminPages, AdminServer } from '../../core/admin/server.js'
import { MetricsRegistry } from '../../core/observe/registry.js'
import { Scrape } from '../support/scrape.js'

async function open(t: Test, pages: AdminPages): Promise<AdminServer> {
  const admin = await AdminServer.open({ host: '127.0.0.1', port: 0 }, pages)
  t.teardown(() => admin.close())
  return admin
}

const operated = (part: Partial<Operated>): Operated => ({
  metrics: new MetricsRegistry(),
  state: () => 'ready',
  alive: async () => true,
  deprecations: async () => ({}),
  resilience: async () => [],
  caches: [],
  ai: { budgets: () => [], keys: async () => [], prompts: () => [] },
  upstreams: { reports: async () => [], change: async () => undefined },
  ...part
})

t.test('/metrics is Prometheus’ text, with every character of a label kept', async t => {
  const registry = new MetricsRegistry()
  const odd = 'a "quoted"\\ line\nand another'
  registry.gauge('gateway_test_bytes', 'A test.', () => [{ labels: { name: odd }, value: 1.5 }])
  registry.histogram('gateway_test_seconds', 'A test.', () => [
    { labels: { name: 'b' }, bounds: [1, 2], counts: [3, 0, 4], sum: 20 }
  ])
  const { url } = await open(t, adminPages(operated({ metrics: registry })))
  const reply = await fetch(`${url}/metrics?name[]=x`)
  t.equal(reply.status, 200)
  t.match(reply.headers.get('content-type'), /^text\/plain; version=0\.0\.4/)
  const scrape = new Scrape(await reply.text())
  t.equal(scrape.value('gateway_test_bytes', { name: odd }), 1.5)
  t.equal(scrape.value('gateway_test_seconds_bucket', { le: '2' }), 3)
  t.equal(scrape.value('gateway_test_seconds_bucket', { le: '+Inf' }), 7)
  t.equal(scrape.value('gateway_test_seconds_sum'), 20)
})

t.test('/readyz says whether requests should be sent here', async t => {
  let state: 'starting' | 'ready' | 'draining' = 'starting'
  const { url } = await open(t, adminPages(operated({ state: () => state })))
  const asked = async () => {
    const reply = await fetch(`${url}/readyz`)
    return [reply.status, await reply.text()]
  }
  t.strictSame(await asked(), [503, 'starting\n'])
  state = 'ready'
  t.strictSame(await asked(), [200, 'ok\n'])
  state = 'draining'
  t.strictSame(await asked(), [503, 'draining\n'])
})

t.test('/livez says whether every event loop turns, also while it drains', async t => {
  let alive = true
  const { url } = await open(t, adminPages(operated({ alive: async () => alive, state: () => 'draining' })))
  t.match(await fetch(`${url}/livez`), { status: 200 })
  alive = false
  t.match(await fetch(`${url}/livez`), { status: 503 })
})

t.test('what is not there is 404, what only can be read is 405', async t => {
  const { url } = await open(t, { '/page': () => ({ status: 200, type: 'text/plain', body: 'here' }) })
  for (const path of ['/', '/page/', '/constructor', '/__proto__', '//page'])
    t.match(await fetch(url + path), { status: 404 }, path)
  const posted = await fetch(`${url}/page`, { method: 'POST', body: 'x' })
  t.strictSame([posted.status, posted.headers.get('allow')], [405, 'GET, HEAD'])
  const head = await fetch(`${url}/page`, { method: 'HEAD' })
  t.strictSame([head.status, head.headers.get('content-length'), await head.text()], [200, '4', ''])
})

t.test(
  'on a loopback address nobody is answered who asks by a name: it may lead here for a page in a browser',
  async t => {
    const ask = (port: number, host: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        get({ port, host: '127.0.0.1', path: '/page', headers: { host }, agent: false }, reply => {
          reply.resume()
          resolve(reply.statusCode)
        }).on('error', reject)
      })
    const pages = { '/page': () => ({ status: 200, type: 'text/plain', body: 'here' }) }
    const { port } = await open(t, pages)
    for (const host of ['127.0.0.1:1', 'localhost', 'LOCALHOST.:9090', 'a.localhost', '[::1]:9090', '192.0.2.1'])
      t.equal(await ask(port, host), 200, host)
    for (const host of [
      'evil.test',
      `evil.test:${port}`,
      'localhost.evil.test',
      '127.0.0.1.evil.test',
      'evillocalhost'
    ])
      t.equal(await ask(port, host), 421, host)
    const everywhere = await AdminServer.open({ host: '0.0.0.0', port: 0 }, pages)
    t.teardown(() => everywhere.close())
    t.equal(await ask(everywhere.port, 'sluice.internal'), 200, 'others come in by names')
  }
)

t.test('what is done takes POST with JSON, and says what is wrong with it', async t => {
  const taken: unknown[] = []
  const { url } = await open(t, {
    '/do': {
      post: body => {
        taken.push(body)
        return { status: 200, type: 'text/plain', body: 'done' }
      }
    }
  })
  const post = async (body: string, type = 'application/json'): Promise<[number, string]> => {
    const reply = await fetch(`${url}/do`, { method: 'POST', body, headers: { 'content-type': type } })
    return [reply.status, await reply.text()]
  }
  t.strictSame(await post('{"a":1}'), [200, 'done'])
  t.strictSame(await post('[]', 'application/json; charset=utf-8'), [200, 'done'])
  t.match(await post('{'), [400, /not JSON/])
  t.match(await post('{}', 'text/plain'), [415, /application\/json/], 'a form of another site cannot send it')
  t.match(await post(`"${'x'.repeat(70_000)}"`), [413, /65536/])
  const read = await fetch(`${url}/do`)
  t.strictSame([read.status, read.headers.get('allow')], [405, 'POST'])
  t.strictSame(taken, [{ a: 1 }, []])
})

t.test('/cache/purge takes out what it is told, in every cache, and says how many', async t => {
  const asked: unknown[] = []
  const cache = (count: number) => ({
    purge: (...what: unknown[]) => {
      asked.push(what)
      if (JSON.stringify(what).includes('nonsense')) throw new RangeError('not an http: or https: URL')
      return count
    }
  })
  const caches = [cache(2), cache(3)]
  const { url } = await open(t, adminPages(operated({ caches })))
  const purge = async (what: unknown): Promise<[number, Record<string, unknown>]> => {
    const headers = { 'content-type': 'application/json' }
    const reply = await fetch(`${url}/cache/purge`, { method: 'POST', body: JSON.stringify(what), headers })
    return [reply.status, (await reply.json()) as Record<string, unknown>]
  }
  t.strictSame(await purge({ url: 'http://a.test/' }), [200, { purged: 5 }])
  t.strictSame(await purge({ tags: ['a', 'b'], soft: true }), [200, { purged: 5 }])
  t.strictSame(asked, [
    [{ url: 'http://a.test/' }, false],
    [{ url: 'http://a.test/' }, false],
    [{ tags: ['a', 'b'] }, true],
    [{ tags: ['a', 'b'] }, true]
  ])
  for (const [what, message] of [
    [[], /not an object; expected one of/],
    [{}, /nothing is said/],
    [{ url: 'x', route: 'y' }, /url, route is said/],
    [{ tags: [] }, /"tags" cannot be read/],
    [{ tags: [1] }, /"tags" cannot be read/],
    [{ all: false }, /"all" cannot be read/],
    [{ page: '/' }, /"page" cannot be read/],
    [{ all: true, soft: 1 }, /soft is not true or false/],
    [{ url: 'nonsense' }, /url is not an http/]
  ] as const) {
    t.match(await purge(what), [400, { error: message }], JSON.stringify(what))
  }
})

t.test('a page that fails is 500, and the next is answered', async t => {
  let fails = true
  const { url } = await open(t, {
    '/page': async () => {
      if (fails) throw new Error('the secret of the page')
      return { status: 200, type: 'text/plain', body: 'here' }
    }
  })
  const warned = new Promise(resolve => process.once('warning', resolve))
  const reply = await fetch(`${url}/page`)
  t.equal(reply.status, 500)
  t.notMatch(await reply.text(), /secret/)
  t.match(await warned, { message: 'the secret of the page' })
  fails = false
  t.match(await fetch(`${url}/page`), { status: 200 })
})

t.test('a port that is taken is said with its reason', async t => {
  const first = await open(t, {})
  await t.rejects(AdminServer.open({ host: '127.0.0.1', port: first.port }, {}), {
    code: 'GW_LISTEN_FAILED',
    message: /admin listener on 127\.0\.0\.1:\d+: .*EADDRINUSE/
  })
})

import { availableParallelism } from 'node:os'
import t from 'tap'
import { hasReusePort, NODE_SHARES_PORTS } from '../../core/config/resolve-listen.js'
import { connect, request } from '../support/client.js'
import { Scrape } from '../support/scrape.js'
import { serve, threadsOf } from '../support/serve.js'
import { toOne } from '../support/sluice.js'
import { httpUpstream, rawUpstream } from '../support/upstream.js'

t.setTimeout(120_000)

const route = (policies: readonly unknown[]) => [{ name: 'all', match: { path: '/*' }, upstream: 'main', policies }]

/** Each on a connection of its own: the kernel gives every event loop its share of them. */
async function statuses(port: number, count: number): Promise<number[]> {
  const asked = Array.from({ length: count }, async () => {
    const reply = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })
    await reply.arrayBuffer()
    return reply.status
  })
  return Promise.all(asked)
}

t.test('two event loops on one port: limits hold for both together, and one scrape shows both', async t => {
  const upstream = await httpUpstream(t, (_, response) => response.end('ok'))
  const sluice = await serve(t, {
    ...toOne(upstream.port),
    threads: 2,
    admin: { port: 0 },
    routes: route([{ plugin: 'rate-limit', settings: { limits: [{ requests: 60, per: '1h' }] } }])
  })
  const { admin } = JSON.parse(await sluice.until(line => line.includes('"listening"')))
  const all = await statuses(sluice.port, 200)
  t.equal(all.filter(status => status === 200).length, 60, 'not one more, whichever loop was asked')
  t.equal(all.filter(status => status === 429).length, 140)
  const scrape = new Scrape(await (await fetch(`${admin}/metrics`)).text())
  t.equal(scrape.value('gateway_event_loops'), 2)
  t.equal(scrape.value('gateway_requests_total', { route: 'all', status: '429' }), 140)
  t.equal(scrape.value('gateway_request_seconds_count', { route: 'all' }), 200)
  t.equal(scrape.value('gateway_plugin_calls_total'), 200)
  await sluice.until(line => line.includes('"method"'), 200)
  const ids = new Set(
    sluice.lines.flatMap(line => (line.includes('"method"') ? [String(JSON.parse(line).id).slice(0, 12)] : []))
  )
  t.equal(ids.size, 2, 'both loops served')
  t.equal((await fetch(`${admin}/livez`)).status, 200)
})

const SHARED = NODE_SHARES_PORTS ? {} : { skip: 'listeners of Node’s share a port from Node 22.12 on' }

t.test('event loops share a port of Node’s listeners too, and drain together', SHARED, async t => {
  const upstream = await httpUpstream(t, (_, response) => response.end('ok'))
  const sluice = await serve(t, { ...toOne(upstream.port), threads: 2, listen: { port: 0, http2: true } })
  t.strictSame(new Set(await statuses(sluice.port, 100)), new Set([200]))
  await sluice.until(line => line.includes('"method"'), 100)
  const ids = new Set(
    sluice.lines.flatMap(line => (line.includes('"method"') ? [String(JSON.parse(line).id).slice(0, 12)] : []))
  )
  t.equal(ids.size, 2, 'both loops served')
  t.equal(await sluice.end(), 0)
})

t.test('where they cannot, the first loop has the port alone, and that is said', async t => {
  const upstream = await httpUpstream(t, (_, response) => response.end('ok'))
  const sluice = await serve(t, { ...toOne(upstream.port), threads: 2, listen: { port: 0, http2: true } })
  await sluice.until(line => line.includes('"listening"'))
  const said = sluice.lines.filter(line => line.includes('is served by one of the 2 event loops')).length
  t.equal(said, NODE_SHARES_PORTS ? 0 : 1)
})

t.test('which Node can is known by its version', async t => {
  const can = ['22.12.0', '22.23.3', '23.1.0', '24.0.0']
  const cannot = ['20.20.2', '21.9.0', '22.11.9', '23.0.1']
  t.strictSame([...can, ...cannot].filter(hasReusePort), can)
})

t.test('connections are counted over all event loops', async t => {
  const upstream = await httpUpstream(t, (_, response) => response.end('ok'))
  const sluice = await serve(t, { ...toOne(upstream.port), threads: 2, limits: { connections: 6 } })
  const served: number[] = []
  for (let i = 0; i < 9; i++) {
    const client = await connect(t, sluice.port)
    client.send(request('GET', '/'))
    served.push((await client.reply()).status)
  }
  t.strictSame(served, [200, 200, 200, 200, 200, 200, 503, 503, 503])
})

t.test(
  'an upstream gets no more at a time than its limit from all event loops together, and they have one queue',
  async t => {
    const hanging: (() => void)[] = []
    let most = 0
    let changed = (): void => undefined
    const upstream = await httpUpstream(t, (_, response) => {
      hanging.push(() => response.end('ok'))
      most = Math.max(most, hanging.length)
      changed()
    })
    const { upstreams, ...config } = toOne(upstream.port, { threads: 2, routes: route([]) })
    const concurrency = { limit: 2, queue: 4, queueTimeout: '1m' }
    const sluice = await serve(t, { ...config, upstreams: { main: { ...(upstreams.main as object), concurrency } } })
    const refused: number[] = []
    let turnedAway = (): void => undefined
    const allRefused = new Promise<void>(resolve => {
      turnedAway = resolve
    })
    const asked = Array.from({ length: 24 }, async () => {
      const [status = 0] = await statuses(sluice.port, 1)
      if (status !== 200) refused.push(status)
      if (refused.length === 18) turnedAway()
      return status
    })
    await allRefused
    for (let served = 0; served < 6; served++) {
      while (hanging.length < Math.min(2, 6 - served)) {
        await new Promise<void>(resolve => {
          changed = resolve
        })
      }
      hanging.shift()?.()
    }
    const all = await Promise.all(asked)
    t.equal(
      all.filter(status => status === 200).length,
      6,
      'two inside, four in the queue, whichever loop they came to'
    )
    t.equal(all.filter(status => status === 503).length, 18)
    t.equal(most, 2)
    await sluice.until(line => line.includes('"method"'), 24)
    const ids = sluice.lines.flatMap(line => (line.includes('"method"') ? [JSON.parse(line).id.slice(0, 12)] : []))
    t.equal(new Set(ids).size, 2, 'both loops served')
  }
)

t.test('operators see and change both event loops at once', async t => {
  const names = ['blue', 'green'] as const
  const servers = await Promise.all(
    names.map(name =>
      httpUpstream(t, (_, response) => {
        response.setHeader('cache-control', 'max-age=600')
        response.end(name)
      })
    )
  )
  const [blue, green] = servers.map(({ port }) => `http://127.0.0.1:${port}`)
  const sluice = await serve(t, {
    threads: 2,
    admin: { port: 0 },
    upstreams: { main: { targets: [blue, { url: green, weight: 0 }] } },
    routes: [
      { name: 'stored', match: { path: '/stored' }, upstream: 'main', cache: {} },
      { name: 'old', match: { path: '/*' }, upstream: 'main', deprecation: { since: '2024-01-01' } }
    ]
  })
  const { admin } = JSON.parse(await sluice.until(line => line.includes('"listening"')))
  const ask = async (path: string) => {
    const reply = await fetch(`http://127.0.0.1:${sluice.port}${path}`, { headers: { connection: 'close' } })
    return { body: await reply.text(), hit: reply.headers.get('cache-status')?.includes('hit') === true }
  }
  const many = async (path: string) => Promise.all(Array.from({ length: 40 }, () => ask(path)))
  const bodies = async (path: string) => [...new Set((await many(path)).map(({ body }) => body))]
  const post = async (path: string, body: object): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' }
    return (await fetch(admin + path, { method: 'POST', headers, body: JSON.stringify(body) })).json()
  }

  t.strictSame([await bodies('/a'), await bodies('/stored')], [['blue'], ['blue']])
  const targets = [
    { url: blue, weight: 0 },
    { url: green, weight: 1 }
  ]
  await post('/upstreams', { upstream: 'main', targets })
  t.match(await (await fetch(`${admin}/upstreams`)).json(), {
    upstreams: [{ name: 'main', targets: targets.map(target => ({ ...target, effectiveWeight: target.weight })) }]
  })
  t.strictSame(await bodies('/a'), ['green'], 'whichever loop is asked')

  t.strictSame(await bodies('/stored'), ['blue'], 'both have it stored')
  t.strictSame(await post('/cache/purge', { url: `http://127.0.0.1:${sluice.port}/stored` }), { purged: 2 })
  t.strictSame(await bodies('/stored'), ['green'])

  const report = await (await fetch(`${admin}/deprecations`)).json()
  t.match(report, { routes: [{ route: 'old', served: 80 }] }, 'what both served')
  await sluice.until(line => line.includes('"method"'), 200)
  const ids = sluice.lines.flatMap(line => (line.includes('"method"') ? [JSON.parse(line).id.slice(0, 12)] : []))
  t.equal(new Set(ids).size, 2, 'both loops served')
})

t.test('each event loop has its share of the plugin threads, and with auto there is a loop for each core', async t => {
  const upstream = await httpUpstream(t, (_, response) => response.end('ok'))
  const config = {
    ...toOne(upstream.port),
    admin: { port: 0 },
    routes: route([{ plugin: 'rate-limit', settings: { limits: [{ requests: 60, per: '1h' }] } }])
  }
  const threadsWith = async (pluginThreads: number): Promise<number> =>
    threadsOf((await serve(t, { ...config, threads: 2, pluginThreads })).pid)
  t.equal((await threadsWith(6)) - (await threadsWith(2)), 4, 'four more in all, not for each loop')
  const sluice = await serve(t, { ...config, threads: 'auto' })
  const { admin } = JSON.parse(await sluice.until(line => line.includes('"listening"')))
  const scrape = new Scrape(await (await fetch(`${admin}/metrics`)).text())
  t.equal(scrape.value('gateway_event_loops'), Math.min(64, availableParallelism()))
})

t.test('all event loops drain together', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await serve(t, { ...toOne(upstream.port), threads: 2 })
  const clients = await Promise.all(Array.from({ length: 8 }, () => connect(t, sluice.port)))
  const running = clients.map(async client => {
    client.send(request('GET', '/'))
    return (await client.reply()).status
  })
  const connections = await Promise.all(clients.map(() => upstream.connection()))
  const code = sluice.end()
  await sluice.until(line => line.includes('"draining"'))
  for (const { socket } of connections) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
  t.strictSame(
    await Promise.all(running),
    Array.from({ length: 8 }, () => 200)
  )
  t.equal(await code, 0)
})

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { ERRORS } from '../../core/base/errors.js'
import { buildPlugin } from '../../core/cli/plugin/build.js'
import { FAULT_REASONS } from '../../core/plugin-host/fault.js'
import { freePorts } from '../command.js'
import { pluginFolders } from '../support/plugins.js'
import { Scrape } from '../support/scrape.js'
import { type ServedSluice, serve } from '../support/serve.js'
import type { SluiceConfig } from '../support/sluice.js'
import { httpUpstream } from '../support/upstream.js'
import { data, guest, says, when } from '../support/wat.js'

t.setTimeout(120_000)

const COUNTING = fileURLToPath(new URL('../../../test/fixtures/guests/counting', import.meta.url))

interface Observed extends ServedSluice {
  readonly admin: string
  scrape(): Promise<Scrape>
  get(path: string, init?: RequestInit): Promise<Response>
}

/** `sluice serve` with an admin listener. */
async function observed(t: Test, config: SluiceConfig): Promise<Observed> {
  const served = await serve(t, { admin: { port: 0 }, ...config })
  const admin = String(JSON.parse(served.lines.find(line => line.includes('"listening"')) ?? '').admin)
  return {
    ...served,
    admin,
    scrape: async () => new Scrape(await (await fetch(`${admin}/metrics`)).text()),
    get: (path, init) => fetch(`http://127.0.0.1:${served.port}/${path}`, init)
  }
}

const taken = async (reply: Promise<Response>) => (await reply).arrayBuffer()

t.test('a scrape says what exchanges came to', async t => {
  const upstream = await httpUpstream(t, (request, response) => {
    request.resume()
    request.on('end', () => {
      response.statusCode = request.url === '/all/odd' ? 799 : 200
      response.end('12345')
    })
  })
  const { get, scrape } = await observed(t, {
    upstreams: {
      main: { targets: [`http://127.0.0.1:${upstream.port}`] },
      down: { targets: [`http://127.0.0.1:${(await freePorts(1))[0]}`] }
    },
    routes: [
      { name: 'all', match: { path: '/all/*' }, upstream: 'main' },
      { name: 'down', match: { path: '/down' }, upstream: 'down' }
    ]
  })
  for (let i = 0; i < 3; i++) await taken(get('all/a', { method: 'POST', body: 'x'.repeat(100) }))
  await taken(get('all/odd'))
  await taken(get('nowhere'))
  await taken(get('down'))
  const found = await scrape()
  const requests = (labels: Record<string, string>) => found.value('gateway_requests_total', labels)
  t.equal(requests({ route: 'all', status: '200', error: '' }), 3)
  t.equal(requests({ route: 'all', status: '7xx' }), 1)
  t.equal(requests({ route: '', status: '404', error: 'GW_ROUTE_NOT_FOUND' }), 1)
  t.equal(requests({ route: 'down', status: '502', error: 'GW_UPSTREAM_REFUSED' }), 1)
  t.equal(found.value('gateway_request_seconds_count', { route: 'all' }), 4)
  t.equal(found.value('gateway_request_body_bytes_total', { route: 'all' }), 300)
  t.equal(found.value('gateway_response_body_bytes_total', { route: 'all' }), 20)
  t.equal(found.value('gateway_upstream_requests_total', { upstream: 'main', status: '200' }), 3)
  t.equal(
    found.value('gateway_upstream_requests_total', { upstream: 'down', status: '', error: 'GW_UPSTREAM_REFUSED' }),
    2 // it was tried again
  )
  t.equal(found.value('gateway_upstream_seconds_count', { upstream: 'main' }), 4)
  const spent = found.value('gateway_request_seconds_sum', { route: 'all' }) ?? 0
  const waited = found.value('gateway_upstream_seconds_sum', { upstream: 'main' }) ?? 0
  t.ok(waited > 0 && spent >= waited, `${spent} s in all, ${waited} s of it upstream`)
  t.equal(found.value('gateway_active_exchanges'), 0)
  t.ok((found.value('gateway_open_connections') ?? 0) >= 1)
  t.ok((found.value('process_cpu_seconds_total') ?? 0) > 0)
  t.ok((found.value('nodejs_eventloop_lag_p99_seconds') ?? -1) >= 0)
})

t.test('a scrape says what plugins did', async t => {
  const logger = guest({
    imports: '(import "sluice" "log" (func $log (param i32 i32 i32)))',
    more: data(1024, 'hello'),
    hooks: { on_request: '(call $log (i32.const 1) (i32.const 1024) (i32.const 5)) (i32.const 0)' }
  })
  const { get, scrape, lines } = await observed(t, {
    log: { access: false, pluginLines: 5 },
    upstreams: { main: { targets: ['http://127.0.0.1:1'] } },
    plugins: pluginFolders(t, {
      logger,
      'fails-often': guest({
        hooks: { on_request: `${when('trap', 'unreachable')} ${when('loop', '(call $forever)')} (i32.const 0)` }
      }),
      answers: says({ reply: { status: 200 } })
    }),
    routes: [
      {
        name: 'all',
        match: { path: '/*' },
        upstream: 'main',
        policies: [{ plugin: 'logger' }, { plugin: 'fails-often', failure: 'open' }, { plugin: 'answers' }]
      }
    ]
  })
  for (let i = 0; i < 20; i++) await taken(get('fine'))
  for (const path of ['trap', 'trap', 'loop']) await taken(get(path))
  const found = await scrape()
  const of = (name: string, plugin: string, more = {}) => found.value(`gateway_plugin_${name}`, { plugin, ...more })
  t.equal(of('calls_total', 'answers', { binding: 'routes[0].policies[2]' }), 23)
  t.equal(of('seconds_count', 'answers'), 23)
  t.ok((of('seconds_sum', 'answers') ?? 0) > 0)
  t.equal(of('faults_total', 'fails-often', { reason: 'trap' }), 2)
  t.equal(of('faults_total', 'fails-often', { reason: 'timeout' }), 1)
  t.equal(of('faults_total', 'answers'), 0)
  t.ok((of('instances_total', 'fails-often') ?? 0) >= 3, 'a new one after a trap')
  t.equal(found.value('gateway_plugin_ended_threads_total'), 1)
  t.ok((found.value('gateway_plugin_batches_total') ?? 0) >= 23)
  t.equal(found.value('gateway_plugin_waiting_calls'), 0)
  const dropped = of('dropped_lines_total', 'logger') ?? 0
  t.ok(dropped >= 1, `${dropped} lines dropped`)
  while (!lines.some(line => line.includes('were left out'))) await taken(get('fine'))
  const said = lines.filter(line => line.includes('"hello"')).length
  t.ok(said >= 5 && said < 200, `${said} lines written`)
})

t.test('what a plugin counts itself is scraped under its name, with every series there from the start', async t => {
  await buildPlugin(COUNTING, { quiet: true })
  const upstream = await httpUpstream(t, (_, response) => response.end())
  const { get, scrape } = await observed(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    plugins: { 'my-counting': { path: COUNTING } },
    routes: [
      { name: 'all', match: { path: '/*' }, upstream: 'main', policies: [{ plugin: 'my-counting', failure: 'open' }] }
    ]
  })
  const before = await scrape()
  for (const path of ['green-l', 'green-l', 'red-s', 'set', 'move', 'weigh']) await taken(get(path))
  const after = await scrape()
  const binding = 'routes[0].policies[0]'
  t.equal(after.value('plugin_my_counting_seen_total', { binding, colour: 'green', size: 'l' }), 2)
  t.equal(after.value('plugin_my_counting_seen_total', { binding, colour: 'red', size: 's' }), 2.5)
  t.equal(after.value('plugin_my_counting_seen_total', { colour: 'red', size: 'm' }), 0)
  t.equal(after.value('plugin_my_counting_level'), 38.5)
  t.equal(after.value('plugin_my_counting_weight_grams_bucket', { size: 'l', le: '100' }), 1)
  t.equal(after.value('plugin_my_counting_weight_grams_count', { size: 'l' }), 2)
  t.match(after.families.get('plugin_my_counting_seen_total'), {
    type: 'counter',
    help: 'Requests, by colour and size.'
  })
  await taken(get('bomb'))
  const own = (scrape: Scrape) => scrape.series.filter(each => each.startsWith('plugin_')).sort()
  t.strictSame(own(await scrape()), own(before), 'no plugin adds to them')
})

t.test('every name keeps the rule, and whatever clients send makes no more series', async t => {
  const upstream = await httpUpstream(t, (_, response) => response.end())
  const { get, scrape } = await observed(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    plugins: {
      ...pluginFolders(t, { echo: says({ consumer: 'ann', tags: ['a', 'b'] }) }),
      counting: { path: COUNTING }
    },
    routes: [
      {
        name: 'all',
        match: { path: '/all/*' },
        upstream: 'main',
        policies: [{ plugin: 'echo' }, { plugin: 'counting' }]
      }
    ]
  })
  const send = async (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      await taken(
        get(`all/${i}?q=${i}`, { method: `M${i}`, headers: { 'x-consumer': `c${i}`, 'user-agent': `u${i}` } })
      )
      await taken(get(`nowhere/${i}`))
    }
  }
  await send(0, 1)
  const first = await scrape()
  await send(1, 50)
  const second = await scrape()
  t.strictSame(
    second.series.filter(each => !first.series.includes(each) && !each.startsWith('nodejs_')),
    []
  )

  const unit = '(?:seconds|bytes|connections|exchanges|calls|loops|up|flight|websockets|tunnels|state|entries)'
  const counted =
    '(?:requests|calls|faults|lines|instances|threads|batches|bytes|reloads|ejections|probes|lookups|messages|retries|hedges|openings|exchanges|evictions|connections|answers|tokens|dollars|failures|alerts)'
  const bounded: Record<string, (value: string) => boolean> = {
    route: value => ['', 'all'].includes(value),
    upstream: value => value === 'main',
    direction: value => ['in', 'out'].includes(value),
    status: value => /^(?:|\d\d\d|\dxx)$/.test(value),
    error: value => value === '' || Object.hasOwn(ERRORS, value),
    plugin: value => ['echo', 'counting'].includes(value),
    binding: value => /^routes\[0\]\.policies\[[01]\]$/.test(value),
    reason: value => [...FAULT_REASONS, 'consecutive', 'rate', 'latency'].some(reason => reason === value),
    won: value => ['true', 'false'].includes(value),
    target: value => value === `http://127.0.0.1:${upstream.port}`,
    result: value => ['passed', 'failed', 'found', 'ok', 'refused'].includes(value),
    le: value => value === '+Inf' || Number(value) > 0
  }
  const declared: { name: string }[] = JSON.parse(readFileSync(`${COUNTING}/plugin.json`, 'utf8')).metrics
  for (const { name, type, help, samples } of second.families.values()) {
    if (/^(?:process|nodejs)_/.test(name)) continue // named as everywhere in Node
    t.match(help, /^[A-Z].*\.$/, `${name} says what it is`)
    if (name.startsWith('plugin_')) {
      t.ok(
        declared.some(each => name === `plugin_counting_${each.name}`),
        name
      )
      continue
    }
    const rule = type === 'counter' ? `^gateway(?:_[a-z]+)*_${counted}_total$` : `^gateway(?:_[a-z]+)+_${unit}$`
    t.match(name, new RegExp(rule))
    for (const { labels } of samples) {
      for (const [label, value] of Object.entries(labels)) {
        if (bounded[label]?.(value) !== true) t.fail(`${name}: ${label}="${value}"`)
      }
    }
  }
})

t.test('while it drains, /readyz says so and the last exchanges are still seen', async t => {
  let release = () => {}
  const upstream = await httpUpstream(t, (_, response) => {
    release = () => response.end('late')
    upstreamHasIt()
  })
  let upstreamHasIt = () => {}
  const reached = new Promise<void>(resolve => {
    upstreamHasIt = resolve
  })
  const { get, admin, scrape, ...child } = await observed(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } }
  })
  t.match(await fetch(`${admin}/readyz`), { status: 200 })
  const late = get('slow')
  await reached
  const ended = child.end()
  let health = await fetch(`${admin}/readyz`)
  while (health.status === 200) health = await fetch(`${admin}/readyz`)
  t.equal(health.status, 503)
  t.equal((await scrape()).value('gateway_active_exchanges'), 1)
  release()
  t.equal(await (await late).text(), 'late')
  t.equal(await ended, 0)
})

t.test('without the section admin there is no second port, and nothing is counted', async t => {
  const upstream = await httpUpstream(t, (_, response) => response.end())
  const served = await serve(t, { upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } } })
  t.notMatch(
    served.lines.find(line => line.includes('"listening"')),
    /"admin"/
  )
})

t.test('when the admin port is taken, nothing is served', async t => {
  const upstream = await httpUpstream(t, (_, response) => response.end())
  const [port = 0] = await freePorts(1)
  await t.rejects(
    serve(t, {
      listen: { port },
      admin: { port: upstream.port },
      upstreams: { main: { targets: ['http://127.0.0.1:1'] } }
    })
  )
  const socket = connectTcp(port, '127.0.0.1')
  await t.rejects(once(socket, 'connect'), { code: 'ECONNREFUSED' })
})

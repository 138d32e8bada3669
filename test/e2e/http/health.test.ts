import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, createServer, get, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { freePorts } from '../../command.js'
import { addresses, dnsServer } from '../../support/dns.js'
import { Scrape } from '../../support/scrape.js'
import { type ServedSluice, serve } from '../../support/serve.js'
import type { SluiceConfig } from '../../support/sluice.js'

t.setTimeout(120_000)

/** A server at a port that can be killed and come back. */
class Mortal {
  private server: Server | undefined
  served = 0
  /** What it answers health checks and requests with. */
  status = 200
  readonly hosts = new Set<string>()

  constructor(
    readonly port: number,
    readonly name: string,
    private readonly address = '127.0.0.1'
  ) {}

  get url(): string {
    return `http://${this.address}:${this.port}`
  }

  async live(): Promise<void> {
    this.server = createServer({ keepAliveTimeout: 60_000 }, ({ url, headers }, response) => {
      if (url === '/up') return void response.writeHead(this.status).end()
      this.served++
      this.hosts.add(headers.host ?? '')
      response.writeHead(this.status).end(this.name)
    })
    this.server.listen(this.port, this.address)
    await once(this.server, 'listening')
  }

  die(): void {
    this.server?.close()
    this.server?.closeAllConnections()
  }
}

async function mortals(t: Test, count: number): Promise<Mortal[]> {
  const ports = await freePorts(count)
  const all = ports.map((port, i) => new Mortal(port, `t${i}`))
  for (const each of all) await each.live()
  t.teardown(() => all.forEach(each => void each.die()))
  return all
}

type Report = { url: string; state: string; reason?: string; inFlight: number; weight: number; since: string }

interface Watched extends ServedSluice {
  report(): Promise<Report[]>
  scrape(): Promise<Scrape>
  put(body: object): Promise<Response>
  ask(path?: string, headers?: Record<string, string>): Promise<{ status: number; body: string }>
}

async function watched(t: Test, upstream: Record<string, unknown>, more: Partial<SluiceConfig> = {}): Promise<Watched> {
  const served = await serve(t, {
    admin: { port: 0 },
    log: { access: false },
    upstreams: { main: upstream },
    ...more
  })
  const admin = String(JSON.parse(served.lines.find(line => line.includes('"listening"')) ?? '').admin)
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const report = async () => {
    const page = (await (await fetch(`${admin}/upstreams`)).json()) as { upstreams: { targets: Report[] }[] }
    return page.upstreams[0]?.targets ?? []
  }
  return {
    ...served,
    report,
    put: body =>
      fetch(`${admin}/upstreams`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body)
      }),
    scrape: async () => new Scrape(await (await fetch(`${admin}/metrics`)).text()),
    ask: (path = '/', headers = {}) =>
      new Promise((resolve, reject) => {
        const request = get({ host: '127.0.0.1', port: served.port, path, headers, agent }, reply => {
          let body = ''
          reply.setEncoding('utf8').on('data', piece => {
            body += piece
          })
          reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body }))
        })
        request.on('error', reject)
      })
  }
}

/** Requests by several clients at once, without a pause, until `over` says so. @returns what they came to */
async function load(ask: Watched['ask'], clients: number, over: () => boolean | Promise<boolean>) {
  const counts = new Map<string, number>()
  let ended = false
  const client = async (): Promise<void> => {
    while (!ended) {
      const { status, body } = await ask()
      const came = status === 200 ? body : String(status)
      counts.set(came, (counts.get(came) ?? 0) + 1)
    }
  }
  const all = Array.from({ length: clients }, client)
  while (!(await over())) await new Promise(resolve => setImmediate(resolve))
  ended = true
  await Promise.all(all)
  return counts
}

t.test(
  'one of three targets that is killed under load is ejected within its threshold, and serves again when it is back',
  async t => {
    const all = await mortals(t, 3)
    const [first] = all
    if (first === undefined) throw new Error('no target')
    const CLIENTS = 8
    const { ask, report, scrape, lines, end } = await watched(t, {
      targets: all.map(({ url }) => url),
      health: { passive: { consecutive: 5, ejection: '300ms' } }
    })
    const healthy = await load(ask, CLIENTS, () => all.every(({ served }) => served > 50))
    t.strictSame([...healthy.keys()].sort(), ['t0', 't1', 't2'], 'nothing fails')

    first.die()
    const state = async (wanted: string): Promise<boolean> => (await report())[0]?.state === wanted
    const dying = await load(ask, CLIENTS, () => state('ejected'))
    const failures = dying.get('502') ?? 0
    // Those that were under way when it died, and those that ejected it; each return costs those that come at once.
    const limit =
      (await scrape()).value('gateway_target_ejections_total', { upstream: 'main', reason: 'consecutive' }) ?? 0
    t.ok(limit >= 1)
    t.ok(failures <= (5 + CLIENTS) * limit, `${failures} of the clients saw a failure`)

    const dead = first.served
    await first.live()
    const back = await load(ask, CLIENTS, () => first.served > dead + 100)
    t.ok((back.get('t0') ?? 0) >= 100, 'it is back by itself')
    t.equal((await report())[0]?.state, 'healthy')
    t.equal((await scrape()).value('gateway_target_up'), 3)
    await end() // so that every line is out
    const said = lines.filter(line => line.includes(first.url)).map(line => JSON.parse(line).msg)
    t.ok(said.includes('a target is ejected') && said.includes('a target is back after its ejection'))
  }
)

t.test('an ejected target gets nothing while it is out', async t => {
  const all = await mortals(t, 3)
  all[0]?.die()
  const { ask, report } = await watched(t, {
    targets: all.map(({ url }) => url),
    health: { passive: { consecutive: 1, ejection: '1h', maxEjection: '2h' } }
  })
  await load(ask, 1, async () => (await report())[0]?.state === 'ejected')
  for (let i = 0; i < 60; i++) t.equal((await ask()).status, 200)
  const [one] = await report()
  t.match(one, { state: 'ejected', reason: 'too many failures in a row', inFlight: 0, weight: 1 })
  t.ok(Math.abs(Date.now() - Date.parse(one?.since ?? '')) < 60_000, 'since when is a date')
})

t.test('a target whose probes fail is out of service without a client noticing, and back when they pass', async t => {
  const all = await mortals(t, 2)
  const [sick] = all
  if (sick === undefined) throw new Error('no target')
  const { ask, report, scrape } = await watched(t, {
    targets: all.map(({ url }) => url),
    health: {
      active: { http: { path: '/up' }, interval: '20ms', timeout: '5s', healthyAfter: 2, unhealthyAfter: 2 }
    }
  })
  const state = async (wanted: string): Promise<boolean> => (await report())[0]?.state === wanted
  await load(ask, 2, async () => (await scrape()).value('gateway_probes_total', { result: 'passed' }) !== 0)
  sick.status = 503
  await load(ask, 1, () => state('unhealthy'))
  t.match((await report())[0], { state: 'unhealthy', reason: 'the probe was answered 503' })
  for (let i = 0; i < 20; i++) t.strictSame(await ask(), { status: 200, body: 't1' })
  t.equal((await scrape()).value('gateway_target_up', { target: sick.url }), 0)
  t.ok(((await scrape()).value('gateway_probes_total', { upstream: 'main', result: 'failed' }) ?? 0) >= 2)
  sick.status = 200
  const before = sick.served
  await load(ask, 1, () => sick.served > before)
  t.ok(await state('healthy'))
})

t.test(
  'a target that takes no connections is out of service before a client meets it, and back when it takes them',
  async t => {
    const all = await mortals(t, 2)
    const [sick] = all
    if (sick === undefined) throw new Error('no target')
    const { ask, report } = await watched(t, {
      targets: all.map(({ url }) => url),
      health: { active: { interval: '20ms', healthyAfter: 2, unhealthyAfter: 2 } }
    })
    const became = async (wanted: string): Promise<void> => {
      while ((await report())[0]?.state !== wanted);
    }
    sick.die()
    await became('unhealthy')
    t.match((await report())[0]?.reason, /no connection: /)
    for (let i = 0; i < 10; i++) t.strictSame(await ask(), { status: 200, body: 't1' })
    await sick.live()
    await became('healthy')
    await load(ask, 1, () => sick.served > 0)
  }
)

t.test('with panic: refuse, an upstream without a healthy target answers 503 at once', async t => {
  const [down = 0] = await freePorts(1)
  const { ask, report } = await watched(t, {
    targets: [`http://127.0.0.1:${down}`],
    health: { active: { interval: '20ms' } },
    panic: 'refuse'
  })
  await load(ask, 1, async () => (await report())[0]?.state === 'unhealthy')
  const { status, body } = await ask()
  t.equal(status, 503)
  t.equal(JSON.parse(body).code, 'GW_UPSTREAM_UNAVAILABLE')
})

t.test('a key of the request decides, by consistent hashing', async t => {
  const all = await mortals(t, 4)
  const { ask } = await watched(t, {
    targets: all.map(({ url }) => url),
    balance: { kind: 'consistent-hash', key: { header: 'X-User' } }
  })
  const homes = new Set<string>()
  for (const user of ['ann', 'bob', 'cid', 'dora', 'eve', 'fay', 'gus', 'hal']) {
    const { body } = await ask('/', { 'x-user': user })
    for (let i = 0; i < 5; i++) t.equal((await ask('/', { 'x-user': user })).body, body, user)
    homes.add(body)
  }
  t.ok(homes.size > 1, 'different ones have different homes')
})

t.test('a targets file moves traffic while it is served', async t => {
  const [blue, green] = await mortals(t, 2)
  if (blue === undefined || green === undefined) throw new Error('no targets')
  const folder = mkdtempSync(join(tmpdir(), 'sluice-targets-')) // the test's own is the configuration's
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'targets.yaml')
  writeFileSync(file, `targets: ["${blue.url}"]`)
  const { ask, report } = await watched(t, { discover: { file } })
  t.strictSame(await ask(), { status: 200, body: 't0' })
  writeFileSync(file, `targets: [{ url: "${blue.url}", weight: 0 }, { url: "${green.url}" }]`)
  const seen = await load(ask, 2, async () => (await report()).length === 2)
  t.notOk(
    [...seen.keys()].some(each => each !== 't0' && each !== 't1'),
    'nothing fails meanwhile'
  )
  for (let i = 0; i < 10; i++) t.strictSame(await ask(), { status: 200, body: 't1' })
  writeFileSync(file, 'targets: nonsense')
  for (let i = 0; i < 10; i++) t.strictSame(await ask(), { status: 200, body: 't1' })
})

t.test('targets found by DNS are called by their name, and go when it says so', async t => {
  const [port = 0] = await freePorts(1)
  const all = [new Mortal(port, 't0', '127.0.0.1'), new Mortal(port, 't1', '127.0.0.2')]
  for (const each of all) await each.live()
  t.teardown(() => all.forEach(each => void each.die()))
  const dns = await dnsServer(t)
  const set = (...found: string[]) =>
    dns.records.set('A orders.internal', addresses('A', 'orders.internal', 0, ...found))
  set('127.0.0.1', '127.0.0.2')
  const { ask, report } = await watched(t, {
    discover: { dns: 'orders.internal', port, family: 'ipv4', servers: [dns.address], minRefresh: '100ms' }
  })
  const both = await load(ask, 2, () => all.every(({ served }) => served > 5))
  t.strictSame([...both.keys()].sort(), ['t0', 't1'])
  t.strictSame([...(all[0]?.hosts ?? [])], [`orders.internal:${port}`])
  set('127.0.0.2')
  await load(ask, 2, async () => (await report()).length === 1)
  for (let i = 0; i < 10; i++) t.strictSame(await ask(), { status: 200, body: 't1' })
})

t.test('an operator moves traffic by weights, and drains a target, without a reload', async t => {
  const [blue, green] = await mortals(t, 2)
  if (blue === undefined || green === undefined) throw new Error('no targets')
  const { ask, put, report } = await watched(t, { targets: [blue.url, { url: green.url, weight: 0 }] })
  for (let i = 0; i < 5; i++) t.equal((await ask()).body, 't0')
  const swap = {
    targets: [
      { url: blue.url, weight: 0 },
      { url: green.url, weight: 1 }
    ]
  }
  t.equal((await put({ upstream: 'main', ...swap })).status, 200)
  for (let i = 0; i < 5; i++) t.equal((await ask()).body, 't1')
  t.match(await report(), [
    { weight: 0, configuredWeight: 1 },
    { weight: 1, configuredWeight: 0 }
  ])
  await put({
    upstream: 'main',
    targets: [
      { url: green.url, drain: true },
      { url: blue.url, weight: null }
    ]
  })
  for (let i = 0; i < 5; i++) t.equal((await ask()).body, 't0')
  t.equal((await put({ upstream: 'main', targets: [] })).status, 400)
  t.equal((await put({ upstream: 'none', ...swap })).status, 400)
  t.equal((await put({ targets: 'x'.repeat(2_000_000) })).status, 413)
})

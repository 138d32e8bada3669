import { renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { DiscoverConfig } from '../../core/config/resolve-upstream.js'
import { refreshing } from '../../core/upstream/discovery/discovery.js'
import { dnsLookup } from '../../core/upstream/discovery/dns.js'
import { fileWatch } from '../../core/upstream/discovery/file.js'
import { KeptTargets } from '../../core/upstream/kept-targets.js'
import type { TargetSpec } from '../../core/upstream/spec.js'
import { ANY_TARGET } from '../../core/upstream/upstream.js'
import { addresses, type DnsServer, dnsServer, service } from '../support/dns.js'
import { FakeClock } from '../support/fake-clock.js'
import { keeper, open, policy, repeat, tally } from './targets.js'

type DnsConfig = Exclude<DiscoverConfig, { kind: 'file' }>

function config(server: DnsServer, more: Partial<DnsConfig> = {}): DnsConfig {
  return {
    kind: 'dns',
    name: 'orders.internal',
    port: 8080,
    scheme: 'http',
    family: 'any',
    servers: [server.address],
    minRefreshMs: 5_000,
    maxRefreshMs: 60_000,
    ...more
  }
}

function look(t: Test, wanted: DnsConfig) {
  const { lookup, cancel } = dnsLookup(wanted)
  t.teardown(cancel)
  return lookup()
}

const brief = (targets: readonly TargetSpec[]) =>
  targets.map(({ url, origin, address, weight, priority }) => [url, origin, address, weight, priority])

t.test(
  'the addresses of a name are its targets, in a steady order, as long as the shortest record is good',
  async t => {
    const server = await dnsServer(t)
    server.records.set('A orders.internal', [
      ...addresses('A', 'orders.internal', 30, '10.0.0.2'),
      ...addresses('A', 'orders.internal', 7, '10.0.0.1')
    ])
    server.records.set('AAAA orders.internal', addresses('AAAA', 'orders.internal', 20, '2001:db8::1'))
    const any = await look(t, config(server))
    t.equal(any.ttlMs, 7_000)
    t.strictSame(brief(any.targets), [
      ['http://10.0.0.1:8080', 'http://orders.internal:8080', '10.0.0.1', 1, 0],
      ['http://10.0.0.2:8080', 'http://orders.internal:8080', '10.0.0.2', 1, 0],
      ['http://[2001:db8::1]:8080', 'http://orders.internal:8080', '2001:db8::1', 1, 0]
    ])
    const only = async (more: Partial<DnsConfig>) => (await look(t, config(server, more))).targets.map(({ url }) => url)
    t.strictSame(await only({ family: 'ipv6' }), ['http://[2001:db8::1]:8080'])
    t.strictSame(await only({ family: 'ipv4', scheme: 'https', port: undefined }), [
      'https://10.0.0.1',
      'https://10.0.0.2'
    ])
  }
)

t.test('a name without addresses, that does not exist or whose server fails is a failure', async t => {
  const server = await dnsServer(t)
  await t.rejects(look(t, config(server)), /ENODATA|no addresses/)
  server.records.set('A orders.internal', 'NXDOMAIN')
  server.records.set('AAAA orders.internal', 'NXDOMAIN')
  await t.rejects(look(t, config(server)), /ENOTFOUND/)
  server.records.set('AAAA orders.internal', addresses('AAAA', 'orders.internal', 20, '2001:db8::1'))
  t.equal((await look(t, config(server))).targets.length, 1, 'one family is enough')
  server.records.set('A orders.internal', 'SERVFAIL')
  await t.rejects(look(t, config(server)), /ESERVFAIL/, 'but half an answer is none')
})

t.test('SRV records bring ports, weights and priorities', async t => {
  const server = await dnsServer(t)
  const name = '_http._tcp.orders.internal'
  server.records.set(`SRV ${name}`, [
    service(name, 30, { target: 'a.internal', port: 1001, weight: 60, priority: 1 }),
    service(name, 30, { target: 'b.internal', port: 1002, weight: 0, priority: 2 })
  ])
  server.records.set('A a.internal', addresses('A', 'a.internal', 9, '10.0.0.1', '10.0.0.9'))
  server.records.set('A b.internal', addresses('A', 'b.internal', 12, '10.0.0.2'))
  const { targets, ttlMs } = await look(t, config(server, { kind: 'srv', name }))
  t.strictSame(brief(targets), [
    ['http://10.0.0.1:1001', 'http://a.internal:1001', '10.0.0.1', 6_000, 1],
    ['http://10.0.0.9:1001', 'http://a.internal:1001', '10.0.0.9', 6_000, 1],
    ['http://10.0.0.2:1002', 'http://b.internal:1002', '10.0.0.2', 1, 2]
  ])
  t.equal(ttlMs, 9_000)
  server.records.set(`SRV ${name}`, [service(name, 30, { target: '.', port: 0 })])
  await t.rejects(look(t, config(server, { kind: 'srv', name })), /no SRV records with a host/, 'RFC 2782: no service')
})

t.test(
  'an SRV record whose host has no address takes no other target away; when none has one, the look fails',
  async t => {
    const server = await dnsServer(t)
    const name = '_http._tcp.orders.internal'
    server.records.set(
      `SRV ${name}`,
      ['gone', 'a', 'broken'].map(host => service(name, 30, { target: `${host}.internal`, port: 1001 }))
    )
    server.records.set('A gone.internal', 'NXDOMAIN')
    server.records.set('AAAA gone.internal', 'NXDOMAIN')
    server.records.set('A broken.internal', 'SERVFAIL')
    server.records.set('A a.internal', addresses('A', 'a.internal', 9, '10.0.0.1'))
    const { targets, ttlMs } = await look(t, config(server, { kind: 'srv', name }))
    t.strictSame(
      targets.map(({ url }) => url),
      ['http://10.0.0.1:1001']
    )
    t.equal(ttlMs, 9_000)
    server.records.set('A a.internal', 'NXDOMAIN')
    server.records.set('AAAA a.internal', 'NXDOMAIN')
    await t.rejects(look(t, config(server, { kind: 'srv', name })), /ENOTFOUND/)
  }
)

t.test(
  'it is looked up again when the answer is no longer good, within bounds, and with patience after failures',
  async t => {
    const clock = new FakeClock()
    const answers: (number | Error)[] = [30_000, 1, 600_000, new Error('x'), new Error('x'), new Error('x'), 20_000]
    const told: string[] = []
    let asked = 0
    const lookup = async () => {
      const answer = answers[asked++]
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error('no more')
      return { targets: [], ttlMs: answer }
    }
    const stop = refreshing(
      lookup,
      { minRefreshMs: 5_000, maxRefreshMs: 60_000 },
      {
        clock,
        onFound: () => told.push('found'),
        onFailed: reason => told.push(reason)
      }
    )
    const settled = () => new Promise(resolve => setImmediate(resolve))
    await settled()
    const waits: number[] = []
    for (let i = 0; i < 6; i++) {
      const before = asked
      let waited = 0
      while (asked === before) {
        clock.pass(1_000)
        waited += 1
        await settled()
      }
      waits.push(waited)
    }
    t.strictSame(waits, [30, 5, 60, 5, 10, 20])
    t.strictSame(told, ['found', 'found', 'found', 'x', 'x', 'x', 'found'])
    stop()
    t.equal(clock.timers, 0)
  }
)

t.test('targets come and go by DNS: those that stay keep their connections, a failure changes nothing', async t => {
  const server = await dnsServer(t)
  const set = (...data: string[]) =>
    server.records.set('A orders.internal', addresses('A', 'orders.internal', 1, ...data))
  set('10.0.0.1', '10.0.0.2')
  const { clock, kept } = keeper()
  const discover = config(server, { family: 'ipv4' })
  const { upstream, clients, lines } = open(kept, policy([], { discover, slowStartMs: 10_000 }))
  t.equal(upstream.pick(ANY_TARGET), undefined, 'before anything was found')
  await upstream.ready
  t.strictSame(Object.keys(tally(repeat(10, () => upstream.pick(ANY_TARGET)))).sort(), [
    'http://10.0.0.1:8080',
    'http://10.0.0.2:8080'
  ])
  const [first, second] = upstream.targets
  second?.begin()
  set('10.0.0.1', '10.0.0.3')
  /** Until it was asked once more and took what it was told. */
  const refresh = async (until: () => boolean): Promise<void> => {
    clock.pass(5_000)
    while (!until()) await new Promise(resolve => setImmediate(resolve))
  }
  await refresh(() => upstream.report().lookups.found === 2)
  t.strictSame(
    upstream.targets.map(({ url }) => url),
    ['http://10.0.0.1:8080', 'http://10.0.0.3:8080']
  )
  t.equal(upstream.targets[0], first)
  t.strictSame(
    upstream.targets.map(({ effectiveWeight }) => effectiveWeight),
    [1, 0.1],
    'the new one starts slowly'
  )
  t.match(lines.at(-1), {
    msg: 'the targets are others now',
    added: ['http://10.0.0.3:8080'],
    removed: ['http://10.0.0.2:8080']
  })
  t.match(upstream.report().targets[2], { url: 'http://10.0.0.2:8080', state: 'draining', inFlight: 1 })
  t.equal(clients.get('http://10.0.0.2:8080')?.closed, 0, 'it ends what it has')
  second?.done()
  await new Promise(resolve => setImmediate(resolve))
  t.equal(clients.get('http://10.0.0.2:8080')?.closed, 1)
  t.equal(upstream.report().targets.length, 2)

  server.records.set('A orders.internal', 'SERVFAIL')
  await refresh(() => upstream.report().lookups.failed === 1)
  t.equal(upstream.targets.length, 2)
  t.match(lines.at(-1), { level: 'warn', msg: 'no targets were found; those from before stay', targets: 2 })
  t.match(upstream.report(), { lookupError: /ESERVFAIL/ })

  const next = open(kept, policy([], { discover, slowStartMs: 10_000 }))
  t.equal(next.upstream.targets.length, 2, 'the next snapshot begins with what was found last')
  await upstream.close()
  t.strictSame(
    [...clients.values()].map(({ closed }) => closed),
    [0, 1, 0]
  )
  await next.upstream.close()
  t.strictSame(
    [...clients.values()].map(({ closed }) => closed),
    [1, 1, 1]
  )
  t.equal(clock.timers, 0)
})

t.test('a target that is back before it has ended is the same one', async t => {
  const server = await dnsServer(t)
  const set = (...data: string[]) =>
    server.records.set('A orders.internal', addresses('A', 'orders.internal', 1, ...data))
  set('10.0.0.1', '10.0.0.2')
  const { clock, kept } = keeper()
  const { upstream, clients } = open(kept, policy([], { discover: config(server, { family: 'ipv4' }) }))
  await upstream.ready
  const [, second] = upstream.targets
  second?.begin()
  for (const [found, ...data] of [
    [2, '10.0.0.1'],
    [3, '10.0.0.1', '10.0.0.2']
  ] as const) {
    set(...data)
    clock.pass(5_000)
    while (upstream.report().lookups.found < found) await new Promise(resolve => setImmediate(resolve))
  }
  t.equal(upstream.targets[1], second)
  t.equal(second?.state, 'healthy')
  second?.done()
  t.equal(clients.get('http://10.0.0.2:8080')?.closed, 0)
  await upstream.close()
})

t.test('a targets file is read when it changes; one with a mistake changes nothing and is named', async t => {
  const folder = t.testdir({ 'targets.yaml': 'targets: [http://a]' })
  const file = `${folder}/targets.yaml`
  const clock = new FakeClock()
  const told: string[] = []
  const watch = fileWatch(file, {
    clock,
    onFound: targets => told.push(targets.map(({ url, weight }) => `${url} ${weight}`).join(', ')),
    onFailed: reason => told.push(reason.replaceAll(folder, ''))
  })
  t.strictSame(told, ['http://a 1'])
  clock.pass(5_000)
  t.equal(told.length, 1, 'nothing changed')
  writeFileSync(file, 'targets: [{ url: http://a, weight: 9 }, http://b]')
  clock.pass(1_000)
  t.equal(told.at(-1), 'http://a 9, http://b 1')
  writeFileSync(file, 'targets: [http://a, nonsense]')
  clock.pass(1_000)
  t.match(told.at(-1), /^\/targets\.yaml:1:21 {2}targets\[1\] {2}"nonsense" does not begin with http:\/\//)
  unlinkSync(file)
  clock.pass(1_000)
  t.match(told.at(-1), /there is no such file/)
  const count = told.length
  clock.pass(5_000)
  t.equal(told.length, count, 'said once')
  // As Kubernetes changes a mounted file: a link is exchanged.
  writeFileSync(`${folder}/v1.yaml`, 'targets: [http://c]')
  writeFileSync(`${folder}/v2.yaml`, 'targets: [http://d]')
  symlinkSync('v1.yaml', file)
  clock.pass(1_000)
  t.equal(told.at(-1), 'http://c 1')
  symlinkSync('v2.yaml', `${folder}/next`)
  renameSync(`${folder}/next`, file)
  clock.pass(1_000)
  t.equal(told.at(-1), 'http://d 1')
  watch.close()
  t.equal(clock.timers, 0)
})

t.test('targets of the configuration and of a file are one set, the configuration’s first', async t => {
  const folder = t.testdir({
    'targets.yaml': 'targets: [{ url: http://a, weight: 5 }, { url: http://b, priority: 1 }]'
  })
  const { kept } = keeper()
  const discover = { kind: 'file', file: `${folder}/targets.yaml` } as const
  const { upstream } = open(kept, policy([{ url: 'http://a' }], { discover }))
  t.strictSame(
    upstream.targets.map(({ url, weight, priority }) => [url, weight, priority]),
    [
      ['http://a', 1, 0],
      ['http://b', 1, 1]
    ]
  )
  await upstream.close()
})

t.test('when a configuration is only checked nothing is looked up and nobody is probed', async t => {
  const server = await dnsServer(t)
  const clock = new FakeClock()
  const kept = new KeptTargets({ clock, live: false })
  const active = { http: undefined, intervalMs: 1_000, timeoutMs: 1_000, healthyAfter: 1, unhealthyAfter: 1 }
  const wanted = policy([{ url: 'http://a' }], { discover: config(server), health: { active, passive: undefined } })
  const { upstream } = open(kept, wanted)
  await upstream.ready
  t.equal(clock.timers, 0)
  t.equal(server.asked.size, 0)
  await upstream.close()
})

import t from 'tap'
import { loadConfig } from '../../core/config/load.js'
import { ConfigError } from '../../core/config/problems.js'
import { hasStatus } from '../../core/config/resolve-upstream.js'
import { readTargetsFile } from '../../core/config/targets-file.js'
import { FIXTURES, load, OPTIONS, UPSTREAM_DEFAULTS } from './helpers.js'

const named = (name: string) => {
  const { config } = loadConfig(`${FIXTURES}good/full.yaml`, OPTIONS)
  return config.upstreams.find(upstream => upstream.name === name)
}

t.test('targets have a weight and a priority, also where only the address is written', async t => {
  t.strictSame(
    named('api')?.targets.map(({ origin, weight, priority }) => [origin, weight, priority]),
    [
      ['http://127.0.0.1:9000', 1, 0],
      ['https://[::1]', 1, 0],
      ['http://10.0.0.1', 3, 1]
    ]
  )
})

t.test('what an upstream says of balancing and health is taken as written', async t => {
  t.match(named('api'), {
    balance: { kind: 'consistent-hash', key: { from: 'header', name: 'x-user' }, maxLoad: 2 },
    slowStartMs: 30_000,
    panic: 'refuse',
    health: {
      active: {
        http: { path: '/up', method: 'HEAD', statuses: [204, 3], host: 'up.example.com' },
        intervalMs: 5_000,
        timeoutMs: 1_000,
        healthyAfter: 1,
        unhealthyAfter: 2
      },
      passive: {
        failures: ['refused'],
        statuses: [503, 5],
        consecutive: 3,
        rate: { share: 0.2, requests: 50, windowMs: 60_000 },
        latency: { factor: 3, atLeastMs: 100, requests: 10, windowMs: 20_000 },
        ejectionMs: 1_000,
        maxEjectionMs: 60_000,
        maxEjected: 0.3
      }
    }
  })
  t.strictSame(named('found')?.health, { active: undefined, passive: undefined })
  t.match(named('found')?.balance, { kind: 'priority', within: 'peak-ewma', decayMs: 5_000, threshold: 0.5 })
  t.equal(named('services')?.health.passive?.rate, undefined)
  t.match(named('services')?.health.active, { http: undefined, intervalMs: 10_000, timeoutMs: 2_000 })
  t.strictSame(named('listed')?.balance.key, { from: 'consumer' })
  const { discover, balance, slowStartMs, health, panic } = named('plain') ?? {}
  t.strictSame({ discover, balance, slowStartMs, health, panic }, UPSTREAM_DEFAULTS)
})

t.test('where targets are looked for comes with every default', async t => {
  t.strictSame(named('found')?.discover, {
    kind: 'dns',
    name: 'orders.internal',
    port: 8080,
    scheme: 'https',
    family: 'ipv4',
    servers: ['127.0.0.1:8600'],
    minRefreshMs: 1_000,
    maxRefreshMs: 60_000
  })
  t.match(named('services')?.discover, { kind: 'srv', name: '_http._tcp.orders.internal', family: 'any' })
  t.strictSame(named('listed')?.discover, { kind: 'file', file: `${FIXTURES}good/targets.yaml` })
})

t.test('other keys of a hash are a cookie and a parameter of the query', async t => {
  const key = (written: string) =>
    load(
      t,
      `upstreams: { api: { targets: ["http://a"], balance: { kind: consistent-hash, key: ${written} } } }
routes: [{ name: a, match: { path: /a }, upstream: api }]`
    ).config.upstreams[0]?.balance.key
  t.strictSame(key('{ cookie: Session }'), { from: 'cookie', name: 'Session' })
  t.strictSame(key('{ query: user }'), { from: 'query', name: 'user' })
  t.strictSame(key('path'), { from: 'path' })
})

t.test('a status is in a list as itself or by its class', async t => {
  t.ok(hasStatus([2], 204))
  t.ok(hasStatus([503], 503))
  t.notOk(hasStatus([503], 500))
  t.notOk(hasStatus([], 500))
})

t.test('a targets file is read like the key of the configuration', async t => {
  const folder = t.testdir({
    'targets.yaml': 'targets: [http://a, { url: "http://b:81", weight: 5, priority: 2 }]',
    'targets.json': '{ "targets": ["http://a"] }'
  })
  t.strictSame(
    readTargetsFile(`${folder}/targets.yaml`).map(({ origin, weight, priority }) => [origin, weight, priority]),
    [
      ['http://a', 1, 0],
      ['http://b:81', 5, 2]
    ]
  )
  t.equal(readTargetsFile(`${folder}/targets.json`).length, 1)
})

t.test('a targets file with mistakes says each, with its place', async t => {
  const folder = t.testdir({
    'keys.yaml': 'targets:\n  - ftp://a\n  - { url: http://b, wait: 5 }\n  - http://b\n',
    'twice.yaml': 'targets: [http://b,\n  http://b]',
    'empty.yaml': 'targets: []',
    'list.yaml': '- http://a',
    'broken.yaml': 'targets: [',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what the file says
    'secret.yaml': 'targets: ["${env:HOST}"]'
  })
  const said = (name: string): string => {
    try {
      readTargetsFile(`${folder}/${name}`)
      return 'nothing'
    } catch (thrown) {
      if (!(thrown instanceof ConfigError)) throw thrown
      return thrown.message.replaceAll(folder, '')
    }
  }
  t.match(said('keys.yaml'), /^\/keys\.yaml:2:5 {2}targets\[0\] {2}"ftp:\/\/a" does not begin/)
  t.match(said('keys.yaml'), /targets\[1\]\.wait {2}unknown key "wait"; expected one of url, weight, priority/)
  t.match(said('twice.yaml'), /^\/twice\.yaml:2:3 {2}targets\[1\] {2}the same address as targets\[0\]/)
  t.match(said('empty.yaml'), /got an empty list; expected a list of at least 1 item/)
  t.match(said('list.yaml'), /got a list; expected a mapping with "targets"/)
  t.match(said('broken.yaml'), /not valid YAML/)
  t.match(said('secret.yaml'), /HOST/, 'nothing is put in: the file changes by itself')
  t.match(said('none.yaml'), /the targets file cannot be read: there is no such file/)
})

import { BlockList } from 'node:net'
import t from 'tap'
import { loadConfig } from '../../core/config/load.js'
import { timeoutsFor } from '../../core/config/resolve.js'
import { DEFAULT_RETRIES } from '../../core/config/resolve-resilience.js'
import { FIXTURES, load, OPTIONS, problemsOf, SECRET, UPSTREAM_DEFAULTS, withLeast } from './helpers.js'

t.test('the least configuration gets every default, in integers', async t => {
  const { config } = loadConfig(`${FIXTURES}good/least.yaml`, OPTIONS)
  t.strictSame(config, {
    listen: [{ at: ['listen'], host: '127.0.0.1', port: 8080, tls: undefined, http2: false, proxyProtocol: undefined }],
    admin: undefined,
    trustedProxies: [],
    limits: {
      headerBytes: 16 * 1024,
      headers: 100,
      connections: 10_000,
      bodyBytes: 32 * 1024 ** 2,
      bufferedBodyBytes: 1024 ** 2
    },
    timeouts: {
      connectMs: 5_000,
      headersMs: 60_000,
      idleMs: 60_000,
      requestMs: 60_000,
      replyMs: 60_000,
      drainMs: 30_000,
      drainDelayMs: 0
    },
    cache: { bytes: 64 * 1024 ** 2 },
    log: { level: 'info', access: true, pluginLines: 100 },
    threads: 1,
    watch: true,
    pluginThreads: 3,
    plugins: [],
    callouts: { allowNetworks: [] },
    secrets: [],
    store: { kind: 'memory' },
    ai: {
      providers: [],
      models: [],
      regions: { default: undefined, consumers: new Map(), tags: new Map() },
      catalog: { overlay: {}, file: undefined, providerPrice: true },
      budgets: [],
      alerts: { webhook: undefined },
      ledger: { file: `${FIXTURES}good/sluice-ledger.jsonl`, syncMs: 1_000 },
      cacheBytes: 64 * 1024 ** 2
    },
    prompts: undefined,
    places: {
      folder: `${FIXTURES}good`,
      pluginsDir: `${FIXTURES}good/plugins`,
      lock: { file: `${FIXTURES}good/plugins.lock`, required: false },
      catalogs: []
    },
    record: undefined,
    loadShedding: undefined,
    upstreams: [
      {
        name: 'api',
        ...UPSTREAM_DEFAULTS,
        targets: [
          { origin: 'http://127.0.0.1:9000', secure: false, host: '127.0.0.1', port: 9000, weight: 1, priority: 0 }
        ],
        preserveHost: false,
        connections: 128,
        http2: false,
        tls: undefined,
        timeouts: { connectMs: 5_000, headersMs: 60_000, idleMs: 60_000 },
        resilience: { retries: DEFAULT_RETRIES, breaker: undefined, concurrency: undefined }
      }
    ],
    routes: [
      {
        name: 'all',
        match: {
          hosts: [],
          methods: [],
          path: '/*',
          pathRegex: undefined,
          conditions: [],
          version: undefined,
          priority: 0,
          weight: undefined
        },
        upstream: 'api',
        ai: undefined,
        redirect: undefined,
        reply: undefined,
        stripPrefix: undefined,
        rewrite: undefined,
        deprecation: undefined,
        limits: { bodyBytes: 32 * 1024 ** 2, bufferedBodyBytes: 1024 ** 2 },
        timeouts: { headersMs: 60_000, idleMs: 60_000 },
        cache: undefined,
        ownTimeouts: {},
        requestMs: undefined,
        accessLog: undefined,
        resilience: {
          retries: undefined,
          hedge: undefined,
          priority: { class: 'default', consumers: new Map(), tag: undefined }
        },
        serverTiming: false,
        webSocket: undefined,
        upgrade: undefined,
        policies: []
      }
    ]
  })
})

t.test('the protocols of a route are compared without regard to case, and a tunnel has its defaults', async t => {
  const route = (upgrade: string) =>
    `upstreams: { a: { targets: ["http://127.0.0.1:1"] } }\nroutes: [{ name: r, match: { path: / }, upstream: a, upgrade: ${upgrade} }]`
  const { config } = load(t, route('{ protocols: [SPDY/3.1, tcp, TCP] }'))
  t.strictSame(config.routes[0]?.upgrade, {
    protocols: new Set(['spdy/3.1', 'tcp']),
    idleMs: 300_000,
    lifetimeMs: undefined
  })
  t.match(load(t, route('{ protocols: [tcp], idle: 1s, lifetime: 1h }')).config.routes[0]?.upgrade, {
    idleMs: 1_000,
    lifetimeMs: 3_600_000
  })
})

t.test('where recordings go is relative to the file; who may flag an exchange comes as networks', async t => {
  const { config } = load(t, withLeast('record: { folder: ./rec, header: { name: x-r, from: [10.0.0.0/8] } }'))
  t.match(config.record, { sample: 0, faults: true, maxFiles: 1_000, maxBytes: 256 * 1024 ** 2 })
  t.equal(config.record?.folder, `${t.testdirName}/rec`)
  t.match(config.record?.header, { name: 'x-r', from: [{ address: '10.0.0.0', prefix: 8 }], token: undefined })
})

t.test('a configuration with every key is taken as written', async t => {
  const { config } = loadConfig(`${FIXTURES}good/full.yaml`, OPTIONS)
  const [orders, files, root] = config.routes

  t.match(config.listen, [{ host: '0.0.0.0', port: 8081 }])
  t.strictSame(config.admin, { host: '::1', port: 9090 })
  t.strictSame(config.log, { level: 'warn', access: false, pluginLines: 5 })
  t.strictSame([orders?.serverTiming, root?.serverTiming], [true, false])
  t.equal(config.pluginThreads, 2)
  t.strictSame(config.callouts.allowNetworks, [{ address: '10.0.0.0', prefix: 8, family: 'ipv4' }])
  t.strictSame(config.secrets, [
    { name: 'token', text: SECRET },
    { name: 'key', file: `${FIXTURES}good/key.txt` }
  ])
  t.strictSame(config.store, { kind: 'redis', url: 'redis://127.0.0.1:6379/1' })
  t.equal(config.timeouts.drainMs, 0, 'no time to drain is allowed')
  t.strictSame(
    config.plugins.map(({ name, path, grant }) => [name, path, grant === 'asked' ? grant : Object.keys(grant)]),
    [
      ['mine', `${FIXTURES}good/mine`, 'asked'],
      [
        'yours',
        '/srv/yours',
        ['requestHeaders', 'responseHeaders', 'requestBody', 'responseBody', 'rewrite', 'route', 'consumer', 'log']
      ],
      ['nothing', '/opt/nothing', []],
      ['auth-key', undefined, 'asked']
    ],
    'a plugin from outside is granted nothing unless the file says so; a built-in one what it asks for'
  )
  t.strictSame(
    config.upstreams.slice(0, 2).map(upstream => upstream.timeouts),
    [
      { connectMs: 10, headersMs: 20, idleMs: 3_000, totalMs: 5_000, perTryMs: 2_000 },
      { connectMs: 1_000, headersMs: 2_000, idleMs: 3_000 }
    ]
  )
  t.match(config.upstreams[0]?.targets[1], { origin: 'https://[::1]', secure: true, host: '[::1]', port: 443 })
  t.strictSame(orders?.match, {
    hosts: ['api.example.com', '*.example.com', '[::1]'],
    methods: ['GET', 'POST'],
    path: '/v1/orders/{id}',
    pathRegex: undefined,
    conditions: [
      { of: 'header', name: 'x-beta', must: 'present', text: '' },
      { of: 'header', name: 'x-team', must: 'prefix', text: 'a' },
      { of: 'query', name: 'debug', must: 'absent', text: '' },
      { of: 'cookie', name: 'Lane', must: 'regex', text: 'b|c' }
    ],
    version: { name: '2', by: { kind: 'header', name: 'x-api-version' }, default: true },
    priority: 5,
    weight: 10
  })
  t.strictSame(orders?.rewrite, {
    path: ['/internal/', { param: 'id' }],
    host: 'orders.internal:81',
    query: { remove: ['key'], set: [{ name: 'id', value: [{ param: 'id' }] }], add: [] }
  })
  t.strictSame(orders?.deprecation, {
    since: Date.UTC(2026, 0, 1),
    sunset: Date.UTC(2026, 11, 1, 10),
    goneFrom: Date.UTC(2026, 11, 8, 10),
    link: 'https://example.com/why',
    sunsetLink: 'https://example.com/when',
    successor: '/v3/orders',
    brownouts: [
      { from: Date.UTC(2026, 10, 1), forMs: 600_000, everyMs: 86_400_000, until: Date.UTC(2026, 10, 8) },
      { from: Date.UTC(2026, 10, 20), forMs: 3_600_000, everyMs: undefined, until: Date.UTC(2026, 11, 1, 10) }
    ],
    brownoutStatus: 410
  })
  t.strictSame(config.routes[3]?.redirect, {
    status: 301,
    origin: ['https://', { param: 'host' }],
    path: ['/b/', { param: '*' }],
    query: ['?from=', { param: '*' }],
    fragment: ['#top'],
    keepQuery: false
  })
  t.strictSame(config.routes[4]?.reply, {
    status: 404,
    headers: [
      ['x-note', 'gone'],
      ['content-type', 'application/json']
    ],
    body: '{"error":"none"}'
  })
  t.equal(config.routes[4]?.match.pathRegex, '/d/([a-z]+)')
  t.strictSame(orders?.policies, [
    {
      plugin: 'auth-key',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: what an escaped interpolation leaves
      settings: { keys: [SECRET], template: '${path}', header: `Bearer ${SECRET}!` },
      failure: 'closed',
      limits: { timeoutMs: 4 },
      isolation: 'per-request',
      breaker: { failures: 3, windowMs: 60_000, openMs: 10_000 }
    },
    {
      plugin: 'mine',
      settings: {},
      failure: undefined,
      limits: {},
      isolation: undefined,
      breaker: { failures: 5, windowMs: 10_000, openMs: 10_000 }
    }
  ])
  t.strictSame(files?.policies, [], 'what a mapping says itself goes before what is merged into it')
  t.strictSame(
    [orders?.limits, files?.limits, root?.limits],
    [
      { bodyBytes: 2048, bufferedBodyBytes: 1024 },
      { bodyBytes: 2048, bufferedBodyBytes: 2048 },
      { bodyBytes: 1024 ** 2, bufferedBodyBytes: 64 * 1024 }
    ]
  )
})

t.test('the nearest timeout counts: route, upstream, file', async t => {
  const { config } = loadConfig(`${FIXTURES}good/full.yaml`, OPTIONS)
  const [orders, files, root] = config.routes
  const [api, plain] = config.upstreams
  t.strictSame(
    [orders?.timeouts, files?.timeouts, root?.timeouts],
    [
      { headersMs: 20, idleMs: 30, totalMs: 1_000, perTryMs: 2_000 },
      { headersMs: 20, idleMs: 3_000, totalMs: 5_000, perTryMs: 2_000 },
      { headersMs: 2_000, idleMs: 3_000 }
    ]
  )
  if (orders === undefined || api === undefined || plain === undefined)
    throw new Error('a route or upstream is missing')
  t.strictSame(timeoutsFor(orders, api), orders.timeouts)
  const chosen = { headersMs: 2_000, idleMs: 30, totalMs: 1_000 }
  t.strictSame(timeoutsFor(orders, plain), chosen, 'also where a policy chose the upstream')
})

t.test('trusted proxies are what net.BlockList takes', async t => {
  const { config } = loadConfig(`${FIXTURES}good/full.yaml`, OPTIONS)
  const list = new BlockList()
  for (const { address, prefix, family } of config.trustedProxies) list.addSubnet(address, prefix, family)
  const check = (address: string) => list.check(address, address.includes(':') ? 'ipv6' : 'ipv4')
  t.strictSame(['10.255.0.1', '192.0.2.7', '::1', '2001:db8:5::9'].map(check), [true, true, true, true])
  t.strictSame(['11.0.0.1', '192.0.2.8', '::2', '2001:db9::1'].map(check), [false, false, false, false])
})

t.test('threads are one less than cores, and within 1 and 64', async t => {
  const threads = (cores: number) => load(t, withLeast(''), { cores }).config.pluginThreads
  t.strictSame([1, 2, 8, 256].map(threads), [1, 1, 7, 64])
})

t.test('the result cannot be changed', async t => {
  const { config } = loadConfig(`${FIXTURES}good/full.yaml`, OPTIONS)
  const open: string[] = []
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    if (!Object.isFrozen(value)) open.push(path)
    for (const [key, part] of Object.entries(value)) walk(part, `${path}.${key}`)
  }
  walk(config, 'config')
  t.strictSame(open, [])
})

t.test('scalars are those of YAML 1.2', async t => {
  const yaml = withLeast('').replace(
    'upstream: api',
    'upstream: api, policies: [{ plugin: auth-key, settings: { a: yes, b: 010, c: 0o10, d: 0x10, e: 1_0, f: 12:30, g: ~, h: 2001-01-01, 404: no } }]'
  )
  t.strictSame(load(t, yaml).config.routes[0]?.policies[0]?.settings, {
    a: 'yes',
    b: 10,
    c: 8,
    d: 16,
    e: '1_0',
    f: '12:30',
    g: null,
    h: '2001-01-01',
    404: 'no'
  })
})

t.test('routes that differ in host, method or shape live side by side', async t => {
  const route = (name: string, match: string) => `  - { name: ${name}, upstream: api, match: ${match} }\n`
  const yaml =
    'upstreams: { api: { targets: ["http://h"] } }\nroutes:\n' +
    route('a', '{ path: /a }') +
    route('b', '{ path: /a/ }') +
    route('c', '{ path: /a/* }') +
    route('d', '{ path: "/a/{id}" }') +
    route('e', '{ path: /a, hosts: [x.example.com] }') +
    route('f', '{ path: /a, hosts: ["*.example.com"] }') +
    route('g', '{ path: /b, methods: [GET] }') +
    route('h', '{ path: /b, methods: [POST, PUT] }')
  t.strictSame(problemsOf(t, yaml), [])
})

t.test('a prefix to strip may be the whole pattern, or its segments before a parameter or the tail', async t => {
  for (const [path, prefix] of [
    ['/v1', '/v1'],
    ['/v1/{id}', '/v1'],
    ['/v1/*', '/v1'],
    ['/v1/a/{id}', '/v1/a']
  ]) {
    const yaml = withLeast('').replace('path: /a }', `path: "${path}" }, stripPrefix: ${prefix}`)
    t.equal(load(t, yaml).config.routes[0]?.stripPrefix, prefix)
  }
})

t.test('more than a handful of problems are all said', async t => {
  const routes = Array.from({ length: 200 }, (_, i) => `  - { name: r${i}, match: { path: r${i} }, upstream: nope }\n`)
  const yaml = `upstreams: { api: { targets: ["http://h"] } }\nroutes:\n${routes.join('')}`
  t.equal(problemsOf(t, yaml).length, 400)
})

import t from 'tap'
import { Permissions } from '../../../core/base/manifest.js'
import { permissionGrowth, permissionWords } from '../../../core/plugin-host/catalog/permission-words.js'

/** Everything a manifest can ask for. */
const ALL: Permissions = {
  requestHeaders: { read: ['*', 'authorization'], write: ['x-a', '$/header'] },
  responseHeaders: { read: ['set-cookie'], write: ['*'] },
  requestBody: 'write',
  responseBody: 'read',
  prompt: 'write',
  answer: 'read',
  rewrite: true,
  route: ['blue', '$/targets/*/upstream'],
  consumer: true,
  log: true,
  counters: true,
  callouts: ['judge', 'https://idp.example.com', '$/jwks/url'],
  secrets: ['token', '$/secret'],
  store: true,
  kv: true,
  bag: ['auth-jwt.claims']
}

t.test('every permission has its words', async t => {
  t.strictSame(permissionWords(ALL), [
    'read all request headers but those with credentials',
    'read the request header authorization',
    'write the request header x-a',
    'write the request headers that its settings name at /header',
    'read the response header set-cookie',
    'write all response headers but those with credentials',
    'read and replace the request body',
    'read the response body',
    'read and replace what models are asked',
    'read what models answer',
    'change the method, path and query of the request, and the status of the response',
    'send requests to the upstream blue',
    'send requests to the upstreams that its settings name at /targets/*/upstream',
    'say who is calling',
    'write log lines',
    'use counters and token buckets',
    'send HTTP requests of its own to the upstream judge',
    'send HTTP requests of its own to https://idp.example.com',
    'send HTTP requests of its own to what its settings name at /jwks/url',
    'read the secret token',
    'read what its settings name at /secret',
    'keep values under keys, in this process',
    'keep values in the store',
    'read what other policies leave as auth-jwt.claims'
  ])
  t.strictSame(permissionWords({ route: true }), ['send requests to any upstream'])
})

t.test('a permission that manifests can ask for is not left out', async t => {
  const given: Record<string, unknown> = { ...ALL }
  for (const name of Object.keys(Permissions.properties)) {
    t.ok(permissionWords({ [name]: given[name] }).length > 0, name)
  }
})

t.test('nothing asked is nothing said', async t => {
  t.strictSame(permissionWords({}), [])
  t.strictSame(permissionWords({ requestBody: 'none', rewrite: false, route: false, requestHeaders: { read: [] } }), [])
})

t.test('what was granted before is no growth', async t => {
  t.strictSame(permissionGrowth(ALL, ALL), [])
  t.strictSame(permissionGrowth(ALL, {}), [])
  t.strictSame(permissionGrowth({}, ALL), permissionWords(ALL))
})

for (const [what, before, after, grown] of [
  ['one of all headers', { requestHeaders: { read: ['*'] } }, { requestHeaders: { read: ['x-a'] } }, 0],
  ['credentials', { requestHeaders: { read: ['*'] } }, { requestHeaders: { read: ['authorization'] } }, 1],
  ['all headers', { requestHeaders: { read: ['x-a', 'x-b'] } }, { requestHeaders: { read: ['*'] } }, 1],
  ['headers of the settings', { requestHeaders: { read: ['*'] } }, { requestHeaders: { read: ['$/header'] } }, 1],
  ['writing what it could read', { requestHeaders: { read: ['x-a'] } }, { requestHeaders: { write: ['x-a'] } }, 1],
  ['headers of replies', { requestHeaders: { read: ['x-a'] } }, { responseHeaders: { read: ['x-a'] } }, 1],
  ['writing a body', { requestBody: 'read' }, { requestBody: 'write' }, 1],
  ['reading a body', { requestBody: 'write' }, { requestBody: 'read' }, 0],
  ['one of any upstream', { route: true }, { route: ['blue'] }, 0],
  ['any upstream', { route: ['blue'] }, { route: true }, 1],
  ['another upstream', { route: ['blue'] }, { route: ['blue', 'green'] }, 1],
  ['a flag', { log: true }, { log: true, counters: true }, 1]
] as const satisfies readonly (readonly [string, Permissions, Permissions, number])[]) {
  t.test(`${what}: ${grown === 0 ? 'no growth' : 'growth'}`, async t => {
    t.equal(permissionGrowth(before, after).length, grown)
  })
}

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: interpolations are what some of this is about

import t from 'tap'
import { problemAt } from '../../core/config/load.js'
import { ConfigError, formatProblems, showPath } from '../../core/config/problems.js'
import { load } from './helpers.js'

const YAML = `
upstreams: { api: { targets: ["http://127.0.0.1:9000"] } }
routes:
  - name: a
    match: { path: /a }
    upstream: api
    policies:
      - plugin: auth-key
        settings: &s
          header: x-key
          keys: [one, "\${env:SECRET}"]
          limit: \${env:LIMIT}
          nested: { on: "\${env:ON}" }
      - plugin: auth-key
        settings: *s
`
const env = { SECRET: 'hunter2', LIMIT: '12', ON: 'true' }
const SETTINGS = ['routes', 0, 'policies', 0, 'settings']

t.test('a problem found later is told at its place in the file', async t => {
  const loaded = load(t, YAML, { env })
  const problem = problemAt(loaded, [...SETTINGS, 'keys', 1], 'is no key')
  t.match(problem, { line: 11, column: 23, path: 'routes[0].policies[0].settings.keys[1]', message: 'is no key' })
  t.equal(formatProblems([problem]), `${loaded.file}:11:23  routes[0].policies[0].settings.keys[1]  is no key`)
  t.match(new ConfigError([problem]), { code: 'GW_CONFIG_INVALID', message: /settings\.keys\[1\]/ })
})

t.test('what the file leaves out is at the nearest thing around it', async t => {
  const { locate } = load(t, YAML, { env })
  t.match(locate([...SETTINGS, 'absent', 'deeper']), { line: 9, column: 9 })
  t.match(locate(['listen', 'port']), { line: 2, column: 1 })
})

t.test('a value behind an alias is where it is written, and says through which alias', async t => {
  const { locate } = load(t, YAML, { env })
  t.match(locate(['routes', 0, 'policies', 1, 'settings', 'header']), {
    line: 10,
    column: 19,
    through: { line: 15, column: 19 }
  })
})

const schema = {
  type: 'object',
  required: ['header', 'realm'],
  additionalProperties: false,
  properties: {
    header: { type: 'string' },
    realm: { type: 'string', default: 'api' },
    keys: { type: 'array', items: { type: 'string' } },
    limit: { $ref: '#/$defs/limit' },
    nested: {
      type: 'object',
      properties: { on: { type: 'boolean' }, deep: { type: 'object', default: {}, properties: { n: { default: 3 } } } }
    }
  },
  $defs: { limit: { type: 'integer', minimum: 1 } }
}

t.test(
  'settings are checked against a JSON Schema, with defaults and interpolated values as the schema wants them',
  async t => {
    const { value, problems } = load(t, YAML, { env }).check(SETTINGS, schema)
    t.strictSame(problems, [])
    t.strictSame(value, {
      header: 'x-key',
      keys: ['one', 'hunter2'],
      limit: 12,
      nested: { on: true, deep: { n: 3 } },
      realm: 'api'
    })
    t.ok(Object.isFrozen(value))
  }
)

t.test('what is wrong with settings is told without repeating them', async t => {
  const strict = {
    type: 'object',
    additionalProperties: false,
    required: ['realm'],
    properties: {
      heeder: { type: 'string' },
      realm: { type: 'string' },
      keys: { type: 'array', items: { type: 'string', pattern: '^[0-9a-f]{64}$' } },
      limit: { type: 'integer', maximum: 5 },
      nested: { oneOf: [{ type: 'object', required: ['off'], properties: { off: {} } }, { type: 'string' }] }
    }
  }
  const { problems } = load(t, YAML, { env }).check(SETTINGS, strict)
  t.strictSame(
    problems
      .map(
        ({ line, column, path, message }) =>
          `${line}:${column} ${path.slice('routes[0].policies[0].'.length)} ${message}`
      )
      .sort(),
    [
      '10:11 settings.header unknown key "header"; expected one of heeder, realm, keys, limit, nested; did you mean "heeder"?',
      '11:18 settings.keys[0] got this text; expected text that matches ^[0-9a-f]{64}$',
      '11:23 settings.keys[1] got this text; expected text that matches ^[0-9a-f]{64}$',
      '12:18 settings.limit got this number; expected a whole number of at most 5',
      '13:11 settings.nested the key "off" is missing; expected another value',
      '9:9 settings the key "realm" is missing; expected text'
    ].sort()
  )
})

t.test('paths are shown as people write them', async t => {
  t.equal(showPath(['routes', 0, 'match', 'path']), 'routes[0].match.path')
  t.equal(showPath(['plugins', 'odd key', 'a-b_c']), 'plugins["odd key"].a-b_c')
  t.equal(showPath([]), '')
})

t.test(
  'a checked value says what of it is secret: what comes from the environment, and what its schema says is',
  async t => {
    const settings = `{ from: "\${env:SECRET}", name: plain, keys: [{ id: a, secret: s }, { "x/y": s }], either: { token: s } }`
    const yaml = YAML.replace(/settings: &s[\s\S]*?ON\}" \}/, `settings: &s ${settings}`)
    const secret = { type: 'string', writeOnly: true }
    const item = { properties: { secret: { $ref: '#/$defs/secret' } }, patternProperties: { '/': { writeOnly: true } } }
    const either = { anyOf: [{ type: 'string' }, { additionalProperties: secret }] }
    const schema = { properties: { keys: { items: item }, either }, $defs: { secret } }
    t.strictSame(load(t, yaml, { env }).check(SETTINGS, schema).secrets, [
      '/from',
      '/keys/0/secret',
      '/keys/1/x~1y',
      '/either/token'
    ])
  }
)

import { readFileSync } from 'node:fs'
import t from 'tap'
import { DEFAULT_RETRIES } from '../../core/config/resolve-resilience.js'
import { aiConfig, readAi } from './ai.js'
import { ROOT } from './helpers.js'

const ACCOUNTS = `
  providers:
    main: { provider: openai, keys: [k], models: { gpt-5: deployment-7 } }
    local: { provider: ollama, models: [llama], onlyModels: true }
`
const models = (text: string) => readAi(`ai:${ACCOUNTS}  models:\n    m: ${text}\n`).problems.join('\n')
const account = (text: string) => readAi(`secrets: { a: x }\nai:\n  providers:\n    p: ${text}\n`).problems.join('\n')

t.test('an account comes with everything it has', async t => {
  const { providers } = aiConfig(
    t,
    `
secrets: { second: x }
ai:
  providers:
    main:
      provider: openai
      keys: ["\${env:KEY}", { secret: second, weight: 2, name: spare }]
      region: eu
      baseUrl: https://proxy.example/openai/v1/
      options: { organization: org-1 }
      models: { gpt-5: deployment-7 }
      headers: { X-Team: a }
      cooldown: { base: 2s }
      http2: true
      timeouts: { headers: 5s }
    local: { provider: ollama, models: [llama, "qwen3:8b"], retries: { attempts: 3 } }
`
  )
  const [main, local] = providers
  t.match(main, {
    name: 'main',
    provider: 'openai',
    region: 'eu',
    baseUrl: 'https://proxy.example/openai/v1',
    options: { organization: 'org-1' },
    models: new Map([['gpt-5', 'deployment-7']]),
    onlyModels: false,
    headers: ['x-team', 'a'],
    cooldown: { baseMs: 2_000, maxMs: 600_000, refusedMs: 3_600_000 },
    http2: true,
    connections: 128,
    timeouts: { connectMs: 5_000, headersMs: 5_000, idleMs: 60_000 },
    resilience: {
      retries: { ...DEFAULT_RETRIES, methods: [...DEFAULT_RETRIES.methods, 'POST'], bodyBytes: 33_554_432 },
      breaker: undefined,
      concurrency: undefined
    }
  })
  t.strictSame(main?.keys, [
    { label: '1', weight: 1, from: { text: 'sk-from-env' }, parts: {} },
    { label: 'spare', weight: 2, from: { secret: 'second' }, parts: {} }
  ])
  t.strictSame(
    [...(local?.models ?? [])],
    [
      ['llama', 'llama'],
      ['qwen3:8b', 'qwen3:8b']
    ]
  )
  t.equal(local?.baseUrl, undefined)
  t.match(local?.resilience.retries, { attempts: 3, methods: [...DEFAULT_RETRIES.methods, 'POST'] })
  t.equal(local?.region, '')
})

t.test('virtual models nest, and what is left out is filled in at every depth', async t => {
  const config = aiConfig(
    t,
    `ai:${ACCOUNTS}
  models:
    alias: main/gpt-5
    fast:
      strategy: fallback
      fallbacks: { content-policy: [local/llama] }
      targets:
        - main/gpt-5-mini
        - { model: local/llama, params: { temperature: 0 }, attempts: 2 }
        - strategy: weighted
          targets: [{ model: alias, weight: 3 }, { strategy: sticky, by: { header: X-Session }, targets: [gpt-5] }]
    best:
      strategy: conditional
      rules: [{ when: { all: [{ has: [images] }, { not: { metadata: plan, is: pro } }] }, target: fast }]
      default: { strategy: fastest, targets: [alias], decay: 10s }
`
  )
  const [alias, fast, best] = config.models
  t.strictSame(alias, { name: 'alias', target: { model: 'main/gpt-5', params: {}, weight: 1, attempts: 1 } })
  t.match(fast?.target, {
    strategy: 'fallback',
    on: new Set(['error', 'timeout', 'limit', 'context-window', 'content-policy']),
    maxAttempts: Number.POSITIVE_INFINITY,
    targets: [
      { model: 'main/gpt-5-mini', weight: 1, attempts: 1 },
      { model: 'local/llama', params: { temperature: 0 }, attempts: 2 },
      {
        strategy: 'weighted',
        by: undefined,
        targets: [{ weight: 3 }, { strategy: 'sticky', weight: 1, by: { from: 'header', name: 'x-session' } }]
      }
    ]
  })
  t.match(best?.target, {
    strategy: 'conditional',
    rules: [
      { when: { all: [{ has: ['images'] }, { not: { metadata: 'plan', is: 'pro' } }] }, target: { model: 'fast' } }
    ],
    default: {
      strategy: 'fastest',
      decayMs: 10_000,
      explore: 0.05,
      on: new Set(['error', 'timeout', 'limit', 'context-window'])
    }
  })
})

t.test('regions are by consumer, by tag, and by default', async t => {
  const { regions } = aiConfig(
    t,
    'ai: { regions: { default: [us, eu], consumers: { bank: [eu] }, tags: { tenant: { acme: [eu-west-1] } } } }\n'
  )
  t.strictSame(regions, {
    default: ['us', 'eu'],
    consumers: new Map([['bank', ['eu']]]),
    tags: new Map([['tenant', new Map([['acme', ['eu-west-1']]])]])
  })
})

t.test('what is wrong with an account is said with its place and what was expected', async t => {
  t.match(
    account('{ provider: opena1, keys: [k] }'),
    /^ai\.providers\.p\.provider no provider "opena1".*did you mean "openai"/
  )
  t.match(account('{ provider: openai }'), /openai wants a key; expected keys/)
  t.equal(account('{ provider: ollama }'), '')
  t.match(
    account('{ provider: azure, keys: [k] }'),
    /to know its apiVersion[\s\S]*no address of its own; expected baseUrl/
  )
  t.match(
    account('{ provider: openai, keys: [k], options: { organisation: x } }'),
    /options\.organisation.*did you mean/
  )
  t.match(account('{ provider: openai, keys: [{ weight: 2 }] }'), /keys\[0\] it has neither key nor secret/)
  t.match(account('{ provider: openai, keys: [{ key: k, secret: a }] }'), /keys\[0\] it has key and secret/)
  t.match(
    account('{ provider: openai, keys: [{ secret: b }] }'),
    /keys\[0\]\.secret no secret "b"; expected a name under/
  )
  t.match(
    account('{ provider: openai, keys: [{ key: a, name: x }, { key: b, name: x }] }'),
    /keys\[1\]\.name another key/
  )
  t.match(account('{ provider: openai, keys: [{ key: a, weight: 0 }] }'), /every key has weight 0/)
  t.match(account('{ provider: bedrock, keys: [{ key: a, parts: { id: x } }] }'), /parts\.id .*expected accessKeyId/)
  t.match(account('{ provider: ollama, onlyModels: true }'), /onlyModels leaves no model/)
  t.match(account('{ provider: ollama, baseUrl: "https://user:pw@x" }'), /baseUrl.*user name or password/)
  t.match(account('{ provider: ollama, baseUrl: "https://x/a?b" }'), /baseUrl.*query/)
  t.match(account('{ provider: ollama, baseUrl: "localhost" }'), /baseUrl.*does not begin with http/)
  t.match(account('{ provider: ollama, region: "e u" }'), /region.*a region like eu/)
  t.match(account('{ provider: ollama, modells: [] }'), /unknown key "modells".*did you mean "models"/)
})

t.test('what is wrong with a virtual model is said with its place, at any depth', async t => {
  t.match(models('{}'), /^ai\.models\.m it has neither model nor strategy/)
  t.match(models('{ model: gpt-5, strategy: single }'), /it has model and strategy/)
  t.match(models('{ model: gpt-5, on: [error] }'), /m\.on means nothing for a model/)
  t.match(models('{ strategy: fallback, attempts: 2, targets: [gpt-5] }'), /m\.attempts means nothing for a strategy/)
  t.match(models('{ strategy: weighted, targets: [gpt-5], explore: 0.5 }'), /m\.explore .*expected it with fastest/)
  t.match(models('{ strategy: fallbak, targets: [gpt-5] }'), /m\.strategy .*did you mean "fallback"/)
  t.match(models('{ strategy: fallback }'), /fallback has nothing to choose from/)
  t.match(models('{ strategy: fallback, targets: [] }'), /m\.targets .*at least 1|m\.targets .*1 item/)
  t.match(models('{ strategy: single, targets: [gpt-5, gpt-6] }'), /single has one target/)
  t.match(models('{ strategy: conditional }'), /conditional has no rules/)
  t.match(models('{ strategy: weighted, targets: [{ model: gpt-5, weight: 0 }] }'), /every target has weight 0/)
  t.match(models('{ strategy: sticky, by: {}, targets: [gpt-5] }'), /m\.by it names nothing/)
  t.match(
    models('{ strategy: fallback, targets: [gpt-5, { strategy: weighted, targets: [{ model: 5 }] }] }'),
    /m\.targets\[1\]\.targets\[0\]\.model got 5/
  )
  t.match(
    models('{ strategy: fallback, targets: [{ strategy: weighted, targets: [{ modell: gpt-5 }] }] }'),
    /targets\[0\]\.targets\[0\]\.modell unknown key "modell".*did you mean "model"/
  )
  t.match(
    models('mian/gpt-5'),
    /^ai\.models\.m no account before the "\/" of "mian\/gpt-5".*did you mean "main\/gpt-5"/
  )
  t.match(models('local/qwen'), /local has only llama/)
  t.match(models('main/'), /names no model/)
  t.equal(models('main/anything/at-all'), '')
  t.match(models('{ model: gpt-5, params: { temperature: hot } }'), /m\.params\.temperature .*expected a number/)
  t.match(models('{ model: gpt-5, params: { stop: [a, 1] } }'), /m\.params\.stop .*a list of texts/)
  t.equal(models('{ model: gpt-5, params: { temperature: null, stop: a, thinking: { type: enabled } } }'), '')
  t.match(models('{ strategy: fallback, on: [429], targets: [gpt-5] }'), /m\.on\[0\].*limit/)
})

t.test('virtual models that lead back to themselves are refused', async t => {
  const problems = (text: string) => readAi(`ai:${ACCOUNTS}  models: ${text}\n`).problems
  t.match(problems('{ a: a }'), [/^ai\.models\.a "a" is this model itself/])
  t.match(
    problems('{ a: { strategy: fallback, targets: [b] }, b: { strategy: weighted, targets: [gpt-5, { model: a }] } }'),
    [/^ai\.models\.a\.targets\[0\] "b" leads back to "a"/, /^ai\.models\.b\.targets\[1\]\.model "a" leads back to "b"/]
  )
  t.match(problems('{ a: gpt-5, b: { model: a, attempts: 2 } }'), [/^ai\.models\.b\.attempts means nothing for "a"/])
  t.strictSame(problems('{ a: b, b: c, c: gpt-5, d: { strategy: fallback, targets: [a, b] } }'), [])
})

t.test('what is wrong with a condition is said with its place', async t => {
  const when = (text: string) => models(`{ strategy: conditional, rules: [{ when: ${text}, target: gpt-5 }] }`)
  t.equal(when('{ param: temperature, above: 1 }'), '')
  t.equal(when('{ stream: true, has: [tools], tokens: { above: 8000 } }'), '')
  t.match(when('{}'), /rules\[0\]\.when it says nothing/)
  t.match(when('{ param: temperature }'), /when it does not say how param must be/)
  t.match(when('{ above: 1 }'), /when it does not say whose above/)
  t.match(when('{ param: a, metadata: b, is: c }'), /when it names param and metadata/)
  t.match(when('{ any: [{ not: { above: 2 } }] }'), /when\.any\[0\]\.not it does not say whose above/)
  t.match(when('{ has: [wings] }'), /when\.has\[0\]/)
  t.match(when('{ metadata: a, regex: "(" }'), /when\.regex/)
  t.match(when('{ tokens: {} }'), /tokens says no number/)
  t.match(when('{ time: {} }'), /time says no time/)
  t.match(when('{ time: { from: "8" } }'), /time\.from.*a time of day/)
  t.match(when('{ time: { from: "08:00", zone: Berlin } }'), /time\.zone.*not a time zone/)
})

t.test('what the guide shows is right', async t => {
  const guide = readFileSync(`${ROOT}core/GUIDE.md`, 'utf8')
  const [, example = ''] = /## Models and providers\n\n```yaml\n([^`]*)```/.exec(guide) ?? []
  t.strictSame(
    aiConfig(t, example).models.map(({ name }) => name),
    ['fast', 'best']
  )
})

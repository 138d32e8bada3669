import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import Type from 'typebox'
import { Value } from 'typebox/value'
import { COUNTED, concerns, DIMENSIONS } from '../../core/ai/budgets/rule.js'
import { budgetRules } from '../../core/ai/budgets/rules.js'
import { openCatalog } from '../../core/ai/catalog/catalog.js'
import { priceAt } from '../../core/ai/catalog/model.js'
import { complete } from '../../core/config/complete.js'
import { budgetProblems, catalogProblems } from '../../core/config/cross-check-ai-money.js'
import { explain } from '../../core/config/explain.js'
import { ConfigError, showPath } from '../../core/config/problems.js'
import { resolveAiAlerts, resolveAiBudgets, resolveAiLedger } from '../../core/config/resolve-ai-budgets.js'
import { resolveAiCatalog } from '../../core/config/resolve-ai-catalog.js'
import { AiAlerts, AiBudgets, AiLedger } from '../../core/config/schema-ai-budgets.js'
import { AiCatalog } from '../../core/config/schema-ai-catalog.js'
import { buildTree } from '../../core/config/tree.js'
import { readYaml } from '../../core/config/yaml.js'
import { ROOT } from './helpers.js'

const Ai = Type.Object(
  { budgets: AiBudgets, alerts: AiAlerts, ledger: AiLedger, catalog: AiCatalog },
  { additionalProperties: false }
)

/** The section, read as the configuration is. */
function read(yaml: string) {
  const found = readYaml(yaml)
  if ('problems' in found) throw new Error('no YAML')
  const tree = buildTree(found.document, found.lines, { env: {}, file: () => ({ failure: 'none' }) })
  const value = complete(Ai, tree.value, tree.origin)
  const said = explain(Ai, value, { file: 'ai.yaml', root: tree.origin, path: [], secret: false })
  const problems = [
    ...said.map(({ path, message }) => `${path} ${message}`),
    ...[...budgetProblems(value, ['budgets']), ...catalogProblems(value, ['catalog', 'models'])].map(
      ({ path, message }) => `${showPath(path)} ${message}`
    )
  ]
  return { value, problems }
}

function section(t: Test, yaml: string) {
  const { value, problems } = read(yaml)
  t.strictSame(problems, [])
  if (!Value.Check(Ai, value)) throw new Error('not the section')
  return value
}

t.test('budgets come with numbers, and with the thresholds of all where they have none', async t => {
  const { budgets, alerts, ledger } = section(
    t,
    `
budgets:
  - { name: team, per: [tenant, model], count: dollars, limit: 99.5, every: month }
  - { name: burst, when: { model: ["gpt-*", o3], tenant: ["*"] }, count: requests, limit: "60", every: { rolling: 5m }, alerts: [90, 10], enforce: false }
alerts: { thresholds: [70] }
`
  )
  t.strictSame(resolveAiBudgets(budgets, alerts), [
    {
      name: 'team',
      per: ['tenant', 'model'],
      when: [],
      counted: 'microDollars',
      limit: 99_500_000,
      period: { kind: 'calendar', unit: 'month' },
      thresholds: [70],
      enforced: true
    },
    {
      name: 'burst',
      per: [],
      when: [
        { dimension: 'model', among: ['gpt-*', 'o3'] },
        { dimension: 'tenant', among: ['*'] }
      ],
      counted: 'requests',
      limit: 60,
      period: { kind: 'rolling', ms: 300_000, text: '5m' },
      thresholds: [10, 90],
      enforced: false
    }
  ])
  const [, burst] = budgetRules(resolveAiBudgets(budgets, alerts))
  const models = ['gpt-5', 'o3', 'o3-mini', 'my-gpt-5'].filter(
    model => burst && concerns(burst, { model, tenant: 'a' })
  )
  t.strictSame(models, ['gpt-5', 'o3'])
  t.equal(burst && concerns(burst, { model: 'o3' }), false, 'no tenant is none of them')
  t.strictSame(resolveAiLedger(ledger, '/etc/sluice'), { file: '/etc/sluice/sluice-ledger.jsonl', syncMs: 1_000 })
  t.strictSame(resolveAiAlerts(alerts), { webhook: undefined })
})

t.test('the budgets of the guide are some', async t => {
  const guide = readFileSync(`${ROOT}core/GUIDE.md`, 'utf8')
  const [, block = ''] = /```yaml\nai:\n([^`]*budgets:[^`]*)```/.exec(guide) ?? []
  const secret = `whsec_${Buffer.alloc(24).toString('base64')}`
  const { budgets, catalog } = section(t, block.replace(/^ {2}/gm, '').replace(/\$\{env:ALERT_SECRET\}/, secret))
  t.equal(budgets.length, 3)
  t.ok(catalog.models.vllm)
})

t.test('everything has a default but the budgets', async t => {
  const { budgets, alerts, catalog } = section(t, '{}')
  t.strictSame(resolveAiBudgets(budgets, alerts), [])
  t.strictSame(resolveAiCatalog(catalog, '/'), { overlay: {}, file: undefined, providerPrice: true })
  t.strictSame(resolveAiLedger(section(t, 'ledger: { file: false, sync: 0s }').ledger, '/'), {
    file: undefined,
    syncMs: 0
  })
})

t.test('dimensions and amounts of the configuration are those of the ledger', async t => {
  const per = DIMENSIONS.map(String)
  const yaml = per.map(
    name => `  - { name: ${name}, per: [${name}], when: { ${name}: [a] }, count: tokens, limit: 1, every: day }`
  )
  const rules = budgetRules(
    resolveAiBudgets(section(t, `budgets:\n${yaml.join('\n')}`).budgets, section(t, '{}').alerts)
  )
  t.strictSame(
    rules.map(rule => [...rule.per, ...rule.when.map(({ dimension }) => dimension)]),
    per.map(name => [name, name])
  )
  const counted = ['requests', 'tokens', 'inputTokens', 'outputTokens', 'dollars'].map(count => {
    const { budgets, alerts } = section(t, `budgets: [{ name: a, count: ${count}, limit: 1, every: day }]`)
    return budgetRules(resolveAiBudgets(budgets, alerts))[0]?.counted
  })
  t.strictSame(counted, [...COUNTED])
})

t.test('a count may be as large as can be counted exactly, and money as large as its millionths can', async t => {
  const limitOf = (count: string, limit: string) => {
    const yaml = `budgets: [{ name: a, count: ${count}, limit: ${limit}, every: day }]`
    const [problem] = read(yaml).problems
    if (problem !== undefined) return problem
    const { budgets, alerts } = section(t, yaml)
    return resolveAiBudgets(budgets, alerts)[0]?.limit
  }
  for (const limit of ['9000000000', '"9000000000"', '9007199254740991'])
    t.equal(limitOf('tokens', limit), Number(limit.replaceAll('"', '')))
  t.equal(limitOf('dollars', '999999999'), 999_999_999_000_000)
  t.match(limitOf('tokens', '9007199254740993'), /is too large; expected at most 9007199254740991/)
  t.match(limitOf('tokens', '"12.5"'), /no whole number above 0/)
  for (const limit of ['9000000000', '"9000000000"']) t.match(limitOf('dollars', limit), /or is too large/)
})

t.test('what is wrong with budgets is said with its place', async t => {
  const { problems } = read(`
budgets:
  - { name: a, count: dollars, limit: 0, every: month }
  - { name: a, count: tokens, limit: 1.5, every: month }
  - { name: b, count: dollars, limit: "$5", every: month }
  - { name: c, count: dollars, limit: 0.0000001, every: fortnight }
  - { name: d, count: tokens, limit: "12", every: { rolling: 5 years } }
  - { name: e, count: tokens, limit: 1, every: day, per: [team], when: { model: [] } }
alerts: { webhook: { url: "ftp://x", secret: "abc" } }
`)
  for (const [path, message] of [
    ['budgets[1].name', /budgets\[0\] has this name too/],
    ['budgets[0].limit', /is nothing; expected more than 0/],
    ['budgets[1].limit', /no whole number above 0; expected one, as tokens are counted/],
    ['budgets[2].limit', /expected dollars|is no amount/],
    ['budgets[3].limit', /more than six digits/],
    ['budgets[3].every', /expected one of minute, hour, day, week, month/],
    ['budgets[4].every', /./],
    ['budgets[5].per[0]', /expected one of/],
    ['budgets[5].when.model', /./],
    ['alerts.webhook.url', /expected an http\(s\) URL/],
    ['alerts.webhook.secret', /expected a secret of Standard Webhooks/]
  ] as const) {
    t.ok(
      problems.some(each => each.startsWith(`${path}`) && message.test(each)),
      `${path}\n${problems.join('\n')}`
    )
  }
  t.notOk(
    problems.some(each => each.startsWith('budgets[4].limit')),
    'a number as text is one'
  )
})

t.test('the operator’s prices are dollars for a million tokens', async t => {
  const folder = t.testdir({
    'models.json': JSON.stringify({
      models: {
        vllm: { mine: { contextTokens: 8_192, price: { input: 1, output: 1 } } },
        openai: { 'gpt-5': { name: 'Below' } }
      }
    })
  })
  const { catalog } = section(
    t,
    `
catalog:
  file: models.json
  providerPrice: false
  models:
    vllm:
      mine: { can: { tools: true }, price: { input: "0.075", output: 2.5, cacheWriteHour: 3, perRequest: 0.001, perSearch: "0.01", above: [{ tokens: 1000, input: 9 }], services: { batch: 0.5 } } }
    openai:
      gpt-5: { retires: 2027-01-31, prices: [{ from: 2027-01-01, output: 8 }] }
`
  )
  const resolved = resolveAiCatalog(catalog, folder)
  t.equal(resolved.providerPrice, false)
  t.equal(resolved.file, `${folder}/models.json`)
  const models = openCatalog(resolved.overlay)
  const mine = models.find('vllm', 'mine')
  t.match(mine, { contextTokens: undefined, can: { tools: true } }, 'what the file said of it does not count')
  t.strictSame(mine?.prices, [
    {
      from: undefined,
      daily: undefined,
      rates: {
        input: 75_000,
        output: 2_500_000,
        cacheWriteLong: 3_000_000,
        request: 1_000_000_000,
        search: 10_000_000_000
      },
      tiers: [
        {
          above: 1_000,
          rates: {
            input: 9_000_000,
            output: 2_500_000,
            cacheWriteLong: 3_000_000,
            request: 1_000_000_000,
            search: 10_000_000_000
          }
        }
      ],
      services: { batch: 500 }
    }
  ])
  const five = models.find('openai', 'gpt-5-2025-08-07')
  t.equal(five?.retires, '2027-01-31')
  t.equal(five && priceAt(five, Date.UTC(2026, 11, 31))?.rates.output, 10_000_000)
  t.equal(five && priceAt(five, Date.UTC(2027, 0, 1))?.rates.output, 8_000_000)
})

t.test('what is wrong with a catalog is said with its place', async t => {
  const { problems } = read(`
catalog: { models: { a: { b: { price: { input: 0.0000001, output: free } , input: [smell], contextTokens: 0 } } } }
`)
  for (const path of ['price.input', 'price.output', 'input[0]', 'contextTokens']) {
    t.ok(
      problems.some(each => each.startsWith(`catalog.models.a.b.${path}`)),
      `${path}\n${problems.join('\n')}`
    )
  }
  const folder = t.testdir({ 'wrong.yaml': 'models: { a: { b: { price: { input: -1 } } } }\nmore: 1\n' })
  const resolved = (file: string) => resolveAiCatalog(section(t, `catalog: { file: ${file} }`).catalog, folder)
  t.throws(() => resolved('wrong.yaml'), ConfigError)
  t.throws(() => resolved('wrong.yaml'), /wrong\.yaml:1:\d+ {2}models\.a\.b\.price\.input/)
  t.throws(() => resolved('none.yaml'), /the catalog file cannot be read/)
})

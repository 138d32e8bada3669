import { readFileSync } from 'node:fs'
import t from 'tap'
import { openCatalog } from '../../../core/ai/catalog/catalog.js'
import { ABILITIES, isAble, priceAt, ratesFor } from '../../../core/ai/catalog/model.js'
import { PRICE_SOURCE } from '../../../core/ai/catalog/price-list.js'
import { ROOT } from '../../config/helpers.js'

const catalog = openCatalog()
const NOW = Date.UTC(2026, 10, 1)

function id(provider: string, model: string): string | undefined {
  const found = catalog.find(provider, model)
  return found && `${found.provider}/${found.id}`
}

t.test('the catalog has at least 300 models with price, window, modalities and abilities', async t => {
  const whole = catalog.models.filter(
    ({ prices, contextTokens, maxOutputTokens, input, can }) =>
      prices.length > 0 &&
      contextTokens !== undefined &&
      maxOutputTokens !== undefined &&
      input.length > 0 &&
      can.tools !== undefined
  )
  t.ok(whole.length >= 300, `${whole.length}`)
  const names = catalog.models.map(model => `${model.provider}\n${model.id.toLowerCase()}`)
  t.equal(new Set(names).size, names.length, 'no model is in it twice')
})

t.test('prices are whole picodollars, and no tier is below another', async t => {
  for (const model of catalog.models) {
    for (const { rates, tiers } of model.prices) {
      for (const each of [rates, ...tiers.map(tier => tier.rates)]) {
        for (const value of Object.values(each)) {
          if (value !== undefined) t.ok(Number.isSafeInteger(value) && value >= 0, `${model.provider}/${model.id}`)
        }
      }
      const above = tiers.map(tier => tier.above)
      t.strictSame(
        above,
        [...above].sort((a, b) => a - b)
      )
    }
  }
})

t.test('the data says how old it is, and its version is the one installed', async t => {
  const { dependencies } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'))
  t.equal(dependencies[PRICE_SOURCE.package], PRICE_SOURCE.version)
  for (const { date } of catalog.sources) t.match(date, /^\d{4}-\d{2}-\d{2}$/)
  t.equal(catalog.sources.length, 3)
})

t.test('a model is found by the names its provider gives it', async t => {
  t.equal(id('openai', 'gpt-5-2025-08-07'), 'openai/gpt-5')
  t.equal(id('openai', 'GPT-5'), 'openai/gpt-5')
  t.equal(id('openai', 'gpt-4o-2024-05-13'), 'openai/gpt-4o-2024-05-13', 'a snapshot with a price of its own')
  t.equal(id('openai', 'ft:gpt-4o-mini-2024-07-18:acme::abc'), 'openai/ft:gpt-4o-mini')
  t.equal(id('gemini', 'models/gemini-2.5-pro'), 'gemini/gemini-2.5-pro')
  t.equal(id('google', 'gemini-3-pro-preview-11-2025'), id('gemini', 'gemini-3-pro-preview'))
  t.equal(id('vertex', 'publishers/google/models/gemini-2.5-flash'), 'vertex/gemini-2.5-flash')
  t.match(id('vertex', 'claude-sonnet-4-5@20250929'), /claude-sonnet-4-5/)
  t.match(id('vertex', 'claude-opus-4-1@20250805'), /claude-opus-4-1/)
  t.match(id('bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'), 'bedrock/us.anthropic.claude-sonnet-4-5')
  t.match(
    id('bedrock', 'arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-haiku-4-5-20251001-v1:0'),
    /^bedrock\/.*claude-haiku-4-5/
  )
  t.equal(id('azure-openai', 'gpt-4o'), 'azure-openai/gpt-4o')
  t.equal(id('x-ai', 'grok-4'), 'xai/grok-4')
  t.equal(id('openrouter', 'anthropic/claude-sonnet-4.5'), 'openrouter/anthropic/claude-sonnet-4.5')
})

t.test('a model nobody knows is not taken for another', async t => {
  for (const name of ['', 'gpt-9', 'my-llama', '-latest', 'us.', 'x'.repeat(100_000), '__proto__', 'models/', 'ft:']) {
    t.equal(id('openai', name), undefined, name.slice(0, 20))
  }
  t.equal(id('vllm', 'gpt-5'), undefined, 'what runs at home has no price')
  t.equal(id('__proto__', 'toString'), undefined)
})

t.test('prices of long prompts, of the cache and of searches are there', async t => {
  const pro = catalog.find('gemini', 'gemini-2.5-pro')
  const price = pro && priceAt(pro, NOW)
  t.equal(price && ratesFor(price, 200_000).input, 1_250_000)
  t.equal(price && ratesFor(price, 200_001).input, 2_500_000)
  t.equal(price && ratesFor(price, 200_001).output, 15_000_000)
  const claude = catalog.find('anthropic', 'claude-3-7-sonnet-20250219')
  t.match(claude && priceAt(claude, NOW)?.rates, {
    input: 3_000_000,
    output: 15_000_000,
    cacheRead: 300_000,
    cacheWrite: 3_750_000,
    cacheWriteLong: 6_000_000,
    search: 10_000_000_000
  })
})

t.test(
  'sound has its own price where models speak and hear, also where the packages have that of text alone',
  async t => {
    for (const [id, hears, speaks] of [
      ['gpt-4o-audio-preview-2025-06-03', 40_000_000, 80_000_000],
      ['gpt-4o-mini-audio-preview', 10_000_000, 20_000_000],
      ['gpt-audio', 32_000_000, 64_000_000]
    ] as const) {
      const rates = openCatalog().find('openai', id)?.prices.at(-1)?.rates
      t.match(rates, { audioInput: hears, audioOutput: speaks }, id)
    }
  }
)

t.test('a price changes on its date, and by the time of the day where the provider has that', async t => {
  const o3 = catalog.find('openai', 'o3')
  t.equal(o3 && priceAt(o3, Date.UTC(2025, 5, 9, 23))?.rates.input, 10_000_000)
  t.equal(o3 && priceAt(o3, Date.UTC(2025, 5, 10))?.rates.input, 2_000_000)
  const chat = catalog.find('deepseek', 'deepseek-chat')
  const inputAt = (hour: number, minute: number) =>
    chat && priceAt(chat, Date.UTC(2025, 2, 1, hour, minute))?.rates.input
  t.equal(inputAt(0, 29), 135_000)
  t.equal(inputAt(0, 30), 270_000)
  t.equal(inputAt(16, 29), 270_000)
  t.equal(inputAt(16, 30), 135_000)
})

t.test('a model sold by a cloud can do what it can at its maker', async t => {
  for (const [provider, model] of [
    ['bedrock', 'eu.anthropic.claude-haiku-4-5-20251001-v1:0'],
    ['vertex', 'claude-haiku-4-5@20251001'],
    ['azure-openai', 'gpt-5']
  ] as const) {
    const found = catalog.find(provider, model)
    t.ok(found && isAble(found, 'tools') && isAble(found, 'vision') && isAble(found, 'caching'), model)
    t.ok((found?.contextTokens ?? 0) >= 200_000, model)
  }
  t.strictSame(catalog.find('bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0')?.regions, ['us'])
  t.equal(catalog.find('anthropic', 'claude-3-opus-20240229')?.retires, '2026-01-05')
})

t.test('the window of a model goes beyond where it gets dearer', async t => {
  const found = catalog.find('openai', 'gpt-5.5')
  const above = found && priceAt(found, NOW)?.tiers[0]?.above
  t.ok(above !== undefined && (found?.contextTokens ?? 0) > above + 100_000)
})

t.test('every ability is one that some model has', async t => {
  for (const ability of ABILITIES)
    t.ok(
      catalog.models.some(model => isAble(model, ability)),
      ability
    )
})

t.test('the operator adds models, and changes what the packages say', async t => {
  const own = openCatalog({
    google: {
      'gemini-2.5-pro': { prices: [{ from: undefined, rates: { input: 1 }, tiers: undefined, services: undefined }] }
    },
    vllm: { 'my-llama': { contextTokens: 8_192, can: { tools: true } } },
    openai: {
      'gpt-5': {
        prices: [{ from: NOW, rates: { output: 7 }, tiers: undefined, services: { flex: 250 } }],
        name: 'Five'
      }
    }
  })
  const pro = own.find('gemini', 'models/gemini-2.5-pro')
  t.equal(pro?.prices.length, 1)
  t.match(pro?.prices[0], { rates: { input: 1, output: 10_000_000 }, tiers: [] })
  t.equal(own.find('vllm', 'my-llama')?.contextTokens, 8_192)
  const five = own.find('openai', 'gpt-5-2025-08-07')
  t.equal(five?.name, 'Five', 'found by the name of a snapshot too')
  t.equal(five && priceAt(five, NOW - 1)?.rates.output, 10_000_000)
  t.match(five && priceAt(five, NOW), { rates: { input: 1_250_000, output: 7 }, services: { batch: 500, flex: 250 } })
  t.equal(catalog.find('openai', 'gpt-5')?.name, 'GPT-5', 'another catalog is not changed')
})

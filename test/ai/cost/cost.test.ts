import fc from 'fast-check'
import t from 'tap'
import { openCatalog } from '../../../core/ai/catalog/catalog.js'
import type { CatalogModel, DatedPrice, Rates } from '../../../core/ai/catalog/model.js'
import { costOf, outputRate } from '../../../core/ai/cost.js'
import { priced, UnpricedMeter } from '../../../core/ai/pricing.js'
import { NO_USAGE, type Usage, usageOf } from '../../../core/ai/usage.js'
import { dollars, millionths } from '../../../core/base/dollars.js'
import { MetricsRegistry } from '../../../core/observe/registry.js'

const NOW = Date.UTC(2026, 10, 1)

const PLAIN: CatalogModel = {
  provider: 'p',
  id: 'm',
  name: 'm',
  contextTokens: undefined,
  maxOutputTokens: undefined,
  input: ['text'],
  output: ['text'],
  can: { tools: undefined, structured: undefined, reasoning: undefined, caching: undefined },
  prices: [],
  regions: [],
  released: undefined,
  retires: undefined,
  deprecated: false
}

function model(rates: Rates, more: Partial<DatedPrice> = {}): CatalogModel {
  return { ...PLAIN, prices: [{ from: undefined, daily: undefined, rates, tiers: [], services: {}, ...more }] }
}

/** Micro-dollars. */
function cost(usage: Partial<Usage>, of: CatalogModel): number | undefined {
  return costOf(usageOf(usage), of, NOW)?.microDollars
}

t.test('each kind of token costs its own price', async t => {
  const all = model({
    input: 1_000_000,
    output: 2_000_000,
    cacheRead: 3_000_000,
    cacheWrite: 4_000_000,
    cacheWriteLong: 5_000_000,
    reasoning: 6_000_000,
    audioInput: 7_000_000,
    audioOutput: 8_000_000,
    imageInput: 9_000_000,
    imageOutput: 10_000_000,
    request: 11_000_000,
    search: 12_000_000
  })
  t.equal(cost({}, all), 11, 'a request')
  t.equal(cost({ input: 10 }, all), 21)
  t.equal(cost({ input: 10, cacheRead: 4 }, all), 11 + 6 + 12)
  t.equal(cost({ input: 10, cacheWrite: 2, cacheWriteLong: 1 }, all), 11 + 7 + 8 + 5)
  t.equal(cost({ input: 10, audioInput: 1, imageInput: 1 }, all), 11 + 8 + 7 + 9)
  t.equal(cost({ output: 10, reasoning: 1, audioOutput: 1, imageOutput: 1 }, all), 11 + 14 + 6 + 8 + 10)
  t.equal(cost({ searches: 2 }, all), 11 + 24)
})

t.test('kinds without a price of their own cost what the wider kind costs', async t => {
  const plain = model({ input: 1_000_000, output: 3_000_000 })
  const usage = { input: 6, cacheRead: 1, cacheWrite: 1, cacheWriteLong: 1, audioInput: 1, imageInput: 1, searches: 9 }
  t.equal(cost({ ...usage, output: 4, reasoning: 1, audioOutput: 1, imageOutput: 1 }, plain), 6 + 12)
  t.equal(cost({ input: 1, cacheWriteLong: 1 }, model({ input: 1, output: 1, cacheWrite: 2_000_000 })), 2)
})

t.test('a real answer costs what the provider bills', async t => {
  // claude-3-7-sonnet: 1,000 plain at $3, 10,000 read at $0.30, 2,000 written at $3.75, 100 for an hour at $6, 500 out at $15, a search at $0.01
  const found = openCatalog().find('anthropic', 'claude-3-7-sonnet-20250219')
  const usage = { input: 13_100, cacheRead: 10_000, cacheWrite: 2_000, cacheWriteLong: 100, output: 500, searches: 1 }
  t.equal(found && cost(usage, found), 3_000 + 3_000 + 7_500 + 600 + 7_500 + 10_000)
})

t.test('a long prompt costs the price of long prompts, all of it', async t => {
  const tiers = [{ above: 100, rates: { input: 2_000_000, output: 5_000_000, cacheRead: 1_000_000 } }]
  const tiered = model({ input: 1_000_000, output: 3_000_000 }, { tiers })
  t.equal(cost({ input: 100, output: 1 }, tiered), 103)
  t.equal(cost({ input: 101, cacheRead: 1, output: 1 }, tiered), 200 + 1 + 5, 'the cached part makes it long too')
})

t.test('a tier of service costs its share, one that is not known the whole', async t => {
  const halves = model({ input: 1_000_000, output: 0 }, { services: { batch: 500, priority: 1_750 } })
  t.equal(cost({ input: 100, tier: 'batch' }, halves), 50)
  t.equal(cost({ input: 100, tier: 'priority' }, halves), 175)
  t.equal(cost({ input: 100, tier: 'default' }, halves), 100)
  t.equal(cost({ input: 100, tier: 'constructor' }, halves), 100)
  const calls = model(
    { input: 1_000_000, output: 0, search: 7_000_000, request: 3_000_000 },
    { services: { batch: 500 } }
  )
  t.equal(cost({ input: 100, searches: 2, tier: 'batch' }, calls), 50 + 14 + 3, 'tokens alone')
})

t.test('fast mode of Claude and a place of its own cost more, both together too', async t => {
  const catalog = openCatalog()
  const factor = (id: string, usage: Partial<Usage>) =>
    (cost({ ...usage, input: 1_000 }, catalog.find('anthropic', id) ?? PLAIN) ?? 0) /
    (cost({ input: 1_000 }, catalog.find('anthropic', id) ?? PLAIN) ?? 0)
  t.equal(factor('claude-opus-4-6', { tier: 'fast' }), 6)
  t.equal(factor('claude-opus-4-8', { tier: 'fast' }), 2)
  t.equal(factor('claude-opus-5', { tier: 'fast', place: 'us' }), 2.2)
  t.equal(factor('claude-sonnet-4-6', { place: 'us' }), 1.1)
  t.equal(factor('claude-sonnet-4-5-20250929', { place: 'us' }), 1, 'older ones are the same everywhere')
  t.equal(factor('claude-sonnet-4-20250514', { place: 'us' }), 1)
  t.equal(factor('claude-opus-4-6', { tier: 'batch' }), 0.5)
})

t.test('it is rounded once, halves up', async t => {
  const tiny = model({ input: 100_000, output: 0, request: 0 })
  t.equal(cost({ input: 4 }, tiny), 0, '0.4 micro-dollars')
  t.equal(cost({ input: 5 }, tiny), 1, '0.5 micro-dollars')
  t.equal(cost({ input: 5, cacheRead: 3 }, tiny), 1, 'not each part for itself')
  t.equal(cost({ input: 9_007_199_254_740_991 }, model({ input: 75_000_000, output: 0 })), 675_539_944_105_574_300)
})

t.test('a price the provider states counts, unless the operator says otherwise', async t => {
  const usage = usageOf({ input: 100, providerMicroDollars: 42.5 })
  const own = model({ input: 1_000_000, output: 0 })
  t.match(costOf(usage, own, NOW), { microDollars: 43, source: 'provider' })
  t.match(costOf(usage, undefined, NOW), { microDollars: 43, source: 'provider' })
  t.match(costOf(usage, own, NOW, { providerPrice: false }), { microDollars: 100, source: 'catalog' })
})

t.test('what the provider bills is what costs, where it says that', async t => {
  const own = model({ input: 1_000_000, output: 10_000_000, cacheRead: 0, reasoning: 20_000_000 })
  t.equal(cost({ input: 71_000, output: 418, billed: { input: 5, output: 400 } }, own), 5 + 4_000)
  t.equal(cost({ input: 90, output: 9, billed: { input: 0, output: 0 } }, own), 0, 'it may be nothing')
  t.equal(cost({ input: 90, cacheRead: 80, billed: { input: 100, output: 0 } }, own), 20, 'of it, what was cached')
  t.equal(cost({ input: 90, cacheRead: 80, billed: { input: 10, output: 0 } }, own), 0, 'and no more of that')
  t.equal(cost({ output: 90, reasoning: 80, billed: { input: 0, output: 10 } }, own), 200)
  const cohere = openCatalog().find('cohere', 'command-a-03-2025')
  t.equal(cohere && cost({ input: 71_000, output: 418, billed: { input: 5, output: 418 } }, cohere), 4_193)
})

t.test('what overlaps costs once: what is cached as that, the rest as what it is', async t => {
  const own = model({
    input: 1_000_000,
    output: 1_000_000,
    cacheRead: 100_000,
    audioInput: 7_000_000,
    reasoning: 2_000_000
  })
  t.equal(cost({ input: 1_000, cacheRead: 800, audioInput: 1_000 }, own), 80 + 200 * 7, 'sound from the cache')
  t.equal(cost({ input: 100, cacheRead: 800 }, own), 10, 'more of the cache than there was of the prompt')
  t.equal(cost({ output: 100, reasoning: 300, audioOutput: 50 }, own), 200)
})

t.test('numbers a provider should not have sent cost nothing', async t => {
  const own = model({ input: 1_000_000, output: 1_000_000 })
  for (const odd of [Number.NaN, -5, Number.POSITIVE_INFINITY]) {
    t.equal(cost({ input: odd, output: 3, providerMicroDollars: Number.NaN }, own), 3, String(odd))
  }
  t.equal(cost({ input: 1.5 }, own), 1)
})

t.test('what has no price is counted by provider', async t => {
  const registry = new MetricsRegistry()
  const unpriced = new UnpricedMeter(registry)
  const catalog = openCatalog()
  t.equal(priced(catalog, unpriced, 'vllm', 'mine', NO_USAGE, NOW), undefined)
  t.equal(priced(catalog, unpriced, 'openai', 'gpt-5', usageOf({ output: 100 }), NOW)?.microDollars, 1_000)
  t.equal(unpriced.of('vllm'), 1)
  t.match(await registry.text(), 'gateway_ai_unpriced_answers_total{provider="vllm"} 1')
  t.not(await registry.text(), /openai/)
})

t.test('the dearest token of an answer is known before it comes', async t => {
  t.equal(outputRate(model({ input: 1, output: 5, reasoning: 7 }), NOW, { input: 0 }), 7)
  t.equal(outputRate(undefined, NOW, { input: 0 }), 0)
  const kinds = model({ input: 1, output: 5, audioOutput: 50, imageOutput: 40 })
  t.equal(outputRate(kinds, NOW, { input: 0 }), 5, 'nobody asked for sound')
  t.equal(outputRate(kinds, NOW, { input: 0, speaks: true }), 50)
  t.equal(outputRate({ ...kinds, output: ['text', 'image'] }, NOW, { input: 0 }), 40)
  const gpt = openCatalog().find('openai', 'gpt-5')
  const rate = (tier: string) => outputRate(gpt, NOW, { input: 0, tier })
  t.strictSame([rate('default'), rate('priority'), rate('flex')], [10_000_000, 20_000_000, 10_000_000])
})

const count = fc.integer({ min: 0, max: 10_000_000 })
const rate = fc.integer({ min: 0, max: 200_000_000 })
const anyRates = fc.record({
  input: rate,
  output: rate,
  cacheRead: fc.option(rate, { nil: undefined }),
  cacheWrite: fc.option(rate, { nil: undefined }),
  cacheWriteLong: fc.option(rate, { nil: undefined }),
  reasoning: fc.option(rate, { nil: undefined }),
  audioInput: fc.option(rate, { nil: undefined }),
  audioOutput: fc.option(rate, { nil: undefined }),
  imageInput: fc.option(rate, { nil: undefined }),
  imageOutput: fc.option(rate, { nil: undefined }),
  request: fc.option(rate, { nil: undefined }),
  search: fc.option(rate, { nil: undefined })
})
const TOKENS = ['cacheRead', 'cacheWrite', 'cacheWriteLong', 'audioInput', 'imageInput'] as const
const ANSWER = ['reasoning', 'audioOutput', 'imageOutput'] as const
/** Parts first, so that the whole is never less than they. */
const anyUsage = fc.record({ plain: count, text: count, searches: fc.nat(100), ...kinds() }).map(parts => {
  const { plain, text, ...rest } = parts
  const input = TOKENS.reduce((sum, name) => sum + parts[name], plain)
  const output = ANSWER.reduce((sum, name) => sum + parts[name], text)
  return usageOf({ ...rest, input, output })
})

function kinds() {
  return {
    cacheRead: count,
    cacheWrite: count,
    cacheWriteLong: count,
    audioInput: count,
    imageInput: count,
    reasoning: count,
    audioOutput: count,
    imageOutput: count
  }
}

t.test('the cost is the sum of its parts, and never below nothing', async () => {
  fc.assert(
    fc.property(anyUsage, anyRates, fc.integer({ min: 0, max: 4_000 }), (usage, rates, batch) => {
      const found = costOf({ ...usage, tier: 'batch' }, model(rates, { services: { batch } }), NOW)
      if (found === undefined) return false
      const { searches = 0n, request = 0n, ...tokens } = found.parts
      const sum = Object.values(tokens).reduce((a, b) => a + b, 0n) * BigInt(batch) + (searches + request) * 1_000n
      const error = sum - BigInt(found.microDollars) * 1_000_000_000n
      return found.microDollars >= 0 && error < 500_000_000n && error >= -500_000_000n
    })
  )
})

t.test('more tokens never cost less', async () => {
  const names = [...TOKENS, ...ANSWER, 'searches', 'input', 'output'] as const
  fc.assert(
    fc.property(anyUsage, anyRates, fc.constantFrom(...names), count, (usage, rates, name, more) => {
      const of = model(rates, { tiers: [{ above: 1_000_000, rates: doubled(rates) }] })
      const inPrompt = TOKENS.some(each => each === name)
      const inAnswer = ANSWER.some(each => each === name)
      const larger = {
        ...usage,
        [name]: usage[name] + more,
        ...(inPrompt && { input: usage.input + more }),
        ...(inAnswer && { output: usage.output + more })
      }
      return (costOf(larger, of, NOW)?.microDollars ?? -1) >= (costOf(usage, of, NOW)?.microDollars ?? 0)
    })
  )
})

t.test('two requests cost together what they cost apart, but for the rounding', async () => {
  fc.assert(
    fc.property(anyUsage, anyUsage, anyRates, (a, b, { request: _, ...rates }) => {
      const both = { ...a }
      for (const name of [...TOKENS, ...ANSWER, 'searches', 'input', 'output'] as const) both[name] += b[name]
      const [one, two, sum] = [a, b, both].map(usage => costOf(usage, model(rates), NOW)?.microDollars ?? 0)
      return Math.abs((one ?? 0) + (two ?? 0) - (sum ?? 0)) <= 1
    })
  )
})

t.test('dollars are read exactly', async t => {
  t.equal(millionths('2.50'), 2_500_000)
  t.equal(millionths(0.000001), 1)
  t.equal(millionths(0.07), 70_000)
  t.equal(millionths('100'), 100_000_000)
  for (const wrong of ['', '-1', '1e3', '0.0000001', '1,5', 'x', '$1', Number.NaN, -0.5, 1e-7]) {
    t.equal(millionths(wrong), undefined, String(wrong))
  }
  t.equal(dollars(2_500_000), '2.5')
  t.equal(dollars(100_000_000), '100')
  t.equal(dollars(1), '0.000001')
  t.equal(dollars(0), '0')
})

function doubled(rates: Rates): Rates {
  const twice = Object.entries(rates).map(([name, value]) => [name, value === undefined ? undefined : value * 2])
  return { input: 0, output: 0, ...Object.fromEntries(twice) }
}

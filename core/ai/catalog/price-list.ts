import { createRequire } from 'node:module'
import type { ConditionalPrice, ModelInfo, ModelPrice } from '@pydantic/genai-prices'
import { picoPerCall, picoPerToken } from '../../base/dollars.js'
import { compile, namesIn } from './match.js'
import type { DatedPrice, Rates, Tier } from './model.js'

/** The package prices are from; its data is as old as its release. A test compares the version with package.json. */
export const PRICE_SOURCE = { package: '@pydantic/genai-prices', version: '0.1.8', date: '2026-09-23', licence: 'MIT' }

const require = createRequire(import.meta.url)

/** A model of the price list. */
export interface PricedModel {
  readonly provider: string
  readonly id: string
  readonly name: string | undefined
  readonly contextTokens: number | undefined
  readonly deprecated: boolean
  readonly prices: readonly DatedPrice[]
  /** Other names of it, in full and in small letters. */
  readonly aliases: readonly string[]
  /** Whether a name in small letters that is no alias is meant. Undefined: aliases are all there is. */
  readonly matches: ((name: string) => boolean) | undefined
}

/** Providers in Sluice → in the list. The list has no way to ask for all. */
const PROVIDERS: Readonly<Record<string, string>> = {
  anthropic: 'anthropic',
  arcee: 'arcee',
  avian: 'avian',
  'azure-openai': 'azure',
  baseten: 'baseten',
  bedrock: 'aws',
  cerebras: 'cerebras',
  cloudflare: 'cloudflare',
  cohere: 'cohere',
  deepseek: 'deepseek',
  doubleword: 'doubleword',
  fireworks: 'fireworks',
  gemini: 'google',
  groq: 'groq',
  minimax: 'minimax',
  mistral: 'mistral',
  modal: 'modal',
  moonshot: 'moonshotai',
  novita: 'novita',
  openai: 'openai',
  openrouter: 'openrouter',
  ovhcloud: 'ovhcloud',
  perplexity: 'perplexity',
  together: 'together',
  voyage: 'voyageai',
  xai: 'x-ai',
  zai: 'zai',
  zhipu: 'zhipuai'
}

/** Hugging Face passes requests on; whose price it is, a model's name says after a colon. */
const BEHIND_HUGGING_FACE = [
  'cerebras',
  'fireworks-ai',
  'groq',
  'hyperbolic',
  'nebius',
  'novita',
  'nscale',
  'ovhcloud',
  'publicai',
  'sambanova',
  'together'
]

/** All models of the list, in its order: where several rules match a name the first counts. Half a megabyte, read when it is asked for. */
export function priceList(): PricedModel[] {
  const { findProvider }: typeof import('@pydantic/genai-prices') = require(PRICE_SOURCE.package)
  const modelsOf = (providerId: string): readonly ModelInfo[] => findProvider({ providerId })?.models ?? []
  const own = Object.entries(PROVIDERS).flatMap(([provider, id]) =>
    modelsOf(id).map(model => priced(provider, model, ''))
  )
  const passed = BEHIND_HUGGING_FACE.flatMap(behind =>
    modelsOf(`huggingface_${behind}`).map(model => priced('huggingface', model, `:${behind}`))
  )
  return [...own, ...passed]
}

function priced(provider: string, model: ModelInfo, suffix: string): PricedModel {
  return {
    provider,
    id: model.id + suffix,
    name: model.name,
    contextTokens: model.context_window,
    deprecated: model.deprecated === true,
    prices: datedPrices(model),
    aliases: namesIn(model.match).map(name => name + suffix),
    matches: suffix === '' ? compile(model.match) : undefined
  }
}

function datedPrices({ prices, id }: ModelInfo): DatedPrice[] {
  const list: readonly ConditionalPrice[] = Array.isArray(prices) ? prices : [{ prices }]
  return list.flatMap(({ constraint, prices: price }) => {
    const base = rates(price, 0, id)
    if (base === undefined) return []
    const starts = new Set(Object.values(price).flatMap(each => tiersOf(each).map(({ start }) => start)))
    const tiers: Tier[] = [...starts]
      .sort((a, b) => a - b)
      .map(above => ({ above, rates: rates(price, above + 1, id) ?? base }))
    const from = constraint?.type === 'start_date' ? Date.parse(constraint.start_date) : undefined
    const daily =
      constraint?.type === 'time_of_date'
        ? ([minutes(constraint.start_time), minutes(constraint.end_time)] as const)
        : undefined
    return [{ from, daily, rates: base, tiers, services: {} }]
  })
}

/** What is billed by pages or hours alone has no rates here: usage does not count those. */
function rates(price: ModelPrice, tokens: number, id: string): Rates | undefined {
  const of = (key: string) => amount(price[key], tokens)
  const token = (key: string) => mapped(of(key), picoPerToken)
  const [input, output] = [token('input_mtok'), token('output_mtok')]
  const [request, search] = [mapped(of('requests_kcount'), picoPerCall), mapped(of('web_searches_kcount'), picoPerCall)]
  if (input === undefined && output === undefined && request === undefined) return undefined
  const cacheWrite = token('cache_write_mtok')
  return {
    input: input ?? 0,
    output: output ?? 0,
    cacheRead: token('cache_read_mtok'),
    cacheWrite,
    cacheWriteLong: token('cache_write_1h_mtok') ?? hourOf(id, input, cacheWrite),
    reasoning: token('output_reasoning_mtok'),
    audioInput: token('input_audio_mtok'),
    audioOutput: token('output_audio_mtok'),
    imageInput: token('input_image_mtok'),
    imageOutput: token('output_image_mtok'),
    request,
    search
  }
}

/** Anthropic's rule: minutes in the cache cost 1.25 of the prompt's price, an hour 2. The list leaves the hour out here and there. */
export function hourOf(id: string, input: number | undefined, cacheWrite: number | undefined): number | undefined {
  if (input === undefined || cacheWrite === undefined || !id.includes('claude')) return undefined
  return Math.abs(cacheWrite * 4 - input * 5) <= 4 ? input * 2 : undefined
}

type Price = ModelPrice[string]

function amount(price: Price, tokens: number): number | undefined {
  if (price === undefined || typeof price === 'number') return price
  let { base } = price
  for (const { start, price: more } of tiersOf(price)) if (tokens > start) base = more
  return base
}

function tiersOf(price: Price): readonly { readonly start: number; readonly price: number }[] {
  return price === undefined || typeof price === 'number' ? [] : [...price.tiers].sort((a, b) => a.start - b.start)
}

function mapped(value: number | undefined, to: (value: number) => number): number | undefined {
  return value === undefined ? undefined : to(value)
}

/** "16:30:00Z" → minutes of the day. */
function minutes(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(part => Number.parseInt(part, 10))
  return hour * 60 + minute
}

import { type CatalogModel, type DatedPrice, priceAt, type Rates, ratesFor } from './catalog/model.js'
import type { Usage } from './usage.js'

/** What a request cost, part by part. */
export interface Cost {
  /** Whole, rounded half up once, from the exact sum. */
  readonly microDollars: number
  /** "provider": it said the price itself, and that counts. */
  readonly source: 'catalog' | 'provider'
  /**
   * Exact picodollars (10⁻¹² dollars) before the tier of service, which is for tokens alone: their sum, those times it, rounded, is
   * `microDollars`. None from a provider.
   */
  readonly parts: Readonly<Partial<Record<CostPart, bigint>>>
}

export const COST_PARTS = [
  'input',
  'cacheRead',
  'cacheWrite',
  'cacheWriteLong',
  'audioInput',
  'imageInput',
  'output',
  'reasoning',
  'audioOutput',
  'imageOutput',
  'searches',
  'request'
] as const
export type CostPart = (typeof COST_PARTS)[number]

export interface CostOptions {
  /** False: a price the provider states is passed over, and the catalog's counts. */
  readonly providerPrice: boolean
}

const MILLION = 1_000_000n

/**
 * What a request cost at a time (milliseconds since 1970). All sums are exact, in picodollars; the one rounding is at the end, to the nearest
 * micro-dollar, halves up. Where the provider says what it bills, that is what costs, not what was used. Kinds
 * of tokens that the price does not tell apart cost what the wider kind costs; the tier of long prompts is chosen by the whole prompt, and
 * counts for the whole request.
 * @returns undefined: there is no price
 */
export function costOf(
  usage: Usage,
  model: CatalogModel | undefined,
  at: number,
  options: CostOptions = { providerPrice: true }
): Cost | undefined {
  const { providerMicroDollars: stated } = usage
  if (options.providerPrice && stated !== undefined && Number.isFinite(stated)) {
    return { microDollars: Math.max(0, Math.floor(stated + 0.5)), source: 'provider', parts: {} }
  }
  const price = model && priceAt(model, at)
  if (price === undefined) return undefined
  const parts = partsOf(billedOf(usage), ratesFor(price, usage.input))
  const calls = parts.searches + parts.request
  let tokens = -calls
  for (const part of Object.values(parts)) tokens += part
  const factor = serviceFactor(price, usage.tier) * serviceFactor(price, usage.place)
  return { microDollars: rounded(tokens * factor + calls * MILLION), source: 'catalog', parts }
}

/** What is known of a request before it is answered. */
export interface Wanted {
  /** Tokens of the prompt. */
  readonly input: number
  /** The answer is to be spoken. */
  readonly speaks?: boolean | undefined
  /** The answer is to be a picture. */
  readonly draws?: boolean | undefined
  /** The tier of service that is asked for. */
  readonly tier?: string | undefined
}

/** What a token of the answer costs at most, for what has to be known before it came; 0 without a price. Picodollars. */
export function outputRate(
  model: CatalogModel | undefined,
  at: number,
  { input, speaks, draws, tier }: Wanted
): number {
  const price = model && priceAt(model, at)
  if (price === undefined) return 0
  const { output, reasoning = 0, audioOutput = 0, imageOutput = 0 } = ratesFor(price, input)
  const picture = draws === true || model?.output.includes('image') === true ? imageOutput : 0
  const dearest = Math.max(output, reasoning, picture, speaks === true ? audioOutput : 0)
  // What asks for a cheaper tier may be served at the usual one.
  return Math.ceil((dearest * Math.max(1_000, Number(serviceFactor(price, tier)))) / 1_000)
}

/**
 * What of it the provider takes money for: as it says, else all. What was counted apart counts only as far as it fits into that: it may overlap
 * (audio from the cache).
 */
function billedOf(usage: Usage): Usage {
  const billed = usage.billed ?? usage
  const input = shareOf(billed.input)
  const output = shareOf(billed.output)
  return {
    ...usage,
    input: billed.input,
    output: billed.output,
    cacheRead: input(usage.cacheRead),
    cacheWrite: input(usage.cacheWrite),
    cacheWriteLong: input(usage.cacheWriteLong),
    imageInput: input(usage.imageInput),
    audioInput: input(usage.audioInput),
    reasoning: output(usage.reasoning),
    audioOutput: output(usage.audioOutput),
    imageOutput: output(usage.imageOutput)
  }
}

/** Takes from so many until there are none left. */
function shareOf(whole: number): (wanted: number) => number {
  let left = whole
  return wanted => {
    const taken = Math.min(wanted, left)
    left -= taken
    return taken
  }
}

function partsOf(usage: Usage, rates: Rates): Record<CostPart, bigint> {
  const { input, output, cacheRead, cacheWrite, cacheWriteLong, audioInput, imageInput } = usage
  const { reasoning, audioOutput, imageOutput, searches } = usage
  const plainInput = Math.max(0, input - cacheRead - cacheWrite - cacheWriteLong - audioInput - imageInput)
  const plainOutput = Math.max(0, output - reasoning - audioOutput - imageOutput)
  const minutes = rates.cacheWrite ?? rates.input
  return {
    input: times(plainInput, rates.input),
    cacheRead: times(cacheRead, rates.cacheRead ?? rates.input),
    cacheWrite: times(cacheWrite, minutes),
    cacheWriteLong: times(cacheWriteLong, rates.cacheWriteLong ?? minutes),
    audioInput: times(audioInput, rates.audioInput ?? rates.input),
    imageInput: times(imageInput, rates.imageInput ?? rates.input),
    output: times(plainOutput, rates.output),
    reasoning: times(reasoning, rates.reasoning ?? rates.output),
    audioOutput: times(audioOutput, rates.audioOutput ?? rates.output),
    imageOutput: times(imageOutput, rates.imageOutput ?? rates.output),
    searches: times(searches, rates.search ?? 0),
    request: BigInt(rates.request ?? 0)
  }
}

/** What a provider counts is a whole number; what is none costs nothing, and no exchange. */
function times(count: number, rate: number): bigint {
  return count > 0 && Number.isFinite(count) ? BigInt(Math.floor(count)) * BigInt(rate) : 0n
}

/** Thousandths; a tier the price does not know costs what it costs without. */
function serviceFactor(price: DatedPrice, tier: string | undefined): bigint {
  return BigInt((tier !== undefined && Object.hasOwn(price.services, tier) ? price.services[tier] : undefined) ?? 1_000)
}

/** @param millionths - of picodollars */
function rounded(millionths: bigint): number {
  const unit = MILLION * MILLION
  return Number((millionths + unit / 2n) / unit)
}

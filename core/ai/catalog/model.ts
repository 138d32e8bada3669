/** A model as the catalog knows it. What is undefined is not known. */
export interface CatalogModel {
  /** As configurations name it. */
  readonly provider: string
  /** As the provider names it. */
  readonly id: string
  readonly name: string
  /** Tokens of prompt and answer together. */
  readonly contextTokens: number | undefined
  readonly maxOutputTokens: number | undefined
  readonly input: readonly Modality[]
  readonly output: readonly Modality[]
  readonly can: Abilities
  /** Empty: it has no price. The last one that applies counts. */
  readonly prices: readonly DatedPrice[]
  /** Where it runs, if the name says so ("us", "eu", "global"). */
  readonly regions: readonly string[]
  /** YYYY-MM-DD. */
  readonly released: string | undefined
  /** When the provider turns it off, YYYY-MM-DD. */
  readonly retires: string | undefined
  /** The provider advises against it. */
  readonly deprecated: boolean
}

export const MODALITIES = ['text', 'image', 'audio', 'video', 'pdf'] as const
export type Modality = (typeof MODALITIES)[number]

export interface Abilities {
  readonly tools: boolean | undefined
  /** Answers by a JSON schema. */
  readonly structured: boolean | undefined
  readonly reasoning: boolean | undefined
  /** Has cheaper tokens for prompts it saw before. */
  readonly caching: boolean | undefined
}

/** What can be asked for with `--can`: an ability, or "vision" and the like for what goes in. */
export const ABILITIES = ['tools', 'structured', 'reasoning', 'caching', 'vision', 'audio', 'video', 'pdf'] as const
export type Ability = (typeof ABILITIES)[number]

/** Whether the model is known to be able to. */
export function isAble(model: CatalogModel, ability: Ability): boolean {
  switch (ability) {
    case 'vision':
      return model.input.includes('image')
    case 'audio':
    case 'video':
    case 'pdf':
      return model.input.includes(ability)
    default:
      return model.can[ability] === true
  }
}

/**
 * Whole picodollars (10⁻¹² dollars) for each token, or each call: a dollar for a million tokens is a million of them. What is left out costs
 * what the next wider kind costs: reasoning and audio of an answer as its text, the cache as the prompt, an hour in it as minutes.
 */
export interface Rates {
  readonly input: number
  readonly output: number
  readonly cacheRead?: number | undefined
  readonly cacheWrite?: number | undefined
  /** For an hour. */
  readonly cacheWriteLong?: number | undefined
  readonly reasoning?: number | undefined
  readonly audioInput?: number | undefined
  readonly audioOutput?: number | undefined
  readonly imageInput?: number | undefined
  readonly imageOutput?: number | undefined
  /** For each request, whatever its size. */
  readonly request?: number | undefined
  /** For each search the provider makes. */
  readonly search?: number | undefined
}

/** Rates of long prompts: when there are more than `above` tokens in it they count for the whole request. */
export interface Tier {
  readonly above: number
  readonly rates: Rates
}

export interface DatedPrice {
  /** Milliseconds since 1970; undefined: always was. */
  readonly from: number | undefined
  /** Only at these minutes of the day, UTC, from the first and before the second; it may go over midnight. */
  readonly daily: readonly [number, number] | undefined
  readonly rates: Rates
  /** By `above`, ascending. */
  readonly tiers: readonly Tier[]
  /** Thousandths of the price that a tier of service takes: { batch: 500 }. */
  readonly services: Readonly<Record<string, number>>
}

/** The price at a time; undefined: there is none. */
export function priceAt(model: CatalogModel, at: number): DatedPrice | undefined {
  for (let i = model.prices.length - 1; i >= 0; i--) {
    const price = model.prices[i]
    if (price !== undefined && applies(price, at)) return price
  }
  return undefined
}

/** The rates for a prompt of this many tokens. */
export function ratesFor(price: DatedPrice, input: number): Rates {
  let { rates } = price
  for (const tier of price.tiers) if (input > tier.above) rates = tier.rates
  return rates
}

const DAY_MINUTES = 1_440

function applies({ from, daily }: DatedPrice, at: number): boolean {
  if (from !== undefined && at < from) return false
  if (daily === undefined) return true
  const minute = Math.floor(at / 60_000) % DAY_MINUTES
  const [begin, end] = daily
  return begin <= end ? minute >= begin && minute < end : minute >= begin || minute < end
}

/** What an exchange used, in tokens unless said. Every number is a whole, at least 0. */
export interface Usage {
  /** The whole prompt, with what was read from or written to the provider's cache. */
  input: number
  /** Of `input`: read from the cache. */
  cacheRead: number
  /** Of `input`: written to the cache for minutes. */
  cacheWrite: number
  /** Of `input`: written to the cache for an hour (Anthropic's ttl "1h"). */
  cacheWriteLong: number
  /** Of `input`: audio, but for what is known to come from the cache. */
  audioInput: number
  /** Of `input`: images, where the provider counts them apart; as audio is. */
  imageInput: number
  /** The whole answer, reasoning included. */
  output: number
  /** Of `output`: reasoning. */
  reasoning: number
  /** Of `output`: audio. */
  audioOutput: number
  /** Of `output`: images. */
  imageOutput: number
  /** Calls of tools that the provider bills one by one (web search). */
  searches: number
  /** Seconds of audio that were heard, where the provider bills them instead of tokens (transcription). */
  audioSeconds?: number | undefined
  /** The provider's own price, micro-dollars, where it says one (OpenRouter, xAI, Perplexity). */
  providerMicroDollars?: number | undefined
  /** What the provider bills where that differs from what was used (Cohere does not bill its own preamble). */
  billed?: { input: number; output: number } | undefined
  /** The tier it was served at, where the provider says it ("default", "flex", "priority", "batch"). */
  tier?: string | undefined
  /** Where it was made, where that has a price of its own as a tier has (Anthropic's "us"). */
  place?: string | undefined
  /** The model whose price counts, as the provider names it, where that is another than the one that was asked (Anthropic's fallback). */
  model?: string | undefined
  /** What other models used for the answer, beside all these counts (Anthropic's advisor, OpenAI's pictures). */
  beside?: readonly { readonly model: string; readonly usage: Usage }[] | undefined
  /** "estimated": the provider did not say, and it was counted here. */
  source: 'provider' | 'estimated'
}

/** Tokens: more than any exchange can use. */
const MOST_TOKENS = 100_000_000
/** Micro-dollars: more than any exchange can cost. */
const MOST_COST = 1e11
const MOST_SEARCHES = 100_000

/** A usage as a provider says it, without what of it cannot be; undefined: that is its tokens, and it says nothing. */
export function credible(usage: Usage | undefined): Usage | undefined {
  if (usage === undefined || usage.input > MOST_TOKENS || usage.output > MOST_TOKENS) return undefined
  const { billed, providerMicroDollars = 0, searches, beside } = usage
  const known = { ...usage }
  if (billed !== undefined && (billed.input > MOST_TOKENS || billed.output > MOST_TOKENS)) delete known.billed
  if (providerMicroDollars > MOST_COST) delete known.providerMicroDollars
  if (searches > MOST_SEARCHES) known.searches = 0
  if (beside !== undefined) known.beside = beside.filter(other => credible(other.usage) !== undefined)
  return known
}

/** What counts of the whole are made up of. */
const PARTS = {
  input: ['cacheRead', 'cacheWrite', 'cacheWriteLong', 'audioInput', 'imageInput'],
  output: ['reasoning', 'audioOutput', 'imageOutput']
} as const

/**
 * What is known once a stream has said it again. Counts are of all that came so far, so they do not become less: some providers end their
 * streams with a usage of zeros, or with half of one.
 */
export function laterUsage(before: Usage | undefined, said: Usage): Usage {
  if (before === undefined) return said
  const known: Usage = { ...before, ...said, searches: Math.max(before.searches, said.searches) }
  const { providerMicroDollars: price } = before
  if (price !== undefined) known.providerMicroDollars = Math.max(price, said.providerMicroDollars ?? 0)
  for (const whole of ['input', 'output'] as const) {
    const less = said[whole] < before[whole]
    if (less) known[whole] = before[whole]
    for (const part of PARTS[whole]) known[part] = less ? before[part] : Math.max(said[part], before[part])
  }
  return known
}

/** A usage of which only some is known. */
export function usageOf(known: Partial<Usage>): Usage {
  const { audioSeconds, providerMicroDollars, billed, tier, place, model, beside } = known
  const usage: Usage = {
    input: known.input ?? 0,
    cacheRead: known.cacheRead ?? 0,
    cacheWrite: known.cacheWrite ?? 0,
    cacheWriteLong: known.cacheWriteLong ?? 0,
    audioInput: known.audioInput ?? 0,
    imageInput: known.imageInput ?? 0,
    output: known.output ?? 0,
    reasoning: known.reasoning ?? 0,
    audioOutput: known.audioOutput ?? 0,
    imageOutput: known.imageOutput ?? 0,
    searches: known.searches ?? 0,
    source: known.source ?? 'provider'
  }
  if (audioSeconds !== undefined) usage.audioSeconds = audioSeconds
  if (providerMicroDollars !== undefined) usage.providerMicroDollars = providerMicroDollars
  if (billed !== undefined) usage.billed = billed
  if (tier !== undefined) usage.tier = tier
  if (place !== undefined) usage.place = place
  if (model !== undefined) usage.model = model
  if (beside !== undefined) usage.beside = beside
  return usage
}

export const NO_USAGE: Usage = usageOf({})

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
  /** Of `input`: audio. */
  audioInput: number
  /** Of `input`: images, where the provider counts them apart. */
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
  /** "estimated": the provider did not say, and it was counted here. */
  source: 'provider' | 'estimated'
}

export const NO_USAGE: Usage = {
  input: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWriteLong: 0,
  audioInput: 0,
  imageInput: 0,
  output: 0,
  reasoning: 0,
  audioOutput: 0,
  imageOutput: 0,
  searches: 0,
  source: 'provider'
}

/** A usage of which only some is known. */
export function usageOf(known: Partial<Usage>): Usage {
  return { ...NO_USAGE, ...known }
}

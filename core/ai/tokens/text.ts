import { type CountTokens, encoding } from './encoding.js'
import type { TokenFamily } from './family.js'

/** Characters of one request that are really counted: a millisecond or two, at worst (random signs) some 60. */
const COUNTED = 8_192
/** A longer text is looked at in so many places. */
const PLACES = 8
/**
 * The tokenizer takes time that grows with the square of a run of letters, signs or blanks without an end: longer ones are cut, which may make
 * a token more of each cut.
 */
const RUN = /[^\s\p{P}]{256}|[\p{P}]{256}|\s{256}/gu

/** Tokens of texts, as the family counts. What is more than 8,192 characters together is counted in samples, spread evenly. */
export function countTexts(texts: readonly string[], family: TokenFamily): number {
  const count = encoding(family.encoding) ?? guess
  let length = 0
  for (const text of texts) length += text.length
  let tokens = 0
  for (const text of texts) {
    const share = length <= COUNTED ? text.length : Math.ceil((text.length / length) * COUNTED)
    tokens += share >= text.length ? countText(text, count) : sampled(text, share, count)
  }
  return Math.ceil(tokens * family.factor)
}

/** Tokens of a whole text. */
export function countText(text: string, count: CountTokens): number {
  let [tokens, from] = [0, 0]
  for (const { 0: run, index } of text.matchAll(RUN)) {
    tokens += count(text.slice(from, index + run.length))
    from = index + run.length
  }
  return tokens + count(text.slice(from))
}

function sampled(text: string, share: number, count: CountTokens): number {
  const places = Math.max(1, Math.min(PLACES, Math.floor(share / 64)))
  const window = Math.max(1, Math.floor(share / places))
  const step = (text.length - window) / Math.max(1, places - 1)
  let tokens = 0
  for (let i = 0; i < places; i++) {
    const from = Math.floor(i * step)
    tokens += countText(text.slice(from, from + window), count)
  }
  return (tokens / (places * window)) * text.length
}

/** Without an encoding: a token for four bytes of ASCII, and for each sign of other scripts three quarters of one. */
function guess(text: string): number {
  let other = 0
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) other++
  return (text.length - other) / 4 + other * 0.75
}

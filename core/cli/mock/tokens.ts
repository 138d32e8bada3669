import { encoding, preloadEncoding } from '../../ai/tokens/encoding.js'
import { countText } from '../../ai/tokens/text.js'
import { countTokens, loadTokens } from '../../plugin-host/tokens.js'

/** o200k_base, among the tokenizer's numbers. */
const ENCODING = 1

/** Makes `tokens` ready without keeping the event loop; a gateway in the same process has the same tokenizer. */
export function readyTokens(): Promise<void> {
  return preloadEncoding('o200k_base')
}

/** Tokens of a text. Where nothing made it ready, the first call loads a tokenizer. */
export function tokens(text: string): number {
  if (text === '') return 0
  const count = encoding('o200k_base')
  if (count !== undefined) return countText(text, count)
  loadTokens(ENCODING)
  return countTokens(ENCODING, text) ?? 0
}

/** A text cut before every run of blanks: put together again it is the same text. */
export function pieces(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? []
}

/** Pieces of so many characters, for JSON. */
export function slices(text: string, length = 12): string[] {
  const points = Array.from(text)
  const found: string[] = []
  for (let at = 0; at < points.length; at += length) found.push(points.slice(at, at + length).join(''))
  return found
}

const WORDS = [' the', ' water', ' of', ' a', ' river', ' and', ' its', ' gate', ' with', ' time']

/** A text of exactly so many tokens, a piece each. */
export function filler(count: number): string[] {
  return Array.from({ length: count }, (_, i) => (i === 0 ? 'The' : (WORDS[i % WORDS.length] ?? ' the')))
}

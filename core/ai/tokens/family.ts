import type { EncodingName } from './encoding.js'

/** How a model counts tokens: an encoding that is its own or near to it, and by how much it differs. */
export interface TokenFamily {
  readonly encoding: EncodingName
  /** Tokens of the model for each of the encoding; 1: it is the model's own. */
  readonly factor: number
  /** How images are counted. */
  readonly images: ImageCounting
  /** Tokens of the instructions the provider adds when there are tools. */
  readonly toolPreamble: number
}

export type ImageCounting =
  /** OpenAI: a base, and as much for each tile of 512 × 512. */
  | { readonly kind: 'tiles'; readonly base: number; readonly tile: number }
  /** OpenAI: patches of 32 × 32, at most 1,536, times a factor. */
  | { readonly kind: 'patches'; readonly factor: number }
  /** Anthropic: pixels ÷ 750, at most 1,600. */
  | { readonly kind: 'pixels' }
  /** Gemini: 258 for each tile of 768 × 768, one for a small image. */
  | { readonly kind: 'gemini' }

const TILES: ImageCounting = { kind: 'tiles', base: 85, tile: 170 }

/**
 * OpenAI's own encodings (https://platform.openai.com/docs/guides/images-vision for images). Others publish no tokenizer for JavaScript, or none:
 * the factors are approximations for mixed English and code against o200k_base, rounded up so that a reservation is rather too large.
 */
const FAMILIES: readonly (readonly [RegExp, TokenFamily])[] = [
  [/gpt-4o-mini/, openai({ kind: 'tiles', base: 2_833, tile: 5_667 })],
  [/gpt-(?:4\.1-mini|5(?:\.\d)?-mini)/, openai({ kind: 'patches', factor: 1.62 })],
  [/gpt-(?:4\.1-nano|5(?:\.\d)?-nano)/, openai({ kind: 'patches', factor: 2.46 })],
  [/(?:^|\/)o4-mini/, openai({ kind: 'patches', factor: 1.72 })],
  [/(?:^|\/)o[1-9](?:$|-)/, openai({ kind: 'tiles', base: 75, tile: 150 })],
  [/gpt-(?:[5-9]|oss)/, openai({ kind: 'tiles', base: 70, tile: 140 })],
  [/gpt-4(?:o|\.\d)|chatgpt-4o/, openai(TILES)],
  [/gpt-(?:3\.5|4)|text-embedding-(?:3|ada)/, { encoding: 'cl100k_base', factor: 1, images: TILES, toolPreamble: 0 }],
  // Opus 4.7 and what came after it have a tokenizer that makes up to a third more of the same text.
  [/claude-(?:opus-4-[789]|opus-5|sonnet-5|haiku-5|fable|mythos)/, near(1.5, { kind: 'pixels' }, 346)],
  [/claude/, near(1.2, { kind: 'pixels' }, 346)],
  [/gemini|gemma/, near(1.1, { kind: 'gemini' }, 0)],
  [/llama|nova|command|sonar/, near(1.1, TILES, 0)],
  [/stral|grok|qwen|deepseek|kimi|glm|minimax|phi/, near(1.1, TILES, 0)]
]

const OTHER: TokenFamily = near(1.15, TILES, 0)

const found = new Map<string, TokenFamily>()
/** Names may come from clients. */
const REMEMBERED = 10_000

/** The family of a model, by its name. */
export function tokenFamily(model: string): TokenFamily {
  const known = found.get(model)
  if (known !== undefined) return known
  const small = model.slice(0, 256).toLowerCase()
  const family = FAMILIES.find(([pattern]) => pattern.test(small))?.[1] ?? OTHER
  if (found.size >= REMEMBERED) found.clear()
  found.set(model, family)
  return family
}

function openai(images: ImageCounting): TokenFamily {
  return { encoding: 'o200k_base', factor: 1, images, toolPreamble: 0 }
}

function near(factor: number, images: ImageCounting, toolPreamble: number): TokenFamily {
  return { encoding: 'o200k_base', factor, images, toolPreamble }
}

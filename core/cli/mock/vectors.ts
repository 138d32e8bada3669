import { createHash } from 'node:crypto'

/** How much of a vector a word marks. */
const PLACES = 8

/**
 * A vector of length 1 that is always the same for the same text, and near that of a text with the same words: each
 * word, in the same writing or nearly so, adds to the same places.
 */
export function vectorOf(text: string, dimensions: number, seed: number): number[] {
  const vector = new Array<number>(dimensions).fill(0)
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  for (const word of words) {
    mark(vector, `${seed} ${word}`, COMMON.has(word) ? 0.2 : 1)
    for (let i = 0; i + 3 <= word.length; i++) mark(vector, `${seed} ~${word.slice(i, i + 3)}`, 0.15)
  }
  if (words.length === 0) mark(vector, `${seed} = ${text}`, 1)
  const length = Math.hypot(...vector) || 1
  return vector.map(value => value / length)
}

export interface Ranked {
  readonly index: number
  /** From 0 to 1. */
  readonly relevance_score: number
}

/** Texts by their nearness to the query's, the nearest first. */
export function ranked(query: string, texts: readonly string[], seed: number): Ranked[] {
  const wanted = vectorOf(query, 512, seed)
  const scored = texts.map((each, index) => {
    const score = vectorOf(each, 512, seed).reduce((sum, value, i) => sum + value * (wanted[i] ?? 0), 0)
    return { index, relevance_score: Math.round(Math.min(1, Math.max(0, score)) * 1e6) / 1e6 }
  })
  return scored.sort((a, b) => b.relevance_score - a.relevance_score || a.index - b.index)
}

/** Words that say little. */
const COMMON = new Set(
  'a an the is are was of in on to for and or do does can i you me my your it what how please'.split(' ')
)

function mark(vector: number[], word: string, weight: number): void {
  const hash = createHash('sha256').update(word).digest()
  for (let i = 0; i < PLACES; i++) {
    const at = hash.readUInt16LE(i * 3) % vector.length
    const sign = (hash[i * 3 + 2] ?? 0) & 1 ? 1 : -1
    vector[at] = (vector[at] ?? 0) + sign * weight
  }
}

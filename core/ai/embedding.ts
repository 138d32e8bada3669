import { Buffer } from 'node:buffer'
import type { Usage } from './usage.js'

/** The canonical embedding request: OpenAI's names. */
export interface EmbeddingRequest {
  model: string
  input: EmbeddingInput[]
  dimensions?: number | undefined
  encoding_format?: 'float' | 'base64' | undefined
  /** What the vectors are for, in Gemini's words lower-cased ("retrieval_query", "retrieval_document", "classification", …). */
  task?: string | undefined
  user?: string | undefined
  extra: Map<string, unknown>
}

/** A text, the tokens of one, or an image as a data URL or address. */
export type EmbeddingInput = string | number[] | { image: string }

export interface EmbeddingResponse {
  model: string
  /** One for each input, in order: numbers, or base64 of 32-bit floats in little-endian order. */
  embeddings: (number[] | string)[]
  usage: Usage | undefined
}

/** The vector as numbers. */
export function numbersOf(embedding: number[] | string): number[] {
  if (typeof embedding !== 'string') return embedding
  const bytes = Buffer.from(embedding, 'base64')
  const numbers: number[] = []
  for (let at = 0; at + 4 <= bytes.length; at += 4) numbers.push(bytes.readFloatLE(at))
  return numbers
}

/** The vector as base64 of 32-bit floats. */
export function base64Of(embedding: number[] | string): string {
  if (typeof embedding === 'string') return embedding
  const bytes = Buffer.alloc(embedding.length * 4)
  embedding.forEach((value, i) => {
    bytes.writeFloatLE(value, i * 4)
  })
  return bytes.toString('base64')
}

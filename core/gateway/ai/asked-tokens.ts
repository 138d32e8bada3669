import type { RequestHints } from '../../ai/dialects/dialect.js'
import type { EmbeddingInput } from '../../ai/embedding.js'
import { numberIn } from '../../ai/lenient.js'
import { isObject } from '../../ai/members.js'
import { multipartField, multipartParts } from '../../ai/multipart.js'
import type { RerankRequest } from '../../ai/rerank.js'
import { textTokens } from '../../ai/tokens/chat.js'
import { header } from '../../base/headers.js'
import type { AiExchange } from './ai-exchange.js'
import type { Asked } from './asked.js'

/** Of what no dialect reads: a guess. */
const BYTES_PER_TOKEN = 4
/** What a file is taken for, whatever its size: a minute of sound, or a picture. */
const FILE_TOKENS = 1_000
/** The beginning of a file that stands in JSON. */
const IS_FILE = /^data:|^[\w+/=-]{1024}/

/** Tokens that a request asks with which is no chat: those of its texts, and a guess for each file. */
export function askedTokens({ dialect, endpoint }: AiExchange, asked: Asked, hints: RequestHints): number {
  const { raw, json, media, model } = asked
  if (media === 'multipart') {
    const { texts, files } = multipartParts(raw, header(hints.headers, 'content-type') ?? '')
    return guessed(texts) + files * FILE_TOKENS
  }
  try {
    if (endpoint.operation === 'embeddings' && dialect.embeddings !== undefined)
      return embeddingTokens(dialect.embeddings.readRequest(json, hints).input, model)
    if (endpoint.operation === 'rerank' && dialect.rerank !== undefined)
      return rerankTokens(dialect.rerank.readRequest(json, hints), model)
  } catch {
    // What passes untouched is nobody's to refuse.
  }
  return guessed(json)
}

/** How many pictures are asked for. */
export function askedAnswers({ raw, json, media }: Asked, { headers }: RequestHints): number {
  const n = media === 'multipart' ? multipartField(raw, header(headers, 'content-type') ?? '', 'n') : json.n
  return numberIn(n) ?? 1
}

export function embeddingTokens(input: readonly EmbeddingInput[], model: string): number {
  const texts = input.filter(each => typeof each === 'string')
  const others = input.reduce<number>((sum, each) => sum + otherTokens(each), 0)
  return textTokens(texts, model) + others
}

/** A model sees the question beside each document. */
export function rerankTokens({ query, documents }: RerankRequest, model: string): number {
  return textTokens([query], model) * documents.length + textTokens(documents.map(textOf), model)
}

/** Of inputs that are tokens already, or pictures. */
function otherTokens(input: EmbeddingInput): number {
  if (typeof input === 'string') return 0
  return Array.isArray(input) ? input.length : FILE_TOKENS
}

function textOf(document: RerankRequest['documents'][number]): string {
  return typeof document === 'string' ? document : JSON.stringify(document)
}

/** By the size of what it says, files aside. */
function guessed(value: unknown): number {
  let tokens = 0
  const left = [value] // no recursion: clients nest as deep as they like
  while (left.length > 0) {
    const each = left.pop()
    if (typeof each === 'string') tokens += guessedText(each)
    else if (typeof each === 'number') tokens++
    else if (Array.isArray(each) || isObject(each)) for (const part of Object.values(each)) left.push(part)
  }
  return tokens
}

function guessedText(text: string): number {
  const tokens = Math.ceil(text.length / BYTES_PER_TOKEN)
  return IS_FILE.test(text) ? Math.min(tokens, FILE_TOKENS) : tokens
}

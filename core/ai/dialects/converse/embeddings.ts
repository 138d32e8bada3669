import type { GatewayError } from '../../../base/errors.js'
import { Refusal } from '../../../base/refusal.js'
import type { EmbeddingInput, EmbeddingRequest, EmbeddingResponse } from '../../embedding.js'
import { numbersOf } from '../../embedding.js'
import { badRequest, badResponse, isObject, type JsonObject, Members } from '../../members.js'
import { usageOf } from '../../usage.js'
import { looseCount, looseObject } from '../anthropic/loose.js'
import { hasOneSize } from '../cohere/embeddings.js'
import type { Dropped, RequestHints, Wish } from '../dialect.js'

/**
 * Embeddings by InvokeModel, whose body is each model's own: Amazon's Titan takes one text
 * (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html), Cohere's Embed a list (…/model-parameters-embed.html).
 */
export const embeddings = { readRequest, writeRequest, readResponse, writeResponse }

function readRequest(body: JsonObject, hints: RequestHints): EmbeddingRequest {
  const members = Members.of(body, '', badRequest)
  const text = members.optionalText('inputText')
  const texts = text === undefined ? members.texts('texts') : [text]
  const images = members.texts('images')?.map(image => ({ image }))
  const input: EmbeddingInput[] = [...(texts ?? []), ...(images ?? [])]
  if (input.length === 0) members.fail('inputText', 'a text, or a list of them in "texts"', undefined)
  const request: EmbeddingRequest = {
    model: hints.model,
    input,
    dimensions: members.count('dimensions') ?? members.count('output_dimension'),
    task: taskOf(members.optionalText('input_type')),
    extra: new Map()
  }
  const floats = TYPES.filter(name => members.texts(name)?.every(type => type === 'float'))
  request.extra = members.rest()
  for (const name of TYPES) if (body[name] !== undefined && !floats.includes(name)) request.extra.set(name, body[name])
  return request
}

/** Which kinds of vectors are wanted, in Cohere's and in Titan's words: others than numbers are Bedrock's alone. */
const TYPES = ['embedding_types', 'embeddingTypes'] as const

function writeRequest(request: EmbeddingRequest, dropped: Dropped): JsonObject {
  const { model, input, dimensions } = request
  if (request.user !== undefined) dropped.drop('user')
  if (!model.includes('cohere')) return writeTitan(request, dropped)
  const body: JsonObject = {
    input_type: INPUT_TYPES[request.task ?? ''] ?? 'search_document',
    embedding_types: ['float']
  }
  const texts = input.filter(each => typeof each === 'string')
  const images = input.flatMap(each => (typeof each === 'object' && 'image' in each ? [each.image] : []))
  if (texts.length + images.length < input.length)
    throw unsupported(`${model} takes texts and images, not token numbers`)
  if (texts.length > 0) body.texts = texts
  if (images.length > 0) Object.assign(body, { images, input_type: 'image' })
  if (dimensions !== undefined) {
    if (hasOneSize(model)) dropped.drop('dimensions')
    else body.output_dimension = dimensions
  }
  return body
}

function writeTitan({ model, input, dimensions }: EmbeddingRequest, dropped: Dropped): JsonObject {
  const [text] = input
  if (input.length !== 1 || typeof text !== 'string') throw unsupported(`${model} takes one text with each request`)
  if (dimensions === undefined) return { inputText: text }
  if (!model.includes('titan-embed-text-v1')) return { inputText: text, dimensions }
  dropped.drop('dimensions')
  return { inputText: text }
}

function readResponse(body: JsonObject): EmbeddingResponse {
  const found = body.embedding ?? body.embeddings
  const lists = isObject(found) ? found.float : Array.isArray(found) && typeof found[0] === 'number' ? [found] : found
  const vectors = Array.isArray(lists) ? lists.filter(isVector) : []
  if (!Array.isArray(lists) || vectors.length < lists.length) throw badResponse('embeddings', 'lists of numbers', found)
  return { model: '', embeddings: vectors, usage: embeddingUsage(body) }
}

/** As the model whose body the request had would answer. */
function writeResponse({ embeddings: vectors, usage }: EmbeddingResponse, { request }: Wish): JsonObject {
  const lists = vectors.map(numbersOf)
  if (request.inputText !== undefined) {
    const [float = []] = lists
    return { embedding: float, embeddingsByType: { float }, inputTextTokenCount: usage?.input ?? 0 }
  }
  const texts = Array.isArray(request.texts) ? { texts: request.texts } : {}
  return Array.isArray(request.embedding_types)
    ? { embeddings: { float: lists }, response_type: 'embeddings_by_type', ...texts }
    : { embeddings: lists, response_type: 'embeddings_floats', ...texts }
}

/** Titan counts tokens in the body; Cohere's count is in a header. */
export function embeddingUsage(body: JsonObject) {
  const tokens =
    looseCount(body.inputTextTokenCount) ?? looseCount(looseObject(looseObject(body.meta).billed_units).input_tokens)
  return tokens === undefined ? undefined : usageOf({ input: tokens })
}

const INPUT_TYPES: Readonly<Record<string, string>> = {
  retrieval_query: 'search_query',
  retrieval_document: 'search_document',
  classification: 'classification',
  clustering: 'clustering'
}

function taskOf(type: string | undefined): string | undefined {
  return Object.entries(INPUT_TYPES).find(([, name]) => name === type)?.[0]
}

function isVector(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(each => typeof each === 'number')
}

function unsupported(message: string): GatewayError {
  return new Refusal('GW_AI_UNSUPPORTED', message, [], { detail: message })
}

import {
  base64Of,
  type EmbeddingInput,
  type EmbeddingRequest,
  type EmbeddingResponse,
  numbersOf
} from '../../embedding.js'
import { numbersIn, objectIn, textIn } from '../../lenient.js'
import { badRequest, badResponse, type JsonObject, Members } from '../../members.js'
import type { Dropped, RequestHints, Wish } from '../dialect.js'
import { readUsage } from './usage.js'

/** https://docs.cohere.com/reference/embed */
export const embeddings = {
  readRequest(whole: JsonObject, hints: RequestHints): EmbeddingRequest {
    const body = Members.of(whole, '', badRequest)
    const types = body.texts('embedding_types') ?? ['float']
    const request: EmbeddingRequest = {
      model: hints.model === '' ? body.text('model') : hints.model,
      input: readInput(body),
      dimensions: body.count('output_dimension'),
      encoding_format: types.length === 1 && types[0] === 'base64' ? 'base64' : 'float',
      task: TASKS.find(([, name]) => name === whole.input_type)?.[0],
      extra: new Map()
    }
    body.ignore('model', 'input_type')
    for (const [name, value] of body.rest()) request.extra.set(name, value)
    const others = types.filter(type => type !== 'float' && type !== 'base64')
    if (others.length > 0) request.extra.set('embedding_types', types)
    return request
  },

  writeRequest(request: EmbeddingRequest, dropped: Dropped): JsonObject {
    if (request.user !== undefined) dropped.drop('user')
    const body: JsonObject = {
      model: request.model,
      ...writeInput(request.input, request.model),
      input_type: inputType(request),
      embedding_types: [request.encoding_format ?? 'float']
    }
    if (request.dimensions !== undefined) {
      if (hasOneSize(request.model)) dropped.drop('dimensions')
      else body.output_dimension = request.dimensions
    }
    const { extra } = request
    // Ollama's clients say whether to cut, by the end.
    if (typeof extra.get('truncate') === 'boolean') extra.set('truncate', extra.get('truncate') ? 'END' : 'NONE')
    for (const name of ['truncate', 'max_tokens', 'priority', 'embedding_types', 'input_type']) {
      const value = extra.get(name)
      if (value !== undefined) body[name] = value
      extra.delete(name)
    }
    return body
  },

  readResponse(body: JsonObject): EmbeddingResponse {
    const found = vectors(body.embeddings)
    if (found === undefined) throw badResponse('embeddings', 'an object with lists of vectors', body.embeddings)
    return { model: '', embeddings: found, usage: readUsage(body) }
  },

  writeResponse(response: EmbeddingResponse, wish: Wish): JsonObject {
    const asked = Array.isArray(wish.request.embedding_types) ? wish.request.embedding_types : ['float']
    const all = response.embeddings
    const base64 = asked.includes('base64')
    return {
      id: '',
      embeddings: {
        ...((!base64 || asked.includes('float')) && { float: all.map(numbersOf) }),
        ...(base64 && { base64: all.map(base64Of) })
      },
      texts: Array.isArray(wish.request.texts) ? wish.request.texts : [],
      meta: {
        api_version: { version: '2' },
        ...(response.usage !== undefined && { billed_units: { input_tokens: response.usage.input } })
      },
      response_type: 'embeddings_by_type'
    }
  }
}

/** Whether all vectors of a model are of one size: those before the fourth version. */
export function hasOneSize(model: string): boolean {
  return /embed-(?:english|multilingual)/.test(model)
}

/** What vectors are for, in the words of the canonical request and Cohere's. */
const TASKS: readonly (readonly [string, string])[] = [
  ['retrieval_document', 'search_document'],
  ['retrieval_query', 'search_query'],
  ['classification', 'classification'],
  ['clustering', 'clustering'],
  ['question_answering', 'search_query'],
  ['code_retrieval_query', 'search_query'],
  ['fact_verification', 'search_query'],
  ['semantic_similarity', 'clustering']
]

function readInput(body: Members): EmbeddingInput[] {
  const input: EmbeddingInput[] = [...(body.texts('texts') ?? [])]
  for (const image of body.texts('images') ?? []) input.push({ image })
  for (const each of body.objects('inputs')) {
    let text = ''
    let image: string | undefined
    for (const part of each.objects('content')) {
      text += part.optionalText('text') ?? ''
      image = part.within('image_url')?.text('url') ?? image
    }
    input.push(image === undefined ? text : { image })
  }
  if (input.length === 0) body.fail('texts', 'a list of texts', undefined)
  return input
}

/** Of the third version, which looks at images alone. */
function inputType({ input, model, task }: EmbeddingRequest): string {
  if (hasOneSize(model) && imagesIn(input).length > 0) return 'image'
  return TASKS.find(([name]) => name === task)?.[1] ?? 'search_document'
}

function imagesIn(input: readonly EmbeddingInput[]): string[] {
  return input.flatMap(each => (typeof each === 'object' && 'image' in each ? [each.image] : []))
}

function writeInput(input: readonly EmbeddingInput[], model: string): JsonObject {
  if (input.every(each => typeof each === 'string')) return { texts: input }
  const images = hasOneSize(model) ? imagesIn(input) : []
  if (images.length > 0) {
    const other = input.findIndex(each => typeof each === 'string' || Array.isArray(each))
    if (other !== -1)
      throw badRequest(
        `input[${other}]`,
        'an image, as the others: this model takes no texts beside images',
        input[other]
      )
    return { images }
  }
  const inputs = input.map((each, i) => {
    if (typeof each === 'string') return { content: [{ type: 'text', text: each }] }
    if (Array.isArray(each)) throw badRequest(`input[${i}]`, 'a text: this provider takes no token numbers', each)
    return { content: [{ type: 'image_url', image_url: { url: each.image } }] }
  })
  return { inputs }
}

/** By type, of which numbers are preferred; the first version had the list itself. */
function vectors(value: unknown): (number[] | string)[] | undefined {
  if (Array.isArray(value)) return value.map(numbersIn)
  const types = objectIn(value)
  for (const name of ['float', 'int8', 'uint8', 'binary', 'ubinary']) {
    const list = types[name]
    if (Array.isArray(list)) return list.map(numbersIn)
  }
  return Array.isArray(types.base64) ? types.base64.map(textIn) : undefined
}

import {
  base64Of,
  type EmbeddingInput,
  type EmbeddingRequest,
  type EmbeddingResponse,
  numbersOf
} from '../../embedding.js'
import { badRequest, badResponse, isObject, type JsonObject, Members } from '../../members.js'
import type { Dropped, RequestHints, Wish } from '../dialect.js'
import { newId } from './ids.js'
import { countIn, objectsOf, textIn } from './lenient.js'
import { usageIn } from './usage.js'
import { present } from './write-request.js'

/** https://platform.openai.com/docs/api-reference/embeddings/create */
export const embeddings = {
  readRequest(body: JsonObject, hints: RequestHints): EmbeddingRequest {
    const members = new Members(body, '', badRequest)
    const model = members.optionalText('model') ?? (hints.model === '' ? members.text('model') : hints.model)
    const format = members.optionalText('encoding_format')
    if (format !== undefined && format !== 'float' && format !== 'base64') {
      return members.fail('encoding_format', '"float" or "base64"', format)
    }
    return {
      model,
      input: readInput(members),
      dimensions: members.count('dimensions'),
      encoding_format: format,
      user: members.optionalText('user'),
      extra: members.rest()
    }
  },

  writeRequest(request: EmbeddingRequest, dropped: Dropped): JsonObject {
    if (request.task !== undefined) dropped.drop('task')
    const { model, input, dimensions, encoding_format, user } = request
    const only = input.length === 1 && typeof input[0] === 'string' ? input[0] : input
    return present({ model, input: only, dimensions, encoding_format, user })
  },

  readResponse(body: JsonObject): EmbeddingResponse {
    if (!Array.isArray(body.data)) throw badResponse('data', 'a list', body.data)
    const found = objectsOf(body.data).map((each, i) => ({
      index: countIn(each.index) ?? i,
      embedding: vectorOf(each.embedding, i)
    }))
    found.sort((a, b) => a.index - b.index)
    return { model: textIn(body.model), embeddings: found.map(each => each.embedding), usage: usageIn(body) }
  },

  writeResponse(response: EmbeddingResponse, wish: Wish): JsonObject {
    const base64 = wish.request.encoding_format === 'base64'
    const tokens = response.usage?.input ?? 0
    return {
      ...(wish.mistrals && { id: newId('embd-') }),
      object: 'list',
      data: response.embeddings.map((vector, index) => {
        return { object: 'embedding', index, embedding: base64 ? base64Of(vector) : numbersOf(vector) }
      }),
      model: response.model === '' ? wish.model : response.model,
      usage: { prompt_tokens: tokens, total_tokens: tokens }
    }
  }
}

const INPUT = 'a string, a list of strings, a list of tokens or a list of such lists'

function readInput(members: Members): EmbeddingInput[] {
  const value = members.any('input')
  if (typeof value === 'string') return [textOrImage(value)]
  if (!Array.isArray(value) || value.length === 0) return members.fail('input', INPUT, value)
  if (isTokens(value)) return [value]
  return value.map((each: unknown, i): EmbeddingInput => {
    if (typeof each === 'string') return textOrImage(each)
    if (Array.isArray(each) && isTokens(each)) return each
    if (isObject(each) && typeof each.image === 'string') return { image: each.image } // Jina
    if (isObject(each) && typeof each.text === 'string') return each.text
    const address = isObject(each) && each.type === 'image_url' ? each.image_url : undefined
    const url = isObject(address) ? address.url : address
    if (typeof url === 'string') return { image: url } // as in chats
    return members.fail(`input[${i}]`, 'a string or a list of tokens', each)
  })
}

/** The dialect has no images: they come as data URLs, which nobody means as texts. */
function textOrImage(input: string): EmbeddingInput {
  return /^data:image\/[\w.+-]+;base64,/.test(input) ? { image: input } : input
}

function isTokens(list: unknown[]): list is number[] {
  return list.length > 0 && list.every(each => typeof each === 'number')
}

function vectorOf(vector: unknown, i: number): number[] | string {
  if (typeof vector === 'string') return vector
  if (Array.isArray(vector) && vector.every(each => typeof each === 'number')) return vector
  throw badResponse(`data[${i}].embedding`, 'a list of numbers', vector)
}

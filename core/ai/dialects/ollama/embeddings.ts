import { type EmbeddingRequest, type EmbeddingResponse, numbersOf } from '../../embedding.js'
import { numbersIn, textIn } from '../../lenient.js'
import { badRequest, badResponse, type JsonObject, Members } from '../../members.js'
import type { Dropped, RequestHints, Wish } from '../dialect.js'
import { readUsage } from './reply.js'

/** /api/embed, and /api/embeddings before it, which has a `prompt` and one vector. https://docs.ollama.com/api/embed */
export const embeddings = {
  readRequest(whole: JsonObject, hints: RequestHints): EmbeddingRequest {
    const body = Members.of(whole, '', badRequest)
    const request: EmbeddingRequest = {
      model: hints.model === '' ? body.text('model') : hints.model,
      input: body.texts('input') ?? body.texts('prompt') ?? body.fail('input', 'a text or a list of texts', undefined),
      dimensions: body.count('dimensions'),
      extra: new Map()
    }
    body.ignore('model', 'prompt')
    for (const [name, value] of body.rest()) request.extra.set(name, value)
    return request
  },

  writeRequest(request: EmbeddingRequest, dropped: Dropped): JsonObject {
    for (const name of ['user', 'task'] as const) if (request[name] !== undefined) dropped.drop(name)
    const body: JsonObject = {
      model: request.model,
      input: request.input.map((each, i) => {
        if (typeof each === 'string') return each
        throw badRequest(`input[${i}]`, 'a text: this provider takes neither token numbers nor images', each)
      })
    }
    if (request.dimensions !== undefined) body.dimensions = request.dimensions
    const { extra } = request
    const cut = extra.get('truncate')
    // Cohere's clients say where to cut: there is no cutting the start.
    if (cut === 'END' || cut === 'NONE') extra.set('truncate', cut === 'END')
    else if (typeof cut === 'string') {
      extra.delete('truncate')
      dropped.drop('truncate')
    }
    for (const name of ['truncate', 'options', 'keep_alive']) {
      const value = extra.get(name)
      if (value !== undefined) body[name] = value
      extra.delete(name)
    }
    return body
  },

  readResponse(body: JsonObject): EmbeddingResponse {
    const list = Array.isArray(body.embeddings) ? body.embeddings : [body.embedding]
    if (!list.every(Array.isArray)) throw badResponse('embeddings', 'a list of vectors', body.embeddings)
    return {
      model: textIn(body.model),
      embeddings: list.map(numbersIn),
      usage: readUsage(body)
    }
  },

  writeResponse(response: EmbeddingResponse, wish: Wish): JsonObject {
    const all = response.embeddings.map(numbersOf)
    if (wish.request.input === undefined && wish.request.prompt !== undefined) return { embedding: all[0] ?? [] }
    return {
      model: response.model === '' ? wish.model : response.model,
      embeddings: all,
      total_duration: 0,
      load_duration: 0,
      prompt_eval_count: response.usage?.input ?? 0
    }
  }
}

import type { EmbeddingInput, EmbeddingRequest, EmbeddingResponse } from '../../embedding.js'
import { numbersOf } from '../../embedding.js'
import { numbersIn, objectIn, objectsIn, textIn } from '../../lenient.js'
import { badRequest, badResponse, type JsonObject, type Members } from '../../members.js'
import type { Dropped, RequestHints, Wish } from '../dialect.js'
import { membersOf, objects, within } from './spelling.js'
import { readUsage } from './usage.js'

/** embedContent and batchEmbedContents: https://ai.google.dev/api/embeddings */
export const embeddings = {
  readRequest(body: JsonObject, hints: RequestHints): EmbeddingRequest {
    const whole = membersOf(body, '', badRequest)
    const extra = new Map<string, unknown>()
    const batch = whole.any('requests') !== undefined
    const requests = batch ? objects(whole, 'requests', badRequest) : [whole]
    const [first] = requests
    if (first === undefined) return whole.fail('requests', 'a list with at least one request', undefined)
    const config = within(first, 'embedContentConfig', badRequest) // where Vertex has the rest
    const input = requests.map(request => {
      const text = readInput(request)
      request.ignore('model', 'taskType', 'outputDimensionality', 'embedContentConfig')
      for (const [name, value] of request.rest()) if (name !== 'requests') extra.set(name, value)
      return text
    })
    for (const [name, value] of batch ? whole.rest() : []) extra.set(name, value)
    return {
      model: hints.model === '' ? (first.optionalText('model') ?? '').replace(/^models\//, '') : hints.model,
      input,
      dimensions: first.count('outputDimensionality') ?? config?.count('outputDimensionality'),
      task: taskOf(first.optionalText('taskType') ?? config?.optionalText('taskType')),
      extra
    }
  },

  /** Always a batch: a provider's path says batchEmbedContents. */
  writeRequest(request: EmbeddingRequest, dropped: Dropped): JsonObject {
    if (request.user !== undefined) dropped.drop('user')
    const title = request.extra.get('title')
    request.extra.delete('title')
    const requests = request.input.map((input, i) => ({
      model: `models/${request.model}`,
      content: { parts: [writeInput(input, i)] },
      ...(request.task !== undefined && { taskType: request.task.toUpperCase() }),
      ...(typeof title === 'string' && { title }),
      ...(request.dimensions !== undefined && { outputDimensionality: request.dimensions })
    }))
    return { model: request.model, requests }
  },

  /** Of both, and of Vertex' `:predict`. */
  readResponse(body: JsonObject): EmbeddingResponse {
    const found = vectors(body)
    if (found === undefined) throw badResponse('embeddings', 'a list', body.embeddings)
    return { model: textIn(body.modelVersion), embeddings: found, usage: readUsage(body) }
  },

  writeResponse(response: EmbeddingResponse, wish: Wish): JsonObject {
    const all = response.embeddings.map(each => ({ values: numbersOf(each) }))
    const usage = response.usage && {
      usageMetadata: {
        promptTokenCount: response.usage.input,
        promptTokenDetails: [{ modality: 'TEXT', tokenCount: response.usage.input }]
      }
    }
    return wish.request.requests === undefined
      ? { embedding: all[0] ?? { values: [] }, ...usage }
      : { embeddings: all, ...usage }
  }
}

function readInput(request: Members): EmbeddingInput {
  const content = within(request, 'content', badRequest)
  if (content === undefined) return request.fail('content', 'an object with parts', undefined)
  let text = ''
  for (const part of objects(content, 'parts', badRequest)) {
    const bytes = within(part, 'inlineData', badRequest)
    if (bytes !== undefined) return { image: `data:${bytes.text('mimeType')};base64,${bytes.text('data')}` }
    text += part.optionalText('text') ?? ''
  }
  return text
}

function writeInput(input: EmbeddingInput, i: number): JsonObject {
  if (typeof input === 'string') return { text: input }
  if (Array.isArray(input)) throw badRequest(`input[${i}]`, 'a text: this provider takes no token numbers', input)
  const bytes = /^data:([^;,]+);base64,(.*)$/s.exec(input.image)
  if (bytes === null) return { fileData: { fileUri: input.image } }
  return { inlineData: { mimeType: bytes[1], data: bytes[2] } }
}

function taskOf(type: string | undefined): string | undefined {
  return type === undefined || type === 'TASK_TYPE_UNSPECIFIED' ? undefined : type.toLowerCase()
}

function vectors(body: JsonObject): number[][] | undefined {
  if (Array.isArray(body.predictions)) {
    return objectsIn(body.predictions).map(({ embeddings: each }) => numbersIn(objectIn(each).values))
  }
  if (Array.isArray(body.embeddings)) return objectsIn(body.embeddings).map(({ values }) => numbersIn(values))
  return body.embedding === undefined ? undefined : [numbersIn(objectIn(body.embedding).values)]
}

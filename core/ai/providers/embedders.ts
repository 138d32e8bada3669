import type { JsonObject } from '../members.js'
import { openaiCompatible } from './compatible.js'
import type { Provider } from './provider.js'

/** Providers of vectors and rankings, who have no models that chat. */
export const embedders: readonly Provider[] = [
  openaiCompatible('jina', 'Jina AI', 'https://api.jina.ai/v1', {
    // https://api.jina.ai/redoc
    offers: ['embeddings', 'rerank'],
    finish(body, call) {
      if (call.operation !== 'embeddings') return
      rename(body, 'encoding_format', 'embedding_type')
      delete body.user
    }
  }),
  openaiCompatible('voyage', 'Voyage AI', 'https://api.voyageai.com/v1', {
    // https://docs.voyageai.com/reference/embeddings-api
    offers: ['embeddings'],
    finish(body) {
      rename(body, 'dimensions', 'output_dimension')
      if (body.encoding_format === 'float') delete body.encoding_format
      delete body.user
    }
  })
].map(provider => ({ ...provider, dialects: withoutChat(provider) }))

function withoutChat({ dialects }: Provider): Provider['dialects'] {
  return (operation, model) => (operation === 'chat' ? [] : dialects(operation, model))
}

function rename(body: JsonObject, from: string, to: string): void {
  if (body[from] === undefined) return
  body[to] = body[from]
  delete body[from]
}

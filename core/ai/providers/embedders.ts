import type { JsonObject } from '../members.js'
import { asNewRerank } from './cohere-rerank.js'
import { openaiCompatible } from './compatible.js'
import type { Provider } from './provider.js'

const voyage = openaiCompatible('voyage', 'Voyage AI', 'https://api.voyageai.com/v1', {
  // https://docs.voyageai.com/reference
  offers: ['embeddings', 'rerank'],
  names: { embeddings: { dimensions: 'output_dimension' }, rerank: { top_n: 'top_k' } }
})

/** Providers of vectors and rankings, who have no models that chat. */
export const embedders: readonly Provider[] = [
  openaiCompatible('jina', 'Jina AI', 'https://api.jina.ai/v1', {
    // https://api.jina.ai/redoc
    offers: ['embeddings', 'rerank'],
    names: { embeddings: { encoding_format: 'embedding_type' } }
  }),
  {
    ...voyage,
    rewrites: (operation, body) => (operation === 'rerank' && !isVoyages(body) ? 'both' : undefined),
    finish(body, call) {
      voyage.finish?.(body, call)
      if (call.operation === 'rerank') asNewRerank(body)
    }
  } satisfies Provider
].map(provider => ({ ...provider, dialects: withoutChat(provider) }))

/** Whether a rerank is one of Voyage's own clients, who know its answers: those say `top_k` and `truncation`, also without a value. */
function isVoyages(body: JsonObject): boolean {
  return 'top_k' in body || 'truncation' in body
}

function withoutChat({ dialects }: Provider): Provider['dialects'] {
  return (operation, model) => (operation === 'chat' ? [] : dialects(operation, model))
}

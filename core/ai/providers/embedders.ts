import { openaiCompatible } from './compatible.js'
import type { Provider } from './provider.js'

/** Providers of vectors and rankings, who have no models that chat. */
export const embedders: readonly Provider[] = [
  openaiCompatible('jina', 'Jina AI', 'https://api.jina.ai/v1', {
    // https://api.jina.ai/redoc
    offers: ['embeddings', 'rerank'],
    names: { embeddings: { encoding_format: 'embedding_type' } }
  }),
  openaiCompatible('voyage', 'Voyage AI', 'https://api.voyageai.com/v1', {
    // https://docs.voyageai.com/reference
    offers: ['embeddings', 'rerank'],
    names: { embeddings: { dimensions: 'output_dimension' }, rerank: { top_n: 'top_k' } }
  })
].map(provider => ({ ...provider, dialects: withoutChat(provider) }))

function withoutChat({ dialects }: Provider): Provider['dialects'] {
  return (operation, model) => (operation === 'chat' ? [] : dialects(operation, model))
}

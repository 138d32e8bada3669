import type { Operation } from '../dialects/dialect.js'
import { keyOf } from './bearer.js'
import { asNewRerank, isOldRerank } from './cohere-rerank.js'
import type { Provider } from './provider.js'
import { askBesideTools, askForJson } from './schema-prompt.js'

const PATHS: Partial<Record<Operation, string>> = {
  chat: '/v2/chat',
  embeddings: '/v2/embed',
  rerank: '/v2/rerank',
  models: '/v1/models'
}

/** https://docs.cohere.com/reference */
export const cohere: Provider = {
  name: 'cohere',
  title: 'Cohere',
  baseUrl: 'https://api.cohere.com',
  required: [],
  optional: [],

  dialects(operation) {
    return PATHS[operation] === undefined ? [] : ['cohere']
  },

  address({ operation }) {
    const method = operation === 'models' ? 'GET' : 'POST'
    return { method, path: PATHS[operation] ?? '', headers: ['x-client-name', 'sluice'] }
  },

  authorize(_request, credential) {
    return ['authorization', `Bearer ${keyOf('cohere', credential)}`]
  },

  adapt(chat, dropped) {
    // Without words a model that is only held to JSON may write blanks forever.
    askForJson(chat, false)
    askBesideTools(chat, dropped)
  },

  rewrites: (operation, body) => (operation === 'rerank' && isOldRerank(body) ? 'both' : undefined),

  finish(body, { operation }) {
    if (operation === 'rerank') asNewRerank(body)
  }
}

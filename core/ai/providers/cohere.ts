import type { Operation } from '../dialects/dialect.js'
import { keyOf } from './bearer.js'
import { asNewRerank, isOldRerank } from './cohere-rerank.js'
import type { Provider } from './provider.js'
import { askForJson, askForSchema } from './schema-prompt.js'

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

  /** It is held to a format only where it has no tools: with some it is asked for in words. */
  adapt(chat, dropped) {
    const { response_format: format, tools = [] } = chat
    // Without words a model that is only held to JSON may write blanks forever.
    askForJson(chat, false)
    if (format === undefined || format.type === 'text' || tools.length === 0) return
    if (chat.tool_choice === 'none') {
      chat.tools = undefined
      chat.tool_choice = undefined
      return
    }
    askForSchema(chat)
    chat.response_format = undefined
    dropped.drop('response_format')
  },

  rewrites: (operation, body) => (operation === 'rerank' && isOldRerank(body) ? 'both' : undefined),

  finish(body, { operation }) {
    if (operation === 'rerank') asNewRerank(body)
  }
}

import type { Operation } from '../dialects/dialect.js'
import { isObject } from '../members.js'
import { keyOf } from './bearer.js'
import type { Provider } from './provider.js'

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

  finish(body, { operation }) {
    if (operation !== 'rerank' || !Array.isArray(body.documents)) return
    // Version 2 takes texts alone and answers with places in the list.
    const fields = Array.isArray(body.rank_fields) ? body.rank_fields.map(String) : undefined
    body.documents = body.documents.map(each => (isObject(each) ? documentText(each, fields) : each))
    delete body.rank_fields
    delete body.return_documents
  }
}

/** As Cohere recommends: YAML, in the order that matters. */
function documentText(document: Record<string, unknown>, fields: readonly string[] | undefined): string {
  const names = fields ?? Object.keys(document)
  if (names.length === 1 && names[0] === 'text') return String(document.text)
  const lines = names.filter(name => Object.hasOwn(document, name)).map(name => `${name}: ${yaml(document[name])}`)
  return lines.join('\n')
}

function yaml(value: unknown): string {
  return typeof value === 'string' && !/[\n:#]/.test(value) ? value : JSON.stringify(value)
}

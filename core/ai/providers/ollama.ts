import { bearer } from './bearer.js'
import type { Provider } from './provider.js'

/** A local Ollama, which wants no key; ollama.com does. https://docs.ollama.com/api */
export const ollama: Provider = {
  name: 'ollama',
  title: 'Ollama',
  baseUrl: 'http://127.0.0.1:11434',
  required: [],
  optional: [],
  keyless: true,

  dialects(operation) {
    switch (operation) {
      case 'chat':
        return ['ollama-chat', 'ollama-generate']
      case 'embeddings':
      case 'models':
        return ['ollama-chat']
      default:
        return []
    }
  },

  address({ operation, dialect, path }) {
    if (operation === 'models') return { method: 'GET', path: '/api/tags', headers: [] }
    if (operation === 'embeddings') {
      return { method: 'POST', path: path === '/api/embeddings' ? path : '/api/embed', headers: [] }
    }
    return { method: 'POST', path: dialect.name === 'ollama-generate' ? '/api/generate' : '/api/chat', headers: [] }
  },

  authorize(_request, credential) {
    return credential === undefined || credential.secret === '' ? [] : bearer('ollama', credential)
  }
}

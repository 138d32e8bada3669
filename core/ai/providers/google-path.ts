import type { ProviderCall } from './provider.js'

/** What the Gemini API and Vertex share of the paths of generateContent and its relatives. */

/** The method after the colon. */
export function methodOf(call: ProviderCall): string {
  switch (call.operation) {
    case 'count-tokens':
      return 'countTokens'
    case 'embeddings':
      // A client of this dialect says which; what is translated is always a batch.
      return call.path.endsWith(':embedContent') ? 'embedContent' : 'batchEmbedContents'
    default:
      return call.stream ? 'streamGenerateContent' : 'generateContent'
  }
}

/**
 * The client's query without its way to ask for SSE and to say its key. Streams are always asked for as SSE; who wants a JSON array gets the frames
 * put in one.
 */
export function queryOf(call: ProviderCall): string {
  const query = new URLSearchParams(call.query)
  for (const name of ['alt', '$alt', 'key']) query.delete(name)
  if (call.stream) query.set('alt', 'sse')
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

/** A name that goes into a path: its slashes stay. */
export function pathName(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/')
}

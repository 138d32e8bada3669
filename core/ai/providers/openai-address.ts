import { GatewayError } from '../../base/errors.js'
import type { HeaderList } from '../../base/headers.js'
import type { Operation } from '../dialects/dialect.js'
import type { ProviderCall } from './provider.js'
import { without } from './query.js'

/** Where OpenAI has each operation, below its `/v1`; those who speak its dialect have them in the same places. */
const PATHS: Readonly<Record<Exclude<Operation, ResponseOperation | 'chat' | 'invoke' | 'models'>, string>> = {
  'count-tokens': '/responses/input_tokens',
  embeddings: '/embeddings',
  rerank: '/rerank',
  moderations: '/moderations',
  'image-generation': '/images/generations',
  'image-edit': '/images/edits',
  'image-variation': '/images/variations',
  speech: '/audio/speech',
  transcription: '/audio/transcriptions',
  translation: '/audio/translations',
  'response-input-tokens': '/responses/input_tokens'
}

type ResponseOperation = 'response-get' | 'response-delete' | 'response-cancel' | 'response-input-items'

export function methodOf(operation: Operation): string {
  switch (operation) {
    case 'models':
    case 'response-get':
    case 'response-input-items':
      return 'GET'
    case 'response-delete':
      return 'DELETE'
    default:
      return 'POST'
  }
}

/** Path and query below the base URL. The client's query goes along where it asks for something: with GET. */
export function pathOf(call: ProviderCall): string {
  const path = operationPath(call)
  const query = methodOf(call.operation) === 'GET' ? without(call.query, AZURES) : ''
  return query === '' ? path : `${path}?${query}`
}

/** What Azure's clients say, and nobody else takes; there it is the operator's to say. */
const AZURES: ReadonlySet<string> = new Set(['api-version'])

/** The path alone. */
export function operationPath(call: ProviderCall): string {
  switch (call.operation) {
    case 'chat':
      return CHAT_PATHS.get(call.dialect.name) ?? '/chat/completions'
    case 'models':
      return safePath(call.path, '/models') ?? '/models'
    case 'response-get':
    case 'response-delete':
    case 'response-cancel':
    case 'response-input-items':
      return safePath(call.path, '/responses/') ?? unknown(call)
    case 'invoke':
      return unknown(call)
    default:
      return PATHS[call.operation]
  }
}

const CHAT_PATHS: ReadonlyMap<string, string> = new Map([
  ['openai-chat', '/chat/completions'],
  ['openai-completions', '/completions'],
  ['openai-responses', '/responses'],
  ['anthropic', '/messages']
])

/** The client's path, when it stays below `root` however the provider reads it; undefined: it is another one. */
function safePath(path: string, root: string): string | undefined {
  if (!path.startsWith(root)) return undefined
  const segments = path.split('/').map(decoded)
  if (segments.some(segment => segment === undefined || /^\.{1,2}$|[/\\]/.test(segment))) return undefined
  return segments.map(segment => encodeURIComponent(segment ?? '')).join('/')
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

function unknown(call: ProviderCall): never {
  throw new GatewayError('GW_AI_ENDPOINT_UNKNOWN', `${call.operation}: "${call.path}" names no response`)
}

/** Headers of the client that mean something to OpenAI. */
const FORWARDED: ReadonlySet<string> = new Set(['openai-beta', 'idempotency-key', 'x-client-request-id'])

export function forwarded(headers: HeaderList, names: ReadonlySet<string> = FORWARDED): HeaderList {
  const found: HeaderList = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]
    const value = headers[i + 1]
    if (name !== undefined && value !== undefined && names.has(name)) found.push(name, value)
  }
  return found
}

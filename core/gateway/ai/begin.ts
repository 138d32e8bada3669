import type { Dialect, DialectName } from '../../ai/dialects/dialect.js'
import { dialects } from '../../ai/dialects/index.js'
import { type Endpoint, findEndpoint, methodsOf } from '../../ai/endpoints.js'
import { promptEndpoint } from '../../ai/prompts/request.js'
import { GatewayError } from '../../base/errors.js'
import { type HeaderList, header } from '../../base/headers.js'
import { Refusal } from '../../base/refusal.js'
import type { Exchange } from '../exchange.js'
import { MethodNotAllowed } from '../refusals.js'
import { wireTarget } from '../rewrite.js'
import type { Route } from '../snapshot.js'
import { AiExchange } from './ai-exchange.js'

/**
 * Sees which endpoint of an AI API an exchange is for, before any policy: also what they refuse is said in the client's dialect.
 * @throws GatewayError GW_AI_ENDPOINT_UNKNOWN, GW_METHOD_NOT_ALLOWED, GW_AI_WEBSOCKET
 */
export function beginAi(exchange: Exchange, route: Route): AiExchange {
  const target = wireTarget(exchange, route)
  const [path = '', query = ''] = split(target)
  const { method, headers } = exchange.request
  const endpoint =
    findEndpoint(method === 'HEAD' ? 'GET' : method, path, query, headers) ?? promptAt(method, path, query)
  const dialect = endpoint && dialects.get(endpoint.dialect)
  if (endpoint !== undefined && dialect !== undefined) return new AiExchange(endpoint, dialect)
  const allowed = methodsOf(path)
  if (exchange.handshake !== undefined && allowed.includes('POST')) {
    // The one status after which Codex asks by HTTP at once, and does not try again first.
    throw new GatewayError('GW_AI_WEBSOCKET', `${path}: asked for as a WebSocket, and served by HTTP alone`)
  }
  if (allowed.length > 0) throw new MethodNotAllowed(method, allowed)
  throw new GatewayError('GW_AI_ENDPOINT_UNKNOWN', `${method} ${path} is no AI endpoint`)
}

/** @throws GatewayError GW_METHOD_NOT_ALLOWED */
function promptAt(method: string, path: string, query: string): Endpoint | undefined {
  const prompt = promptEndpoint(method, path, query)
  if (prompt === undefined) return undefined
  if (prompt.kind === 'method') {
    throw new Refusal('GW_METHOD_NOT_ALLOWED', `${method} ${path}: this endpoint takes ${prompt.allow}`, [
      'allow',
      prompt.allow
    ])
  }
  const operation = prompt.kind === 'openapi' ? 'models' : 'chat'
  return {
    dialect: 'openai-chat',
    operation,
    model: 'prompt',
    stream: false,
    framing: 'dialect',
    path,
    shape: 'openai',
    prompt
  }
}

/**
 * The dialect of a client whose request is for none of the endpoints: as far as its path and headers tell, else OpenAI's.
 * @returns undefined for one who calls a prompt
 */
export function likelyDialect(exchange: Exchange, route: Route): Dialect | undefined {
  const { headers } = exchange.request
  const [path] = split(wireTarget(exchange, route))
  if (promptEndpoint('', path, '') !== undefined) return undefined
  const [method] = methodsOf(path)
  const known = method === undefined ? undefined : findEndpoint(method, path, '', headers)
  return dialects.get(known?.errors ?? known?.dialect ?? likelyName(path, headers))
}

function likelyName(path: string, headers: HeaderList): DialectName {
  if (header(headers, 'anthropic-version') !== undefined || path.startsWith('/v1/messages')) return 'anthropic'
  if (header(headers, 'x-goog-api-key') !== undefined || path.startsWith('/v1beta')) return 'gemini'
  if (path.startsWith('/model/')) return 'converse'
  if (path.startsWith('/api/')) return 'ollama-chat'
  return path.startsWith('/v2/') ? 'cohere' : 'openai-chat'
}

function split(target: string): [string, string] {
  const at = target.indexOf('?')
  return at === -1 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)]
}

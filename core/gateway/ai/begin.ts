import { dialects } from '../../ai/dialects/index.js'
import { type Endpoint, findEndpoint, methodsOf } from '../../ai/endpoints.js'
import { promptEndpoint } from '../../ai/prompts/request.js'
import { GatewayError } from '../../base/errors.js'
import { Refusal } from '../../base/refusal.js'
import type { Exchange } from '../exchange.js'
import { wireTarget } from '../rewrite.js'
import type { Route } from '../snapshot.js'
import { AiExchange } from './ai-exchange.js'

/**
 * Sees which endpoint of an AI API an exchange is for, before any policy: also what they refuse is said in the client's dialect.
 * @throws GatewayError GW_AI_ENDPOINT_UNKNOWN, GW_METHOD_NOT_ALLOWED
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
  if (allowed.length > 0) {
    throw new GatewayError('GW_METHOD_NOT_ALLOWED', `${method} ${path}: this AI endpoint takes ${allowed.join(', ')}`)
  }
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

function split(target: string): [string, string] {
  const at = target.indexOf('?')
  return at === -1 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)]
}

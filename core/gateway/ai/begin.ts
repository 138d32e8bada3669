import { dialects } from '../../ai/dialects/index.js'
import { findEndpoint, methodsOf } from '../../ai/endpoints.js'
import { GatewayError } from '../../base/errors.js'
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
  const endpoint = findEndpoint(method === 'HEAD' ? 'GET' : method, path, query, headers)
  const dialect = endpoint && dialects.get(endpoint.dialect)
  if (endpoint !== undefined && dialect !== undefined) return new AiExchange(endpoint, dialect)
  const allowed = methodsOf(path)
  if (allowed.length > 0) {
    throw new GatewayError('GW_METHOD_NOT_ALLOWED', `${method} ${path}: this AI endpoint takes ${allowed.join(', ')}`)
  }
  throw new GatewayError('GW_AI_ENDPOINT_UNKNOWN', `${method} ${path} is no AI endpoint`)
}

function split(target: string): [string, string] {
  const at = target.indexOf('?')
  return at === -1 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)]
}

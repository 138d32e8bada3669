import { GatewayError } from '../base/errors.js'
import { asksForWebSocket } from '../base/handshake.js'
import { dropNamedByConnection } from '../base/headers.js'
import { beginAi } from './ai/begin.js'
import { setCertificateHeaders } from './client-certificate.js'
import type { Exchange } from './exchange.js'
import type { Route, Snapshot } from './snapshot.js'
import { clientAddress, dropStrangersForwarding, isTrusted } from './trusted.js'
import { refuseBroken } from './websocket.js'

/**
 * Finds the route and holds the request to its limits, before a byte of the body is taken.
 * @throws GatewayError GW_ROUTE_NOT_FOUND, GW_METHOD_NOT_ALLOWED, GW_VERSION_*, GW_BAD_REQUEST, GW_WEBSOCKET_VERSION, GW_BODY_TOO_LARGE
 */
export function admit(exchange: Exchange, snapshot: Snapshot): Route {
  const { request, incoming } = exchange
  const broken = snapshot.webSockets === true && exchange.handshake === undefined && asksForWebSocket(request.headers)
  dropNamedByConnection(request.headers)
  const { trustedProxies } = snapshot
  const trusted = trustedProxies !== undefined && isTrusted(exchange.peer, trustedProxies)
  if (trusted) exchange.clientIp = clientAddress(exchange, trustedProxies)
  else dropStrangersForwarding(request.headers)
  if (snapshot.certificateHeaders) setCertificateHeaders(request.headers, exchange.certificate?.headers, trusted)
  const { route, params } = snapshot.router.match(request.host, request)
  exchange.route = route
  exchange.params = params
  exchange.routedPath = request.path
  exchange.upstream = route.upstream
  if (broken && route.webSocket !== undefined) refuseBroken(request)
  if (route.ai !== undefined) exchange.ai = beginAi(exchange, route)
  snapshot.recorder?.begin(exchange, route)
  if (route.class !== undefined) snapshot.shedder?.check(route.class)
  const limit = route.limits.bodyBytes
  if (incoming.length !== undefined && incoming.length > limit) {
    throw new GatewayError(
      'GW_BODY_TOO_LARGE',
      `a body of ${incoming.length} bytes; the limit of the route is ${limit}`
    )
  }
  incoming.limit = limit
  if (route.requestMs !== undefined && !incoming.complete) incoming.quietMs = route.requestMs
  return route
}

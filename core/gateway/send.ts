import { GatewayError, toGatewayError } from '../base/errors.js'
import type { Reply } from '../base/http.js'
import type { Target } from '../upstream/target.js'
import { ANY_TARGET } from '../upstream/upstream.js'
import { balanceKey } from './balance-key.js'
import type { Exchange } from './exchange.js'
import { requestHeaders } from './forward.js'
import { wireTarget } from './rewrite.js'
import type { Route, Snapshot } from './snapshot.js'
import { timedReply } from './timing.js'
import { isTrusted } from './trusted.js'
import { connect } from './websocket.js'

/**
 * Sends the request to a target of its upstream. When the client goes away, so does the request.
 * @throws GatewayError GW_UPSTREAM_*, GW_CLIENT_GONE
 */
export function send(route: Route, exchange: Exchange, snapshot: Snapshot): Promise<Reply> {
  if (exchange.downstream.done)
    throw new GatewayError('GW_CLIENT_GONE', 'the client went away before the request was sent on')
  const upstream = snapshot.upstreams.get(exchange.upstream)
  const timeouts = route.timeouts.get(exchange.upstream)
  if (upstream === undefined || timeouts === undefined) {
    throw new GatewayError(
      'GW_PLUGIN_FAILED',
      `a policy of ${route.name} chose the upstream "${exchange.upstream}", which does not exist`
    )
  }
  const { request, body } = exchange
  const { keyFrom } = upstream
  const target = upstream.pick(
    keyFrom === undefined ? ANY_TARGET : { key: balanceKey(exchange, keyFrom), tried: ANY_TARGET.tried }
  )
  if (target === undefined) throw new GatewayError('GW_UPSTREAM_UNAVAILABLE', `${upstream.name}: no target in service`)
  exchange.target = target.url
  exchange.sentTo = target
  const headers = requestHeaders(exchange, {
    preserveHost: upstream.preserveHost,
    peer: exchange.peer,
    trusted: isTrusted(exchange.peer, snapshot.trustedProxies)
  })
  // A policy that reads the reply's body must be able to: ask for it uncoded.
  if (route.phases.on_response_body.length > 0) withoutCodings(headers)
  const timed = snapshot.meter !== undefined || route.timing !== undefined
  const reported = target.onReport !== undefined
  const since = timed || reported ? performance.now() : 0
  target.begin()
  const path = wireTarget(exchange, route)
  if (route.webSocket !== undefined && exchange.handshake !== undefined) {
    const asked = { route, options: route.webSocket, path, headers, timeouts }
    const answered = connect(exchange.handshake, asked, exchange, snapshot)
    return timed ? timedReply(answered, since, exchange, snapshot.meter) : answered
  }
  const sent = target.client.send(
    {
      method: request.method,
      target: path,
      headers,
      body: body.length === 0 ? undefined : body
    },
    timeouts,
    call => {
      exchange.call = call
    }
  )
  const reply = reported ? reportedReply(sent, since, target) : sent
  return timed ? timedReply(reply, since, exchange, snapshot.meter) : reply
}

/** Waits for the reply and tells the target what came of it. */
async function reportedReply(reply: Promise<Reply>, since: number, target: Target): Promise<Reply> {
  try {
    const head = await reply
    target.report({ status: head.status, code: undefined, ms: performance.now() - since })
    return head
  } catch (thrown) {
    const { code } = toGatewayError(thrown)
    if (code !== 'GW_CLIENT_GONE') target.report({ status: 0, code, ms: performance.now() - since })
    throw thrown
  }
}

function withoutCodings(headers: string[]): void {
  const at = headers.findIndex((name, i) => i % 2 === 0 && name === 'accept-encoding')
  if (at === -1) headers.push('accept-encoding', 'identity')
  else headers[at + 1] = 'identity'
}

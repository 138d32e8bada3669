import type { Dialect } from '../ai/dialects/dialect.js'
import type { GatewayError } from '../base/errors.js'
import type { Reply } from '../base/http.js'
import { problemReply } from '../base/problem.js'
import { Refusal } from '../base/refusal.js'
import { applyEdits } from '../plugin-host/edits.js'
import { likelyDialect } from './ai/begin.js'
import { inDialect } from './ai/problem.js'
import { addNotes } from './deprecation.js'
import type { Exchange, IncomingBody, Sent } from './exchange.js'
import { responseHeaders } from './forward.js'
import { inGrpc } from './grpc.js'
import { onError } from './policies.js'
import type { Snapshot } from './snapshot.js'
import { serverTiming } from './timing.js'

/** Sends the reply to the client. Never rejects. */
export function answer(exchange: Exchange, given: Reply, snapshot: Snapshot): Promise<void> | undefined {
  const dialect = errorDialect(exchange)
  const reply = dialect === undefined ? given : inDialect(dialect, given, exchange.id)
  reply.headers = responseHeaders(reply.headers)
  const notes = exchange.route?.notes
  if (notes !== undefined) addNotes(reply.headers, notes)
  const timing = exchange.route?.timing
  if (timing !== undefined) reply.headers.push('server-timing', serverTiming(exchange, timing, performance.now()))
  return deliver(exchange, reply, snapshot)
}

/** Sends a reply whose headers are as the client gets them. Never rejects. */
export function deliver(exchange: Exchange, given: Reply, snapshot: Snapshot): Promise<void> | undefined {
  const { incoming, downstream, request } = exchange
  exchange.status = given.status // of an error to a call of gRPC, which hears 200, too: it is what operators look for
  const reply = given.status < 400 ? given : inGrpc(request.headers, given)
  exchange.sentHeaders = reply.headers
  const sending = downstream.send(reply, exchange.last || !worthReading(incoming))
  if (sending instanceof Promise) return sending.then(sent => conclude(exchange, sent, snapshot))
  return conclude(exchange, sending, snapshot)
}

/** In which an AI client is told of errors, also one who asked for something the route does not have; undefined: as anybody else. */
function errorDialect(exchange: Exchange): Dialect | undefined {
  const { route, ai } = exchange
  if (ai !== undefined) return ai.saysProblems ? undefined : ai.errors
  return route?.ai === undefined ? undefined : likelyDialect(exchange, route)
}

/** What is left of a request body after the reply is read and thrown away up to here, bytes. */
const LINGER_BYTES = 1_048_576

/**
 * Whether a reply may leave the connection open. One that is closed while the client still sends is reset, and the reply
 * may be lost with it; so a little is read to its end. Endless bodies are not, nor one that may never come: what follows then could
 * be the body or the next request.
 */
function worthReading(incoming: IncomingBody): boolean {
  if (incoming.complete) return true
  if (incoming.unasked === true) return false
  return incoming.length !== undefined && incoming.length - incoming.received <= LINGER_BYTES
}

function conclude(exchange: Exchange, sent: Sent, snapshot: Snapshot): Promise<void> | undefined {
  exchange.call = undefined
  exchange.bytesOut = sent.bytes
  if (sent.socket !== undefined) exchange.socket = sent.socket
  if (sent.tunnel !== undefined) exchange.tunnel = sent.tunnel
  const { cutShort } = sent
  if (cutShort === undefined) return undefined
  // The body broke off before its head was out: there can still be a proper answer.
  if (cutShort !== 'client-gone' && !exchange.downstream.started) return fail(exchange, cutShort, snapshot)
  exchange.cutShort = exchange.cutOff ?? cutShort
  return undefined
}

/** Answers with the error's problem document; when a reply has begun, cuts it short instead. Never rejects. */
export async function fail(exchange: Exchange, reason: GatewayError, snapshot: Snapshot): Promise<void> {
  const error = exchange.cutOff ?? reason // whatever ended with the connection says that the client is gone
  exchange.error = error
  exchange.status = error.spec.status === 0 ? 500 : error.spec.status
  exchange.call?.cancel() // an upstream call that is still under way is of no use any more
  exchange.call = undefined
  if (exchange.downstream.started) {
    exchange.downstream.cut()
    return
  }
  if (exchange.downstream.done) return
  if (error.code === 'GW_REQUEST_TIMEOUT') exchange.last = true // the rest will not come
  if (error.code === 'GW_INTERNAL') snapshot.log.error(exchange, error)
  const refusal = error instanceof Refusal ? error : undefined
  const problem = problemReply(error.code, exchange.id, refusal?.members)
  if (refusal !== undefined) problem.headers.push(...refusal.headers)
  if (exchange.responseEdits !== undefined) applyEdits(problem.headers, exchange.responseEdits)
  const reply = await onError(exchange, error, problem, snapshot)
  if (!exchange.downstream.done) await answer(exchange, reply, snapshot)
}

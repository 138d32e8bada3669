import { ERRORS, type GatewayError } from '../base/errors.js'
import type { Reply } from '../base/http.js'
import { problemReply } from '../base/problem.js'
import { applyEdits } from '../plugin-host/edits.js'
import type { Exchange, Sent } from './exchange.js'
import { responseHeaders } from './forward.js'
import { MethodNotAllowed } from './router.js'
import type { Snapshot } from './snapshot.js'

/** Sends the reply to the client. Never rejects. */
export function answer(exchange: Exchange, reply: Reply): Promise<void> | undefined {
  exchange.status = reply.status
  const { incoming, downstream } = exchange
  // A reply before the end of the request: the rest of it must not be read as the next request.
  const close = exchange.last || !incoming.complete
  reply.headers = responseHeaders(reply.headers)
  const sending = downstream.send(reply, close)
  if (sending instanceof Promise) return sending.then(sent => conclude(exchange, sent))
  conclude(exchange, sending)
  return undefined
}

function conclude(exchange: Exchange, sent: Sent): void {
  const { incoming } = exchange
  exchange.call = undefined
  exchange.bytesOut = sent.bytes
  if (sent.cutShort !== undefined) exchange.cutShort = sent.cutShort
  if (!incoming.complete) incoming.cancel()
}

/** Answers with the error's problem document; when a reply has begun, cuts it short instead. Never rejects. */
export async function fail(exchange: Exchange, error: GatewayError, snapshot: Snapshot): Promise<void> {
  exchange.error = error
  exchange.status = error.spec.status === 0 ? 500 : error.spec.status
  exchange.call?.cancel() // an upstream call that is still under way is of no use any more
  exchange.call = undefined
  if (exchange.downstream.started) {
    exchange.downstream.cut()
    return
  }
  if (exchange.downstream.done) return
  if (ERRORS[error.code].blame === 'gateway') snapshot.log.error(exchange, error)
  const reply = problemReply(error.code, exchange.id)
  if (error instanceof MethodNotAllowed) reply.headers.push('allow', error.allow.join(', '))
  if (exchange.responseEdits !== undefined) applyEdits(reply.headers, exchange.responseEdits)
  await answer(exchange, reply)
}

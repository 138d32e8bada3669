import { toGatewayError } from '../base/errors.js'
import { admit } from './admit.js'
import { answer, fail } from './answer.js'
import type { Exchange } from './exchange.js'
import { obtain } from './obtain.js'
import { afterwards, onRequest, onResponse } from './policies.js'
import type { Snapshot } from './snapshot.js'

/**
 * The life of one request, whole. Read this file first.
 *
 * Never rejects: a failure in any phase becomes an error reply, and the log line is written however the exchange
 * ended, also when the client went away. A phase that has nothing to wait for is not awaited: each await costs every
 * exchange a turn of the microtask queue.
 */
export async function handle(exchange: Exchange, snapshot: Snapshot): Promise<void> {
  try {
    const route = admit(exchange, snapshot)
    const policies = onRequest(route, exchange, snapshot)
    const early = policies && (await policies)
    const obtained = early ?? route.ownReply?.(exchange) ?? obtain(route, exchange, snapshot)
    const reply = obtained instanceof Promise ? await obtained : obtained
    const answered = onResponse(route, exchange, reply, snapshot)
    const sending = answer(exchange, answered instanceof Promise ? await answered : answered, snapshot)
    if (sending !== undefined) await sending
  } catch (thrown) {
    await fail(exchange, toGatewayError(thrown), snapshot)
  } finally {
    exchange.held?.done()
    snapshot.log.exchange(exchange)
    afterwards(exchange, snapshot)
  }
}

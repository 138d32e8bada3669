import { toGatewayError } from '../base/errors.js'
import { admit } from './admit.js'
import { answer, deliver, fail } from './answer.js'
import type { Exchange } from './exchange.js'
import { obtain } from './obtain.js'
import { afterwards, onRequest, onResponse } from './policies.js'
import type { Snapshot } from './snapshot.js'

/** A request that was answered before and asks for the same goes the short way, which ends in what is stored; all others go the whole way. */
export function handle(exchange: Exchange, snapshot: Snapshot): Promise<void> | undefined {
  const again = snapshot.shedder?.late === true ? undefined : snapshot.repeats?.replyTo(exchange)
  if (again === undefined) return wholeWay(exchange, snapshot)
  const sending = deliver(exchange, again, snapshot)
  return sending === undefined ? over(exchange, snapshot) : sending.then(() => over(exchange, snapshot))
}

/**
 * The life of one request, whole. Read this function first.
 *
 * Never rejects: a failure in any phase becomes an error reply, and the log line is written however the exchange
 * ended, also when the client went away. A phase that has nothing to wait for is not awaited: each await costs every
 * exchange a turn of the microtask queue.
 */
async function wholeWay(exchange: Exchange, snapshot: Snapshot): Promise<void> {
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
    over(exchange, snapshot)
  }
}

function over(exchange: Exchange, snapshot: Snapshot): undefined {
  exchange.held?.done()
  snapshot.log.exchange(exchange)
  afterwards(exchange, snapshot)
}

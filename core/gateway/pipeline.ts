import { toGatewayError } from '../base/errors.js'
import type { Reply } from '../base/http.js'
import { admit } from './admit.js'
import { answer, deliver, fail } from './answer.js'
import type { Exchange } from './exchange.js'
import { checkLoad, obtain } from './obtain.js'
import { afterwards, onRequest, onResponse } from './policies.js'
import { sendFor, type Waiter } from './send.js'
import type { Route, Snapshot } from './snapshot.js'

/** Hears that an exchange is over. */
export interface Ending {
  readonly ended: () => void
  /** @param thrown - what went wrong after all that could be done about it */
  readonly broken: (thrown: unknown) => void
}

/**
 * A request that was answered before and asks for the same goes the short way, which ends in what is stored; one whose route only sends it on
 * goes straight; all others go the whole way.
 */
export function handle(exchange: Exchange, snapshot: Snapshot, ending: Ending): void {
  const again = snapshot.shedder?.late === true ? undefined : snapshot.repeats?.replyTo(exchange)
  if (again !== undefined) {
    finish(deliver(exchange, again, snapshot), exchange, snapshot, ending)
    return
  }
  let route: Route
  try {
    route = admit(exchange, snapshot)
  } catch (thrown) {
    finish(fail(exchange, toGatewayError(thrown), snapshot), exchange, snapshot, ending)
    return
  }
  if (route.straight) new Straight(exchange, snapshot, ending).go(route)
  else finish(wholeWay(route, exchange, snapshot), exchange, snapshot, ending)
}

/**
 * The life of one request, whole, from the moment its route is known. Read this function first.
 *
 * Never rejects: a failure in any phase becomes an error reply. A phase that has nothing to wait for is not awaited: each await costs every
 * exchange a turn of the microtask queue.
 */
async function wholeWay(route: Route, exchange: Exchange, snapshot: Snapshot): Promise<void> {
  try {
    const policies = onRequest(route, exchange, snapshot)
    const early = policies && (await policies)
    const obtained = early ?? route.ownReply?.(exchange) ?? obtain(route, exchange, snapshot)
    const reply = obtained instanceof Promise ? await obtained : obtained
    const answered = onResponse(route, exchange, reply, snapshot)
    const sending = answer(exchange, answered instanceof Promise ? await answered : answered, snapshot)
    if (sending !== undefined) await sending
  } catch (thrown) {
    await fail(exchange, toGatewayError(thrown), snapshot)
  }
}

/** What is left of the whole way where the route has nothing but an upstream: no promise, so that an exchange passes without a microtask. */
class Straight implements Waiter {
  constructor(
    private readonly exchange: Exchange,
    private readonly snapshot: Snapshot,
    private readonly ending: Ending
  ) {}

  go(route: Route): void {
    const { exchange, snapshot } = this
    try {
      checkLoad(route, exchange, snapshot)
      sendFor(this, route, exchange, snapshot)
    } catch (thrown) {
      this.failed(thrown)
    }
  }

  replied(reply: Reply): void {
    const { exchange, snapshot, ending } = this
    let sending: Promise<void> | undefined
    try {
      sending = answer(exchange, reply, snapshot)
    } catch (thrown) {
      this.failed(thrown)
      return
    }
    const sent = sending?.catch(thrown => fail(exchange, toGatewayError(thrown), snapshot))
    finish(sent, exchange, snapshot, ending)
  }

  failed(thrown: unknown): void {
    const { exchange, snapshot, ending } = this
    finish(fail(exchange, toGatewayError(thrown), snapshot), exchange, snapshot, ending)
  }
}

/** When the reply is out, or cut short, the log line is written, however the exchange ended, also when the client went away. Never throws. */
function finish(sending: Promise<void> | undefined, exchange: Exchange, snapshot: Snapshot, ending: Ending): void {
  if (sending === undefined) over(exchange, snapshot, ending)
  else
    sending.then(
      () => over(exchange, snapshot, ending),
      thrown => over(exchange, snapshot, { ended: () => ending.broken(thrown), broken: ending.broken })
    )
}

function over(exchange: Exchange, snapshot: Snapshot, ending: Ending): void {
  try {
    exchange.held?.done()
    snapshot.log.exchange(exchange)
    afterwards(exchange, snapshot)
  } catch (thrown) {
    ending.broken(thrown)
    return
  }
  ending.ended()
}

import { EMPTY_BODY } from '../../base/body.js'
import { type ErrorCode, GatewayError } from '../../base/errors.js'
import type { Reply } from '../../base/http.js'
import type { Exchange } from '../../gateway/exchange.js'
import { onError, onLog, onRequest, onResponse } from '../../gateway/policies.js'
import type { PolicyHost } from '../../gateway/snapshot.js'
import { Ticker } from '../../gateway/ticks.js'
import type { Binding } from '../../plugin-host/binding.js'
import { applyEdits } from '../../plugin-host/edits.js'
import type { Case, ExpectedEffect, ExpectedLine } from './case.js'
import { bodyOf } from './case-body.js'
import { exchangeOf, givenReply, routeOf } from './case-exchange.js'
import { CaseHost } from './case-host.js'
import { type PlayedAi, playAi } from './play-ai.js'

/** What came out of an exchange: the reply the policy made, or the request and reply as it left them. */
interface PlayedExchange {
  readonly exchange: Exchange
  readonly early: Reply | undefined
  readonly response: Reply | undefined
  /** What came of its AI traffic; left out: it has none. */
  readonly ai?: PlayedAi | undefined
}

/** What came out of a case: of its last exchange, and what its policy asked for and logged all along. */
export interface Played extends PlayedExchange {
  readonly effects: readonly ExpectedEffect[]
  readonly logged: readonly ExpectedLine[]
  /** Answers the case has to effects the policy did not wait for. */
  readonly unasked: readonly string[]
}

/**
 * Plays one case through the same phases as the gateway does, as often as it says, and its ticks before and after.
 * @throws GatewayError when the plugin fails
 */
export async function playCase(given: Case, binding: Binding, plugins: PolicyHost['plugins']): Promise<Played> {
  const { times = 1, everyMs = 0, answers = {}, ticks = {} } = given
  const host = new CaseHost(plugins, answers)
  const ticker = new Ticker(binding, host)
  for (let i = 0; i < (ticks.before ?? 0); i++) {
    await ticker.tick()
    pass(binding, binding.tickMs)
  }
  for (let i = 1; i < times; i++) {
    await playExchange(given, binding, host)
    pass(binding, everyMs)
  }
  const played = await playExchange(given, binding, host)
  for (let i = 0; i < (ticks.after ?? 0); i++) {
    pass(binding, binding.tickMs)
    await ticker.tick()
  }
  host.check()
  return { ...played, effects: host.asked, logged: host.logged, unasked: host.unasked }
}

/** Moves the clock that the case has set. */
function pass({ script }: Binding, ms: number): void {
  const clock = script?.clock
  if (clock?.[0] !== undefined) clock[0] += ms
}

async function playExchange(given: Case, binding: Binding, host: CaseHost): Promise<PlayedExchange> {
  const exchange = exchangeOf(given)
  exchange.route = routeOf(binding)
  const played = await playPhases(given, exchange, host)
  await playLog(given, played, host)
  return played
}

async function playPhases(given: Case, exchange: Exchange, host: CaseHost): Promise<PlayedExchange> {
  const { route } = exchange
  const early = route && (await onRequest(route, exchange, host))
  if (early !== undefined || route === undefined) return { exchange, early, response: undefined }
  if (given.error !== undefined)
    return { exchange, early, response: await playError(given, given.error, exchange, host) }
  if (given.ai !== undefined) {
    const ai = await playAi(given.ai, { route, exchange, snapshot: host })
    return { exchange, response: undefined, ...('early' in ai ? ai : { early, ai }) }
  }
  if (given.response === undefined) return { exchange, early, response: undefined }
  return { exchange, early, response: await onResponse(route, exchange, givenReply(given, exchange), host) }
}

function playError(given: Case, code: ErrorCode, exchange: Exchange, host: CaseHost): Promise<Reply> {
  exchange.error = new GatewayError(code, 'as the case says')
  const problem = givenReply(given, exchange)
  if (exchange.responseEdits !== undefined) applyEdits(problem.headers, exchange.responseEdits)
  return onError(exchange, exchange.error, problem, host)
}

/** The phase after the exchange, which every exchange has. */
async function playLog(given: Case, { exchange, early, response }: PlayedExchange, host: CaseHost): Promise<void> {
  if (exchange.route?.phases.on_log.length === 0) return
  const { durationMs = 0, bytesIn = exchange.incoming.received, target = '' } = given.log ?? {}
  const reply = early ?? response ?? { status: 200, headers: [], body: EMPTY_BODY }
  const { bytesOut = bodyOf(reply.body).length, code = exchange.error?.code ?? '' } = given.log ?? {}
  const log = { durationUs: Math.round(durationMs * 1_000), bytesIn, bytesOut, target }
  await onLog(exchange, { reply, code, log }, host)
}

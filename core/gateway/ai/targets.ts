import type { Buffer } from 'node:buffer'
import { type ProviderFailure, statusOf } from '../../ai/failure.js'
import { failureOf } from '../../ai/failure-of.js'
import type { Outgoing } from '../../ai/providers/provider.js'
import type { Failed } from '../../ai/routing/fallback-kind.js'
import { type Blame, GatewayError, toGatewayError } from '../../base/errors.js'
import { type HeaderList, header } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import { Refusal, RetryLater } from '../../base/refusal.js'
import type { AiKeyConfig } from '../../config/resolve-ai-providers.js'
import type { Exchange } from '../exchange.js'
import { sendTo } from '../send.js'
import { answerOf } from './answer.js'
import type { AiCall } from './call.js'
import { loadReply } from './model-load.js'
import type { Answer } from './outcome.js'
import { type Prepared, prepare, unsupported } from './prepare.js'
import { NotAnswered } from './refused.js'
import type { Booking, Key, PlanRequest, Target } from './runtime.js'
import { settle, settleFailed } from './settle.js'

/**
 * Asks the targets of the model in turn until one answers.
 * @throws NotAnswered what the last of them said; GatewayError GW_AI_*, GW_CLIENT_GONE
 */
export async function firstAnswer(call: AiCall): Promise<Reply> {
  const { ai, exchange } = call
  const planned = call.planned
  const plan = call.runtime.plan(planned)
  let last: Refused | undefined
  let after: Failed | undefined
  try {
    for (let target = plan.next(); target !== undefined; target = plan.next(after)) {
      if (call.only !== undefined && call.only !== target.account.name) {
        after = undefined
        continue
      }
      const outcome = await askTarget(call, target, planned)
      if (outcome === undefined) {
        last ??= { failure: failureOf(unsupported(call)), reply: undefined, target: undefined, error: undefined }
        after = undefined
        giveBack(call)
        continue
      }
      if ('headers' in outcome) return outcome
      last = outcome
      call.runtime.meter?.failed(ai.account, outcome.failure.kind)
      after = outcome.error ?? outcome.failure
      giveBack(call)
      if (exchange.downstream.done)
        throw new GatewayError('GW_CLIENT_GONE', 'the client went away between two providers')
    }
  } catch (thrown) {
    giveBack(call)
    throw thrown
  }
  if (last === undefined) throw plan.refusal() ?? (call.only === undefined ? unsupported(call) : keptElsewhere(call))
  if (last.error instanceof RetryLater) throw last.error
  ai.failure = last.failure
  throw notAnswered(last)
}

/**
 * How long to come no more Google says in the body alone, and others not at all: of a limit it is as long as the keys rest. Most clients look
 * for it in the header.
 */
function notAnswered({ failure, reply, target }: Refused): NotAnswered {
  const restMs = failure.kind === 'rate_limit' && target !== undefined ? target.account.readyInMs(target.model) : 0
  const waitMs = failure.retryAfterMs ?? (restMs || undefined)
  if (reply !== undefined && waitMs !== undefined && header(reply.headers, 'retry-after') === undefined) {
    reply.headers.push('retry-after', String(Math.max(1, Math.ceil(waitMs / 1_000))))
  }
  return new NotAnswered({ ...failure, retryAfterMs: waitMs }, reply)
}

/** The account that keeps the response is none of those that have the model. */
function keptElsewhere({ asked }: AiCall): Refusal {
  const detail = `previous_response_id: the response is kept by another provider than those of ${asked.model}; send the whole conversation in input`
  return new Refusal('GW_AI_REQUEST_INVALID', detail, [], { param: 'previous_response_id', detail })
}

/** Asks one account, about something that it keeps. @throws NotAnswered, GatewayError */
export async function askAccount(call: AiCall, account: string): Promise<Reply> {
  const target = call.runtime.at(account)
  const outcome = target && (await askTarget(call, target, call.planned))
  if (outcome === undefined) throw unsupported(call)
  if ('headers' in outcome) return outcome
  giveBack(call)
  throw notAnswered(outcome)
}

/** A target that did not answer. */
interface Refused {
  readonly failure: ProviderFailure
  /** What it said instead, where the client can be told so as it is. */
  readonly reply: Reply | undefined
  /** undefined: it was not asked. */
  readonly target: Target | undefined
  readonly error: GatewayError | undefined
}

/** @returns undefined: the target cannot do this at all */
function askTarget(
  call: AiCall,
  target: Target,
  planned: PlanRequest
): Promise<Reply | Refused | undefined> | Reply | Refused | undefined {
  const loaded = loadReply(call, target)
  if (loaded !== undefined) return loaded
  let booking: Booking | Promise<Booking>
  try {
    booking = call.runtime.book(planned, target)
  } catch (thrown) {
    return notBooked(thrown)
  }
  if (!(booking instanceof Promise)) return askBooked(call, target, booking)
  return booking.then(booked => askBooked(call, target, booked), notBooked)
}

/** A budget for this provider alone may leave room at another. */
function notBooked(thrown: unknown): Refused {
  const error = toGatewayError(thrown)
  return { failure: failureOf(error), reply: undefined, target: undefined, error }
}

function askBooked(call: AiCall, target: Target, booking: Booking): Promise<Reply | Refused> | undefined {
  call.booking = booking
  call.ai.limits = booking.headers
  const prepared = prepare(call, target)
  if (call.ai.lowered || Number.isFinite(booking.cutAt)) call.bounded?.()
  return prepared && withKeys(call, prepared)
}

function giveBack(call: AiCall): void {
  call.booking?.release()
  call.booking = undefined
}

/** Asks one target, with another of its keys where the first is not taken. */
async function withKeys(call: AiCall, prepared: Prepared): Promise<Reply | Refused> {
  const { exchange, ai } = call
  const { target } = prepared
  const tried = new Set<AiKeyConfig>()
  for (;;) {
    letGo(exchange)
    ai.account = target.account.name
    ai.provider = target.account.provider.name
    ai.target = target.model
    ai.region = target.account.account.region
    ai.dropped = prepared.dropped
    ai.translated = !prepared.same
    ai.usage = undefined
    ai.microDollars = undefined
    try {
      const key = target.account.take(target.model, tried)
      ai.attempts++
      const answer = await ask(call, prepared, key)
      if (answer.failure === undefined) {
        key?.worked()
        return answer.reply
      }
      const another = key?.failed(answer.failure) === true
      if (another && !exchange.downstream.done && ai.attempts < MAX_TRIES) continue
      settleFailed(call, target, answer.used)
      return { ...answer, target, error: undefined }
    } catch (thrown) {
      const error = toGatewayError(thrown)
      if (OURS.has(error.spec.blame) || error.code === 'GW_INTERNAL') throw error
      return { failure: failureOf(error), reply: undefined, target: undefined, error }
    }
  }
}

/** Who is at fault where asking another provider is no help. */
const OURS: ReadonlySet<Blame> = new Set(['client', 'plugin'])

/** Requests to providers for one exchange, all targets and keys together. */
const MAX_TRIES = 20

/** What the try before still occupies. */
function letGo(exchange: Exchange): void {
  exchange.held?.done()
  exchange.held = undefined
}

async function ask(call: AiCall, prepared: Prepared, key: Key | undefined): Promise<Answer> {
  const { exchange, snapshot, route } = call
  const { target, method, path, headers, body } = prepared
  const { provider, account, origin, upstream } = target.account
  const credential = key?.credential instanceof Promise ? await key.credential : key?.credential
  const proof = provider.authorize(
    new Unsigned(method, origin, path, headers, body),
    credential,
    account,
    key?.tools ?? NO_TOOLS
  )
  const credentials = proof instanceof Promise ? await proof : proof
  const request = {
    method,
    target: path,
    headers: [...headers, ...credentials],
    body: body.length === 0 ? undefined : body
  }
  exchange.body = body
  const askedAt = performance.now()
  const here = !exchange.downstream.done
  try {
    const reply = await sendTo(upstream, request, route, exchange, snapshot)
    const answer = await answerOf(call, prepared, reply, askedAt)
    // Providers say some errors under status 200, and to the breaker those are what they are.
    exchange.held?.turnedOut?.(answer.failure === undefined ? reply.status : statusOf(answer.failure))
    return answer
  } catch (thrown) {
    if (toGatewayError(thrown).spec.blame === 'upstream') exchange.held?.turnedOut?.(0)
    // The provider had the prompt by then, and takes money for it: who leaves before an answer comes pays for that.
    const left = thrown instanceof GatewayError && thrown.code === 'GW_CLIENT_GONE'
    if (left && here && call.booking !== undefined) settle(call, target, undefined, () => '')
    throw thrown
  }
}

/** Of the few providers that sign requests each part of the URL counts; for the others none is taken apart. */
class Unsigned implements Outgoing {
  constructor(
    readonly method: string,
    private readonly origin: string,
    private readonly path: string,
    readonly headers: HeaderList,
    readonly body: Buffer
  ) {}

  get url(): URL {
    return new URL(this.path, this.origin)
  }
}

/** For providers without credentials. */
const NO_TOOLS = {
  now: () => Date.now(),
  postForm: () => Promise.reject(new GatewayError('GW_AI_CREDENTIAL', 'there is no credential to get a token for')),
  kept: new Map()
}

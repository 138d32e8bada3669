import type { Buffer } from 'node:buffer'
import type { ProviderFailure } from '../../ai/failure.js'
import { failureOf } from '../../ai/failure-of.js'
import type { Failed } from '../../ai/routing/fallback-kind.js'
import { GatewayError, toGatewayError } from '../../base/errors.js'
import { type HeaderList, setHeader } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import { RetryLater } from '../../base/refusal.js'
import { codings, collect, decoded } from '../collect.js'
import type { Exchange } from '../exchange.js'
import { sendTo } from '../send.js'
import type { Route, Snapshot } from '../snapshot.js'
import type { AiExchange } from './ai-exchange.js'
import { type Answer, answerOf } from './answer.js'
import { readAsked } from './asked.js'
import { AiCall } from './call.js'
import { replyNotes } from './headers.js'
import { listing } from './listing.js'
import { type Prepared, prepare, unsupported } from './prepare.js'
import { failureReply } from './problem.js'
import { promptPolicies } from './prompt-policies.js'
import type { Key, PlanRequest, Target, TargetPlan } from './runtime.js'

/**
 * An AI exchange from the client's request to the reply: asks the targets of the model in turn until one answers. What the client sent goes
 * to a provider that speaks the same dialect as it is, to another one translated.
 * @throws GatewayError GW_AI_*, GW_BODY_*, GW_CLIENT_GONE
 */
export async function converse(ai: AiExchange, route: Route, exchange: Exchange, snapshot: Snapshot): Promise<Reply> {
  const { ai: options } = route
  const { ai: runtime } = snapshot
  if (options === undefined || runtime === undefined)
    throw new GatewayError('GW_INTERNAL', `${route.name}: no AI route`)
  const asked = readAsked(await bodyOf(route, exchange), exchange, ai)
  ai.model = asked.model
  ai.stream = asked.stream
  const call = new AiCall(ai, asked, options, runtime, route, exchange, snapshot)
  if (ai.endpoint.operation === 'models') return listing(call)
  const early = ai.endpoint.operation === 'chat' ? await promptPolicies(call) : undefined
  if (early !== undefined) return early
  const planned = call.planned
  const plan = runtime.plan(planned)
  try {
    const reply = await firstAnswer(call, plan, planned)
    addLimits(reply.headers, ai.limits)
    if (options.notes) reply.headers.push(...replyNotes(ai))
    return reply
  } catch (thrown) {
    giveBack(call)
    throw thrown
  }
}

/** The gateway's limits are what counts for a client, not those of the account. */
function addLimits(headers: HeaderList, limits: HeaderList): void {
  for (let i = 0; i < limits.length; i += 2) setHeader(headers, limits[i] ?? '', limits[i + 1] ?? '')
}

/** The body without its content coding: what is in it decides everything. */
async function bodyOf(route: Route, exchange: Exchange): Promise<Buffer> {
  const limit = route.limits.bodyBytes
  const raw = await collect(exchange.body, limit, 'GW_BODY_TOO_LARGE')
  const applied = raw.length === 0 ? [] : codings(exchange.request.headers)
  if (applied.length === 0) return raw
  return decoded(raw, applied.slice(0, MAX_CODINGS), limit, {
    tooLarge: 'GW_BODY_TOO_LARGE',
    unreadable: 'GW_BODY_ENCODING'
  })
}

const MAX_CODINGS = 4

async function firstAnswer(call: AiCall, plan: TargetPlan, planned: PlanRequest): Promise<Reply> {
  const { ai, exchange } = call
  let last: Refused | undefined
  let after: Failed | undefined
  for (let target = plan.next(); target !== undefined; target = plan.next(after)) {
    const outcome = await askTarget(call, target, planned)
    if (outcome === undefined) {
      last ??= { failure: failureOf(unsupported(call)), reply: undefined, error: undefined }
      after = undefined
      continue
    }
    if ('headers' in outcome) return outcome
    last = outcome
    after = outcome.error ?? outcome.failure
    giveBack(call)
    if (exchange.downstream.done) throw new GatewayError('GW_CLIENT_GONE', 'the client went away between two providers')
  }
  if (last === undefined) throw plan.refusal() ?? unsupported(call)
  if (last.error instanceof RetryLater) throw last.error
  ai.failure = last.failure
  return last.reply ?? failureReply(ai.dialect, last.failure, exchange.id)
}

/** A target that did not answer. */
interface Refused {
  readonly failure: ProviderFailure
  /** What it said instead, where the client can be told so as it is. */
  readonly reply: Reply | undefined
  readonly error: GatewayError | undefined
}

/** @returns undefined: the target cannot do this at all */
async function askTarget(call: AiCall, target: Target, planned: PlanRequest): Promise<Reply | Refused | undefined> {
  try {
    const booking = call.runtime.book(planned, target)
    call.booking = booking instanceof Promise ? await booking : booking
    call.ai.limits = call.booking.headers
  } catch (thrown) {
    // A budget for this provider alone may leave room at another.
    const error = toGatewayError(thrown)
    return { failure: failureOf(error), reply: undefined, error }
  }
  const prepared = prepare(call, target)
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
  for (;;) {
    letGo(exchange)
    ai.attempts++
    ai.account = target.account.name
    ai.provider = target.account.provider.name
    ai.target = target.model
    ai.region = target.account.account.region
    ai.dropped = prepared.dropped
    try {
      const key = target.account.take(target.model)
      const answer = await ask(call, prepared, key)
      if (answer.failure === undefined) {
        key?.worked()
        return answer.reply
      }
      const another = key?.failed(answer.failure) === true
      if (another && !exchange.downstream.done && ai.attempts < MAX_TRIES) continue
      return { ...answer, error: undefined }
    } catch (thrown) {
      const error = toGatewayError(thrown)
      if (error.spec.blame === 'client' || error.code === 'GW_INTERNAL') throw error
      return { failure: failureOf(error), reply: undefined, error }
    }
  }
}

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
  const url = new URL(path, origin)
  const credential = key?.credential instanceof Promise ? await key.credential : key?.credential
  const proof = provider.authorize({ method, url, headers, body }, credential, account, key?.tools ?? NO_TOOLS)
  const credentials = proof instanceof Promise ? await proof : proof
  const request = {
    method,
    target: path,
    headers: [...headers, ...credentials],
    body: body.length === 0 ? undefined : body
  }
  exchange.body = body
  const reply = await sendTo(upstream, request, route, exchange, snapshot)
  return answerOf(call, prepared, reply)
}

/** For providers without credentials. */
const NO_TOOLS = {
  now: () => Date.now(),
  postForm: () => Promise.reject(new GatewayError('GW_AI_CREDENTIAL', 'there is no credential to get a token for')),
  kept: new Map()
}

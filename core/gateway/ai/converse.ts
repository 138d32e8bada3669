import type { Buffer } from 'node:buffer'
import { invokedEndpoint } from '../../ai/endpoints.js'
import { GatewayError } from '../../base/errors.js'
import { type HeaderList, setHeader } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import { Refusal } from '../../base/refusal.js'
import { codings, collect, decoded } from '../collect.js'
import type { Exchange } from '../exchange.js'
import type { Route, Snapshot } from '../snapshot.js'
import type { AiExchange } from './ai-exchange.js'
import { readAsked } from './asked.js'
import { AiCall } from './call.js'
import { chatReply } from './chat-reply.js'
import { replyNotes } from './headers.js'
import { hasHook } from './hooks.js'
import { listing } from './listing.js'
import { failureProblem, failureReply } from './problem.js'
import { promptReply } from './prompt-reply.js'
import { NotAnswered } from './refused.js'
import { responseReply } from './responses.js'
import { firstAnswer } from './targets.js'
import { textReply } from './text-reply.js'
import { tokenCount } from './token-count.js'

/**
 * An AI exchange from the client's request to the reply. What the client sent goes to a provider that speaks the same dialect as it is, to
 * another one translated.
 * @throws GatewayError GW_AI_*, GW_BODY_*, GW_CLIENT_GONE
 */
export async function converse(ai: AiExchange, route: Route, exchange: Exchange, snapshot: Snapshot): Promise<Reply> {
  const { ai: options } = route
  const { ai: runtime } = snapshot
  if (options === undefined || runtime === undefined) {
    throw new GatewayError('GW_INTERNAL', `${route.name}: no AI route`)
  }
  const body = bodyOf(route, exchange)
  const asked = readAsked(body instanceof Promise ? await body : body, exchange, ai)
  if (ai.endpoint.invoked === true) ai.turnOutAs(invokedEndpoint(ai.endpoint, asked.json))
  ai.model = asked.model
  ai.stream = asked.stream
  const call = new AiCall(ai, asked, options, runtime, route, exchange, snapshot)
  try {
    const reply = await replyOf(call)
    addLimits(reply.headers, ai.limits)
    if (options.notes) reply.headers.push(...replyNotes(ai))
    return reply
  } catch (thrown) {
    if (!(thrown instanceof NotAnswered)) throw thrown
    const { failure } = thrown
    const reply = ai.saysProblems
      ? failureProblem(failure, exchange.id)
      : (thrown.reply ?? failureReply(ai.errors, failure, exchange.id))
    if (options.notes) reply.headers.push(...replyNotes(ai))
    return reply
  }
}

function replyOf(call: AiCall): Promise<Reply> | Reply {
  const { operation, prompt } = call.ai.endpoint
  if (prompt !== undefined) return promptReply(call, prompt)
  switch (operation) {
    case 'models':
      return listing(call)
    case 'chat':
      return chatReply(call)
    case 'invoke':
      return unreadReply(call)
    case 'count-tokens':
    case 'response-input-tokens':
      return tokenCount(call)
    case 'response-get':
    case 'response-delete':
    case 'response-cancel':
    case 'response-input-items':
      return responseReply(call)
    default:
      return textReply(call)
  }
}

/**
 * What nobody here can read passes, unless there are policies who would have to: they see chats in every other form.
 * @throws Refusal GW_AI_UNSUPPORTED
 */
function unreadReply(call: AiCall): Promise<Reply> {
  if (!hasHook(call, 'on_prompt', 'on_delta', 'on_tool_call', 'on_completion')) return firstAnswer(call)
  const detail =
    'Policies of this route look at chats, and cannot read this body: only Claude\'s (with "anthropic_version") can be. Use Converse.'
  throw new Refusal('GW_AI_UNSUPPORTED', `${call.model}: a body of InvokeModel that policies cannot read`, [], {
    detail
  })
}

/** The gateway's limits are what counts for a client, not those of the account. */
function addLimits(headers: HeaderList, limits: HeaderList): void {
  for (let i = 0; i < limits.length; i += 2) setHeader(headers, limits[i] ?? '', limits[i + 1] ?? '')
}

/** The body without its content coding: what is in it decides everything. */
function bodyOf(route: Route, exchange: Exchange): Buffer | Promise<Buffer> {
  const limit = route.limits.bodyBytes
  const raw = collect(exchange.body, limit, 'GW_BODY_TOO_LARGE')
  return raw instanceof Promise ? raw.then(whole => uncoded(whole, limit, exchange)) : uncoded(raw, limit, exchange)
}

function uncoded(raw: Buffer, limit: number, exchange: Exchange): Buffer | Promise<Buffer> {
  const applied = raw.length === 0 ? [] : codings(exchange.request.headers)
  if (applied.length === 0) return raw
  return decoded(raw, applied.slice(0, MAX_CODINGS), limit, {
    tooLarge: 'GW_BODY_TOO_LARGE',
    unreadable: 'GW_BODY_ENCODING'
  })
}

const MAX_CODINGS = 4

import { Buffer } from 'node:buffer'
import type { Frame } from '../../ai/frames/frame.js'
import { parsedObject, textIn } from '../../ai/lenient.js'
import { isObject, type JsonObject } from '../../ai/members.js'
import { expand } from '../../ai/responses-store/conversation.js'
import {
  cancelResponse,
  deleteResponse,
  getResponse,
  listInputItems,
  unknownResponse
} from '../../ai/responses-store/endpoints.js'
import type { Reply } from '../../base/http.js'
import type { AiCall } from './call.js'
import { answerText } from './estimate.js'
import { ownerOf } from './owner.js'
import { NotAnswered } from './refused.js'
import { owedFor, Watched } from './remember.js'
import type { Owed } from './runtime.js'
import { settleOwed } from './settle.js'
import { askAccount } from './targets.js'

/**
 * A request of the Responses API with what it only refers to: a conversation that is kept here is put in its place; one that a provider
 * keeps sends the request to the account that does.
 * @throws Refusal GW_AI_REQUEST_INVALID when a part of the conversation is gone
 */
export async function withConversation(call: AiCall): Promise<void> {
  const { asked, exchange, runtime } = call
  const owner = ownerOf(exchange)
  const { body, turn } = await expand(runtime.kept.memory.responses, owner, asked.json)
  call.turn = turn
  if (body !== asked.json) call.expanded = body
  const { previous_response_id: previous } = body
  if (typeof previous === 'string') call.only = await runtime.kept.memory.places.of(owner, previous)
}

/** What is asked of a response that was made before: of one that is kept here, or of the provider that keeps it. */
export async function responseReply(call: AiCall): Promise<Reply> {
  const { ai, exchange, runtime } = call
  const { responses, places } = runtime.kept.memory
  const { operation, path } = ai.endpoint
  const owner = ownerOf(exchange)
  const id = path.split('/')[2] ?? ''
  const query = new URLSearchParams(exchange.request.query)
  const known = await kept()
  if (known !== undefined) return json(known)
  const account = await places.of(owner, id)
  if (account === undefined) throw new NotAnswered(unknownResponse(id), undefined)
  const reply = await fetched(call, owner, id, await askAccount(call, account))
  if (operation === 'response-delete' && reply.status < 300) await places.forget(owner, id)
  return reply

  function kept(): Promise<JsonObject | undefined> {
    switch (operation) {
      case 'response-delete':
        return deleteResponse(responses, owner, id)
      case 'response-cancel':
        return cancelResponse(responses, owner, id)
      case 'response-input-items':
        return listInputItems(responses, owner, id, query)
      default:
        return getResponse(responses, owner, id, query)
    }
  }
}

/** What a provider says of a response that it made in the background: once that is over it is booked. */
async function fetched(call: AiCall, owner: string, id: string, reply: Reply): Promise<Reply> {
  const { status, body } = reply
  if (call.ai.endpoint.operation === 'response-input-items' || status >= 300) return reply
  const book = (response: JsonObject): Promise<void> => bookMade(call, owner, id, response)
  const gone = call.ai.endpoint.operation === 'response-delete'
  if (!gone && !Buffer.isBuffer(body)) return { ...reply, body: new Watched(body, lastResponse, book) }
  await book((Buffer.isBuffer(body) && parsedObject(body.toString())) || {})
  return reply
}

/** By what it used, once; where nobody says, by its prompt and what there is of an answer. What failed costs nothing. */
async function bookMade(call: AiCall, owner: string, id: string, response: JsonObject): Promise<void> {
  const { ai, runtime } = call
  const { places } = runtime.kept.memory
  if (ai.endpoint.operation !== 'response-delete' && !OVER.has(textIn(response.status))) return
  const kept = await places.of(owner, owedFor(id))
  if (kept === undefined) return
  await places.forget(owner, owedFor(id))
  const owed: Owed = JSON.parse(kept)
  const usage = ai.dialect.usage(response)
  if (usage === undefined && response.status === 'failed') runtime.releaseOwed(owed)
  else settleOwed(call, owed, usage, () => answerText(ai.dialect, response))
}

const OVER: ReadonlySet<string> = new Set(['completed', 'incomplete', 'failed', 'cancelled'])

/** The response that the last event of a stream has, however it ended. */
function lastResponse({ event, data }: Frame): JsonObject | undefined {
  if (!OVER.has(event.replace('response.', ''))) return undefined
  const { response } = parsedObject(data) ?? {}
  return isObject(response) ? response : undefined
}

function json(value: JsonObject): Reply {
  return { status: 200, headers: ['content-type', 'application/json'], body: Buffer.from(JSON.stringify(value)) }
}

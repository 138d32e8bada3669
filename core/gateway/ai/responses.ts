import { Buffer } from 'node:buffer'
import type { Operation } from '../../ai/dialects/dialect.js'
import { parsedObject } from '../../ai/lenient.js'
import type { JsonObject } from '../../ai/members.js'
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
import { ownerOf } from './owner.js'
import { NotAnswered } from './refused.js'
import { owedFor } from './remember.js'
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
  const reply = await askAccount(call, account)
  await bookFetched(call, owner, id, reply)
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

/** An answer that was made in the background says what it used when it is whole: it is booked then, once. */
async function bookFetched(call: AiCall, owner: string, id: string, { status, body }: Reply): Promise<void> {
  const { ai, runtime } = call
  if (!FETCHING.has(ai.endpoint.operation) || status !== 200 || !Buffer.isBuffer(body)) return
  const { places } = runtime.kept.memory
  const kept = await places.of(owner, owedFor(id))
  if (kept === undefined) return
  const response = parsedObject(body.toString())
  const usage = response && ai.dialect.usage(response)
  if (usage === undefined) return
  await places.forget(owner, owedFor(id))
  settleOwed(call, JSON.parse(kept), usage)
}

const FETCHING: ReadonlySet<Operation> = new Set(['response-get', 'response-cancel'])

function json(value: JsonObject): Reply {
  return { status: 200, headers: ['content-type', 'application/json'], body: Buffer.from(JSON.stringify(value)) }
}

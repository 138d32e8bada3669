import { Refusal } from '../../base/refusal.js'
import type { ChatRequest } from '../chat.js'
import type { RequestHints } from '../dialects/dialect.js'
import { openaiResponses } from '../dialects/openai-responses/index.js'
import type { ProviderFailure } from '../failure.js'
import type { JsonObject } from '../members.js'
import { conversation, expand, itemsOf } from './conversation.js'
import { outputItems, type ResponsesStore } from './store.js'

/** GET /v1/responses/{id}; undefined: it is not known here. */
export async function getResponse(
  store: ResponsesStore,
  owner: string,
  id: string,
  query: URLSearchParams
): Promise<JsonObject | undefined> {
  const stored = await store.get(owner, id)
  if (stored !== undefined && query.get('stream') === 'true') {
    throw refused('stream', 'a response that was not made in the background cannot be streamed again; leave stream out')
  }
  return stored?.response
}

/** DELETE /v1/responses/{id}; undefined: it is not known here. */
export async function deleteResponse(
  store: ResponsesStore,
  owner: string,
  id: string
): Promise<JsonObject | undefined> {
  return (await store.delete(owner, id)) ? { id, object: 'response', deleted: true } : undefined
}

/**
 * POST /v1/responses/{id}/cancel; undefined: it is not known here.
 * @throws Refusal GW_AI_REQUEST_INVALID: what is kept here is done already
 */
export async function cancelResponse(store: ResponsesStore, owner: string, id: string): Promise<undefined> {
  if ((await store.get(owner, id)) === undefined) return undefined
  throw refused('response_id', 'only responses that were made in the background can be cancelled')
}

/** GET /v1/responses/{id}/input_items: everything the response was made from; undefined: it is not known here. */
export async function listInputItems(
  store: ResponsesStore,
  owner: string,
  id: string,
  query: URLSearchParams
): Promise<JsonObject | undefined> {
  const turns = await conversation(store, owner, id)
  if (turns === undefined) return undefined
  const output = new Set(turns.slice(-1).flatMap(outputItems))
  const items = turns.flatMap(itemsOf).filter(item => !output.has(item))
  if (orderOf(query) === 'desc') items.reverse()
  const after = query.get('after')
  const from = after === null ? 0 : items.findIndex(item => item.id === after) + 1
  if (after !== null && from === 0) throw refused('after', `there is no item "${after.slice(0, 80)}" in this response`)
  const limit = limitOf(query)
  const data = items.slice(from, from + limit)
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: from + limit < items.length
  }
}

/**
 * POST /v1/responses/input_tokens for a model of another dialect.
 * @param count - the tokens of a request, by the model's tokenizer
 */
export async function inputTokens(
  store: ResponsesStore,
  owner: string,
  body: JsonObject,
  hints: RequestHints,
  count: (chat: ChatRequest) => number | Promise<number>
): Promise<JsonObject> {
  const chat = openaiResponses.chat.readRequest((await expand(store, owner, body)).body, hints)
  return { object: 'response.input_tokens', input_tokens: await count(chat) }
}

/** What is answered for an id nobody knows. */
export function unknownResponse(id: string): ProviderFailure {
  return { kind: 'not_found', status: 404, message: `Response with id '${id.slice(0, 80)}' not found.` }
}

function orderOf(query: URLSearchParams): 'asc' | 'desc' {
  const order = query.get('order') ?? 'desc'
  if (order === 'asc' || order === 'desc') return order
  throw refused('order', `expected "asc" or "desc", found "${order.slice(0, 80)}"`)
}

function limitOf(query: URLSearchParams): number {
  const limit = query.get('limit') ?? '20'
  const number = Number(limit)
  if (/^\d+$/.test(limit) && number >= 1 && number <= 100) return number
  throw refused('limit', `expected a number from 1 to 100, found "${limit.slice(0, 80)}"`)
}

function refused(param: string, why: string): Refusal {
  const message = `${param}: ${why}`
  return new Refusal('GW_AI_REQUEST_INVALID', message, [], { param, detail: message })
}

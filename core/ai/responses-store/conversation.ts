import { Refusal } from '../../base/refusal.js'
import { inputItems } from '../dialects/openai-responses/read-input.js'
import { isObject, type JsonObject } from '../members.js'
import { outputItems, type ResponsesStore, type StoredResponse } from './store.js'

/** The most responses a conversation is followed back. */
const MAX_TURNS = 1_000

/** A request with what it refers to in place. */
export interface Expanded {
  /**
   * The very same when it refers to nothing that is kept here. Otherwise it must not go to a provider as it is, not even one that speaks Responses:
   * the ids of its items are ours. It has to be read and written.
   *
   * With the whole conversation in `input`, and without `previous_response_id` when it is in there. */
  readonly body: JsonObject
  /** The items of this turn alone: what is to be remembered of it. */
  readonly turn: readonly unknown[]
}

/**
 * Puts the conversation a request only refers to into `input`: `previous_response_id`, and `item_reference`s. Instructions of earlier turns do
 * not count any more, as the API has it. References to what is not kept here stay as they are: whoever reads the request refuses them, or
 * passes them to the provider that knows them.
 * @throws Refusal GW_AI_REQUEST_INVALID when a part of the conversation is gone
 */
export async function expand(store: ResponsesStore, owner: string, body: JsonObject): Promise<Expanded> {
  const previous = body.previous_response_id
  const turns = typeof previous === 'string' ? await conversation(store, owner, previous) : undefined
  const own = inputItems(body.input)
  const turn = await Promise.all(own.map(item => referred(store, owner, item)))
  if (turns === undefined) {
    return turn.every((item, i) => item === own[i]) ? { body, turn } : { body: { ...body, input: turn }, turn }
  }
  const { previous_response_id: _, ...rest } = body
  return { body: { ...rest, input: [...turns.flatMap(itemsOf), ...turn] }, turn }
}

/** The turns up to a response, first to last; undefined: it is not known here. @throws Refusal when an earlier one is gone */
export async function conversation(
  store: ResponsesStore,
  owner: string,
  id: string
): Promise<StoredResponse[] | undefined> {
  const turns: StoredResponse[] = []
  for (let at: string | undefined = id; at !== undefined; ) {
    const stored: StoredResponse | undefined = await store.get(owner, at)
    if (stored === undefined || turns.length === MAX_TURNS) {
      if (turns.length === 0) return undefined
      throw gone(
        id,
        stored === undefined ? `"${at}", which it goes on from, is gone` : `it goes back more than ${MAX_TURNS} turns`
      )
    }
    turns.push(stored)
    at = stored.previous
  }
  return turns.reverse()
}

/** Everything that was said in a turn. */
export function itemsOf(turn: StoredResponse): JsonObject[] {
  return [...turn.input, ...outputItems(turn)]
}

async function referred(store: ResponsesStore, owner: string, item: unknown): Promise<unknown> {
  if (!isReference(item)) return item
  const stored = await store.withItem(owner, item.id)
  return (stored && itemsOf(stored).find(({ id }) => id === item.id)) ?? item
}

/** The type may be left out. */
function isReference(item: unknown): item is { id: string } {
  if (!isObject(item) || typeof item.id !== 'string') return false
  return item.type === 'item_reference' || Object.keys(item).length === 1
}

function gone(id: string, why: string): Refusal {
  const message = `previous_response_id: the conversation of "${id.slice(0, 80)}" cannot be gone on with: ${why}; send the whole conversation in input`
  return new Refusal('GW_AI_REQUEST_INVALID', message, [], { param: 'previous_response_id', detail: message })
}

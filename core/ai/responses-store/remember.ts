import { randomBytes } from 'node:crypto'
import { isObject, type JsonObject } from '../members.js'
import type { ResponsesStore } from './store.js'

/**
 * Keeps a response that was made by translation, unless the client said `store: false`, or it failed.
 * @param request - as the client sent it
 * @param turn - its items, with references in place: what `expand` says
 * @param response - as the client got it: what was written, or what the last event of the stream had
 */
export async function remember(
  store: ResponsesStore,
  owner: string,
  request: JsonObject,
  turn: readonly unknown[],
  response: JsonObject
): Promise<void> {
  if (request.store === false || typeof response.id !== 'string' || response.status === 'failed') return
  const previous = request.previous_response_id
  await store.put(owner, {
    id: response.id,
    previous: typeof previous === 'string' ? previous : undefined,
    input: turn.filter(isObject).map(withId),
    response
  })
}

/** The response that the last event of a stream has; undefined: it is not the last. */
export function finalResponse(frame: { readonly event: string; readonly data: string }): JsonObject | undefined {
  if (frame.event !== 'response.completed' && frame.event !== 'response.incomplete') return undefined
  const event: unknown = JSON.parse(frame.data)
  return isObject(event) && isObject(event.response) ? event.response : undefined
}

/** As the API lists it: with a type, an id, and content in parts. */
function withId(item: JsonObject): JsonObject {
  const type = typeof item.type === 'string' ? item.type : 'message'
  const id = typeof item.id === 'string' ? item.id : `${PREFIXES[type] ?? 'item'}_${randomBytes(24).toString('hex')}`
  if (type !== 'message') return { ...item, id }
  const kind = item.role === 'assistant' ? 'output_text' : 'input_text'
  const content = typeof item.content === 'string' ? [{ type: kind, text: item.content }] : item.content
  return { status: 'completed', ...item, id, type, content }
}

const PREFIXES: Readonly<Record<string, string | undefined>> = {
  __proto__: undefined,
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  function_call_output: 'fco',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco'
}

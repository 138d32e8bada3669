import { randomBytes } from 'node:crypto'
import type { FinishReason } from '../../chat.js'
import { isObject, type JsonObject } from '../../members.js'
import type { Wish } from '../dialect.js'

/** A response object without its output: what was asked for, as clients expect to find it again. */
export function beginReply(id: string, model: string, created: number, wish: Wish): JsonObject {
  const { request } = wish
  const asked = (name: string, otherwise: unknown): unknown => request[name] ?? otherwise
  return {
    id,
    object: 'response',
    created_at: created > 0 ? created : Math.floor(Date.now() / 1_000),
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: asked('instructions', null),
    max_output_tokens: asked('max_output_tokens', null),
    max_tool_calls: asked('max_tool_calls', null),
    model: model === '' ? wish.model : model,
    output: [],
    parallel_tool_calls: asked('parallel_tool_calls', true),
    previous_response_id: asked('previous_response_id', null),
    prompt_cache_key: asked('prompt_cache_key', null),
    reasoning: { effort: null, summary: null, ...(isObject(request.reasoning) && request.reasoning) },
    safety_identifier: asked('safety_identifier', null),
    service_tier: asked('service_tier', 'auto'),
    store: asked('store', true),
    temperature: asked('temperature', 1),
    text: { format: { type: 'text' }, ...(isObject(request.text) && withoutNulls(request.text)) },
    tool_choice: asked('tool_choice', 'auto'),
    tools: asked('tools', []),
    top_logprobs: asked('top_logprobs', 0),
    top_p: asked('top_p', 1),
    truncation: asked('truncation', 'disabled'),
    usage: null,
    user: asked('user', null),
    metadata: asked('metadata', {})
  }
}

/** The id of a response: the provider's own where it is one, else a new one. Ids of other dialects are not always unique. */
export function responseId(id: string, { sameDialect = false }: Wish): string {
  if (sameDialect && id !== '') return id // whoever goes on from it has to be understood there
  return /^resp_[\w-]{8,120}$/.test(id) ? id : `resp_${randomBytes(24).toString('hex')}`
}

/** What ids of items end in: they have to be unique among responses, and no longer than 64 characters. */
export function suffixOf(responseId: string): string {
  return `${responseId.slice('resp_'.length).slice(-48)}_`
}

/** How a response ends: its status, and why it is not whole when it is not. @param refused - it says so itself */
export function ending(
  reason: FinishReason,
  refused: boolean
): { status: 'completed' | 'incomplete'; incomplete_details: JsonObject | null } {
  const why =
    reason === 'length'
      ? 'max_output_tokens'
      : reason === 'content_filter' || (reason === 'refusal' && !refused)
        ? 'content_filter'
        : undefined
  if (why === undefined) return { status: 'completed', incomplete_details: null }
  return { status: 'incomplete', incomplete_details: { reason: why } }
}

function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== undefined))
}

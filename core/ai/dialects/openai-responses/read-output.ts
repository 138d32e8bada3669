import type { AssistantPart, FinishReason } from '../../chat.js'
import { isObject, type JsonObject } from '../../members.js'
import { openSealed } from '../../signatures.js'
import { readAnnotations } from './annotations.js'
import { clientCall } from './client-calls.js'
import { reasoningPart, reasoningText } from './reasoning.js'

/**
 * The parts an item of the output is made of. Items of tools that the provider ran itself (web_search_call, …) are passed over: what came of
 * them is in the message.
 * @param signatures - of tool calls, by id: those found are added, and used for calls that follow
 */
export function readItem(item: unknown, signatures: Map<string, string>): AssistantPart[] {
  if (!isObject(item)) return []
  const own = clientCall(item)
  if (own !== undefined) return [own]
  switch (item.type) {
    case 'message':
      return Array.isArray(item.content) ? item.content.flatMap(readPart) : []
    case 'reasoning': {
      const encrypted = text(item.encrypted_content)
      noteSignature(encrypted, signatures)
      const part = reasoningPart(reasoningText(item.summary, item.content), encrypted, text(item.id))
      return part === undefined ? [] : [part]
    }
    case 'function_call':
      return [call(item, text(item.arguments) ?? '', false, signatures)]
    case 'custom_tool_call':
      return [call(item, text(item.input) ?? '', true, signatures)]
    case 'image_generation_call': {
      const data = text(item.result)
      if (data === undefined || data === '') return []
      return [{ type: 'image', source: { kind: 'base64', media_type: imageType(item), data } }]
    }
    default:
      return []
  }
}

/** Takes the signature of a call out of the reasoning item it travels in. */
export function noteSignature(encrypted: string | undefined, signatures: Map<string, string>): void {
  const sealed = encrypted === undefined ? undefined : openSealed(encrypted)
  if (sealed?.kind === 'call') signatures.set(sealed.callId, sealed.value)
}

export function imageType(item: JsonObject): string {
  return `image/${text(item.output_format) || 'png'}`
}

/** The token probabilities of all text of an item, in the shape of chat completions. */
export function logprobsOf(item: unknown): unknown[] {
  if (!isObject(item) || !Array.isArray(item.content)) return []
  return item.content.flatMap(part => (isObject(part) && Array.isArray(part.logprobs) ? part.logprobs : []))
}

/** Why the answer ended. */
export function finishReason(response: JsonObject, called: boolean, refused: boolean): FinishReason {
  if (response.status === 'incomplete') {
    const reason = isObject(response.incomplete_details) ? response.incomplete_details.reason : undefined
    return reason === 'content_filter' ? 'content_filter' : 'length'
  }
  if (called) return 'tool_calls'
  return refused ? 'refusal' : 'stop'
}

/** The part of an answer that one of a message is; empty: none. */
export function readPart(part: unknown): AssistantPart[] {
  if (!isObject(part)) return []
  if (part.type === 'refusal') return [{ type: 'refusal', refusal: text(part.refusal) ?? '' }]
  if (part.type !== 'output_text' && part.type !== 'text') return []
  const annotations = readAnnotations(part.annotations)
  return [{ type: 'text', text: text(part.text) ?? '', ...(annotations && { annotations }) }]
}

function call(item: JsonObject, args: string, custom: boolean, signatures: Map<string, string>): AssistantPart {
  const id = text(item.call_id) || text(item.id) || ''
  const signature = signatures.get(id)
  return {
    type: 'tool_call',
    id,
    name: text(item.name) ?? '',
    arguments: args,
    ...(custom && { custom }),
    ...(signature !== undefined && { signature })
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

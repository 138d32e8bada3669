import { objectsOf } from '../dialects/openai-chat/lenient.js'
import type { JsonObject } from '../members.js'

/**
 * How a provider wants earlier reasoning in a message: not at all, in `reasoning_content` or `reasoning` as text, in OpenRouter's
 * `reasoning_details` or LiteLLM's `thinking_blocks` with signatures, in Mistral's chunks of the content.
 */
export type ThoughtStyle = 'none' | 'content' | 'reasoning' | 'details' | 'blocks' | 'chunks'

/** Rewrites the reasoning of a message that was written in the dialect's own way: `reasoning_content` and `thinking_blocks`. */
export function writeThoughtsAs(style: ThoughtStyle, message: JsonObject): void {
  const text = message.reasoning_content
  const blocks = objectsOf(message.thinking_blocks)
  if (style === 'blocks') return
  delete message.thinking_blocks
  if (style === 'content') return
  delete message.reasoning_content
  if (style === 'details') {
    const details =
      blocks.length > 0 ? blocks.map(detailOf) : text === undefined ? [] : [detail('reasoning.text', { text })]
    if (details.length > 0) message.reasoning_details = details.map((each, index) => ({ ...each, index }))
  } else if (style === 'reasoning' && text !== undefined) message.reasoning = text
  else if (style === 'chunks' && text !== undefined) message.content = chunksOf(text, message.content)
}

function detailOf({ type, thinking, signature, data, id }: JsonObject): JsonObject {
  const named = id === undefined ? {} : { id }
  if (type === 'redacted_thinking') return detail('reasoning.encrypted', { data, ...named })
  return detail('reasoning.text', { text: thinking, ...(signature !== undefined && { signature }), ...named })
}

function detail(type: string, members: JsonObject): JsonObject {
  return { type, ...members }
}

function chunksOf(text: unknown, content: unknown): JsonObject[] {
  const thought = { type: 'thinking', thinking: [{ type: 'text', text }] }
  if (typeof content === 'string') return content === '' ? [thought] : [thought, { type: 'text', text: content }]
  return [thought, ...objectsOf(content)]
}

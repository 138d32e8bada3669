import type { AssistantPart, RedactedThinkingPart, ThinkingPart } from '../../chat.js'
import type { JsonObject } from '../../members.js'
import { objectsOf, optional, textIn } from './lenient.js'

type Thought = ThinkingPart | RedactedThinkingPart

/**
 * The reasoning of a message or a delta. OpenAI has no place for it; these are the names others gave it: `thinking_blocks` (LiteLLM) and
 * `reasoning_details` (OpenRouter) with signatures, `reasoning_content` (DeepSeek, xAI, Moonshot, Alibaba, vLLM) and `reasoning` (Groq, Together,
 * Cerebras) without. Those who send more than one say the same in each: the richest counts.
 */
export function thoughtsOf(message: JsonObject): Thought[] {
  const blocks = objectsOf(message.thinking_blocks).flatMap(block => fromBlock(block) ?? [])
  if (blocks.length > 0) return blocks
  const details = objectsOf(message.reasoning_details).flatMap(detail => fromDetail(detail) ?? [])
  const text = optional(message.reasoning_content) ?? optional(message.reasoning)
  const told: Thought[] = text === undefined ? [] : [{ type: 'thinking', text }]
  // Details that are all sealed say nothing of what stands beside them.
  return details.some(({ type }) => type === 'thinking') ? details : [...told, ...details]
}

/** The same with what other members say: which of them a server reads depends on it. It stands in the last of the thoughts, which stay as many. */
export function allThoughtsOf(message: JsonObject): Thought[] {
  const thoughts = thoughtsOf(message)
  const told = new Set(thoughts.map(thought => (thought.type === 'thinking' ? thought.text : '')))
  const all = [
    ...objectsOf(message.thinking_blocks).map(block => textIn(block.thinking)),
    ...objectsOf(message.reasoning_details).flatMap(({ text, summary }) => [textIn(text), textIn(summary)]),
    textIn(message.reasoning_content),
    textIn(message.reasoning)
  ]
  const hidden = [...new Set(all)].filter(text => text !== '' && !told.has(text))
  if (hidden.length === 0) return thoughts
  const at = thoughts.findLastIndex(({ type }) => type === 'thinking')
  const last = thoughts[at]
  if (last?.type !== 'thinking') return [...thoughts, { type: 'thinking', text: hidden.join('\n\n') }]
  return thoughts.with(at, { ...last, text: [last.text, ...hidden].join('\n\n') })
}

/** https://docs.litellm.ai/docs/reasoning_content; Anthropic's blocks as they are. */
function fromBlock(block: JsonObject): Thought | undefined {
  const id = optional(block.id)
  if (block.type === 'redacted_thinking') return { type: 'redacted_thinking', data: textIn(block.data), id }
  if (block.type !== 'thinking') return undefined
  return { type: 'thinking', text: textIn(block.thinking), signature: optional(block.signature), id }
}

/** https://openrouter.ai/docs/use-cases/reasoning-tokens */
function fromDetail(detail: JsonObject): Thought | undefined {
  const id = optional(detail.id)
  switch (detail.type) {
    case 'reasoning.text':
      return { type: 'thinking', text: textIn(detail.text), signature: optional(detail.signature), id }
    case 'reasoning.summary':
      return { type: 'thinking', text: textIn(detail.summary), id }
    case 'reasoning.encrypted':
      return { type: 'redacted_thinking', data: textIn(detail.data), id }
    default:
      return undefined
  }
}

/** The members of a message that say its reasoning; none when it has none. */
export function writeThoughts(parts: readonly AssistantPart[]): JsonObject {
  const thoughts = parts.filter(isThought)
  const text = thoughts.map(part => (part.type === 'thinking' ? part.text : '')).join('')
  const told = thoughts.length > 1 || thoughts.some(part => part.type !== 'thinking' || part.signature || part.id)
  return {
    ...(text !== '' && { reasoning_content: text }),
    ...(told && { thinking_blocks: thoughts.map(writeBlock) })
  }
}

export function writeBlock(part: Thought): JsonObject {
  const id = part.id === undefined ? {} : { id: part.id }
  if (part.type === 'redacted_thinking') return { type: 'redacted_thinking', data: part.data, ...id }
  return { type: 'thinking', thinking: part.text, ...(part.signature && { signature: part.signature }), ...id }
}

export function isThought(part: AssistantPart): part is Thought {
  return part.type === 'thinking' || part.type === 'redacted_thinking'
}

/** The text of one of Mistral's thinking chunks: `{type: "thinking", thinking: [{type: "text", text}]}`. */
export function chunkText(chunk: JsonObject): string {
  if (typeof chunk.thinking === 'string') return chunk.thinking
  return objectsOf(chunk.thinking)
    .map(part => textIn(part.text))
    .join('')
}

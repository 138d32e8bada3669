import type { AssistantPart, ChatMessage, ToolCallPart, ToolMessage } from '../../chat.js'
import type { JsonObject } from '../../members.js'
import type { Dropped } from '../dialect.js'
import { resultsFirst } from '../results-first.js'
import { NO_ARGUMENTS } from '../tool-calls.js'
import { cached, writeParts } from './parts.js'
import { writeThoughts } from './thoughts.js'

/** Writes `messages`. Images that a tool gave go into a message of the user after it: OpenAI's tools give text. */
export function writeMessages(messages: readonly ChatMessage[], dropped: Dropped): JsonObject[] {
  const written: JsonObject[] = []
  /** What tools gave besides text: OpenAI wants all answers to the calls of one message side by side. */
  let pending: JsonObject[] = []
  for (const { message, place } of resultsFirst(messages)) {
    if (message.role === 'tool') {
      written.push(writeToolMessage(message))
      if (message.is_error) dropped.drop(`messages[${place}].is_error`)
      pending.push(...writeGiven(message, `messages[${place}].content`, dropped))
      continue
    }
    if (pending.length > 0) written.push({ role: 'user', content: pending })
    pending = []
    written.push(writeMessage(message, `messages[${place}]`, dropped))
  }
  if (pending.length > 0) written.push({ role: 'user', content: pending })
  return written
}

function writeMessage(message: Exclude<ChatMessage, ToolMessage>, path: string, dropped: Dropped): JsonObject {
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: message.role, content: writeParts(message.content, `${path}.content`, dropped) }
    case 'user': {
      const content = writeParts(message.content, `${path}.content`, dropped)
      return { role: 'user', content, ...(message.name !== undefined && { name: message.name }) }
    }
    case 'assistant':
      return writeAssistant(message.content, message.name, path, dropped)
  }
}

function writeToolMessage({ tool_call_id, name, content, cache_control }: ToolMessage): JsonObject {
  const texts = content.filter(part => part.type === 'text')
  const marked = texts.some(part => part.cache_control !== undefined)
  return {
    role: 'tool',
    tool_call_id,
    ...(name !== undefined && { name }),
    content:
      marked || texts.length > 1
        ? texts.map(part => ({ type: 'text', text: part.text, ...cached(part) }))
        : (texts[0]?.text ?? ''),
    ...(cache_control !== undefined && { cache_control })
  }
}

/** The images and files that a tool gave, with a word of where they are from. */
function writeGiven({ tool_call_id, content }: ToolMessage, path: string, dropped: Dropped): JsonObject[] {
  const given = content.filter(part => part.type !== 'text')
  if (given.length === 0) return []
  const parts = writeParts(given, path, dropped)
  return typeof parts === 'string' ? [] : [{ type: 'text', text: `Given by tool call ${tool_call_id}:` }, ...parts]
}

function writeAssistant(
  parts: readonly AssistantPart[],
  name: string | undefined,
  path: string,
  dropped: Dropped
): JsonObject {
  const calls = parts.filter(part => part.type === 'tool_call').map(writeCall)
  const audio = parts.find(part => part.type === 'audio' && part.id !== undefined)
  if (parts.some(part => part.type === 'image' || (part.type === 'audio' && part.id === undefined))) {
    dropped.drop(`${path}.content`)
  }
  const content = writeAnswer(parts)
  return {
    role: 'assistant',
    content: content ?? (calls.length > 0 || audio !== undefined ? null : ''),
    ...(name !== undefined && { name }),
    ...writeThoughts(parts),
    ...(audio?.type === 'audio' && { audio: { id: audio.id } }),
    ...(calls.length > 0 && { tool_calls: calls })
  }
}

/** Text alone is text; with marks for caches or a refusal it is a list. */
function writeAnswer(parts: readonly AssistantPart[]): string | JsonObject[] | undefined {
  const answer = parts.flatMap((part): JsonObject[] => {
    if (part.type === 'text') return [{ type: 'text', text: part.text, ...cached(part) }]
    return part.type === 'refusal' ? [{ type: 'refusal', refusal: part.refusal }] : []
  })
  if (answer.length === 0) return undefined
  const only = answer.length === 1 ? answer[0] : undefined
  const plain = only?.cache_control === undefined && only?.type === 'text' ? only.text : undefined
  return typeof plain === 'string' ? plain : answer
}

export function writeCall(call: ToolCallPart): JsonObject {
  const mark = call.cache_control === undefined ? {} : { cache_control: call.cache_control }
  if (call.custom) {
    return { id: call.id, type: 'custom', custom: { name: call.name, input: call.arguments }, ...mark }
  }
  return {
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: call.arguments || NO_ARGUMENTS },
    ...signed(call.signature),
    ...mark
  }
}

/** Gemini's signature of a call, where Google's own endpoint for OpenAI's clients has it. */
export function signed(signature: string | undefined): JsonObject {
  return signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } }
}

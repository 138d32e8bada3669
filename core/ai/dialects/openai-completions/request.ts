import { type ChatMessage, type ChatRequest, textOf } from '../../chat.js'
import { badRequest, type JsonObject, Members } from '../../members.js'
import type { Dropped, RequestHints } from '../dialect.js'
import { readSampling } from '../openai-chat/read-request.js'
import { present } from '../openai-chat/write-request.js'

/**
 * Reads a request for a completion: the prompt is what a user says.
 * https://platform.openai.com/docs/api-reference/completions/create
 */
export function readRequest(body: JsonObject, hints: RequestHints): ChatRequest {
  const members = new Members(body, '', badRequest)
  // The gateway's, and what the reply is written by.
  members.ignore('stream_options', 'echo')
  const chat: ChatRequest = {
    model: members.optionalText('model') ?? (hints.model === '' ? members.text('model') : hints.model),
    messages: [{ role: 'user', content: [{ type: 'text', text: readPrompt(members) }] }],
    stream: members.flag('stream') ?? hints.stream ?? false,
    max_tokens: members.count('max_tokens'),
    ...readSampling(members),
    extra: new Map()
  }
  for (const [name, value] of members.rest()) chat.extra.set(name, value)
  return chat
}

/** Several prompts, or tokens of one, can only be answered by a model that is called this way itself. */
function readPrompt(members: Members): string {
  const prompt = members.any('prompt')
  if (typeof prompt === 'string') return prompt
  const only: unknown = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : undefined
  return typeof only === 'string' ? only : members.fail('prompt', 'a string, or a list of one', prompt)
}

/** Writes a conversation as one prompt. What is no text is dropped. */
export function writeRequest(chat: ChatRequest, dropped: Dropped): JsonObject {
  dropUnknown(chat, dropped)
  const { suffix, best_of } = taken(chat)
  return present({
    model: chat.model,
    prompt: promptOf(chat.messages, dropped),
    suffix,
    best_of,
    ...(chat.stream && { stream: true, stream_options: { include_usage: true } }),
    max_tokens: chat.max_tokens,
    temperature: chat.temperature,
    top_p: chat.top_p,
    n: chat.n,
    stop: chat.stop,
    seed: chat.seed,
    presence_penalty: chat.presence_penalty,
    frequency_penalty: chat.frequency_penalty,
    logit_bias: chat.logit_bias,
    logprobs: chat.logprobs ? (chat.top_logprobs ?? 0) : undefined,
    user: chat.user
  })
}

const OWN_MEMBERS = ['suffix', 'best_of'] as const

function taken(chat: ChatRequest): { suffix?: unknown; best_of?: unknown } {
  const found: { suffix?: unknown; best_of?: unknown } = {}
  for (const name of OWN_MEMBERS) {
    found[name] = chat.extra.get(name)
    chat.extra.delete(name)
  }
  return found
}

const UNKNOWN = [
  'top_k',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'reasoning',
  'verbosity',
  'service_tier',
  'metadata'
] as const

function dropUnknown(chat: ChatRequest, dropped: Dropped): void {
  for (const name of UNKNOWN) if (chat[name] !== undefined) dropped.drop(name)
}

/** One message of a user is the prompt as it is; of a conversation each message is a paragraph, and the answer is asked for. */
function promptOf(messages: readonly ChatMessage[], dropped: Dropped): string {
  messages.forEach((message, i) => {
    if (message.content.some(part => part.type !== 'text')) dropped.drop(`messages[${i}].content`)
  })
  const only = messages.length === 1 ? messages[0] : undefined
  if (only?.role === 'user') return textOf(only.content)
  const said = messages.map(message => {
    const text = textOf(message.content)
    return message.role === 'system' || message.role === 'developer' ? text : `${SPEAKERS[message.role]}: ${text}`
  })
  return [...said, `${SPEAKERS.assistant}:`].join('\n\n')
}

const SPEAKERS = { user: 'User', assistant: 'Assistant', tool: 'Tool' } as const

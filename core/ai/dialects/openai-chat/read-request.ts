import type { ChatRequest } from '../../chat.js'
import { badRequest, type JsonObject, Members } from '../../members.js'
import type { RequestHints } from '../dialect.js'
import type { Extra } from './parts.js'
import { readMessages } from './read-messages.js'
import { readFormat, readReasoning, readToolChoice, readTools } from './read-tools.js'

/**
 * Reads a request for a chat completion.
 * https://platform.openai.com/docs/api-reference/chat/create
 */
export function readRequest(body: JsonObject, hints: RequestHints): ChatRequest {
  const members = new Members(body, '', badRequest)
  members.ignore('stream_options') // the gateway's: whether the client wants usage
  const extra: Extra = new Map()
  const chat: ChatRequest = {
    model: members.optionalText('model') ?? (hints.model === '' ? members.text('model') : hints.model),
    messages: readMessages(members, extra, hints.toSee === true),
    stream: members.flag('stream') ?? hints.stream ?? false,
    max_tokens: maxTokens(members),
    ...readSampling(members),
    tools: readTools(members, extra),
    tool_choice: readToolChoice(members, extra),
    parallel_tool_calls: members.flag('parallel_tool_calls'),
    response_format: readFormat(members, extra),
    reasoning: readReasoning(members, extra),
    verbosity: members.optionalText('verbosity'),
    extra
  }
  for (const [name, value] of members.rest()) extra.set(name, value)
  return chat
}

/** `max_tokens` is the older name; where both are given, the newer one counts. */
function maxTokens(members: Members): number | undefined {
  const older = members.count('max_tokens')
  return members.count('max_completion_tokens') ?? older
}

/** What chat completions and the older completions share. */
export function readSampling(members: Members) {
  return {
    temperature: members.number('temperature'),
    top_p: members.number('top_p'),
    top_k: members.count('top_k'),
    n: answers(members),
    stop: members.texts('stop'),
    seed: members.number('seed') ?? members.number('random_seed'), // Mistral's
    presence_penalty: members.number('presence_penalty'),
    frequency_penalty: members.number('frequency_penalty'),
    logit_bias: logitBias(members),
    ...logprobs(members),
    service_tier: members.optionalText('service_tier'),
    user: members.optionalText('user'),
    metadata: metadata(members)
  } satisfies Partial<ChatRequest>
}

function answers(members: Members): number | undefined {
  const n = members.count('n')
  return n === 0 ? members.fail('n', 'a whole number, at least 1', n) : n
}

/** Chat completions say whether and how many, the older completions how many. */
function logprobs(members: Members): Pick<ChatRequest, 'logprobs' | 'top_logprobs'> {
  const value = members.any('logprobs')
  if (typeof value === 'number') return { logprobs: true, top_logprobs: members.count('logprobs') }
  return { logprobs: members.flag('logprobs'), top_logprobs: members.count('top_logprobs') }
}

function logitBias(members: Members): Record<string, number> | undefined {
  const bias = members.record('logit_bias')
  if (bias === undefined) return undefined
  const read: Record<string, number> = {}
  for (const [token, value] of Object.entries(bias)) {
    if (typeof value !== 'number') return members.fail(`logit_bias.${token}`, 'a number', value)
    read[token] = value
  }
  return read
}

function metadata(members: Members): Record<string, string> | undefined {
  const values = members.record('metadata')
  if (values === undefined) return undefined
  const read: Record<string, string> = {}
  for (const [name, value] of Object.entries(values)) {
    read[name] = typeof value === 'string' ? value : members.fail(`metadata.${name}`, 'a string', value)
  }
  return read
}

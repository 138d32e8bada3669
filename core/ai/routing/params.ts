import { isParamName, type ParamName } from '../../config/schema-ai-params.js'
import type { ChatRequest } from '../chat.js'

/**
 * Makes `params` of a target count in a chat that is about to be written in another dialect, by OpenAI's names. null takes a parameter out. What is not
 * OpenAI's goes into `extra`, for the dialect that knows it. The configuration was checked: what is of the wrong kind is passed over.
 */
export function applyParams(chat: ChatRequest, params: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(params)) {
    if (isParamName(name)) SET[name](chat, value)
    else if (value === null) chat.extra.delete(name)
    else chat.extra.set(name, value)
  }
}

type Set = (chat: ChatRequest, value: unknown) => void

const maxTokens: Set = (chat, value) => {
  if (value === null || typeof value === 'number') chat.max_tokens = value ?? undefined
}

function number(
  name: 'temperature' | 'top_p' | 'top_k' | 'n' | 'seed' | 'presence_penalty' | 'frequency_penalty' | 'top_logprobs'
): Set {
  return (chat, value) => {
    if (value === null || typeof value === 'number') chat[name] = value ?? undefined
  }
}

function flag(name: 'logprobs' | 'parallel_tool_calls'): Set {
  return (chat, value) => {
    if (value === null || typeof value === 'boolean') chat[name] = value ?? undefined
  }
}

function text(name: 'verbosity' | 'service_tier' | 'user'): Set {
  return (chat, value) => {
    if (value === null || typeof value === 'string') chat[name] = value ?? undefined
  }
}

const SET: Readonly<Record<ParamName, Set>> = {
  max_tokens: maxTokens,
  max_completion_tokens: maxTokens,
  temperature: number('temperature'),
  top_p: number('top_p'),
  top_k: number('top_k'),
  n: number('n'),
  seed: number('seed'),
  presence_penalty: number('presence_penalty'),
  frequency_penalty: number('frequency_penalty'),
  top_logprobs: number('top_logprobs'),
  logprobs: flag('logprobs'),
  parallel_tool_calls: flag('parallel_tool_calls'),
  stop: (chat, value) => {
    if (value === null) chat.stop = undefined
    else chat.stop = [value].flat().filter(each => typeof each === 'string')
  },
  reasoning_effort: (chat, value) => {
    if (value === null) chat.reasoning = undefined
    else if (typeof value === 'string') chat.reasoning = { summary: chat.reasoning?.summary, effort: value }
  },
  verbosity: text('verbosity'),
  service_tier: text('service_tier'),
  user: text('user')
}

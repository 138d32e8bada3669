import {
  type AssistantPart,
  type ChatMessage,
  type ChatRequest,
  saidIn,
  take,
  textOf,
  type UserPart
} from '../../chat.js'
import { functionArguments } from '../../custom-tools.js'
import type { JsonObject } from '../../members.js'
import type { Dropped } from '../dialect.js'
import { type Lacks, nameLosses } from '../losses.js'
import { resultsFirst } from '../results-first.js'
import { urlOf } from '../source.js'
import { NO_ARGUMENTS } from '../tool-calls.js'

/** Members that its own clients use and nobody else knows. */
const OWN = ['documents', 'citation_options', 'safety_mode', 'priority', 'raw_prompting'] as const
/** Members there is no place for. */
const ELSEWHERE = [
  'n',
  'logit_bias',
  'top_logprobs',
  'parallel_tool_calls',
  'verbosity',
  'service_tier',
  'user',
  'metadata'
] as const

export function writeRequest(chat: ChatRequest, dropped: Dropped): JsonObject {
  nameLosses(chat, lacksOf(chat.model), dropped)
  const body: JsonObject = {
    model: chat.model,
    messages: resultsFirst(chat.messages).flatMap(({ message, place }) =>
      writeMessage(message, chat.model, `messages[${place}]`, dropped)
    ),
    stream: chat.stream
  }
  const put = (name: string, value: unknown) => {
    if (value !== undefined) body[name] = value
  }
  put('max_tokens', chat.max_tokens)
  put('temperature', chat.temperature)
  put('p', within(chat.top_p, 0.01, 0.99)) // too near to what was asked for to be named
  put('k', within(chat.top_k, 0, MOST_CHOICES))
  if ((chat.top_k ?? 0) > MOST_CHOICES) dropped.drop('top_k')
  put('stop_sequences', chat.stop?.slice(0, MOST_STOPS))
  if ((chat.stop?.length ?? 0) > MOST_STOPS) dropped.drop('stop')
  put('seed', chat.seed)
  for (const name of ['frequency_penalty', 'presence_penalty'] as const) {
    // There is a punishment for what comes again, and no reward.
    if ((chat[name] ?? 0) < 0) dropped.drop(name)
    else put(name, within(chat[name], 0, 1))
    if ((chat[name] ?? 0) > 1) dropped.drop(name)
  }
  put('logprobs', chat.logprobs)
  writeTools(chat, body, dropped)
  put('response_format', writeFormat(chat))
  put('thinking', writeThinking(chat, dropped))
  for (const name of OWN) put(name, take(chat, name))
  for (const name of ELSEWHERE) {
    if (chat[name] !== undefined && !(name === 'n' && chat.n === 1)) dropped.drop(name)
  }
  return body
}

/** Where thoughts are lost, so are their signatures: that is one thing. */
function lacksOf(model: string): Lacks {
  return { names: true, errors: true, marks: true, redacted: true, signature: () => reasons(model) }
}

/** Models that reason, which alone take thoughts back. */
function reasons(model: string): boolean {
  return model.includes('reasoning')
}

const MOST_STOPS = 5
const MOST_CHOICES = 500

/** Cohere refuses what is beyond its bounds: the nearest that is not is meant. */
function within(value: number | undefined, least: number, most: number): number | undefined {
  return value === undefined ? undefined : Math.min(most, Math.max(least, value))
}

function writeMessage(message: ChatMessage, model: string, path: string, dropped: Dropped): JsonObject[] {
  switch (message.role) {
    case 'system':
    case 'developer': {
      const content = textOf(message.content)
      return content === '' ? [] : [{ role: 'system', content }] // a message has to have something in it
    }
    case 'user':
      return [{ role: 'user', content: userContent(message.content, path, dropped) }]
    case 'assistant':
      return writeAnswer(message.content, model, path, dropped)
    case 'tool': {
      message.content.forEach((part, i) => {
        if (part.type !== 'text') dropped.drop(`${path}.content[${i}]`)
      })
      return [{ role: 'tool', tool_call_id: message.tool_call_id, content: textOf(message.content) }]
    }
  }
}

function userContent(parts: readonly UserPart[], path: string, dropped: Dropped): string | JsonObject[] {
  if (parts.every(part => part.type === 'text')) return textOf(parts)
  const content = parts.flatMap((part, i): JsonObject[] => {
    if (part.type === 'text') return [{ type: 'text', text: part.text }]
    const url = part.type === 'image' ? urlOf(part.source) : undefined
    if (part.type === 'image' && url !== undefined) {
      return [{ type: 'image_url', image_url: { url, ...(part.detail !== undefined && { detail: part.detail }) } }]
    }
    dropped.drop(`${path}.content[${i}]`)
    return []
  })
  // A message has to have something in it.
  return content.length === 0 ? '.' : content
}

/** With calls, what was said before them is the plan. Thoughts go back to models that reason, which alone take them. */
function writeAnswer(parts: readonly AssistantPart[], model: string, path: string, dropped: Dropped): JsonObject[] {
  const text = saidIn(parts)
  const thoughts = parts.flatMap(part => (part.type === 'thinking' && part.text !== '' ? [part.text] : []))
  const thinking = thoughts.map(thought => ({ type: 'thinking', thinking: thought }))
  const thinks = reasons(model) && thinking.length > 0
  const calls = parts.flatMap(part =>
    part.type === 'tool_call'
      ? [
          {
            id: part.id,
            type: 'function',
            function: { name: part.name, arguments: functionArguments(part) || NO_ARGUMENTS }
          }
        ]
      : []
  )
  if (!thinks && (calls.length === 0 || text !== '')) {
    parts.forEach((part, i) => {
      if (part.type === 'thinking' && part.text !== '') dropped.drop(`${path}.content[${i}].thinking`)
    })
  }
  if (calls.length > 0) {
    const plan = text === '' && !thinks ? thoughts.join('') : text
    const before = { ...(thinks && { content: thinking }), ...(plan !== '' && { tool_plan: plan }) }
    return [{ role: 'assistant', ...before, tool_calls: calls }]
  }
  if (text === '' && !thinks) return []
  return [{ role: 'assistant', content: thinks ? [...thinking, { type: 'text', text }] : text }]
}

function writeTools(chat: ChatRequest, body: JsonObject, dropped: Dropped): void {
  const { tool_choice: choice, tools = [] } = chat
  const wanted = typeof choice === 'object' ? choice.name : undefined
  // There is no naming one tool: the others are left out instead.
  const used = wanted === undefined ? tools : tools.filter(({ name }) => name === wanted)
  if (used.length === 0) return
  body.tools = used.map(({ name, description, parameters }) => ({
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      parameters: parameters ?? { type: 'object', properties: {} }
    }
  }))
  if (used.some(({ strict }) => strict === true)) {
    if (used.every(({ strict }) => strict === true)) body.strict_tools = true
    else {
      for (const tool of used) if (tool.strict === true) dropped.drop(`tools[${tools.indexOf(tool)}].strict`)
    }
  }
  if (choice === 'required' || wanted !== undefined) body.tool_choice = 'REQUIRED'
  else if (choice === 'none') body.tool_choice = 'NONE'
}

function writeFormat({ response_format: format }: ChatRequest): JsonObject | undefined {
  if (format === undefined || format.type === 'text') return undefined
  return format.type === 'json_object' ? { type: 'json_object' } : { type: 'json_object', json_schema: format.schema }
}

function writeThinking({ reasoning, model }: ChatRequest, dropped: Dropped): JsonObject | undefined {
  if (reasoning === undefined) return undefined
  if (reasoning.effort === 'none') return { type: 'disabled' }
  const budget = reasoning.budget_tokens
  if (budget === undefined && !reasons(model)) {
    dropped.drop('reasoning')
    return undefined
  }
  return { type: 'enabled', ...(budget !== undefined && { token_budget: budget }) }
}

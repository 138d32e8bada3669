import {
  type ChatRequest,
  type ChatTool,
  type Reasoning,
  type ResponseFormat,
  type ToolChoice,
  take
} from '../../chat.js'
import { isObject, type JsonObject } from '../../members.js'
import { isOfResponses } from '../../signatures.js'
import type { Dropped } from '../dialect.js'
import { objectSchema } from '../object-schema.js'
import { strictFor } from '../openai-chat/strict-schema.js'
import { KEPT_CHOICE, KEPT_WISHES, keptTools } from './kept.js'
import { writeNamespaces } from './namespaces.js'
import { writeInput } from './write-input.js'

/** The least OpenAI takes: clients that probe with one token would be refused. */
const LEAST_OUTPUT_TOKENS = 16

/**
 * Asks for nothing to be stored at the provider, unless the caller did, and has reasoning sent along sealed, to be sent back. Of a caller who speaks
 * the dialect it is as they said.
 */
export function writeRequest(chat: ChatRequest, dropped: Dropped): JsonObject {
  for (const name of UNKNOWN) if (chat[name] !== undefined) dropped.drop(name)
  if (chat.stop !== undefined && chat.stop.length > 0) dropped.drop('stop')
  if (chat.n !== undefined && chat.n !== 1) dropped.drop('n')
  const { instructions, input } = writeInput(chat, dropped)
  const reasoning = writeReasoning(chat.reasoning)
  const own = take(chat, KEPT_WISHES) === true
  const store = take(chat, 'store') ?? (own ? undefined : false)
  const include = writeInclude(chat, own)
  const kept = keptTools(chat)
  const tools = [...writeNamespaces(chat.tools ?? [], (tool, i) => writeTool(tool, i, dropped)), ...kept]
  const choice = writeChoice(chat) ?? take(chat, KEPT_CHOICE)
  const text = writeText(chat, dropped)
  const options = take(chat, 'stream_options')
  return {
    model: chat.model,
    ...(instructions !== undefined && { instructions }),
    input,
    ...(chat.stream && { stream: true }),
    ...(chat.max_tokens !== undefined && { max_output_tokens: Math.max(chat.max_tokens, LEAST_OUTPUT_TOKENS) }),
    ...(chat.temperature !== undefined && { temperature: chat.temperature }),
    ...(chat.top_p !== undefined && { top_p: chat.top_p }),
    ...(chat.top_logprobs !== undefined && { top_logprobs: chat.top_logprobs }),
    ...(tools.length > 0 && { tools }),
    ...(tools.length > 0 && choice !== undefined && { tool_choice: choice }),
    ...(chat.parallel_tool_calls !== undefined && { parallel_tool_calls: chat.parallel_tool_calls }),
    ...(text !== undefined && { text }),
    ...(reasoning !== undefined && { reasoning }),
    ...(include.length > 0 && { include }),
    ...(chat.service_tier !== undefined && { service_tier: chat.service_tier }),
    ...(chat.user !== undefined && { user: chat.user }),
    ...(chat.metadata !== undefined && { metadata: chat.metadata }),
    ...(isObject(options) && options.include_obfuscation !== undefined && { stream_options: options }),
    ...(store !== undefined && { store }),
    ...taken(chat)
  }
}

/** Canonical members the Responses API has no word for. */
const UNKNOWN = ['top_k', 'seed', 'presence_penalty', 'frequency_penalty', 'logit_bias'] as const

/** Members that have no canonical name, and are of the same name and meaning wherever they are known. */
const SAME = [
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier',
  'truncation',
  'max_tool_calls',
  'context_management',
  'previous_response_id',
  'conversation',
  'prompt',
  'background'
] as const

function taken(chat: ChatRequest): JsonObject {
  const members: JsonObject = {}
  for (const name of SAME) {
    const value = take(chat, name)
    if (value !== undefined) members[name] = value
  }
  return members
}

/** Functions are strict here unless it is said that they are not. */
function writeTool(tool: ChatTool, i: number, dropped: Dropped): JsonObject {
  const description = tool.description === undefined ? {} : { description: tool.description }
  if (tool.custom !== undefined) {
    return {
      type: 'custom',
      name: tool.name,
      ...description,
      ...(tool.custom.format && { format: tool.custom.format })
    }
  }
  const parameters = objectSchema(tool.parameters)
  const strict = strictFor(parameters, tool.strict, `tools[${i}]`, dropped) ?? false
  return { type: 'function', name: tool.name, ...description, parameters, strict }
}

function writeChoice(chat: ChatRequest): JsonObject | ToolChoice | undefined {
  const choice = chat.tool_choice
  if (choice === undefined || typeof choice === 'string') return choice
  const custom = chat.tools?.some(tool => tool.name === choice.name && tool.custom !== undefined)
  return { type: custom ? 'custom' : 'function', name: choice.name }
}

function writeText(chat: ChatRequest, dropped: Dropped): JsonObject | undefined {
  const format = chat.response_format && writeFormat(chat.response_format, dropped)
  if (format === undefined && chat.verbosity === undefined) return undefined
  return { ...(format && { format }), ...(chat.verbosity !== undefined && { verbosity: chat.verbosity }) }
}

function writeFormat(format: ResponseFormat, dropped: Dropped): JsonObject {
  if (format.type !== 'json_schema') return { type: format.type }
  const strict = strictFor(format.schema, format.strict, 'response_format', dropped)
  return {
    type: 'json_schema',
    name: format.name,
    schema: format.schema,
    ...(strict !== undefined && { strict }),
    ...(format.description !== undefined && { description: format.description })
  }
}

/** A number of tokens becomes the effort that is nearest to it. */
function writeReasoning(reasoning: Reasoning | undefined): JsonObject | undefined {
  if (reasoning === undefined) return undefined
  const budget = reasoning.budget_tokens
  const effort = reasoning.effort ?? (budget === undefined ? undefined : effortOf(budget))
  const summary = reasoning.summary
  const wanted = summary !== undefined && !HIDDEN.has(summary)
  if (effort === undefined && !wanted) return undefined
  return {
    ...(effort !== undefined && { effort }),
    ...(wanted && { summary: SUMMARIES.has(summary) ? summary : 'auto' })
  }
}

const SUMMARIES: ReadonlySet<string> = new Set(['auto', 'concise', 'detailed'])
const HIDDEN: ReadonlySet<string> = new Set(['none', 'omitted', 'off', 'false'])

function effortOf(budget: number): string {
  if (budget <= 0) return 'none'
  if (budget < 4_096) return 'low'
  return budget < 16_384 ? 'medium' : 'high'
}

const LOGPROBS = 'message.output_text.logprobs'

/** Models that do not reason refuse to be asked for sealed reasoning: only where there is a sign that this one does. */
function writeInclude(chat: ChatRequest, own: boolean): unknown[] {
  const given = take(chat, 'include')
  const include: unknown[] = Array.isArray(given) ? [...given] : []
  const effort = chat.reasoning?.effort ?? (chat.reasoning?.budget_tokens === 0 ? 'none' : undefined)
  if (!own && ((chat.reasoning !== undefined && effort !== 'none') || chat.messages.some(reasoned))) {
    include.push('reasoning.encrypted_content')
  }
  if (chat.logprobs === true && !include.includes(LOGPROBS)) include.push(LOGPROBS)
  return include
}

function reasoned(message: ChatRequest['messages'][number]): boolean {
  if (message.role !== 'assistant') return false
  return message.content.some(
    part =>
      (part.type === 'thinking' && part.signature !== undefined && isOfResponses(part.signature)) ||
      (part.type === 'redacted_thinking' && isOfResponses(part.data))
  )
}

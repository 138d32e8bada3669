import type { ChatRequest, ChatTool, Reasoning, ResponseFormat, ToolChoice } from '../../chat.js'
import { take } from '../../chat.js'
import type { JsonObject } from '../../members.js'
import type { Dropped } from '../dialect.js'
import { objectSchema } from '../object-schema.js'
import { ADDED_MEMBERS, OWN_MEMBERS } from './extensions.js'
import { ALLOWED_TOOLS } from './read-tools.js'
import { strictFor } from './strict-schema.js'
import { writeMessages } from './write-messages.js'

/**
 * Writes a request for a chat completion with all that the dialect has a name for, those of compatible providers included: which of it
 * a provider does not take is the provider's to say.
 */
export function writeRequest(chat: ChatRequest, dropped: Dropped): JsonObject {
  return present({
    model: chat.model,
    messages: writeMessages(chat.messages, dropped),
    ...(chat.stream && { stream: true, stream_options: { include_usage: true } }),
    max_completion_tokens: chat.max_tokens,
    temperature: chat.temperature,
    top_p: chat.top_p,
    top_k: chat.top_k,
    n: chat.n,
    stop: chat.stop?.length === 0 ? undefined : chat.stop, // OpenAI refuses an empty list
    seed: chat.seed,
    presence_penalty: chat.presence_penalty,
    frequency_penalty: chat.frequency_penalty,
    logit_bias: chat.logit_bias,
    logprobs: chat.logprobs,
    top_logprobs: chat.top_logprobs,
    tools: writeTools(chat.tools, dropped),
    ...writeToolUse(chat, dropped),
    response_format: writeFormat(chat.response_format, dropped),
    reasoning_effort: chat.reasoning && effortOf(chat.reasoning),
    verbosity: chat.verbosity,
    service_tier: chat.service_tier,
    user: chat.user,
    metadata: chat.metadata,
    ...extensions(chat, dropped)
  })
}

/** Without members that are undefined. */
export function present(body: JsonObject): JsonObject {
  const kept: JsonObject = {}
  for (const [name, value] of Object.entries(body)) if (value !== undefined) kept[name] = value
  return kept
}

function writeTools(tools: readonly ChatTool[] | undefined, dropped: Dropped): JsonObject[] | undefined {
  // OpenAI refuses an empty list.
  if (tools === undefined || tools.length === 0) return undefined
  return tools.map((tool, i) => writeTool(tool, i, dropped))
}

function writeTool(tool: ChatTool, i: number, dropped: Dropped): JsonObject {
  const { name, description, cache_control } = tool
  const mark = cache_control === undefined ? {} : { cache_control }
  if (tool.custom)
    return { type: 'custom', custom: present({ name, description, format: tool.custom.format }), ...mark }
  const parameters = tool.parameters && objectSchema(tool.parameters)
  const strict = parameters === undefined ? tool.strict : strictFor(parameters, tool.strict, `tools[${i}]`, dropped)
  const definition = present({ name, description, parameters, strict })
  return { type: 'function', function: definition, ...mark }
}

/** How tools are to be used, which OpenAI takes only with tools. */
function writeToolUse(chat: ChatRequest, dropped: Dropped): JsonObject {
  const allowed = take(chat, ALLOWED_TOOLS)
  if (chat.tools === undefined || chat.tools.length === 0) {
    if (chat.tool_choice !== undefined && chat.tool_choice !== 'none' && chat.tool_choice !== 'auto') {
      dropped.drop('tool_choice')
    }
    return {}
  }
  const mode = chat.tool_choice
  const choice =
    Array.isArray(allowed) && (mode === 'auto' || mode === 'required')
      ? { type: 'allowed_tools', allowed_tools: { mode, tools: allowed } }
      : writeChoice(mode, chat.tools)
  return { tool_choice: choice, parallel_tool_calls: chat.parallel_tool_calls }
}

function writeChoice(choice: ToolChoice | undefined, tools: readonly ChatTool[]): unknown {
  if (typeof choice !== 'object') return choice
  const type = tools.find(tool => tool.name === choice.name)?.custom ? 'custom' : 'function'
  return { type, [type]: { name: choice.name } }
}

function writeFormat(format: ResponseFormat | undefined, dropped: Dropped): JsonObject | undefined {
  if (format?.type !== 'json_schema') return format && { type: format.type }
  const { name, schema, description } = format
  const strict = strictFor(schema, format.strict, 'response_format', dropped)
  return { type: 'json_schema', json_schema: present({ name, description, schema, strict }) }
}

/**
 * The effort that comes nearest to a number of tokens, where no effort is said: the thresholds are those at which OpenRouter and LiteLLM put
 * them for a model of usual size.
 */
export function effortOf({ effort, budget_tokens }: Reasoning): string | undefined {
  if (effort !== undefined || budget_tokens === undefined) return effort
  if (budget_tokens === 0) return 'none'
  if (budget_tokens <= 1_024) return 'low'
  return budget_tokens <= 8_192 ? 'medium' : 'high'
}

function extensions(chat: ChatRequest, dropped: Dropped): JsonObject {
  if (chat.reasoning?.summary !== undefined) dropped.drop('reasoning.summary')
  if (chat.reasoning?.effort !== undefined && chat.reasoning.budget_tokens !== undefined) {
    dropped.drop('reasoning.budget_tokens')
  }
  const found: JsonObject = {}
  for (const name of [...chat.extra.keys()]) {
    if (!OWN_MEMBERS.has(name) && !ADDED_MEMBERS.has(name)) continue
    const value = take(chat, name)
    if (name !== 'response_format' || chat.response_format === undefined) found[name] = value
  }
  return found
}

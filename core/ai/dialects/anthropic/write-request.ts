import type { ChatRequest, ChatTool, ToolMessage } from '../../chat.js'
import { take } from '../../chat.js'
import type { JsonObject } from '../../members.js'
import type { Dropped } from '../dialect.js'
import { JSON_ONLY } from '../json-only.js'
import { nameLosses } from '../losses.js'
import { plainParameters } from '../plain-object.js'
import { KeptAttribution, KeptBlock, KeptTool, KeptToolMember, takeKept } from './kept.js'
import { type Abilities, abilitiesOf } from './models.js'
import { writeReasoning } from './reasoning.js'
import { fitsStrict, strictSchema } from './schema.js'
import { withResult } from './server-tools.js'
import { addTo, GO_ON, instructionsOf, isBegun, type Turn, toolsFor } from './turns.js'
import { assistantBlocks, marked, textBlocks, toolResultBlock, userBlocks } from './write-content.js'

/** The tool that a model which cannot be held to a schema otherwise has to call: readers take its arguments for the text of the answer. */
export const ANSWER_TOOL = 'sluice_json_answer'

/** Writes a request of the Messages API. Takes what it knows out of `extra`. */
export function writeRequest(chat: ChatRequest, dropped: Dropped): JsonObject {
  nameLosses(chat, { names: true, details: true }, dropped)
  const can = abilitiesOf(chat.model)
  const turns = writeTurns(chat, dropped)
  const system = writeSystem(chat)
  const body: JsonObject = { model: chat.model }
  const answerTool = answerToolOf(chat, can.structured, dropped)
  const asked = answerTool === undefined ? chat : { ...chat, tools: [answerTool], tool_choice: 'required' as const }
  const { thinking, effort, maxTokens } = writeReasoning(asked, can, maxTokensOf(chat), dropped)
  body.max_tokens = maxTokens
  if (chat.response_format?.type === 'json_object') system.push({ type: 'text', text: JSON_ONLY })
  if (turns.length === 0) addTo(turns, 'user', system.length > 0 ? system.splice(0) : [{ type: 'text', text: '.' }])
  if (turns[0]?.role === 'assistant') turns.unshift({ role: 'user', content: [{ type: 'text', text: '.' }] })
  if (isBegun(turns) && (!can.prefill || thinking?.type === 'enabled')) {
    turns.push({ role: 'user', content: [{ type: 'text', text: GO_ON }] })
    dropped.drop(`messages[${chat.messages.length - 1}]`)
  }
  if (system.length > 0) body.system = system
  body.messages = turns
  writeSampling(chat, can, thinking, body, dropped)
  writeTools(chat, can, answerTool, body, dropped)
  if (chat.stream) body.stream = true
  if (thinking !== undefined) body.thinking = thinking
  const output: JsonObject = {}
  if (effort !== undefined) output.effort = effort
  if (chat.response_format?.type === 'json_schema' && answerTool === undefined) {
    output.format = { type: 'json_schema', schema: strictSchema(chat.response_format.schema) }
  }
  if (Object.keys(output).length > 0) body.output_config = output
  if (chat.user !== undefined) body.metadata = { user_id: chat.user }
  writeTier(chat, body, dropped)
  for (const name of SAME_NAME) {
    const value = take(chat, name)
    if (value !== undefined && body[name] === undefined) body[name] = value
  }
  for (const name of FOREIGN) if (chat[name] !== undefined) dropped.drop(name)
  if (chat.n !== undefined && chat.n !== 1) dropped.drop('n')
  return body
}

const DEFAULT_MAX_TOKENS = 4096

/** Members that callers of other dialects send to Anthropic's models by Anthropic's own names. */
const SAME_NAME = [
  'cache_control',
  'container',
  'context_management',
  'diagnostics',
  'fallbacks',
  'inference_geo',
  'mcp_servers',
  'speed',
  'thinking'
] as const

/** Members of a chat that Anthropic has nothing like. */
const FOREIGN = [
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'verbosity',
  'metadata'
] as const

function maxTokensOf(chat: ChatRequest): number {
  return chat.max_tokens ?? chat.defaultMaxTokens ?? DEFAULT_MAX_TOKENS
}

function writeSystem(chat: ChatRequest): JsonObject[] {
  const attribution = takeKept(chat, KeptAttribution).map(({ block }) => block)
  return [...attribution, ...textBlocks(instructionsOf(chat.messages))]
}

function writeTurns(chat: ChatRequest, dropped: Dropped): Turn[] {
  const turns: Turn[] = []
  chat.messages.forEach((message, i) => {
    const path = `messages[${i}]`
    if (message.role === 'user') addTo(turns, 'user', userBlocks(message.content, path, dropped))
    else if (message.role === 'tool') addTo(turns, ...resultOf(message, path, dropped))
    else if (message.role === 'assistant') addTo(turns, 'assistant', assistantBlocks(message.content, path, dropped))
  })
  for (const { block, path, role, turn, place } of takeKept(chat, KeptBlock)) {
    const there = turns[turn]
    // Somebody may have changed the messages since they were read.
    if (there?.role === role) there.content.splice(place, 0, block)
    else dropped.drop(path)
  }
  const said: Turn[] = []
  for (const { role, content } of turns) {
    if (content.length > 0) addTo(said, role, role === 'user' ? resultBlocksFirst(content) : content)
  }
  trimEnd(said.at(-1))
  return said
}

/** Who tells what a tool came to: the client, or the answer in which the provider ran it. */
function resultOf(message: ToolMessage, path: string, dropped: Dropped): [Turn['role'], JsonObject[]] {
  if (message.block !== undefined) return ['assistant', [withResult(message.block, message)]]
  return ['user', [toolResultBlock(message, path, dropped)]]
}

/** Results have to come before anything else the user says. */
function resultBlocksFirst(content: JsonObject[]): JsonObject[] {
  const results = content.filter(block => block.type === 'tool_result')
  return results.length === 0 ? content : [...results, ...content.filter(block => block.type !== 'tool_result')]
}

/** The beginning of an answer that the model is to go on with may not end in white space. */
function trimEnd(last: Turn | undefined): void {
  const block = last?.role === 'assistant' ? last.content.at(-1) : undefined
  if (block?.type === 'text' && typeof block.text === 'string') block.text = block.text.trimEnd() || '.'
}

function writeSampling(
  chat: ChatRequest,
  can: Abilities,
  thinking: JsonObject | undefined,
  body: JsonObject,
  dropped: Dropped
): void {
  const thinks = thinking !== undefined && thinking.type !== 'disabled'
  if (chat.temperature !== undefined) {
    if (thinks || can.sampling === 'none') drop('temperature', chat.temperature === 1, dropped)
    else {
      body.temperature = Math.min(1, Math.max(0, chat.temperature))
      if (body.temperature !== chat.temperature) dropped.drop('temperature')
    }
  }
  if (chat.top_p !== undefined) {
    const taken = can.sampling !== 'none' && (!thinks || chat.top_p >= 0.95)
    if (!taken || (can.sampling === 'one' && body.temperature !== undefined)) drop('top_p', chat.top_p === 1, dropped)
    else body.top_p = chat.top_p
  }
  if (chat.top_k !== undefined) {
    if (thinks || can.sampling === 'none') dropped.drop('top_k')
    else body.top_k = chat.top_k
  }
  const stops = chat.stop?.filter(each => each.trim() !== '')
  if (stops !== undefined && stops.length > 0) body.stop_sequences = stops
  if (stops?.length !== chat.stop?.length) dropped.drop('stop')
}

function drop(name: string, isDefault: boolean, dropped: Dropped): void {
  if (!isDefault) dropped.drop(name)
}

/**
 * The tool that stands for a schema the model cannot be held to otherwise.
 * @param native - the model takes schemas
 */
export function answerToolOf(
  { response_format: format, structuredOutput }: ChatRequest,
  native: boolean,
  dropped: Dropped
): ChatTool | undefined {
  if (format?.type !== 'json_schema') return undefined
  if (isNative(structuredOutput, native)) {
    if (fitsStrict(format.schema)) return undefined
    if (format.strict !== false) dropped.drop('response_format.strict')
  }
  return {
    name: ANSWER_TOOL,
    description: format.description ?? `Gives the answer (${format.name}). Call it once, with the whole answer.`,
    parameters: format.schema
  }
}

/** Whether an answer is to be a call of that tool. @param native - the model takes schemas */
export function isByTool({ response_format: format, structuredOutput }: ChatRequest, native: boolean): boolean {
  return format?.type === 'json_schema' && !(isNative(structuredOutput, native) && fitsStrict(format.schema))
}

function isNative(structuredOutput: ChatRequest['structuredOutput'], native: boolean): boolean {
  return (structuredOutput ?? (native ? 'native' : 'tool')) === 'native'
}

function writeTools(
  chat: ChatRequest,
  can: Abilities,
  answerTool: ChatTool | undefined,
  body: JsonObject,
  dropped: Dropped
): void {
  const { tools, ofHistory } = toolsFor(chat)
  const members = takeKept(chat, KeptToolMember)
  const list = tools.map((tool, i) => {
    const written = writeTool(tool, can, i, dropped)
    for (const { tool: name, member, value } of members) if (name === tool.name) written[member] = value
    return written
  })
  const kept = takeKept(chat, KeptTool)
  for (const { tool, place } of kept) list.splice(place, 0, tool)
  const none = ofHistory && kept.length === 0
  if (answerTool !== undefined) list.push(writeTool(answerTool, can, 0, dropped))
  if (list.length === 0) return
  body.tools = list
  const choice = answerTool === undefined ? writeChoice(chat, none) : answerChoice(none)
  if (chat.parallel_tool_calls === false && choice?.type !== 'none') {
    body.tool_choice = { ...(choice ?? { type: 'auto' }), disable_parallel_tool_use: true }
  } else if (choice !== undefined) body.tool_choice = choice
}

function answerChoice(only: boolean): JsonObject {
  return only ? { type: 'tool', name: ANSWER_TOOL } : { type: 'any' }
}

function writeTool(tool: ChatTool, can: Abilities, i: number, dropped: Dropped): JsonObject {
  const written: JsonObject = { name: tool.name }
  if (tool.description !== undefined && tool.description !== '') written.description = tool.description
  const schema = plainParameters(tool, i, dropped)
  const strict = tool.strict === true && can.structured && fitsStrict(schema)
  written.input_schema = strict ? strictSchema(schema) : schema
  if (strict) written.strict = true
  else if (tool.strict === true) dropped.drop(`tools[${i}].strict`)
  return marked(written, tool.cache_control)
}

function writeChoice(chat: ChatRequest, noneOfThem: boolean): JsonObject | undefined {
  if (noneOfThem) return { type: 'none' }
  const choice = chat.tool_choice
  if (choice === undefined) return undefined
  if (choice === 'required') return { type: 'any' }
  return typeof choice === 'string' ? { type: choice } : { type: 'tool', name: choice.name }
}

function writeTier(chat: ChatRequest, body: JsonObject, dropped: Dropped): void {
  const tier = chat.service_tier
  if (tier === undefined) return
  if (tier === 'auto' || tier === 'priority') body.service_tier = 'auto'
  else if (tier === 'default' || tier === 'standard_only') body.service_tier = 'standard_only'
  else dropped.drop('service_tier')
}

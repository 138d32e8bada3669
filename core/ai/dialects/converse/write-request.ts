import { type ChatRequest, type ChatTool, take } from '../../chat.js'
import { isObject, type JsonObject } from '../../members.js'
import { abilitiesOf } from '../anthropic/models.js'
import { writeReasoning } from '../anthropic/reasoning.js'
import { fitsStrict, strictSchema } from '../anthropic/schema.js'
import { addTo, GO_ON, instructionsOf, isBegun, type Turn, toolsFor } from '../anthropic/turns.js'
import { ANSWER_TOOL, answerToolOf } from '../anthropic/write-request.js'
import type { Dropped } from '../dialect.js'
import { JSON_ONLY } from '../json-only.js'
import { nameLosses } from '../losses.js'
import { plainParameters } from '../plain-object.js'
import { resultsFirst } from '../results-first.js'
import { forcedIn } from './forced.js'
import { ADDITIONAL } from './read-request.js'
import {
  assistantBlocks,
  marked,
  textBlocks,
  toolResultBlocks,
  unmarked,
  userBlocks,
  type Writing
} from './write-content.js'

/** Writes a request of Converse; the model and whether it streams are for the path. Takes what it knows out of `extra`. */
export function writeRequest(chat: ChatRequest, dropped: Dropped): JsonObject {
  const family = familyOf(chat.model)
  const caches = CACHES[family]
  nameLosses(chat, { names: true, details: true, marks: caches === 'nowhere' }, dropped)
  const writing: Writing = { dropped, caches, reasons: reasons(family, chat.model), documents: 0 }
  const additional = takeAdditional(chat)
  const answerTool = answerToolOf(chat, family === 'claude' && abilitiesOf(chat.model).structured, dropped)
  const system = textBlocks(instructionsOf(chat.messages), writing)
  if (chat.response_format?.type === 'json_object') system.push({ text: JSON_ONLY })
  const turns = writeTurns(chat, writing)
  if (turns.length === 0) addTo(turns, 'user', system.length > 0 ? system.splice(0) : [{ text: '.' }])
  if (turns[0]?.role === 'assistant') turns.unshift({ role: 'user', content: [{ text: '.' }] })
  const body: JsonObject = { messages: turns }
  if (system.length > 0) body.system = system
  const inference = writeInference(chat, family, answerTool, additional, dropped)
  if (Object.keys(inference).length > 0) body.inferenceConfig = inference
  if (family === 'claude' && isBegun(turns) && (!abilitiesOf(chat.model).prefill || thinksBy(additional))) {
    turns.push({ role: 'user', content: [{ text: GO_ON }] })
    dropped.drop(`messages[${chat.messages.length - 1}]`)
  }
  const tools = writeTools(chat, answerTool, writing)
  if (tools !== undefined) body.toolConfig = tools
  writeFormat(chat, answerTool, body)
  if (Object.keys(additional).length > 0) body.additionalModelRequestFields = additional
  const metadata = writeMetadata(chat, dropped)
  if (metadata !== undefined) body.requestMetadata = metadata
  if (chat.service_tier !== undefined && chat.service_tier !== 'auto') body.serviceTier = { type: chat.service_tier }
  for (const name of SAME_NAME) {
    const value = take(chat, name)
    if (value !== undefined) body[name] = value
  }
  for (const name of FOREIGN) if (chat[name] !== undefined) dropped.drop(name)
  if (chat.n !== undefined && chat.n !== 1) dropped.drop('n')
  return body
}

type Family = 'claude' | 'nova' | 'other'

const CACHES = { claude: 'everywhere', nova: 'prompt', other: 'nowhere' } as const

const SAME_NAME = [
  'guardrailConfig',
  'performanceConfig',
  'promptVariables',
  'additionalModelResponseFieldPaths'
] as const

/** Members of a chat that Converse has nothing like. */
const FOREIGN = [
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'verbosity',
  'parallel_tool_calls',
  'user'
] as const

/** Whether the model takes what it thought before: Nova of the first generation does not think. */
function reasons(family: Family, model: string): boolean {
  return family === 'claude' || (family === 'nova' && isNova2(model))
}

function isNova2(model: string): boolean {
  return /nova-(2|pro-2|lite-2|premier-2)|nova-2/.test(model)
}

function familyOf(model: string): Family {
  if (/claude/.test(model)) return 'claude'
  return /\bnova\b|amazon\.nova/.test(model) ? 'nova' : 'other'
}

/** As many entries as there may be, of those that hold what Converse takes; one word is for all that do not. */
function writeMetadata({ metadata }: ChatRequest, dropped: Dropped): JsonObject | undefined {
  if (metadata === undefined) return undefined
  const all = Object.entries(metadata)
  const taken = all.filter(([key, value]) => key !== '' && METADATA.test(key) && METADATA.test(value))
  const kept = taken.slice(0, MOST_METADATA)
  if (kept.length < all.length) dropped.drop('metadata')
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
const METADATA = /^[a-zA-Z0-9\s:_@$#=/+,.-]{0,256}$/
const MOST_METADATA = 16

/** What the caller, or a dialect before, gave for the model alone. */
function takeAdditional(chat: ChatRequest): JsonObject {
  const additional: JsonObject = {}
  for (const [name, value] of chat.extra) {
    if (name.startsWith(ADDITIONAL)) additional[name.slice(ADDITIONAL.length)] = value
    else if (name === 'anthropic_beta' || name === 'thinking') additional[name] = value
    else continue
    chat.extra.delete(name)
  }
  return additional
}

function writeTurns(chat: ChatRequest, writing: Writing): Turn[] {
  const turns: Turn[] = []
  for (const { message, place } of resultsFirst(chat.messages)) {
    const path = `messages[${place}]`
    if (message.role === 'user') add(turns, 'user', userBlocks(message.content, path, writing))
    else if (message.role === 'tool') add(turns, 'user', toolResultBlocks(message, path, writing))
    else if (message.role === 'assistant') add(turns, 'assistant', assistantBlocks(message.content, path, writing))
  }
  const last = turns.at(-1)
  const block = last?.role === 'assistant' ? last.content.at(-1) : undefined
  if (typeof block?.text === 'string') block.text = block.text.trimEnd() || '.'
  return turns
}

function add(turns: Turn[], role: Turn['role'], blocks: JsonObject[]): void {
  if (blocks.length > 0) addTo(turns, role, blocks)
}

/** Limits and sampling, and how much may be thought: for that each family has its own members. */
function writeInference(
  chat: ChatRequest,
  family: Family,
  answerTool: ChatTool | undefined,
  additional: JsonObject,
  dropped: Dropped
): JsonObject {
  const inference: JsonObject = {}
  const can = abilitiesOf(family === 'claude' ? chat.model : 'claude-3')
  let thinks = false
  let maxTokens = chat.max_tokens ?? chat.defaultMaxTokens
  if (family === 'claude') {
    const asked = answerTool === undefined ? chat : { ...chat, tools: [answerTool], tool_choice: 'required' as const }
    const written = writeReasoning(asked, can, maxTokens ?? DEFAULT_MAX_TOKENS, dropped)
    thinks = written.thinking !== undefined && written.thinking.type !== 'disabled'
    if (written.thinking !== undefined) additional.thinking = written.thinking
    if (written.effort !== undefined) additional.output_config = { effort: written.effort }
    if (written.thinking?.type === 'enabled') maxTokens = written.maxTokens
  } else writeOtherReasoning(chat, family, additional, dropped)
  const unbound = thinksHard(chat, family)
  if (maxTokens !== undefined && !unbound) inference.maxTokens = maxTokens
  if (chat.max_tokens !== undefined && unbound) dropped.drop('max_tokens')
  const free = family === 'claude' ? can.sampling !== 'none' && !thinks : !unbound
  if (chat.temperature !== undefined) {
    if (free) inference.temperature = Math.min(1, Math.max(0, chat.temperature))
    if (chat.temperature !== (inference.temperature ?? 1)) dropped.drop('temperature')
  }
  if (chat.top_p !== undefined) {
    const both = family === 'claude' && can.sampling === 'one' && inference.temperature !== undefined
    if (free && !both) inference.topP = chat.top_p
    else if (chat.top_p !== 1) dropped.drop('top_p')
  }
  if (chat.top_k !== undefined) {
    if (family === 'nova' && free) additional.inferenceConfig = { topK: chat.top_k }
    else if (family === 'claude' && free) additional.top_k = chat.top_k
    else dropped.drop('top_k')
  }
  const stops = chat.stop
    ?.filter(each => each.trim() !== '')
    .slice(0, family === 'nova' ? MOST_STOPS_OF_NOVA : undefined)
  if (stops !== undefined && stops.length > 0) inference.stopSequences = stops
  if (stops?.length !== chat.stop?.length) dropped.drop('stop')
  return inference
}

function thinksBy({ thinking }: JsonObject): boolean {
  return isObject(thinking) && thinking.type === 'enabled'
}

const DEFAULT_MAX_TOKENS = 4096
const MOST_STOPS_OF_NOVA = 4

/** Where Nova is to think as hard as it can, it refuses limits and sampling. */
function thinksHard({ model, reasoning }: ChatRequest, family: Family): boolean {
  return family === 'nova' && isNova2(model) && EFFORTS[reasoning?.effort ?? ''] === 'high'
}

function writeOtherReasoning(chat: ChatRequest, family: Family, additional: JsonObject, dropped: Dropped): void {
  const { reasoning, model } = chat
  if (reasoning === undefined || reasoning.effort === 'none') return
  const effort = EFFORTS[reasoning.effort ?? 'medium'] ?? 'medium'
  if (family === 'nova' && isNova2(model)) {
    additional.reasoningConfig = { type: 'enabled', maxReasoningEffort: effort }
  } else if (/gpt-oss/.test(model)) additional.reasoning_effort = effort
  else dropped.drop('reasoning')
}

const EFFORTS: Readonly<Record<string, string>> = {
  minimal: 'low',
  low: 'low',
  high: 'high',
  xhigh: 'high',
  max: 'high'
}

function writeFormat(chat: ChatRequest, answerTool: ChatTool | undefined, body: JsonObject): void {
  const format = chat.response_format
  if (format?.type !== 'json_schema' || answerTool !== undefined) return
  const jsonSchema: JsonObject = { schema: JSON.stringify(strictSchema(format.schema)), name: format.name }
  if (format.description !== undefined) jsonSchema.description = format.description
  body.outputConfig = { textFormat: { type: 'json_schema', structure: { jsonSchema } } }
}

/** There is no word for "call none": the tools are left out, unless the history calls them. */
function writeTools(chat: ChatRequest, answerTool: ChatTool | undefined, writing: Writing): JsonObject | undefined {
  const calls = toolsFor({ ...chat, tools: undefined }).tools.length > 0
  const left = chat.tool_choice === 'none' && !calls && chat.tools !== undefined
  const { tools, ofHistory } = left ? { tools: [], ofHistory: true } : toolsFor(chat)
  const list = tools.flatMap((tool, i) => writeTool(tool, chat.model, i, writing))
  const only = list.length === 0 || ofHistory
  if (answerTool !== undefined) list.push(...writeTool(answerTool, chat.model, 0, writing))
  if (list.length === 0) return undefined
  const forced = forcedIn(chat.model)
  if (answerTool !== undefined) {
    const named = only && forced !== 'any'
    return { tools: list, toolChoice: named ? { tool: { name: ANSWER_TOOL } } : { any: {} } }
  }
  const choice = ofHistory ? undefined : chat.tool_choice
  if (choice === undefined) return { tools: list }
  if (choice === 'auto') return { tools: list, toolChoice: { auto: {} } }
  if (choice === 'none' || forced === 'no') {
    writing.dropped.drop('tool_choice')
    return { tools: list }
  }
  if (choice !== 'required' && forced === 'any') writing.dropped.drop('tool_choice')
  return {
    tools: list,
    toolChoice: choice === 'required' || forced === 'any' ? { any: {} } : { tool: { name: choice.name } }
  }
}

/** At the root of a schema Nova takes an object's type, properties and required alone. https://docs.aws.amazon.com/nova/latest/userguide/tool-use-definition.html */
const NOT_AT_NOVA = ['$schema', '$id', 'title', 'description', 'additionalProperties']

function writeTool(tool: ChatTool, model: string, i: number, writing: Writing): JsonObject[] {
  const schema = plainParameters(tool, i, writing.dropped)
  const said = [tool.description, familyOf(model) === 'nova' ? schema.description : undefined]
  if (familyOf(model) === 'nova') for (const name of NOT_AT_NOVA) delete schema[name]
  const strict = tool.strict === true && abilitiesOf(model).structured && fitsStrict(schema)
  if (tool.strict === true && !strict) writing.dropped.drop(`tools[${i}].strict`)
  const spec: JsonObject = { name: tool.name, inputSchema: { json: strict ? strictSchema(schema) : schema } }
  const description = said.filter(each => typeof each === 'string' && each !== '').join('\n\n')
  if (description !== '') spec.description = description
  if (strict) spec.strict = true
  return writing.caches === 'everywhere'
    ? marked({ toolSpec: spec }, tool.cache_control, writing)
    : unmarked({ toolSpec: spec }, tool.cache_control, writing)
}

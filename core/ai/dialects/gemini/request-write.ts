import { type ChatRequest, type ChatTool, type ResponseFormat, take } from '../../chat.js'
import { isObject, type JsonObject } from '../../members.js'
import type { Dropped } from '../dialect.js'
import { type Lacks, nameLosses } from '../losses.js'
import { writeContents } from './contents-write.js'
import { isGemini3, isPro, takesJsonSchema, thinks } from './models.js'
import { withoutRefused } from './schema-refused.js'
import { writeSchema } from './schema-write.js'
import { ownSignature } from './signature.js'

/** What its contents have no place for: the signatures of calls and texts are Gemini's own in any case. */
const LACKS: Lacks = {
  names: true,
  details: true,
  marks: true,
  redacted: true,
  signature: (signature, type) => type === 'thinking' && ownSignature(signature) === undefined
}

/** Writes a request for generateContent. `model` is at the top, from where a provider's path takes it. */
export function writeRequest(chat: ChatRequest, dropped: Dropped): JsonObject {
  nameLosses(chat, LACKS, dropped)
  const { systemInstruction, contents } = writeContents(chat.messages, chat.model, dropped)
  const generationConfig = writeConfig(chat, dropped)
  const tools = writeTools(chat, dropped)
  const toolConfig = writeToolConfig(chat)
  const body: JsonObject = {
    model: chat.model,
    ...(systemInstruction !== undefined && { systemInstruction }),
    contents,
    ...(tools.length > 0 && { tools }),
    ...(Object.keys(toolConfig).length > 0 && { toolConfig }),
    ...(Object.keys(generationConfig).length > 0 && { generationConfig })
  }
  for (const [name, other] of OWN) {
    const value = take(chat, name) ?? take(chat, other)
    if (value !== undefined) body[name] = value
  }
  const tier = chat.service_tier
  if (tier === 'flex' || tier === 'priority') body.serviceTier = tier
  else if (tier !== undefined && tier !== 'auto' && tier !== 'default') dropped.drop('service_tier')
  for (const name of ELSEWHERE) if (chat[name] !== undefined) dropped.drop(name)
  if (chat.parallel_tool_calls === false) dropped.drop('parallel_tool_calls')
  return body
}

/** Members of its own, and how clients of OpenAI's dialect spell them. */
const OWN = [
  ['safetySettings', 'safety_settings'],
  ['cachedContent', 'cached_content'],
  ['labels', 'labels']
] as const

/** Members that Gemini has no place for. */
const ELSEWHERE = ['logit_bias', 'verbosity', 'user', 'metadata'] as const

const MAX_STOPS = 5
const INT32 = 2 ** 31

function writeConfig(chat: ChatRequest, dropped: Dropped): JsonObject {
  const config: JsonObject = {}
  const put = (name: string, value: unknown) => {
    if (value !== undefined) config[name] = value
  }
  put('maxOutputTokens', chat.max_tokens)
  put('temperature', chat.temperature)
  put('topP', chat.top_p)
  if (chat.top_k !== undefined && chat.top_k < 1) dropped.drop('top_k')
  else put('topK', chat.top_k)
  put('candidateCount', chat.n)
  if (chat.stop !== undefined && chat.stop.length > 0) {
    put('stopSequences', chat.stop.slice(0, MAX_STOPS))
    for (let i = MAX_STOPS; i < chat.stop.length; i++) dropped.drop(`stop[${i}]`)
  }
  if (chat.seed !== undefined && Math.abs(chat.seed) >= INT32) dropped.drop('seed')
  else put('seed', chat.seed)
  put('presencePenalty', chat.presence_penalty)
  put('frequencyPenalty', chat.frequency_penalty)
  put('responseLogprobs', chat.logprobs)
  put('logprobs', chat.top_logprobs)
  writeFormat(chat.response_format, chat.model, config, dropped)
  put('thinkingConfig', writeThinking(chat, dropped))
  const modalities = take(chat, 'modalities')
  if (Array.isArray(modalities))
    put(
      'responseModalities',
      modalities.map(String).map(each => each.toUpperCase())
    )
  takeBack(chat, 'generationConfig.', config)
  return config
}

function writeFormat(format: ResponseFormat | undefined, model: string, config: JsonObject, dropped: Dropped): void {
  if (format === undefined || format.type === 'text') return
  config.responseMimeType = 'application/json'
  if (format.type === 'json_object') return
  const taken = taking(format.schema, 'response_format.schema', dropped)
  const { schema, lossy } = writeSchema(taken)
  if (lossy && takesJsonSchema(model)) config.responseJsonSchema = taken
  else config.responseSchema = schema
}

/** Tokens of thought for an effort, as Google's own OpenAI endpoint has them: https://ai.google.dev/gemini-api/docs/openai */
const BUDGETS: Readonly<Record<string, number>> = {
  none: 0,
  minimal: 1_024,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
  xhigh: 24_576
}
/** Budgets that the models refuse to be given less or more than. */
const LEAST_OF_PRO = 128
const MOST_OF_PRO = 32_768
const MOST = 24_576

function writeThinking(chat: ChatRequest, dropped: Dropped): JsonObject | undefined {
  const { reasoning, model } = chat
  if (reasoning === undefined) return undefined
  if (!thinks(model)) {
    if (reasoning.effort !== 'none') dropped.drop('reasoning')
    return undefined
  }
  const { effort, budget_tokens, summary } = reasoning
  const shown = summary === undefined ? budget_tokens !== undefined : summary !== 'none'
  const config: JsonObject = {}
  if (budget_tokens !== undefined) config.thinkingBudget = withinLimits(budget_tokens, isPro(model))
  else if (effort !== undefined && isGemini3(model)) config.thinkingLevel = levelOf(effort, isPro(model))
  else if (effort !== undefined) {
    const budget = BUDGETS[effort]
    if (budget === undefined) dropped.drop('reasoning.effort')
    else config.thinkingBudget = withinLimits(budget, isPro(model))
  }
  if (shown && effort !== 'none') config.includeThoughts = true
  return Object.keys(config).length > 0 ? config : undefined
}

function withinLimits(budget: number, pro: boolean): number {
  return pro ? Math.min(Math.max(budget, LEAST_OF_PRO), MOST_OF_PRO) : Math.min(budget, MOST)
}

/** The nearest level: thinking cannot be turned off, and Pro models know no "minimal". */
function levelOf(effort: string, pro: boolean): string {
  switch (effort) {
    case 'none':
    case 'minimal':
      return pro ? 'low' : 'minimal'
    case 'low':
    case 'medium':
      return effort
    default:
      return 'high'
  }
}

function writeTools(chat: ChatRequest, dropped: Dropped): JsonObject[] {
  const tools: JsonObject[] = []
  const declared = (chat.tools ?? []).map((tool, i) => writeTool(tool, `tools[${i}]`, chat.model, dropped))
  if (declared.length > 0) tools.push({ functionDeclarations: declared })
  for (const name of [...chat.extra.keys()]) {
    const found = /^tools\[\d+\]\.([A-Za-z]+)$/.exec(name)
    if (found?.[1] !== undefined && BUILT_IN.has(found[1])) tools.push({ [found[1]]: take(chat, name) })
  }
  return tools
}

/** Tools that run at Google, which its own clients name. */
const BUILT_IN: ReadonlySet<string> = new Set([
  'googleSearch',
  'googleSearchRetrieval',
  'enterpriseWebSearch',
  'googleMaps',
  'urlContext',
  'codeExecution',
  'computerUse',
  'fileSearch',
  'retrieval',
  'mcpServers'
])

function writeTool(tool: ChatTool, path: string, model: string, dropped: Dropped): JsonObject {
  if (tool.strict === true) dropped.drop(`${path}.strict`)
  const out: JsonObject = { name: tool.name }
  if (tool.description !== undefined) out.description = tool.description
  if (tool.parameters === undefined || hasNone(tool.parameters)) return out
  const taken = taking(tool.parameters, `${path}.parameters`, dropped)
  const { schema, lossy } = writeSchema(taken)
  if (lossy && takesJsonSchema(model)) out.parametersJsonSchema = taken
  else out.parameters = schema
  return out
}

function taking(schema: JsonObject, path: string, dropped: Dropped): JsonObject {
  const lost = new Set<string>()
  const taken = withoutRefused(schema, lost)
  for (const name of lost) dropped.drop(`${path}.${name}`)
  return taken
}

/** Gemini refuses an object without properties where it expects parameters. */
function hasNone(schema: JsonObject): boolean {
  const { properties, $ref, anyOf, oneOf, allOf, patternProperties, additionalProperties } = schema
  if ([$ref, anyOf, oneOf, allOf, patternProperties].some(each => each !== undefined)) return false
  if (additionalProperties === true || isObject(additionalProperties)) return false
  return !isObject(properties) || Object.keys(properties).length === 0
}

function writeToolConfig(chat: ChatRequest): JsonObject {
  const config: JsonObject = {}
  // Without tools, Gemini refuses to be told how to choose among them.
  const calling = chat.tools === undefined || chat.tools.length === 0 ? {} : callingConfig(chat)
  takeBack(chat, 'toolConfig.functionCallingConfig.', calling)
  if (Object.keys(calling).length > 0) config.functionCallingConfig = calling
  takeBack(chat, 'toolConfig.', config)
  return config
}

function callingConfig({ tool_choice: choice }: ChatRequest): JsonObject {
  switch (choice) {
    case undefined:
      return {}
    case 'auto':
      return { mode: 'AUTO' }
    case 'none':
      return { mode: 'NONE' }
    case 'required':
      return { mode: 'ANY' }
    default:
      return { mode: 'ANY', allowedFunctionNames: [choice.name] }
  }
}

/** Members that the canonical chat has no place for, back where a client of this dialect had them. */
function takeBack(chat: ChatRequest, prefix: string, into: JsonObject): void {
  for (const name of [...chat.extra.keys()]) {
    const member = name.slice(prefix.length)
    if (name.startsWith(prefix) && !member.includes('.')) into[member] = take(chat, name)
  }
}

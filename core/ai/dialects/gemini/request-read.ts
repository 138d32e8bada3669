import type { ChatRequest, ChatTool, Reasoning, ResponseFormat, ToolChoice } from '../../chat.js'
import { badRequest, type JsonObject, type Members } from '../../members.js'
import { placed } from '../../places.js'
import type { RequestHints } from '../dialect.js'
import { readContents, readInstruction } from './contents-read.js'
import { readSchema } from './schema-read.js'
import { membersOf, objects, within } from './spelling.js'

/**
 * Reads what clients of generateContent send; that of countTokens too, which may wrap it.
 * https://ai.google.dev/api/generate-content
 */
export function readRequest(whole: JsonObject, hints: RequestHints): ChatRequest {
  const outer = membersOf(whole, '', badRequest)
  const body = within(outer, 'generateContentRequest', badRequest) ?? outer
  const contents = objects(body, 'contents', badRequest)
  if (contents.length === 0) body.fail('contents', 'a list of contents', undefined)
  const extra = new Map<string, unknown>()
  const instruction = readInstruction(body, extra)
  const messages = readContents(contents, extra)
  if (instruction.length > 0) messages.unshift({ role: 'system', content: instruction })
  const chat: ChatRequest = {
    model: hints.model === '' ? (body.optionalText('model') ?? '').replace(/^models\//, '') : hints.model,
    messages,
    stream: hints.stream ?? false,
    ...readConfig(body, extra),
    ...readTools(body, extra),
    service_tier: serviceTier(body.optionalText('serviceTier')),
    extra
  }
  body.ignore('model')
  for (const [name, value] of body.rest()) extra.set(name, value)
  return chat
}

function readConfig(body: Members, extra: Map<string, unknown>): Partial<ChatRequest> {
  const config = within(body, 'generationConfig', badRequest)
  if (config === undefined) return {}
  const read: Partial<ChatRequest> = {
    max_tokens: config.count('maxOutputTokens'),
    temperature: config.number('temperature'),
    top_p: config.number('topP'),
    top_k: config.number('topK'),
    n: config.count('candidateCount'),
    stop: config.texts('stopSequences'),
    seed: config.number('seed'),
    presence_penalty: config.number('presencePenalty'),
    frequency_penalty: config.number('frequencyPenalty'),
    logprobs: config.flag('responseLogprobs'),
    top_logprobs: config.count('logprobs'),
    response_format: readFormat(config),
    reasoning: readThinking(within(config, 'thinkingConfig', badRequest), extra)
  }
  for (const [name, value] of config.rest()) extra.set(`generationConfig.${name}`, value)
  return read
}

function readFormat(config: Members): ResponseFormat | undefined {
  const type = config.optionalText('responseMimeType')
  const jsonSchema = config.record('responseJsonSchema') ?? config.record('_responseJsonSchema')
  const subset = config.record('responseSchema')
  const schema = jsonSchema ?? (subset && readSchema(subset))
  if (schema !== undefined) return { type: 'json_schema', name: 'response', schema }
  if (type === 'application/json') return { type: 'json_object' }
  if (type === undefined || type === 'text/plain') return undefined
  return config.fail('responseMimeType', '"text/plain" or "application/json"', type)
}

function readThinking(thinking: Members | undefined, extra: Map<string, unknown>): Reasoning | undefined {
  if (thinking === undefined) return undefined
  const level = thinking.optionalText('thinkingLevel')?.toLowerCase()
  const budget = thinking.number('thinkingBudget')
  const shown = thinking.flag('includeThoughts')
  for (const [name, value] of thinking.rest()) extra.set(`generationConfig.thinkingConfig.${name}`, value)
  const effort = budget === 0 ? 'none' : level === 'thinking_level_unspecified' ? undefined : level
  return {
    ...(effort !== undefined && { effort }),
    ...(budget !== undefined && budget > 0 && { budget_tokens: budget }), // -1: as much as the model likes
    ...(shown === true && { summary: 'auto' })
  }
}

function readTools(body: Members, extra: Map<string, unknown>): Partial<ChatRequest> {
  const tools: ChatTool[] = []
  for (const entry of objects(body, 'tools', badRequest)) {
    for (const declared of objects(entry, 'functionDeclarations', badRequest)) tools.push(readTool(declared, extra))
    // Tools that run at Google: no other provider has them.
    for (const [name, value] of entry.rest()) extra.set(`${entry.path}.${name}`, value)
  }
  const config = within(body, 'toolConfig', badRequest)
  const calling = config && within(config, 'functionCallingConfig', badRequest)
  const mode = calling?.optionalText('mode')?.toUpperCase()
  const allowed = calling?.texts('allowedFunctionNames')
  for (const [name, value] of calling?.rest() ?? []) extra.set(`toolConfig.functionCallingConfig.${name}`, value)
  for (const [name, value] of config?.rest() ?? []) extra.set(`toolConfig.${name}`, value)
  const some = allowed !== undefined && allowed.length > 0
  const only = some && (mode === 'ANY' || mode === 'VALIDATED') ? allowed : undefined
  if (some && only === undefined && mode !== 'NONE') {
    extra.set('toolConfig.functionCallingConfig.allowedFunctionNames', allowed)
  }
  const usable = only === undefined ? tools : tools.filter(({ name }) => only.includes(name))
  return { tools: usable.length > 0 ? usable : undefined, tool_choice: readChoice(calling, mode, only) }
}

function readTool(declared: Members, extra: Map<string, unknown>): ChatTool {
  const subset = declared.record('parameters')
  const parameters = declared.record('parametersJsonSchema') ?? (subset && readSchema(subset))
  const tool: ChatTool = { name: declared.text('name'), description: declared.optionalText('description'), parameters }
  for (const [name, value] of declared.rest()) extra.set(`${declared.path}.${name}`, value)
  return placed(tool, declared.path)
}

function readChoice(
  calling: Members | undefined,
  mode: string | undefined,
  only: readonly string[] | undefined
): ToolChoice | undefined {
  const [first, second] = only ?? []
  switch (mode) {
    case undefined:
    case 'MODE_UNSPECIFIED':
      return undefined
    case 'AUTO':
    case 'VALIDATED':
      return 'auto'
    case 'NONE':
      return 'none'
    case 'ANY':
      return first !== undefined && second === undefined ? { name: first } : 'required'
    default:
      return calling?.fail('mode', '"AUTO", "ANY", "VALIDATED" or "NONE"', mode)
  }
}

function serviceTier(tier: string | undefined): string | undefined {
  const name = tier?.toLowerCase()
  return name === 'standard' ? 'default' : name
}

import type { ChatMessage, ChatRequest, ChatTool, ResponseFormat, ToolChoice } from '../../chat.js'
import { parsedObject } from '../../lenient.js'
import { badRequest, isObject, type JsonObject, Members } from '../../members.js'
import { placed, placeRest } from '../../places.js'
import { readReasoning } from '../anthropic/reasoning.js'
import type { RequestHints } from '../dialect.js'
import {
  blocksOf,
  cachePoint,
  type Extra,
  membersOf,
  readAssistantContent,
  readSystem,
  readUserContent
} from './read-content.js'

/** What a member of additionalModelRequestFields is called in `extra`. */
export const ADDITIONAL = 'additionalModelRequestFields.'

/**
 * Reads a request of Bedrock's Converse and ConverseStream (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html); the
 * model, and whether the answer is a stream, are in the path.
 * @throws Refusal GW_AI_REQUEST_INVALID
 */
export function readRequest(body: JsonObject, hints: RequestHints): ChatRequest {
  const members = Members.of(body, '', badRequest)
  const extra: Extra = new Map()
  const system = members.list('system')
  const inference = members.within('inferenceConfig')
  const config = members.within('toolConfig')
  const additional = members.within('additionalModelRequestFields')
  const output = members.within('outputConfig')
  const own = additional?.within('output_config')
  const choice = config?.record('toolChoice')
  const instructions = system === undefined ? [] : readSystem(system, 'system', extra)
  const chat: ChatRequest = {
    model: hints.model === '' ? members.text('modelId') : hints.model,
    messages: [
      ...(instructions.length === 0 ? [] : [{ role: 'system' as const, content: instructions }]),
      ...readMessages(members, extra)
    ],
    stream: hints.stream ?? false,
    max_tokens: inference?.count('maxTokens'),
    temperature: inference?.number('temperature'),
    top_p: inference?.number('topP'),
    stop: inference?.texts('stopSequences'),
    top_k: additional?.count('top_k'),
    tools: config && readTools(config, extra),
    tool_choice: choice && readToolChoice(choice),
    reasoning: readReasoning(
      additional?.within('thinking') ?? additional?.within('reasoning_config'),
      output?.optionalText('effort') ?? own?.optionalText('effort') ?? additional?.optionalText('reasoning_effort')
    ),
    response_format: output && readFormat(output),
    service_tier: members.within('serviceTier')?.optionalText('type'),
    metadata: readMetadata(members),
    extra
  }
  members.ignore('modelId')
  for (const each of [inference, config, output, members]) noteRest(each, extra)
  if (additional) for (const [name, value] of additional.rest()) extra.set(ADDITIONAL + name, value)
  return chat
}

function noteRest(members: Members | undefined, extra: Extra): void {
  if (members === undefined) return
  for (const [name, value] of members.rest()) extra.set(members.at(name), value)
}

function readMessages(members: Members, extra: Extra): ChatMessage[] {
  if (members.list('messages') === undefined) members.fail('messages', 'a list of messages', undefined)
  const messages: ChatMessage[] = []
  for (const message of members.objects('messages')) {
    const role = message.text('role')
    const at = message.at('content')
    const content = message.list('content') ?? message.fail('content', 'a list of content blocks', undefined)
    const before = messages.length
    if (role === 'user') messages.push(...readUserContent(content, at, extra))
    else if (role === 'assistant') messages.push({ role, content: readAssistantContent(content, at, extra) })
    else if (role === 'system') messages.push({ role, content: readSystem(content, at, extra) })
    else message.fail('role', '"user" or "assistant"', role)
    placeRest(messages, before, message.path)
  }
  return messages
}

function readTools(config: Members, extra: Extra): ChatTool[] | undefined {
  const tools: ChatTool[] = []
  for (const block of blocksOf(config.list('tools') ?? [], config.at('tools'))) {
    const last = tools.at(-1)
    if (block.kind === 'toolSpec') {
      const spec = membersOf(block)
      const tool: ChatTool = {
        name: spec.text('name'),
        description: spec.optionalText('description'),
        parameters: spec.within('inputSchema')?.record('json'),
        strict: spec.flag('strict')
      }
      tools.push(placed(tool, spec.path))
    } else if (block.kind === 'cachePoint' && last !== undefined) last.cache_control = cachePoint(block.value)
    else extra.set(block.path, block.value)
  }
  return tools.length === 0 ? undefined : tools
}

function readToolChoice(choice: JsonObject): ToolChoice {
  if (isObject(choice.tool))
    return { name: Members.of(choice.tool, 'toolConfig.toolChoice.tool', badRequest).text('name') }
  if (choice.any !== undefined) return 'required'
  if (choice.auto !== undefined) return 'auto'
  throw badRequest('toolConfig.toolChoice', 'auto, any or tool', choice)
}

/** The schema is JSON text there. */
function readFormat(output: Members): ResponseFormat | undefined {
  const format = output.within('textFormat')
  const json = format?.within('structure')?.within('jsonSchema')
  if (format?.optionalText('type') !== 'json_schema' || json === undefined) return undefined
  const text = json.text('schema')
  return {
    type: 'json_schema',
    name: json.optionalText('name') ?? 'response',
    description: json.optionalText('description'),
    schema: parsedObject(text) ?? json.fail('schema', 'the JSON text of a schema', text),
    strict: true
  }
}

function readMetadata(members: Members): Record<string, string> | undefined {
  const found = members.record('requestMetadata')
  if (found === undefined) return undefined
  const metadata: Record<string, string> = {}
  for (const [name, value] of Object.entries(found)) {
    metadata[name] = typeof value === 'string' ? value : members.fail(`requestMetadata.${name}`, 'a string', value)
  }
  return metadata
}

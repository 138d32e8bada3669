import type { ChatMessage, ChatRequest, ChatTool, ResponseFormat, TextPart, ToolChoice } from '../../chat.js'
import { badRequest, type JsonObject, Members } from '../../members.js'
import { placed, placeRest } from '../../places.js'
import type { RequestHints } from '../dialect.js'
import { ATTRIBUTION, isAttribution, KeptAttribution, KeptTool, KeptToolMember } from './kept.js'
import {
  cacheControl,
  noteRest,
  type Reading,
  readAssistantContent,
  readTexts,
  readUserContent
} from './read-content.js'
import { readReasoning } from './reasoning.js'

/**
 * Reads a request of the Messages API (docs.claude.com/en/api/messages), also as Bedrock and Vertex take it: there the model is in the path.
 * @throws Refusal GW_AI_REQUEST_INVALID
 */
export function readRequest(body: JsonObject, hints: RequestHints): ChatRequest {
  const members = Members.of(body, '', badRequest)
  const serverTools = hints.sameDialect === true || hints.toSee === true
  const reading: Reading = { extra: new Map(), turn: -1, serverTools }
  const system = readSystem(members, reading)
  const choice = members.within('tool_choice')
  const metadata = members.within('metadata')
  const output = members.within('output_config')
  const tier = members.optionalText('service_tier')
  const chat: ChatRequest = {
    model: members.optionalText('model') ?? (hints.model === '' ? members.text('model') : hints.model),
    messages: [...system, ...readMessages(members, reading)],
    stream: members.flag('stream') ?? hints.stream ?? false,
    max_tokens: members.count('max_tokens'),
    temperature: members.number('temperature'),
    top_p: members.number('top_p'),
    top_k: members.count('top_k'),
    stop: members.texts('stop_sequences'),
    tools: readTools(members, reading),
    tool_choice: choice && readToolChoice(choice),
    parallel_tool_calls: choice?.flag('disable_parallel_tool_use') === true ? false : undefined,
    reasoning: readReasoning(members.within('thinking'), output?.optionalText('effort')),
    response_format: readFormat(output?.within('format') ?? members.within('output_format')),
    service_tier: tier === 'standard_only' ? 'default' : tier,
    user: metadata?.optionalText('user_id'),
    extra: reading.extra
  }
  if (metadata) noteRest(metadata, reading)
  if (output) noteRest(output, reading)
  members.ignore('anthropic_version')
  for (const [name, value] of members.rest()) reading.extra.set(name, value)
  return chat
}

function readSystem(members: Members, reading: Reading): ChatMessage[] {
  const value = members.any('system')
  if (value === undefined || value === '') return []
  const parts: TextPart[] = []
  for (const part of readTexts(value, 'system', reading)) {
    if (isAttribution(part.text)) reading.extra.set(ATTRIBUTION, new KeptAttribution({ type: 'text', text: part.text }))
    else parts.push(part)
  }
  return parts.length === 0 ? [] : [{ role: 'system', content: parts }]
}

function readMessages(members: Members, reading: Reading): ChatMessage[] {
  if (members.list('messages') === undefined) members.fail('messages', 'a list of messages', undefined)
  const messages: ChatMessage[] = []
  let last = ''
  for (const message of members.objects('messages')) {
    const role = message.text('role')
    const content = message.any('content')
    if (content === undefined) message.fail('content', 'a string or a list of content blocks', undefined)
    const at = message.at('content')
    if (role === 'system') {
      messages.push({ role: 'system', content: readTexts(content, at, reading) })
      continue
    }
    if (role !== last) reading.turn++
    last = role
    const before = messages.length
    if (role === 'user') messages.push(...readUserContent(content, at, reading))
    else if (role === 'assistant') messages.push(...readAssistantContent(content, at, reading))
    else message.fail('role', '"user", "assistant" or "system"', role)
    placeRest(messages, before, message.path)
    noteRest(message, reading)
  }
  return messages
}

function readTools(members: Members, reading: Reading): ChatTool[] | undefined {
  const list = members.objects('tools')
  const tools: ChatTool[] = []
  list.forEach((tool, place) => {
    const type = tool.optionalText('type')
    if (type !== undefined && type !== 'custom') {
      reading.extra.set(`${tool.path}.${type}`, new KeptTool(tool.object, place))
      return
    }
    const name = tool.text('name')
    const read: ChatTool = {
      name,
      description: tool.optionalText('description'),
      parameters: tool.record('input_schema'),
      strict: tool.flag('strict'),
      cache_control: cacheControl(tool)
    }
    tools.push(placed(read, tool.path))
    for (const [member, value] of tool.rest()) {
      reading.extra.set(tool.at(member), new KeptToolMember(name, member, value))
    }
  })
  return tools.length === 0 ? undefined : tools
}

function readToolChoice(choice: Members): ToolChoice {
  const type = choice.text('type')
  switch (type) {
    case 'auto':
    case 'none':
      return type
    case 'any':
      return 'required'
    case 'tool':
      return { name: choice.text('name') }
    default:
      return choice.fail('type', '"auto", "any", "tool" or "none"', type)
  }
}

function readFormat(format: Members | undefined): ResponseFormat | undefined {
  if (format?.optionalText('type') !== 'json_schema') return undefined
  const schema = format.record('schema') ?? {}
  return { type: 'json_schema', name: format.optionalText('name') ?? 'response', schema, strict: true }
}

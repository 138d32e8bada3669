import type {
  AssistantPart,
  ChatMessage,
  ChatRequest,
  ChatTool,
  Reasoning,
  ResponseFormat,
  TextPart,
  ToolChoice,
  UserPart
} from '../../chat.js'
import { badRequest, isObject, type JsonObject, Members } from '../../members.js'
import { inPlaceOf, placed } from '../../places.js'
import type { RequestHints } from '../dialect.js'
import { sourceOf } from '../source.js'
import { NO_ARGUMENTS } from '../tool-calls.js'

/** Reads what clients of Cohere's v2 chat send: https://docs.cohere.com/reference/chat */
export function readRequest(whole: JsonObject, hints: RequestHints): ChatRequest {
  const body = Members.of(whole, '', badRequest)
  const tools = body.objects('tools').map(tool => placed(readTool(tool), tool.path))
  const strict = body.flag('strict_tools')
  const chat: ChatRequest = {
    model: hints.model === '' ? body.text('model') : hints.model,
    messages: readMessages(body),
    stream: body.flag('stream') ?? hints.stream ?? false,
    max_tokens: body.count('max_tokens'),
    temperature: body.number('temperature'),
    top_p: body.number('p'),
    top_k: body.number('k'),
    stop: body.texts('stop_sequences'),
    seed: body.number('seed'),
    frequency_penalty: body.number('frequency_penalty'),
    presence_penalty: body.number('presence_penalty'),
    logprobs: body.flag('logprobs'),
    tools:
      tools.length === 0
        ? undefined
        : strict === true
          ? tools.map(each => inPlaceOf({ ...each, strict }, each))
          : tools,
    tool_choice: readChoice(body),
    response_format: readFormat(body.within('response_format')),
    reasoning: readThinking(body.within('thinking')),
    extra: new Map()
  }
  body.ignore('model')
  for (const [name, value] of body.rest()) chat.extra.set(name, value)
  return chat
}

function readMessages(body: Members): ChatMessage[] {
  const messages = body.objects('messages')
  if (messages.length === 0) body.fail('messages', 'a list with at least one message', undefined)
  return messages.map(message => placed(readMessage(message), message.path))
}

function readMessage(message: Members): ChatMessage {
  const role = message.text('role').toLowerCase()
  switch (role) {
    case 'system':
    case 'developer':
      return { role, content: texts(message) }
    case 'user':
      return { role, content: userParts(message) }
    case 'assistant':
    case 'chatbot':
      return { role: 'assistant', content: assistantParts(message) }
    case 'tool':
      return { role, tool_call_id: message.text('tool_call_id'), content: texts(message) }
    default:
      return message.fail('role', '"system", "user", "assistant" or "tool"', role)
  }
}

function texts(message: Members): TextPart[] {
  const content = message.any('content')
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return message.objects('content').map(part => {
    const document = part.any('document')
    return { type: 'text', text: document === undefined ? part.text('text') : documentText(document) }
  })
}

/** A document is a text, or an object with data that is one or has members. */
function documentText(document: unknown): string {
  const data = isObject(document) ? (document.data ?? document) : document
  return typeof data === 'string' ? data : JSON.stringify(data)
}

function userParts(message: Members): UserPart[] {
  const content = message.any('content')
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return message.objects('content').map(part => {
    const image = part.within('image_url')
    const read: UserPart =
      image === undefined
        ? { type: 'text', text: part.text('text') }
        : { type: 'image', source: sourceOf(image.text('url')), detail: image.optionalText('detail') }
    return placed(read, part.path)
  })
}

function assistantParts(message: Members): AssistantPart[] {
  const parts: AssistantPart[] = []
  const plan = message.optionalText('tool_plan')
  if (plan !== undefined && plan !== '') parts.push({ type: 'thinking', text: plan })
  const content = message.any('content')
  if (typeof content === 'string') parts.push({ type: 'text', text: content })
  else {
    for (const part of message.objects('content')) {
      const thinking = part.optionalText('thinking')
      parts.push(
        thinking === undefined ? { type: 'text', text: part.text('text') } : { type: 'thinking', text: thinking }
      )
    }
  }
  for (const call of message.objects('tool_calls')) {
    const called = call.within('function')
    if (called === undefined) call.fail('function', 'an object', undefined)
    else {
      const text = called.optionalText('arguments') ?? NO_ARGUMENTS
      parts.push({ type: 'tool_call', id: call.text('id'), name: called.text('name'), arguments: text })
    }
  }
  return parts
}

function readTool(tool: Members): ChatTool {
  const declared = tool.within('function')
  if (declared === undefined) return tool.fail('function', 'an object', undefined)
  return {
    name: declared.text('name'),
    description: declared.optionalText('description'),
    parameters: declared.record('parameters')
  }
}

function readChoice(body: Members): ToolChoice | undefined {
  const choice = body.optionalText('tool_choice')
  if (choice === undefined) return undefined
  switch (choice.toUpperCase()) {
    case 'REQUIRED':
      return 'required'
    case 'NONE':
      return 'none'
    default:
      return body.fail('tool_choice', '"REQUIRED" or "NONE"', choice)
  }
}

function readFormat(format: Members | undefined): ResponseFormat | undefined {
  if (format === undefined || format.optionalText('type') !== 'json_object') return undefined
  const schema = format.record('json_schema') ?? format.record('schema')
  return schema === undefined ? { type: 'json_object' } : { type: 'json_schema', name: 'response', schema }
}

function readThinking(thinking: Members | undefined): Reasoning | undefined {
  if (thinking === undefined) return undefined
  if (thinking.optionalText('type') === 'disabled') return { effort: 'none' }
  const budget = thinking.number('token_budget')
  return { summary: 'auto', ...(budget !== undefined && { budget_tokens: budget }) }
}

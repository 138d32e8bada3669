import type { AssistantPart, ChatMessage, ChatRequest, ChatTool, ImagePart, Source, TextPart } from '../../chat.js'
import { badRequest, isObject, type JsonObject, Members } from '../../members.js'
import { placed } from '../../places.js'
import type { RequestHints } from '../dialect.js'
import { readCommon } from '../ollama/options.js'
import { imageType, sourceOf } from '../source.js'
import { OpenCalls } from '../tool-calls.js'

/** Reads what clients of /api/chat send, who want a stream unless they say otherwise. https://docs.ollama.com/api/chat */
export function readRequest(whole: JsonObject, hints: RequestHints): ChatRequest {
  const body = Members.of(whole, '', badRequest)
  const extra = new Map<string, unknown>()
  const calls = new OpenCalls()
  const tools = body.objects('tools').map(tool => placed(readTool(tool), tool.path))
  const chat: ChatRequest = {
    model: hints.model === '' ? body.text('model') : hints.model,
    messages: body.objects('messages').map(message => placed(readMessage(message, calls), message.path)),
    stream: body.flag('stream') ?? hints.stream ?? true,
    ...readCommon(body, extra),
    tools: tools.length > 0 ? tools : undefined,
    extra
  }
  body.ignore('model')
  for (const [name, value] of body.rest()) extra.set(name, value)
  return chat
}

function readMessage(message: Members, calls: OpenCalls): ChatMessage {
  const role = message.text('role')
  const text = message.optionalText('content') ?? ''
  const said: TextPart[] = text === '' ? [] : [{ type: 'text', text }]
  switch (role) {
    case 'system':
    case 'developer':
      return { role, content: said }
    case 'user':
      return { role, content: [...said, ...readImages(message)] }
    case 'assistant':
      return { role, content: [...readThoughts(message), ...said, ...readCalls(message, calls)] }
    case 'tool': {
      const name = message.optionalText('tool_name') ?? message.optionalText('name')
      const call = calls.closed(name, message.optionalText('tool_call_id'))
      return { role, tool_call_id: call.id, name: call.name, content: [{ type: 'text', text }, ...readImages(message)] }
    }
    default:
      return message.fail('role', '"system", "user", "assistant" or "tool"', role)
  }
}

/** Images come as base64 alone. */
export function readImages(message: Members): ImagePart[] {
  return (message.texts('images') ?? []).map((data, i) => {
    const source: Source = data.startsWith('data:')
      ? sourceOf(data)
      : { kind: 'base64', media_type: imageType(data), data }
    return placed({ type: 'image', source }, `${message.at('images')}[${i}]`)
  })
}

function readThoughts(message: Members): AssistantPart[] {
  const thinking = message.optionalText('thinking')
  return thinking === undefined || thinking === '' ? [] : [{ type: 'thinking', text: thinking }]
}

function readCalls(message: Members, calls: OpenCalls): AssistantPart[] {
  return message.objects('tool_calls').map(call => {
    const called = call.within('function')
    if (called === undefined) return call.fail('function', 'an object', undefined)
    const given = called.any('arguments') ?? {}
    if (!isObject(given) && typeof given !== 'string') called.fail('arguments', 'an object', given)
    const name = called.text('name')
    const id = calls.opened(name, call.optionalText('id'))
    return { type: 'tool_call', id, name, arguments: typeof given === 'string' ? given : JSON.stringify(given) }
  })
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

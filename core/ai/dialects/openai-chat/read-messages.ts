import type {
  AssistantPart,
  CacheControl,
  ChatMessage,
  ImagePart,
  TextPart,
  ToolCallPart,
  ToolMessage,
  UserPart
} from '../../chat.js'
import { isObject, type Members } from '../../members.js'
import { objectsOf } from './lenient.js'
import { cacheControl, type Extra, keepRest, readPart } from './parts.js'
import { sourceOf } from './sources.js'
import { allThoughtsOf, chunkText, thoughtsOf } from './thoughts.js'

const ROLES = '"system", "developer", "user", "assistant" or "tool"'

/**
 * Reads `messages`. What has no place in the canonical chat goes to `extra` by its path.
 * @param toSee - all thoughts are wanted, not only those that another provider would be told
 */
export function readMessages(body: Members, extra: Extra, toSee: boolean): ChatMessage[] {
  if (body.list('messages') === undefined) return body.fail('messages', 'a list of messages', undefined)
  /** The call that a message of role "function" answers: such messages say no id. */
  let functionCall = ''
  return body.objects('messages').map(message => {
    const read = readMessage(message, functionCall, extra, toSee)
    const calls = read.role === 'assistant' ? read.content.filter(part => part.type === 'tool_call') : []
    functionCall = calls.at(-1)?.id ?? functionCall
    keepRest(message, extra)
    return read
  })
}

function readMessage(message: Members, functionCall: string, extra: Extra, toSee: boolean): ChatMessage {
  const role = message.text('role')
  switch (role) {
    case 'system':
    case 'developer':
      return { role, content: texts(message, extra) }
    case 'user':
      return { role, content: contentOf(message, cacheControl(message), extra), name: message.optionalText('name') }
    case 'assistant':
      return { role, content: assistantContent(message, extra, toSee), name: message.optionalText('name') }
    case 'tool':
      return toolMessage(message, message.text('tool_call_id'), extra)
    case 'function':
      return toolMessage(message, functionCall, extra)
    default:
      return message.fail('role', ROLES, role)
  }
}

/** @param mark - where to cache, said of the message: it goes to its last part */
function contentOf(message: Members, mark: CacheControl | undefined, extra: Extra): UserPart[] {
  const value = message.any('content')
  if (typeof value !== 'string' && !Array.isArray(value)) {
    return message.fail('content', 'a string or a list of parts', value)
  }
  if (typeof value === 'string') return [{ type: 'text', text: value, cache_control: mark }]
  const parts = message.objects('content').map(part => readPart(part, extra))
  const last = parts.at(-1)
  if (mark !== undefined && last !== undefined && last.type !== 'audio') last.cache_control ??= mark
  return parts
}

/** The parts of a message that can only be text. */
function texts(message: Members, extra: Extra): TextPart[] {
  return contentOf(message, cacheControl(message), extra).map((part, i) =>
    part.type === 'text' ? part : message.fail(`content[${i}].type`, '"text"', part.type)
  )
}

function toolMessage(message: Members, tool_call_id: string, extra: Extra): ToolMessage {
  const name = message.optionalText('name')
  const cache_control = cacheControl(message)
  const is_error = message.flag('is_error')
  if (message.any('content') === undefined) {
    return { role: 'tool', tool_call_id, name, content: [], is_error, cache_control }
  }
  const content = contentOf(message, undefined, extra).map((part, i) =>
    part.type === 'audio' ? message.fail(`content[${i}].type`, '"text", "image_url" or "file"', 'input_audio') : part
  )
  return { role: 'tool', tool_call_id, name, content, is_error, cache_control }
}

/** Parts in the order models give them: thoughts, text, images, audio, calls. */
function assistantContent(message: Members, extra: Extra, toSee: boolean): AssistantPart[] {
  message.ignore('annotations', 'reasoning_content', 'reasoning', 'reasoning_details', 'thinking_blocks')
  message.ignore('provider_specific_fields', 'function_call', 'images', 'audio')
  const parts: AssistantPart[] = toSee ? allThoughtsOf(message.object) : thoughtsOf(message.object)
  parts.push(...answer(message, extra))
  const refusal = message.optionalText('refusal')
  if (refusal !== undefined) parts.push({ type: 'refusal', refusal })
  parts.push(...imagesOf(message.object.images))
  const audio = message.within('audio')
  if (audio !== undefined) parts.push({ type: 'audio', format: '', data: '', id: audio.text('id') })
  parts.push(...message.objects('tool_calls').map(call => readCall(call, extra)))
  const call = message.within('function_call')
  if (call !== undefined) {
    const id = `call_${call.path.replace(/\D+/g, '')}`
    parts.push({ type: 'tool_call', id, name: call.text('name'), arguments: call.text('arguments') })
  }
  return parts
}

function answer(message: Members, extra: Extra): AssistantPart[] {
  const cache_control = cacheControl(message)
  const value = message.any('content')
  if (value === undefined) return []
  if (typeof value === 'string') return value === '' ? [] : [{ type: 'text', text: value, cache_control }]
  if (!Array.isArray(value)) return message.fail('content', 'a string or a list of parts', value)
  return message.objects('content').map(part => {
    const read = answerPart(part)
    keepRest(part, extra)
    return read
  })
}

function answerPart(part: Members): AssistantPart {
  const type = part.text('type')
  switch (type) {
    case 'text':
      return { type: 'text', text: part.text('text'), cache_control: cacheControl(part) }
    case 'refusal':
      return { type: 'refusal', refusal: part.text('refusal') }
    case 'thinking': // Mistral
      part.ignore('thinking', 'closed')
      return { type: 'thinking', text: chunkText(part.object), signature: part.optionalText('signature') }
    default:
      return part.fail('type', '"text" or "refusal"', type)
  }
}

/** OpenRouter's `images` of an answer. */
export function imagesOf(images: unknown): ImagePart[] {
  return objectsOf(images).flatMap(image => {
    const url = isObject(image.image_url) ? image.image_url.url : image.image_url
    return typeof url === 'string' ? [{ type: 'image', source: sourceOf(url) }] : []
  })
}

function readCall(call: Members, extra: Extra): ToolCallPart {
  const id = call.text('id')
  const type = call.optionalText('type') ?? 'function'
  const signature = signatureOf(call)
  const cache_control = cacheControl(call)
  call.ignore('index', 'provider_specific_fields')
  if (type === 'custom') {
    const custom = call.within('custom') ?? call.fail('custom', 'an object', undefined)
    keepRest(call, extra)
    const input = custom.optionalText('input') ?? ''
    return { type: 'tool_call', id, name: custom.text('name'), arguments: input, custom: true, cache_control }
  }
  if (type !== 'function') return call.fail('type', '"function" or "custom"', type)
  const fn = call.within('function') ?? call.fail('function', 'an object', undefined)
  keepRest(call, extra)
  const args = fn.optionalText('arguments') ?? ''
  return { type: 'tool_call', id, name: fn.text('name'), arguments: args, signature, cache_control }
}

/** https://ai.google.dev/gemini-api/docs/thought-signatures: how Google's own endpoint for OpenAI's clients carries them. */
function signatureOf(call: Members): string | undefined {
  return call.within('extra_content')?.within('google')?.optionalText('thought_signature')
}

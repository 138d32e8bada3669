import type {
  AssistantPart,
  ChatMessage,
  ChatRequest,
  ChatTool,
  Choice,
  TextPart,
  ToolCallPart,
  UserPart
} from '../../ai/chat.js'
import { isObject, type JsonObject } from '../../ai/members.js'
import type { ProviderTool } from '../../ai/provider-tool.js'
import { applyParams } from '../../ai/routing/params.js'
import { unreadParts } from '../../ai/unread-parts.js'
import { type AiVerdict, type Message, MessageEditOp, type Tool } from '../../plugin-host/abi.js'
import { mergePatch } from './merge-patch.js'

type Part = Message['content'][number]
type AnyPart = UserPart | AssistantPart

/** A message as plugins see it: what is not text is named, not shown. */
export function messageOf({ role, content, ...rest }: ChatMessage): Message {
  const parts: readonly AnyPart[] = content
  return {
    role,
    content: parts.filter(part => part.type !== 'tool_call').map(partOf),
    name: 'name' in rest ? (rest.name ?? '') : '',
    toolCalls: parts.flatMap(part => (part.type === 'tool_call' ? [callOf(part)] : [])),
    toolCallId: 'tool_call_id' in rest ? rest.tool_call_id : ''
  }
}

/** All messages. Files and pictures that could not be read stand in the last one of a user: they are to be counted, not changed. */
export function messagesOf(chat: ChatRequest): Message[] {
  const messages = chat.messages.map(messageOf)
  const unread = unreadParts(chat).map(part => ({ text: '', mediaType: '', ...part }))
  const last = messages.findLast(({ role }) => role === 'user') ?? messages.at(-1)
  if (last !== undefined) last.content.push(...unread)
  return messages
}

export function messageOfChoice({ content }: Choice): Message {
  return messageOf({ role: 'assistant', content })
}

export function callOf({ id, name, arguments: text }: ToolCallPart): Message['toolCalls'][number] {
  return { id, name, arguments: text }
}

function partOf(part: AnyPart): Part {
  const nothing = { text: '', url: '', mediaType: '' }
  switch (part.type) {
    case 'text':
    case 'thinking':
      return { ...nothing, type: part.type, text: part.text }
    case 'refusal':
      return { ...nothing, type: 'refusal', text: part.refusal }
    case 'image':
    case 'file': {
      const { source } = part
      const url =
        source.kind === 'url' ? source.url : source.kind === 'id' ? source.file_id : `data:${source.media_type}`
      const text = part.type === 'file' ? (part.filename ?? '') : ''
      return { type: part.type, text, url, mediaType: 'media_type' in source ? (source.media_type ?? '') : '' }
    }
    case 'audio':
      return { ...nothing, type: 'audio', url: `data:audio/${part.format}`, mediaType: `audio/${part.format}` }
    case 'redacted_thinking':
      return { ...nothing, type: 'thinking' }
    case 'tool_call':
      return { ...nothing, type: 'tool_call', text: part.name }
  }
}

/** What the caller of a prompt put into it, among the parameters: to be seen, not changed. */
export const VARIABLES = 'prompt_variables'

/** Parameters are everything of a chat that is no message, tool, or name of a model. */
const NO_PARAMETERS: ReadonlySet<string> = new Set(['model', 'messages', 'stream', 'tools', 'extra', 'kept', VARIABLES])

export function parametersOf(chat: ChatRequest): JsonObject {
  const parameters: JsonObject = {}
  for (const [name, value] of Object.entries(chat)) {
    if (!NO_PARAMETERS.has(name) && value !== undefined) parameters[name] = value
  }
  for (const [name, value] of chat.extra) parameters[name] ??= value
  for (const { path, item } of chat.kept ?? []) parameters[path] ??= item
  return parameters
}

export function toolOf({ name, description = '', parameters }: ChatTool): Tool {
  return { name, description, parameters: parameters === undefined ? '' : JSON.stringify(parameters) }
}

/** A tool that no chat has: of one the provider runs there is nothing to be said of its arguments. */
export function providerToolOf({ name, type, description, parameters }: ProviderTool): Tool {
  const own = type === 'function' || type === 'custom'
  return toolOf({ name, description: own ? description : `Run by the provider (${type}).`, parameters })
}

/** Changes a chat as an on_prompt said. */
export function applyToChat(chat: ChatRequest, verdict: AiVerdict): void {
  if (verdict.model !== null) chat.model = verdict.model
  for (const { op, at, message } of verdict.messages) {
    if (op === MessageEditOp.REMOVE) {
      moveKept(chat, at, -1)
      chat.messages.splice(at, 1)
    } else if (message && op === MessageEditOp.INSERT) {
      moveKept(chat, at, 1)
      chat.messages.splice(at, 0, made(message, undefined))
    } else if (message && at < chat.messages.length) chat.messages[at] = made(message, chat.messages[at])
  }
  if (verdict.parameters !== null) mergeParameters(chat, verdict.parameters)
  if (verdict.removeTools.length + verdict.addTools.length > 0) changeTools(chat, verdict)
}

/** What stands among the messages stays where it is among those that were there. @param by - 1: one comes at this place; -1: it goes */
function moveKept({ kept = [], messages }: ChatRequest, at: number, by: 1 | -1): void {
  for (const each of kept) {
    const follows = each.before > at || (by > 0 && each.before === at && (each.part > 0 || at < messages.length))
    if (follows) each.before += by
    else if (by < 0 && each.before === at) each.part = 0
  }
}

/** Whether a verdict changes more of a prompt than the name of the model. */
export function changesChat({ messages, parameters, removeTools, addTools }: AiVerdict): boolean {
  return messages.length + removeTools.length + addTools.length > 0 || parameters !== null
}

function mergeParameters(chat: ChatRequest, patch: string): void {
  const merged: unknown = JSON.parse(patch)
  if (!isObject(merged)) return
  const now = parametersOf(chat)
  const params: JsonObject = {}
  for (const [name, value] of Object.entries(merged)) {
    if (NO_PARAMETERS.has(name)) continue
    const next = isObject(value) ? mergePatch(objectOf(now[name]), value) : value
    if (OBJECTS.has(name)) Object.assign(chat, { [name]: next === null ? undefined : next })
    else params[name] = next
  }
  applyParams(chat, params)
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

/** Parameters of a chat that are objects, or choices. */
const OBJECTS: ReadonlySet<string> = new Set(['tool_choice', 'response_format', 'reasoning', 'logit_bias', 'metadata'])

/** A tool that is removed and added again is changed where it stands. */
function changeTools(chat: ChatRequest, { removeTools, addTools }: AiVerdict): void {
  const were = chat.tools ?? []
  const added = addTools.map((tool): ChatTool => {
    const { name, description, parameters } = tool
    const schema: unknown = parameters === '' ? undefined : JSON.parse(parameters)
    const before = removeTools.includes(name) ? were.find(each => each.name === name) : undefined
    const { description: _, parameters: __, ...unseen } = before ?? {}
    return {
      ...unseen,
      name,
      ...(description !== '' && { description }),
      ...(isObject(schema) && { parameters: schema })
    }
  })
  const kept = were.flatMap((tool): ChatTool[] => {
    if (!removeTools.includes(tool.name)) return [tool]
    const at = added.findIndex(({ name }) => name === tool.name)
    return at === -1 ? [] : added.splice(at, 1)
  })
  const tools = [...kept, ...added]
  chat.tools = tools.length === 0 ? undefined : tools
  const { tool_choice: choice } = chat
  const gone = typeof choice === 'object' && !tools.some(({ name }) => name === choice.name)
  if (gone || tools.length === 0) chat.tool_choice = undefined
}

/** A message of a plugin in the place of `before`: what plugins cannot see of a message stays in it, in its order. */
function made(message: Message, before: ChatMessage | undefined): ChatMessage {
  const name = message.name === '' ? undefined : message.name
  switch (message.role) {
    case 'system':
    case 'developer':
      return {
        role: message.role,
        content: woven(message.content.filter(isText), before?.role === message.role ? before.content : [])
      }
    case 'tool': {
      const was = before?.role === 'tool' ? before : undefined
      const content = woven(message.content, was?.content ?? [])
      return { ...was, role: 'tool', tool_call_id: message.toolCallId, content }
    }
    case 'assistant':
      return { role: 'assistant', content: answered(message, before?.role === 'assistant' ? before.content : []), name }
    default:
      return { role: 'user', content: woven(message.content, before?.role === 'user' ? before.content : []), name }
  }
}

/** The parts of an answer a plugin wrote anew. */
export function answered({ content, toolCalls }: Message, before: readonly AssistantPart[]): AssistantPart[] {
  const parts = woven(content, before.filter(isNoCall))
  const known = new Map(before.flatMap(part => (part.type === 'tool_call' ? [[part.id, part] as const] : [])))
  const calls = toolCalls.map(({ id, name, arguments: text }): ToolCallPart => {
    return { ...known.get(id), type: 'tool_call', id, name, arguments: text }
  })
  return inOrder(parts, calls, before)
}

function isNoCall(part: AssistantPart): part is Exclude<AssistantPart, ToolCallPart> {
  return part.type !== 'tool_call'
}

/** As the original had them, where both have as many of either kind. */
function inOrder(
  parts: readonly AssistantPart[],
  calls: readonly ToolCallPart[],
  before: readonly AssistantPart[]
): AssistantPart[] {
  const were = before.filter(({ type }) => type === 'tool_call').length
  if (were !== calls.length || before.length - were !== parts.length) return [...parts, ...calls]
  let part = 0
  let call = 0
  return before.flatMap(({ type }) => (type === 'tool_call' ? calls[call++] : parts[part++]) ?? [])
}

/** Texts as the plugin wrote them; of what it cannot see, the originals, kind by kind in order. */
function woven<P extends AnyPart>(content: readonly Part[], before: readonly P[]): (P | TextPart)[] {
  const left = [...before]
  return content.flatMap((part): (P | TextPart)[] => {
    const at = left.findIndex(other => seenAs(other) === part.type)
    const original = at === -1 ? undefined : left.splice(at, 1)[0]
    if (!isText(part)) return original === undefined ? [] : [renamed(original, part.text)]
    if (original?.type !== 'text') return [{ type: 'text', text: part.text }]
    // Where a text was cited says nothing of another text, nor does a proof that it is the provider's own.
    const { cache_control } = original
    return [
      original.text === part.text
        ? original
        : { type: 'text', text: part.text, ...(cache_control && { cache_control }) }
    ]
  })
}

/** Of a file the name is seen. A plugin that shows none leaves it alone. */
function renamed<P extends AnyPart>(part: P, name: string): P {
  return part.type !== 'file' || name === '' || part.filename === name ? part : { ...part, filename: name }
}

function seenAs(part: AnyPart): string {
  return part.type === 'redacted_thinking' ? 'thinking' : part.type
}

function isText({ type }: Part): boolean {
  return type === 'text'
}

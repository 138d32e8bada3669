import {
  type AssistantPart,
  type ChatMessage,
  type ChatRequest,
  type FilePart,
  type ImagePart,
  type KeptItem,
  type ToolMessage,
  take,
  type UserPart
} from '../../chat.js'
import { isObject, type JsonObject } from '../../members.js'
import type { Dropped } from '../dialect.js'
import { writeAnnotation } from './annotations.js'
import { withArguments } from './client-calls.js'
import { writeOwnReasoning } from './reasoning.js'
import { dataUrl } from './sources.js'
import { isRun, withGiven, withOutput } from './tool-outputs.js'

/** Messages as `instructions` and the items of `input`. Ids of items are left out: the provider did not make them. */
export function writeInput(chat: ChatRequest, dropped: Dropped): { instructions?: string; input: JsonObject[] } {
  const kept = (chat.kept ?? []).flatMap(each => changedItem(each, chat))
  const items: JsonObject[] = []
  const calls: Calls = { custom: customCalls(chat), run: runCalls(chat) }
  const instructions = instructionsOf(chat.messages[0])
  for (const [i, message] of chat.messages.entries()) {
    const own = kept.filter(({ before }) => before === i)
    for (const { part, item } of own) if (part === 0 || message.role !== 'assistant') items.push(item)
    if (i > 0 || instructions === undefined) writeMessage(message, i, items, calls, own, dropped)
  }
  for (const each of kept) if (each.before >= chat.messages.length) items.push(each.item)
  return instructions === undefined ? { input: items } : { instructions, input: items }
}

/** With what policies made of it, who see it among the parameters. */
function changedItem(each: KeptItem, chat: ChatRequest): KeptItem[] {
  const item = take(chat, each.path)
  return item === undefined ? [each] : isObject(item) ? [{ ...each, item }] : []
}

/** Calls that are written with what came of them. */
interface Calls {
  /** Ids of those of custom tools. */
  readonly custom: ReadonlySet<string>
  /** The arguments of those the provider has run, by the item they are in. */
  readonly run: ReadonlyMap<JsonObject, string>
}

/** A system message that is first and one text. */
function instructionsOf(first: ChatMessage | undefined): string | undefined {
  if (first?.role !== 'system' || first.content.length !== 1) return undefined
  return first.content[0]?.text || undefined
}

function writeMessage(
  message: ChatMessage,
  i: number,
  items: JsonObject[],
  { custom, run }: Calls,
  kept: readonly KeptItem[],
  dropped: Dropped
): void {
  const at = `messages[${i}]`
  if ('name' in message && message.name !== undefined && message.role !== 'tool') dropped.drop(`${at}.name`)
  switch (message.role) {
    case 'system':
    case 'developer':
    case 'user':
      items.push({
        type: 'message',
        role: message.role,
        content: message.content.map(part => writePart(part, at, dropped)).filter(part => part !== undefined)
      })
      break
    case 'assistant':
      writeAssistant(message.content, at, items, kept, dropped)
      break
    case 'tool':
      if (message.item === undefined) items.push(writeOutput(message, at, custom.has(message.tool_call_id), dropped))
      else {
        const args = run.get(message.item)
        items.push(
          ...withOutput(message.item, message).map(item => (args === undefined ? item : withGiven(item, args)))
        )
      }
  }
}

function writeAssistant(
  parts: AssistantPart[],
  at: string,
  items: JsonObject[],
  kept: readonly KeptItem[],
  dropped: Dropped
): void {
  let content: JsonObject[] = []
  const flush = (): void => {
    if (content.length > 0) items.push({ type: 'message', role: 'assistant', content })
    content = []
  }
  /** Those that stand before a part, or behind the last. */
  const keep = (from: number, to: number): void => {
    const here = kept.filter(({ part }) => part > 0 && part >= from && part < to)
    if (here.length > 0) flush()
    items.push(...here.map(({ item }) => item))
  }
  for (const [i, part] of parts.entries()) {
    keep(i, i + 1)
    if (part.type === 'text') {
      if ('cache_control' in part && part.cache_control !== undefined) dropped.drop('cache_control')
      content.push({
        type: 'output_text',
        text: part.text,
        annotations: (part.annotations ?? []).map(each => writeAnnotation(each))
      })
    } else if (part.type === 'refusal') content.push({ type: 'refusal', refusal: part.refusal })
    else if (part.type === 'image' || part.type === 'audio') dropped.drop(`${at}.content (${part.type})`)
    else {
      flush()
      if (part.type === 'tool_call' && part.item !== undefined && isRun(part.item)) continue // it is its result too
      const item = part.type === 'tool_call' ? writeCall(part) : writeOwnReasoning(part)
      if (item === undefined) dropped.drop('thinking')
      else items.push(item)
    }
  }
  flush()
  keep(parts.length, Number.POSITIVE_INFINITY)
}

function writeCall(part: AssistantPart & { type: 'tool_call' }): JsonObject {
  if (part.item !== undefined) return withArguments(part.item, part.arguments)
  return part.custom === true
    ? { type: 'custom_tool_call', call_id: part.id, name: part.name, input: part.arguments }
    : { type: 'function_call', call_id: part.id, name: part.name, arguments: part.arguments }
}

function customCalls(chat: ChatRequest): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const message of chat.messages) {
    if (message.role !== 'assistant') continue
    for (const part of message.content) if (part.type === 'tool_call' && part.custom === true) ids.add(part.id)
  }
  return ids
}

function runCalls(chat: ChatRequest): ReadonlyMap<JsonObject, string> {
  const parts = chat.messages.flatMap(({ role, content }) => (role === 'assistant' ? content : []))
  return new Map(
    parts.flatMap(part => {
      const item = part.type === 'tool_call' ? part.item : undefined
      return part.type === 'tool_call' && item !== undefined && isRun(item) ? [[item, part.arguments] as const] : []
    })
  )
}

function writeOutput(message: ToolMessage, at: string, custom: boolean, dropped: Dropped): JsonObject {
  if (message.is_error === true) dropped.drop(`${at}.is_error`)
  if (message.cache_control !== undefined) dropped.drop('cache_control')
  const [first, second] = message.content
  const text = first === undefined ? '' : first.type === 'text' && second === undefined ? first.text : undefined
  return {
    type: custom ? 'custom_tool_call_output' : 'function_call_output',
    call_id: message.tool_call_id,
    output: text ?? message.content.map(part => writePart(part, at, dropped)).filter(part => part !== undefined)
  }
}

function writePart(part: UserPart, at: string, dropped: Dropped): JsonObject | undefined {
  if (part.type !== 'audio' && part.cache_control !== undefined) dropped.drop('cache_control')
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text }
    case 'image':
    case 'file':
      if (part.source.kind === 'id' && part.source.of !== 'openai') {
        dropped.drop(`${at}.content (${part.type})`)
        return undefined
      }
      return part.type === 'file'
        ? writeFile(part)
        : { type: 'input_image', detail: part.detail ?? 'auto', ...imageSource(part) }
    case 'audio':
      dropped.drop(`${at}.content (audio)`)
      return undefined
  }
}

function imageSource({ source }: ImagePart): JsonObject {
  if (source.kind === 'id') return { file_id: source.file_id }
  return { image_url: source.kind === 'url' ? source.url : dataUrl(source.media_type, source.data) }
}

function writeFile(part: FilePart): JsonObject {
  const { source } = part
  const filename = part.filename === undefined ? {} : { filename: part.filename }
  if (source.kind === 'id') return { type: 'input_file', file_id: source.file_id }
  if (source.kind === 'url') return { type: 'input_file', file_url: source.url, ...filename }
  // The API wants a name with data.
  return {
    type: 'input_file',
    filename: part.filename ?? `file.${source.media_type === 'application/pdf' ? 'pdf' : 'bin'}`,
    file_data: dataUrl(source.media_type, source.data)
  }
}

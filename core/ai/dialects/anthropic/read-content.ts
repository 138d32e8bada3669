import type {
  AssistantPart,
  CacheControl,
  ChatMessage,
  FilePart,
  ImagePart,
  Source,
  TextPart,
  ToolMessage,
  UserPart
} from '../../chat.js'
import { badRequest, isObject, Members } from '../../members.js'
import { placed, placeRest } from '../../places.js'
import { mediaType } from '../source.js'
import { carried } from './carried.js'
import { annotationsOf } from './citations.js'
import { KeptBlock } from './kept.js'
import { serverCall, serverResult } from './server-tools.js'

/** What is collected while a request is read. */
export interface Reading {
  readonly extra: Map<string, unknown>
  /** Which turn is being read: messages of one role that follow each other are one. */
  turn: number
  /** What tools came to that the provider ran is read as messages; else it is kept for who speaks the dialect. */
  readonly serverTools: boolean
}

/** A string, or text blocks. */
export function readTexts(value: unknown, path: string, reading: Reading): TextPart[] {
  if (typeof value === 'string') return [{ type: 'text', text: value }]
  const parts: TextPart[] = []
  for (const block of blocksOf(value, path)) {
    const type = block.text('type')
    if (type === 'text') parts.push(readText(block, reading))
    else reading.extra.set(`${block.path}.${type}`, block.object)
  }
  return parts
}

/** Tool results become messages of their own, before whatever else the user says after them. */
export function readUserContent(value: unknown, path: string, reading: Reading): ChatMessage[] {
  if (typeof value === 'string') return [{ role: 'user', content: [{ type: 'text', text: value }] }]
  const messages: ChatMessage[] = []
  let content: UserPart[] = []
  const flush = () => {
    if (content.length > 0) messages.push({ role: 'user', content })
    content = []
  }
  blocksOf(value, path).forEach((block, place) => {
    if (block.text('type') === 'tool_result') {
      flush()
      messages.push(placed(readToolResult(block, reading), block.path))
      return
    }
    const parts = readShared(block, reading)
    if (parts === undefined) keep(block, 'user', place, reading)
    else content.push(...parts.map(part => placed(part, block.path)))
  })
  flush()
  // A turn of which nothing can be read still is one: what was kept of it goes back there.
  return messages.length === 0 ? [{ role: 'user', content: [] }] : messages
}

/** Results of tools that the provider ran become messages of their own, between what was said before and after them. */
export function readAssistantContent(value: unknown, path: string, reading: Reading): ChatMessage[] {
  if (typeof value === 'string') return [{ role: 'assistant', content: [{ type: 'text', text: value }] }]
  const messages: ChatMessage[] = []
  let parts: AssistantPart[] = []
  let signature: string | undefined
  blocksOf(value, path).forEach((block, place) => {
    const type = block.text('type')
    const before = parts.length
    const result = reading.serverTools ? serverResult(block.object) : undefined
    const call = reading.serverTools ? serverCall(block.object) : undefined
    if (result !== undefined) {
      if (parts.length > 0) messages.push({ role: 'assistant', content: parts })
      messages.push(result)
      parts = []
      return
    }
    if (call !== undefined) {
      parts.push(call)
      return
    }
    if (type === 'thinking') {
      const sign = block.optionalText('signature')
      const own = sign === undefined ? undefined : carried(sign)
      const text = block.optionalText('thinking') ?? ''
      if (own?.kind === 'call') signature = own.signature
      else if (own?.kind === 'part') parts.push({ type, text, signature: own.signature, id: own.id })
      else parts.push({ type, text, signature: sign === '' ? undefined : sign })
    } else if (type === 'redacted_thinking') {
      const data = block.text('data')
      const own = carried(data)
      if (own?.kind === 'part') parts.push({ type, data: own.signature ?? '', id: own.id })
      else parts.push({ type, data })
    } else if (type === 'tool_use') {
      const id = block.text('id')
      const name = block.text('name')
      const input = block.any('input')
      const text = typeof input === 'string' ? input : JSON.stringify(input ?? {})
      parts.push({ type: 'tool_call', id, name, arguments: text, signature, cache_control: cacheControl(block) })
      signature = undefined
    } else if (type === 'text') parts.push(readText(block, reading))
    else if (type === 'image') parts.push(readImage(block, reading))
    else {
      keep(block, 'assistant', place, reading)
      return
    }
    placeRest(parts, before, block.path)
    noteRest(block, reading)
  })
  if (parts.length > 0 || messages.length === 0) messages.push({ role: 'assistant', content: parts })
  return messages
}

export function cacheControl(block: Members): CacheControl | undefined {
  const mark = block.within('cache_control')
  if (mark === undefined) return undefined
  const ttl = mark.optionalText('ttl')
  return ttl === undefined ? { type: 'ephemeral' } : { type: 'ephemeral', ttl }
}

/** Members that nobody asked for are named to the caller, unless somebody takes them. */
export function noteRest(members: Members, reading: Reading): void {
  for (const [name, value] of members.rest()) reading.extra.set(members.at(name), value)
}

function blocksOf(value: unknown, path: string): Members[] {
  if (!Array.isArray(value)) throw badRequest(path, 'a string or a list of content blocks', value)
  return value.map((each, i) => Members.of(each, `${path}[${i}]`, badRequest))
}

function keep(block: Members, role: KeptBlock['role'], place: number, reading: Reading): void {
  const path = `${block.path}.${block.text('type')}`
  reading.extra.set(path, new KeptBlock(block.object, path, role, reading.turn, place))
}

function readToolResult(block: Members, reading: Reading): ToolMessage {
  const value = block.any('content')
  const content: ToolMessage['content'] = []
  if (typeof value === 'string') content.push({ type: 'text', text: value })
  else if (value !== undefined) {
    for (const each of blocksOf(value, block.at('content'))) {
      const parts = readShared(each, reading)
      if (parts === undefined) reading.extra.set(`${each.path}.${each.text('type')}`, each.object)
      else content.push(...parts.map(part => placed(part, each.path)))
    }
  }
  const message: ToolMessage = {
    role: 'tool',
    tool_call_id: block.text('tool_use_id'),
    content,
    is_error: block.flag('is_error'),
    cache_control: cacheControl(block)
  }
  noteRest(block, reading)
  return message
}

/** Blocks that may stand in a user's turn and in the result of a tool; undefined: another kind. */
function readShared(block: Members, reading: Reading): (TextPart | ImagePart | FilePart)[] | undefined {
  switch (block.text('type')) {
    case 'text':
      return noted([readText(block, reading)], block, reading)
    case 'image':
      return noted([readImage(block, reading)], block, reading)
    case 'document':
      return noted(readDocument(block, reading), block, reading)
    case 'search_result':
      return noted([readSearchResult(block, reading)], block, reading)
    default:
      return undefined
  }
}

function noted<T>(part: T, block: Members, reading: Reading): T {
  noteRest(block, reading)
  return part
}

function readText(block: Members, reading: Reading): TextPart {
  block.ignore('type')
  const text = block.text('text')
  const part: TextPart = { type: 'text', text, cache_control: cacheControl(block) }
  const citations = block.any('citations')
  if (citations === undefined) return part
  const annotations = annotationsOf(citations, 0, text.length)
  if (annotations.length > 0) part.annotations = annotations
  else if (!Array.isArray(citations) || citations.length > 0) reading.extra.set(block.at('citations'), citations)
  return part
}

function readImage(block: Members, _reading: Reading): ImagePart {
  block.ignore('type')
  return { type: 'image', source: readSource(sourceOf(block)), cache_control: cacheControl(block) }
}

function readSource(source: Members): Source {
  const type = source.text('type')
  switch (type) {
    case 'base64':
      return { kind: 'base64', media_type: mediaType(source.text('media_type')), data: source.text('data') }
    case 'url':
      return { kind: 'url', url: source.text('url') }
    case 'file':
      return { kind: 'id', file_id: source.text('file_id'), of: 'anthropic' }
    default:
      return source.fail('type', '"base64", "url" or "file"', type)
  }
}

/** A document that is text, or made of blocks, is text also to models elsewhere; its title, and what is said of it, go before it. */
function readDocument(block: Members, reading: Reading): (TextPart | FilePart)[] {
  block.ignore('type')
  const source = sourceOf(block)
  const title = block.optionalText('title')
  const mark = cacheControl(block)
  const context = block.optionalText('context')
  const heading = [title, context].map(each => (each === undefined ? '' : `${each}\n\n`)).join('')
  const type = source.text('type')
  if (type === 'text') return [{ type: 'text', text: heading + source.text('data'), cache_control: mark }]
  if (type !== 'content') {
    const file: FilePart = { type: 'file', source: readSource(source), filename: title, cache_control: mark }
    return context === undefined || context === '' ? [file] : [{ type: 'text', text: context }, file]
  }
  const content = source.any('content')
  const text = readTexts(content ?? [], source.at('content'), reading)
    .map(part => part.text)
    .join('\n')
  return [{ type: 'text', text: heading + text, cache_control: mark }]
}

function readSearchResult(block: Members, reading: Reading): TextPart {
  block.ignore('type')
  const title = block.optionalText('title') ?? ''
  const source = block.optionalText('source') ?? ''
  const texts = readTexts(block.any('content') ?? [], block.at('content'), reading).map(part => part.text)
  return {
    type: 'text',
    text: [title, source, ...texts].filter(line => line !== '').join('\n'),
    cache_control: cacheControl(block)
  }
}

function sourceOf(block: Members): Members {
  const source = block.any('source')
  if (!isObject(source)) return block.fail('source', 'an object', source)
  return new Members(source, block.at('source'), badRequest)
}

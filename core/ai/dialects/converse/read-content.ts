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
import { badRequest, isObject, type JsonObject, Members } from '../../members.js'
import { placed, placeRest } from '../../places.js'
import { carried } from '../anthropic/carried.js'
import { documentType } from './formats.js'
import { dataOf } from './redacted.js'

/** What has no place in a chat, by the name the caller knows. */
export type Extra = Map<string, unknown>

/** A content block: which of the union's members it has, and that member. */
interface Block {
  readonly kind: string
  readonly value: unknown
  readonly path: string
}

/** Text, with the marks up to which it should be cached. */
export function readSystem(list: unknown[], path: string, extra: Extra): TextPart[] {
  const parts: TextPart[] = []
  for (const block of blocksOf(list, path)) {
    const part = readShared(block, extra)
    if (part?.type === 'text') parts.push(part)
    else if (!markLast(block, parts)) extra.set(block.path, block.value)
  }
  return parts
}

/** Tool results become messages of their own, before whatever else the user says after them. */
export function readUserContent(list: unknown[], path: string, extra: Extra): ChatMessage[] {
  const messages: ChatMessage[] = []
  let content: UserPart[] = []
  const flush = () => {
    if (content.length > 0) messages.push({ role: 'user', content })
    content = []
  }
  for (const block of blocksOf(list, path)) {
    if (block.kind === 'toolResult') {
      flush()
      messages.push(placed(readToolResult(membersOf(block), extra), block.path))
      continue
    }
    const part = readShared(block, extra)
    const last = messages.at(-1)
    if (part !== undefined) content.push(placed(part, block.path))
    else if (content.length === 0 && last?.role === 'tool' && markLast(block, [last])) continue
    else if (!markLast(block, content)) extra.set(block.path, block.value)
  }
  flush()
  return messages
}

export function readAssistantContent(list: unknown[], path: string, extra: Extra): AssistantPart[] {
  const parts: AssistantPart[] = []
  let signature: string | undefined
  for (const block of blocksOf(list, path)) {
    const before = parts.length
    if (block.kind === 'toolUse') {
      const use = membersOf(block)
      const input = use.any('input')
      const text = typeof input === 'string' ? input : JSON.stringify(input ?? {})
      parts.push({ type: 'tool_call', id: use.text('toolUseId'), name: use.text('name'), arguments: text, signature })
      signature = undefined
    } else if (block.kind === 'reasoningContent') {
      const part = readReasoningPart(membersOf(block))
      if (typeof part === 'string') signature = part
      else if (part !== undefined) parts.push(part)
    } else {
      const part = readShared(block, extra)
      if (part !== undefined && part.type !== 'file') parts.push(part)
      else if (!markLast(block, parts)) extra.set(block.path, block.value)
    }
    placeRest(parts, before, block.path)
  }
  return parts
}

export function cachePoint(value: unknown): CacheControl {
  return isObject(value) && typeof value.ttl === 'string'
    ? { type: 'ephemeral', ttl: value.ttl }
    : { type: 'ephemeral' }
}

/** The one member of each object of a list. */
export function blocksOf(list: unknown[], path: string): Block[] {
  return list.map((each, i) => {
    const at = `${path}[${i}]`
    if (!isObject(each)) throw badRequest(at, 'an object', each)
    // Some clients say the kind once more in "type".
    const kind = Object.keys(each).find(name => name !== 'type' && each[name] !== null && each[name] !== undefined)
    if (kind === undefined) throw badRequest(at, 'an object with one member', each)
    return { kind, value: each[kind], path: `${at}.${kind}` }
  })
}

export function membersOf({ value, path }: Block): Members {
  return Members.of(value, path, badRequest)
}

/** A cache point marks what is before it. */
function markLast(block: Block, before: readonly object[]): boolean {
  const last = before.at(-1)
  if (block.kind !== 'cachePoint') return false
  if (last !== undefined) Object.assign(last, { cache_control: cachePoint(block.value) })
  return true
}

/** A string is the signature of the tool call that follows. */
function readReasoningPart(content: Members): AssistantPart | string | undefined {
  const blob = content.optionalText('redactedContent')
  if (blob !== undefined) {
    const data = dataOf(blob)
    const own = carried(data)
    return own?.kind === 'part'
      ? { type: 'redacted_thinking', data: own.signature ?? '', id: own.id }
      : { type: 'redacted_thinking', data }
  }
  const reasoning = content.within('reasoningText')
  if (reasoning === undefined) return undefined
  const text = reasoning.optionalText('text') ?? ''
  const sign = reasoning.optionalText('signature') ?? ''
  const own = carried(sign)
  if (own?.kind === 'call') return own.signature
  if (own?.kind === 'part') return { type: 'thinking', text, signature: own.signature, id: own.id }
  return { type: 'thinking', text, signature: sign === '' ? undefined : sign }
}

function readToolResult(result: Members, extra: Extra): ToolMessage {
  const content: ToolMessage['content'] = []
  for (const block of blocksOf(result.list('content') ?? [], result.at('content'))) {
    const part = block.kind === 'json' ? jsonPart(block.value) : readShared(block, extra)
    if (part !== undefined) content.push(placed(part, block.path))
    else extra.set(block.path, block.value)
  }
  const status = result.optionalText('status')
  return {
    role: 'tool',
    tool_call_id: result.text('toolUseId'),
    content,
    is_error: status === 'error' ? true : undefined
  }
}

function jsonPart(value: unknown): TextPart {
  return { type: 'text', text: JSON.stringify(value) ?? '' }
}

/** Blocks that may stand in any message; undefined: another kind. */
function readShared(block: Block, extra: Extra): TextPart | ImagePart | FilePart | undefined {
  switch (block.kind) {
    case 'text':
      if (typeof block.value !== 'string') throw badRequest(block.path, 'a string', block.value)
      return { type: 'text', text: block.value }
    case 'image':
      return readImage(membersOf(block), extra)
    case 'document':
      return readDocument(membersOf(block), extra)
    case 'guardContent':
      return readGuarded(membersOf(block), extra)
    case 'searchResult':
      return readSearchResult(membersOf(block))
    case 'citationsContent':
      return { type: 'text', text: textsOf(membersOf(block)) }
    default:
      return undefined
  }
}

/** What a guardrail is to look at is part of the prompt like anything else. */
function readGuarded(content: Members, extra: Extra): TextPart | ImagePart | undefined {
  const text = content.within('text')
  if (text !== undefined) return { type: 'text', text: text.text('text') }
  const image = content.within('image')
  return image && readImage(image, extra)
}

function readImage(image: Members, extra: Extra): ImagePart | undefined {
  const source = readSource(image, `image/${image.text('format')}`, extra)
  return source && { type: 'image', source }
}

function readDocument(document: Members, extra: Extra): TextPart | FilePart | undefined {
  for (const member of ['context', 'citations']) {
    if (document.any(member) !== undefined) extra.set(document.at(member), document.any(member))
  }
  const name = document.optionalText('name')
  const source = document.within('source')
  const text = source?.optionalText('text')
  const list = source?.list('content')
  if (text !== undefined || list !== undefined) {
    const heading = name === undefined ? '' : `${name}\n\n`
    return { type: 'text', text: heading + (text ?? (source ? textsOf(source) : '')) }
  }
  const read = readSource(document, documentType(document.optionalText('format') ?? 'txt'), extra)
  return read && { type: 'file', source: read, filename: name }
}

/** Bytes; what is in S3 only Bedrock can get. */
function readSource(block: Members, mediaType: string, extra: Extra): Source | undefined {
  const source = block.within('source')
  const data = source?.optionalText('bytes')
  if (data !== undefined) return { kind: 'base64', media_type: mediaType, data }
  const place: JsonObject | undefined = source?.record('s3Location')
  if (source === undefined || place === undefined) return block.fail('source', 'bytes or s3Location', source?.object)
  extra.set(source.at('s3Location'), place)
  return undefined
}

function readSearchResult(result: Members): TextPart {
  const lines = [result.optionalText('title') ?? '', result.optionalText('source') ?? '', textsOf(result)]
  return { type: 'text', text: lines.filter(line => line !== '').join('\n') }
}

function textsOf(members: Members): string {
  return members
    .objects('content')
    .map(each => each.optionalText('text') ?? '')
    .join('\n')
}

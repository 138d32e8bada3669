import { Buffer } from 'node:buffer'
import type {
  AssistantPart,
  CacheControl,
  FilePart,
  ImagePart,
  Source,
  TextPart,
  ToolCallPart,
  ToolMessage,
  UserPart
} from '../../chat.js'
import type { JsonObject } from '../../members.js'
import { isAnothers } from '../../signatures.js'
import type { Dropped } from '../dialect.js'
import { inlined } from './data-url.js'
import { withInput } from './server-tools.js'
import { toolId } from './tool-ids.js'
import { inputOf } from './tool-input.js'

/** A block with its cache mark. Texts of nothing but blanks are left out: the API refuses them. */
export function textBlocks(parts: readonly TextPart[]): JsonObject[] {
  return parts
    .filter(part => part.text.trim() !== '')
    .map(part => marked({ type: 'text', text: part.text }, part.cache_control))
}

/** @param path - of the message, for what has to be dropped */
export function userBlocks(parts: readonly UserPart[], path: string, dropped: Dropped): JsonObject[] {
  const blocks: JsonObject[] = []
  parts.forEach((part, i) => {
    if (part.type === 'text') blocks.push(...textBlocks([part]))
    else {
      const block = part.type === 'image' ? imageBlock(part) : part.type === 'file' ? fileBlock(part) : undefined
      if (block === undefined) dropped.drop(`${path}.content[${i}].${part.type}`)
      else blocks.push(block)
    }
  })
  return blocks
}

export function toolResultBlock(message: ToolMessage, path: string, dropped: Dropped): JsonObject {
  const block: JsonObject = { type: 'tool_result', tool_use_id: toolId(message.tool_call_id) }
  const content = userBlocks(message.content, path, dropped)
  if (content.length > 0) block.content = content
  if (message.is_error === true) block.is_error = true
  return marked(block, message.cache_control)
}

/**
 * Thinking goes back only with a signature of Anthropic's own: without one, or with the id of another provider, the API refuses the whole
 * request; and it is of no use to a model to whom it does not belong.
 */
export function assistantBlocks(parts: readonly AssistantPart[], path: string, dropped: Dropped): JsonObject[] {
  const blocks: JsonObject[] = []
  parts.forEach((part, i) => {
    switch (part.type) {
      case 'text':
        blocks.push(...textBlocks([part]))
        return
      case 'refusal':
        blocks.push(...textBlocks([{ type: 'text', text: part.refusal }]))
        return
      case 'tool_call':
        blocks.push(callBlock(part))
        return
      case 'thinking':
        if (part.signature !== undefined && part.id === undefined && !isAnothers(part.signature)) {
          blocks.push({ type: 'thinking', thinking: part.text, signature: part.signature })
        } else dropped.drop(`${path}.content[${i}].thinking`)
        return
      case 'redacted_thinking':
        if (part.id === undefined && !isAnothers(part.data)) blocks.push({ type: 'redacted_thinking', data: part.data })
        else dropped.drop(`${path}.content[${i}].redacted_thinking`)
        return
      default:
        dropped.drop(`${path}.content[${i}].${part.type}`)
    }
  })
  return blocks
}

export function marked(block: JsonObject, mark: CacheControl | undefined): JsonObject {
  if (mark !== undefined)
    block.cache_control = mark.ttl === undefined ? { type: 'ephemeral' } : { type: 'ephemeral', ttl: mark.ttl }
  return block
}

function callBlock(part: ToolCallPart): JsonObject {
  if (part.block !== undefined) return withInput(part.block, part.arguments)
  const block = { type: 'tool_use', id: toolId(part.id), name: part.name, input: inputOf(part) }
  return marked(block, part.cache_control)
}

function imageBlock(part: ImagePart): JsonObject | undefined {
  const source = imageSource(inlined(part.source))
  return source && marked({ type: 'image', source }, part.cache_control)
}

/** https://docs.claude.com/en/docs/build-with-claude/vision */
const IMAGES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp'])

function imageSource(source: Source): JsonObject | undefined {
  return source.kind === 'base64' && !IMAGES.has(source.media_type) ? undefined : sourceBlock(source)
}

/** Text files go as text: as base64, or by address, the API takes only PDF. undefined: it takes none of this kind. */
function fileBlock(part: FilePart): JsonObject | undefined {
  const source = inlined(part.source)
  const type = source.kind === 'id' ? undefined : source.media_type
  if (type?.startsWith('image/')) return imageBlock({ ...part, type: 'image' })
  const isText = source.kind === 'base64' && source.media_type.startsWith('text/')
  if (type !== undefined && type !== 'application/pdf' && !isText) return undefined
  const told = sourceBlock(source)
  if (told === undefined) return undefined
  const block: JsonObject = { type: 'document', source: told }
  if (source.kind === 'base64' && source.media_type.startsWith('text/')) {
    const text = Buffer.from(source.data, 'base64').toString()
    block.source = { type: 'text', media_type: 'text/plain', data: text }
  }
  if (part.filename !== undefined && part.filename !== '') block.title = part.filename
  return marked(block, part.cache_control)
}

/** undefined: another maker's name for it. */
function sourceBlock(source: Source): JsonObject | undefined {
  switch (source.kind) {
    case 'base64':
      return { type: 'base64', media_type: source.media_type, data: source.data }
    case 'url':
      return { type: 'url', url: source.url }
    case 'id':
      return source.of === 'anthropic' ? { type: 'file', file_id: source.file_id } : undefined
  }
}

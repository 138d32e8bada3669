import type { AssistantPart, CacheControl, FilePart, ImagePart, TextPart, ToolMessage, UserPart } from '../../chat.js'
import type { JsonObject } from '../../members.js'
import { isAnothers } from '../../signatures.js'
import { inlined } from '../anthropic/data-url.js'
import { toolId } from '../anthropic/tool-ids.js'
import { inputOf } from '../anthropic/tool-input.js'
import type { Dropped } from '../dialect.js'
import { documentFormat, documentName, imageFormat } from './formats.js'
import { blobOf } from './redacted.js'

/** How the content of one request is written. */
export interface Writing {
  readonly dropped: Dropped
  /** Where the model takes cache points; elsewhere it refuses the request. Nova takes them in the prompt, and knows no ttl. */
  readonly caches: 'everywhere' | 'prompt' | 'nowhere'
  /** Whether it takes its earlier reasoning back. */
  readonly reasons: boolean
  /** Documents so far: their names have to differ. */
  documents: number
}

/** Texts of nothing but blanks are left out, here and below: the API refuses them. */
export function textBlocks(parts: readonly TextPart[], writing: Writing): JsonObject[] {
  return parts.flatMap(part =>
    part.text.trim() === '' ? [] : marked({ text: part.text }, part.cache_control, writing)
  )
}

/** The block, and behind it the point up to which is cached. */
export function marked(block: JsonObject, mark: CacheControl | undefined, writing: Writing): JsonObject[] {
  if (mark === undefined || writing.caches === 'nowhere') return [block]
  const ttl = writing.caches === 'everywhere' ? mark.ttl : undefined
  if (mark.ttl !== ttl && mark.ttl !== USUAL_TTL) writing.dropped.drop('cache_control.ttl')
  return [block, { cachePoint: ttl === undefined ? { type: 'default' } : { type: 'default', ttl } }]
}

const USUAL_TTL = '5m'

/** The block alone: there is no point behind it, which is named where it is not for all marks of the request. */
export function unmarked(block: JsonObject, mark: CacheControl | undefined, writing: Writing): JsonObject[] {
  if (mark !== undefined && writing.caches === 'prompt') writing.dropped.drop('cache_control')
  return [block]
}

/** @param path - of the message, for what has to be dropped */
export function userBlocks(parts: readonly UserPart[], path: string, writing: Writing): JsonObject[] {
  const blocks = parts.flatMap((part, i) => {
    if (part.type === 'text') return textBlocks([part], writing)
    const block = part.type === 'audio' ? undefined : sourceBlock(part, writing)
    if (block === undefined) {
      writing.dropped.drop(`${path}.content[${i}].${part.type}`)
      return []
    }
    return marked(block, part.type === 'audio' ? undefined : part.cache_control, writing)
  })
  // A document alone is refused: some text has to go with it.
  const document = blocks.some(block => block.document !== undefined)
  return document && !blocks.some(block => block.text !== undefined) ? [{ text: '.' }, ...blocks] : blocks
}

export function toolResultBlocks(message: ToolMessage, path: string, writing: Writing): JsonObject[] {
  const content = message.content.flatMap((part, i) => {
    if (part.type === 'text') return part.text.trim() === '' ? [] : [{ text: part.text }]
    const block = sourceBlock(part, writing)
    if (block === undefined) writing.dropped.drop(`${path}.content[${i}].${part.type}`)
    return block === undefined ? [] : [block]
  })
  // An empty list is refused by some models.
  const result: JsonObject = {
    toolUseId: toolId(message.tool_call_id),
    content: content.length === 0 ? [{ text: '(no output)' }] : content
  }
  if (message.is_error === true) result.status = 'error'
  return marked({ toolResult: result }, message.cache_control, writing)
}

export function assistantBlocks(parts: readonly AssistantPart[], path: string, writing: Writing): JsonObject[] {
  return parts.flatMap((part, i) => {
    const block = assistantBlock(part, writing)
    if (block === undefined) writing.dropped.drop(`${path}.content[${i}].${part.type}`)
    if (block === undefined || (typeof block.text === 'string' && block.text.trim() === '')) return []
    return marked(block, 'cache_control' in part ? part.cache_control : undefined, writing)
  })
}

/** Reasoning goes back only where it came from: with a signature that is not another provider's. */
function assistantBlock(part: AssistantPart, writing: Writing): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return { text: part.text }
    case 'refusal':
      return { text: part.refusal }
    case 'tool_call':
      return { toolUse: { toolUseId: toolId(part.id), name: part.name, input: inputOf(part) } }
    case 'thinking': {
      if (!writing.reasons || part.signature === undefined || part.id !== undefined) return undefined
      if (isAnothers(part.signature)) return undefined
      return { reasoningContent: { reasoningText: { text: part.text, signature: part.signature } } }
    }
    case 'redacted_thinking':
      if (!writing.reasons || part.id !== undefined || isAnothers(part.data)) return undefined
      return { reasoningContent: { redactedContent: blobOf(part.data) } }
    case 'image':
      return sourceBlock(part, writing)
    default:
      return undefined
  }
}

/** Only bytes: Converse gets nothing from an address. */
function sourceBlock({ type, source: given, ...rest }: ImagePart | FilePart, writing: Writing): JsonObject | undefined {
  const source = inlined(given)
  if (source.kind !== 'base64') return undefined
  const image = imageFormat(source.media_type)
  if (image !== undefined) return { image: { format: image, source: { bytes: source.data } } }
  const format = type === 'file' ? documentFormat(source.media_type) : undefined
  if (format === undefined) return undefined
  const name = 'filename' in rest ? rest.filename : undefined
  writing.documents++
  return { document: { format, name: documentName(name, writing.documents), source: { bytes: source.data } } }
}

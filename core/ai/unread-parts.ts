import type { ChatRequest } from './chat.js'
import { KeptBlock } from './dialects/anthropic/kept.js'
import { isObject } from './members.js'

/** A picture, a sound or a file that a request brings along and that has no canonical shape: it stays in `extra`, where only its dialect finds it. */
export interface UnreadPart {
  readonly type: 'image' | 'audio' | 'file'
  /** Where it is, or its name at the provider; empty: its bytes are sent along. */
  readonly url: string
}

/** Members that name a file, or hold it. */
const NAMES: ReadonlySet<string> = new Set(['file_id', 'fileId', 'fileUri', 'file_uri', 'file_url', 'file_data', 'url'])
const LISTS: ReadonlySet<string> = new Set(['file_ids', 'fileIds'])
const BYTES: ReadonlySet<string> = new Set(['bytes', 'data'])
/** Blocks of an answer that are a file the client brings along; others tell of what the model's tools did. */
const FILES: ReadonlySet<unknown> = new Set(['container_upload', 'document', 'file'])
/** A part of a message is not nested deeper. */
const DEEPEST = 8

/** Those of a chat, in no order: parts of messages that could not be read, and files for the tools a provider runs. */
export function unreadParts({ extra }: Pick<ChatRequest, 'extra'>): UnreadPart[] {
  const found: UnreadPart[] = []
  for (const [path, value] of extra) {
    if (value instanceof KeptBlock) {
      if (value.role === 'user' || FILES.has(value.block.type)) collect(value.block, path, found)
    } else if (/\.(?:citations|annotations)$/.test(path)) continue
    else if (/^tools\[\d+\] \(/.test(path)) collect(isObject(value) ? value.container : undefined, path, found)
    else if (/\.(?:content|output|parts)(?:\[| \()/.test(path)) collect(value, path, found)
  }
  return found
}

/** @param path - the names on the way say what it is */
function collect(value: unknown, path: string, found: UnreadPart[], depth = 0): void {
  if (depth > DEEPEST || typeof value !== 'object' || value === null) return
  const members = Object.entries(value)
  const type = isObject(value) && typeof value.type === 'string' ? `${path}.${value.type}` : path
  const listed = members.flatMap(([name, member]) => (LISTS.has(name) && Array.isArray(member) ? member : []))
  for (const id of listed) found.push({ type: kindOf(type), url: String(id) })
  const one = members.find(([name, member]) => typeof member === 'string' && isFile(name, member))
  if (one !== undefined) found.push({ type: kindOf(type), url: BYTES.has(one[0]) ? '' : String(one[1]) })
  else for (const [name, member] of members) collect(member, `${type}.${name}`, found, depth + 1)
}

function isFile(name: string, value: string): boolean {
  return NAMES.has(name) || BYTES.has(name) || (name === 'uri' && value.startsWith('s3://'))
}

function kindOf(path: string): UnreadPart['type'] {
  if (/image|screenshot/i.test(path)) return 'image'
  return /audio/i.test(path) ? 'audio' : 'file'
}

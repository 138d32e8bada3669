import type { AudioPart, CacheControl, FilePart, ImagePart, TextPart, UserPart } from '../../chat.js'
import { isObject, type JsonObject, type Members } from '../../members.js'
import type { Dropped } from '../dialect.js'
import { sourceOf, urlOf } from './sources.js'

/** Where members that have no place in the canonical chat are kept, by their path. */
export type Extra = Map<string, unknown>

/** Keeps what nobody asked for of an object within the body, by its path: so it is named as dropped when nobody takes it. */
export function keepRest(members: Members, extra: Extra): void {
  for (const [name, value] of members.rest()) extra.set(members.at(name), value)
}

/** Reads a content part of a user or a tool. */
export function readPart(part: Members, extra: Extra): UserPart {
  const read = partOf(part, part.text('type'))
  keepRest(part, extra)
  return read
}

function partOf(part: Members, type: string): UserPart {
  switch (type) {
    case 'text':
      return { type: 'text', text: part.text('text'), cache_control: cacheControl(part) }
    case 'image_url':
      return imagePart(part)
    case 'input_audio':
      return audioPart(part)
    case 'file':
      return filePart(part)
    case 'video_url': // OpenRouter, Alibaba, vLLM
      return { type: 'file', source: videoSource(part), cache_control: cacheControl(part) }
    case 'document_url': // Mistral
      return {
        type: 'file',
        source: sourceOf(part.text('document_url')),
        filename: part.optionalText('document_name'),
        cache_control: cacheControl(part)
      }
    default:
      return part.fail('type', '"text", "image_url", "input_audio" or "file"', type)
  }
}

/** `image_url` is an object, or with some clients the address itself. */
function imagePart(part: Members): ImagePart {
  const cache_control = cacheControl(part)
  const value = part.any('image_url')
  if (typeof value === 'string') return { type: 'image', source: sourceOf(value), cache_control }
  const image = part.within('image_url') ?? part.fail('image_url', 'an object', undefined)
  return { type: 'image', source: sourceOf(image.text('url')), detail: image.optionalText('detail'), cache_control }
}

function audioPart(part: Members): AudioPart {
  const audio = part.within('input_audio') ?? part.fail('input_audio', 'an object', undefined)
  return { type: 'audio', format: audio.text('format'), data: audio.text('data') }
}

function filePart(part: Members): FilePart {
  const file = part.within('file') ?? part // Mistral has what is said of it in the part itself
  const file_id = file.optionalText('file_id')
  const filename = file.optionalText('filename')
  const data = file.optionalText('file_data')
  const cache_control = cacheControl(part)
  if (file_id !== undefined)
    return { type: 'file', source: { kind: 'id', file_id, of: 'openai' }, filename, cache_control }
  if (data === undefined) return file.fail('file_data', 'a data URL, or file_id', undefined)
  return { type: 'file', source: fileSource(data), filename, cache_control }
}

/** OpenAI wants a data URL; bare base64, which some clients send, is taken as a PDF. */
function fileSource(data: string): FilePart['source'] {
  if (/^(?:data:|https?:)/i.test(data)) return sourceOf(data)
  return { kind: 'base64', media_type: 'application/pdf', data }
}

function videoSource(part: Members): FilePart['source'] {
  const value = part.any('video_url')
  const url = typeof value === 'string' ? value : part.within('video_url')?.text('url')
  const source = sourceOf(url ?? part.fail('video_url', 'an object', undefined))
  return source.kind === 'url' ? { ...source, media_type: 'video/mp4' } : source
}

/** The mark up to which to cache; undefined when there is none, or one of another kind. */
export function cacheControl(members: Members): CacheControl | undefined {
  const value = members.any('cache_control')
  if (!isObject(value) || value.type !== 'ephemeral') return undefined
  return { type: 'ephemeral', ...(typeof value.ttl === 'string' && { ttl: value.ttl }) }
}

/** Writes the parts of a user or a tool: as text when that is all there is, else as a list. */
export function writeParts(parts: readonly UserPart[], path: string, dropped: Dropped): string | JsonObject[] {
  const only = parts[0]
  if (parts.length === 0) return ''
  if (parts.length === 1 && only?.type === 'text' && only.cache_control === undefined) return only.text
  return parts.map((part, i) => writePart(part, `${path}[${i}]`, dropped)).filter(part => part !== undefined)
}

function writePart(part: UserPart, path: string, dropped: Dropped): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text, ...cached(part) }
    case 'image':
      return writeImage(part, path, dropped)
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } }
    case 'file':
      return writeFile(part, path, dropped)
  }
}

function writeImage(part: ImagePart, path: string, dropped: Dropped): JsonObject | undefined {
  const url = urlOf(part.source)
  if (url === undefined) {
    dropped.drop(path)
    return undefined
  }
  return { type: 'image_url', image_url: { url, ...(part.detail && { detail: part.detail }) }, ...cached(part) }
}

function writeFile(part: FilePart, path: string, dropped: Dropped): JsonObject | undefined {
  const { source } = part
  const filename = part.filename === undefined ? {} : { filename: part.filename }
  if (source.kind === 'id' && source.of !== 'openai') {
    dropped.drop(path)
    return undefined
  }
  if (source.kind === 'id') return { type: 'file', file: { file_id: source.file_id, ...filename }, ...cached(part) }
  const url = urlOf(source) ?? ''
  if (source.media_type?.startsWith('video/')) return { type: 'video_url', video_url: { url }, ...cached(part) }
  return {
    type: 'file',
    file: { file_data: url, ...(part.filename === undefined ? nameless(source) : filename) },
    ...cached(part)
  }
}

/** OpenAI refuses the bytes of a file that has no name. */
function nameless(source: FilePart['source']): JsonObject {
  if (source.kind !== 'base64') return {}
  const extension = /^[\w-]+\/([\w-]+)$/.exec(source.media_type)?.[1] ?? 'bin'
  return { filename: `file.${extension === 'plain' ? 'txt' : extension}` }
}

export function cached(part: TextPart | ImagePart | FilePart): JsonObject {
  return part.cache_control === undefined ? {} : { cache_control: part.cache_control }
}

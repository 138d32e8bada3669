import type { AudioPart, FilePart, ImagePart, Source } from '../../chat.js'
import { someText } from '../../lenient.js'
import type { JsonObject } from '../../members.js'
import { mediaType as registered } from '../source.js'

/** Bytes with their type, as the part of the canonical chat they are. */
export function readBytes(mediaType: string, data: string, filename?: string): ImagePart | AudioPart | FilePart {
  if (mediaType.startsWith('image/')) {
    return { type: 'image', source: { kind: 'base64', media_type: registered(mediaType), data } }
  }
  if (mediaType.startsWith('audio/')) return { type: 'audio', format: audioFormat(mediaType), data }
  return { type: 'file', source: { kind: 'base64', media_type: mediaType, data }, filename }
}

/** A file by its address. */
export function readAddress(mediaType: string | undefined, url: string, filename?: string): ImagePart | FilePart {
  const source: Source = { kind: 'url', url, media_type: mediaType }
  return mediaType?.startsWith('image/') ? { type: 'image', source } : { type: 'file', source, filename }
}

/**
 * The part with these bytes or at this address; undefined: it is known by a name only, and the name is another provider's, or it is of a type that
 * Gemini refuses.
 */
export function writeSource(source: Source, otherwise: string): JsonObject | undefined {
  switch (source.kind) {
    case 'base64': {
      const mimeType = takenType(source.media_type)
      return mimeType === undefined ? undefined : { inlineData: { mimeType, data: source.data } }
    }
    case 'url': {
      if (source.media_type === undefined && YOUTUBE.test(source.url)) return { fileData: { fileUri: source.url } }
      const mimeType = source.media_type ?? typeByName(source.url) ?? otherwise
      return { fileData: { mimeType, fileUri: source.url } }
    }
    case 'id':
      if (!source.file_id.startsWith('files/')) return undefined
      return { fileData: { fileUri: `https://generativelanguage.googleapis.com/v1beta/${source.file_id}` } }
  }
}

/** "Unsupported MIME type": it reads PDF, and what is text. https://ai.google.dev/gemini-api/docs/document-processing */
function takenType(type: string): string | undefined {
  const plain = (type.split(';')[0] ?? '').trim().toLowerCase()
  if (/^(?:image|audio|video|text)\/|^application\/pdf$/.test(plain)) return type
  return TEXT.test(plain) ? 'text/plain' : undefined
}

const TEXT =
  /^application\/(?:[\w.+-]+\+)?(?:json|jsonl|x-ndjson|xml|yaml|x-yaml|toml|sql|javascript|x-javascript|typescript|x-sh|x-python)$/

export function writeAudio(part: AudioPart): JsonObject {
  return { inlineData: { mimeType: AUDIO_TYPES[part.format] ?? `audio/${part.format}`, data: part.data } }
}

/** Videos that Google knows by their address alone. */
const YOUTUBE = /^https:\/\/(www\.|m\.)?(youtube\.com|youtu\.be)\//

const AUDIO_TYPES: Readonly<Record<string, string>> = { pcm16: 'audio/L16;codec=pcm;rate=24000' }

function audioFormat(mediaType: string): string {
  const format = (mediaType.slice('audio/'.length).split(';')[0] ?? '').toLowerCase()
  if (format === 'mpeg') return 'mp3'
  if (format === 'x-wav' || format === 'wave') return 'wav'
  return format === 'l16' || format === 'pcm' ? 'pcm16' : format
}

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heif',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  mp3: 'audio/mp3',
  wav: 'audio/wav',
  mp4: 'video/mp4',
  webm: 'video/webm',
  mov: 'video/quicktime'
}

function typeByName(url: string): string | undefined {
  const path = url.split(/[?#]/)[0] ?? ''
  return someText(TYPES[path.slice(path.lastIndexOf('.') + 1).toLowerCase()])
}

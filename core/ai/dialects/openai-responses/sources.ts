import type { Source } from '../../chat.js'
import { mediaType } from '../source.js'

const DATA_URL = /^data:([^;,]*)((?:;[^;,]*)*);base64,/i

/** An address, or the bytes within it when it is a data URL. */
export function sourceOfUrl(url: string): Source {
  const data = DATA_URL.exec(url)
  if (data === null) return { kind: 'url', url }
  return {
    kind: 'base64',
    media_type: data[1] ? mediaType(data[1]) : 'application/octet-stream',
    data: url.slice(data[0].length)
  }
}

/** Base64 of a file, with or without `data:…` before it. */
export function sourceOfData(data: string, filename: string | undefined): Source {
  const source = sourceOfUrl(data)
  if (source.kind === 'base64' || data.startsWith('data:')) return source
  return { kind: 'base64', media_type: mediaTypeOf(filename), data }
}

export function dataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`
}

/** What files are sent to models without saying their type: PDFs, unless the name says otherwise. */
function mediaTypeOf(filename: string | undefined): string {
  const extension = filename?.slice(filename.lastIndexOf('.') + 1).toLowerCase()
  return (extension && MEDIA_TYPES[extension]) ?? 'application/pdf'
}

const MEDIA_TYPES: Readonly<Record<string, string | undefined>> = {
  __proto__: undefined,
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation'
}

import type { AssistantPart, TextPart, UserPart } from '../../chat.js'
import type { Members } from '../../members.js'
import { placed } from '../../places.js'
import { readAnnotations } from './annotations.js'
import { sourceOfData, sourceOfUrl } from './sources.js'

/** What a user, or a tool, says: a string, or parts. Parts of unknown kinds are put into `extra`, by where they stand. */
export function readContent(item: Members, name: string, extra: Map<string, unknown>): UserPart[] {
  const value = item.any(name)
  if (typeof value === 'string') return [{ type: 'text', text: value }]
  if (!Array.isArray(value)) return item.fail(name, 'a string or a list of parts', value)
  const parts: UserPart[] = []
  for (const part of item.objects(name)) {
    const read = readPart(part)
    if (read === undefined) keep(part, extra)
    else parts.push(placed(read, part.path))
  }
  return parts
}

/** What a system message says: text only. */
export function readTexts(item: Members, name: string, extra: Map<string, unknown>): TextPart[] {
  const texts: TextPart[] = []
  for (const [i, part] of readContent(item, name, extra).entries()) {
    if (part.type === 'text') texts.push(part)
    else extra.set(`${item.at(name)}[${i}] (${part.type})`, part)
  }
  return texts
}

/** What the model said earlier. */
export function readAssistantContent(item: Members, extra: Map<string, unknown>): AssistantPart[] {
  const value = item.any('content')
  if (typeof value === 'string') return [{ type: 'text', text: value }]
  if (!Array.isArray(value)) return item.fail('content', 'a string or a list of parts', value)
  const parts: AssistantPart[] = []
  for (const part of item.objects('content')) {
    const type = part.text('type')
    if (type === 'refusal') parts.push({ type, refusal: part.text('refusal') })
    else if (TEXTS.has(type)) {
      const annotations = readAnnotations(part.any('annotations'))
      parts.push({ type: 'text', text: part.text('text'), ...(annotations && { annotations }) })
    } else keep(part, extra)
  }
  return parts
}

const TEXTS: ReadonlySet<string> = new Set(['input_text', 'output_text', 'text', 'summary_text'])

function readPart(part: Members): UserPart | undefined {
  const type = part.text('type')
  if (TEXTS.has(type)) return { type: 'text', text: part.text('text') }
  if (type === 'input_image') return readImage(part)
  if (type === 'input_file') return readFile(part)
  const audio = type === 'input_audio' ? (part.within('input_audio') ?? part) : undefined
  return audio && { type: 'audio', format: audio.optionalText('format') ?? 'wav', data: audio.text('data') }
}

function readImage(part: Members): UserPart {
  const url = part.optionalText('image_url')
  const id = part.optionalText('file_id')
  const detail = part.optionalText('detail')
  const also = detail === undefined ? {} : { detail }
  if (url !== undefined) return { type: 'image', source: sourceOfUrl(url), ...also }
  if (id !== undefined) return { type: 'image', source: { kind: 'id', file_id: id, of: 'openai' }, ...also }
  return part.fail('image_url', 'an address or a data URL (or file_id instead)', undefined)
}

function readFile(part: Members): UserPart {
  const filename = part.optionalText('filename')
  const data = part.optionalText('file_data')
  const url = part.optionalText('file_url')
  const id = part.optionalText('file_id')
  const also = filename === undefined ? {} : { filename }
  if (data !== undefined) return { type: 'file', source: sourceOfData(data, filename), ...also }
  if (url !== undefined) return { type: 'file', source: sourceOfUrl(url), ...also }
  if (id !== undefined) return { type: 'file', source: { kind: 'id', file_id: id, of: 'openai' }, ...also }
  return part.fail('file_data', 'base64 or a data URL (or file_url or file_id instead)', undefined)
}

function keep(part: Members, extra: Map<string, unknown>): void {
  extra.set(`${part.path} (${part.text('type')})`, part.object)
}

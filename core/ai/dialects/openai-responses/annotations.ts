import type { Annotation } from '../../chat.js'
import { isObject, type JsonObject } from '../../members.js'

/** The citations among annotations; undefined: there are none. Those of files only OpenAI holds are passed over. */
export function readAnnotations(value: unknown): Annotation[] | undefined {
  if (!Array.isArray(value)) return undefined
  const read = value.map(readAnnotation).filter(each => each !== undefined)
  return read.length > 0 ? read : undefined
}

export function readAnnotation(value: unknown): Annotation | undefined {
  if (!isObject(value) || value.type !== 'url_citation' || typeof value.url !== 'string') return undefined
  return {
    type: 'url_citation',
    url: value.url,
    ...(typeof value.title === 'string' && { title: value.title }),
    ...(typeof value.start_index === 'number' && { start_index: value.start_index }),
    ...(typeof value.end_index === 'number' && { end_index: value.end_index })
  }
}

/** Clients demand every member. */
export function writeAnnotation(annotation: Annotation): JsonObject {
  return {
    type: 'url_citation',
    start_index: annotation.start_index ?? 0,
    end_index: annotation.end_index ?? 0,
    url: annotation.url,
    title: annotation.title ?? ''
  }
}

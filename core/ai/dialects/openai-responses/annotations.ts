import type { Annotation } from '../../chat.js'
import { isObject, type JsonObject } from '../../members.js'

/** The citations among annotations; undefined: there are none. Those of files only OpenAI holds are passed over. */
export function readAnnotations(value: unknown): Annotation[] | undefined {
  if (!Array.isArray(value)) return undefined
  const read = value.map(each => readAnnotation(each)).filter(each => each !== undefined)
  return read.length > 0 ? read : undefined
}

/** @param start - characters of the answer before the part, from which citations count on the wire */
export function readAnnotation(value: unknown, start = 0): Annotation | undefined {
  if (!isObject(value) || value.type !== 'url_citation' || typeof value.url !== 'string') return undefined
  return {
    type: 'url_citation',
    url: value.url,
    ...(typeof value.title === 'string' && { title: value.title }),
    ...(typeof value.start_index === 'number' && { start_index: start + value.start_index }),
    ...(typeof value.end_index === 'number' && { end_index: start + value.end_index })
  }
}

/** Clients demand every member. @param start - as above */
export function writeAnnotation({ start_index, end_index, ...annotation }: Annotation, start = 0): JsonObject {
  return {
    type: 'url_citation',
    start_index: Math.max(0, (start_index ?? start) - start),
    end_index: Math.max(0, (end_index ?? start) - start),
    url: annotation.url,
    title: annotation.title ?? ''
  }
}

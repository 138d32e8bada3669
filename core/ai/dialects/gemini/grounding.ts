import { Buffer } from 'node:buffer'
import type { Annotation } from '../../chat.js'
import { numberIn, objectIn, objectsIn, someText } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'

/**
 * What an answer rests on, as citations of its text.
 * @param text - the whole text of the candidate: Gemini counts bytes of a part, citations count UTF-16 units of the whole
 * @param starts - where in it each part begins; of thoughts and calls, where they stand
 */
export function annotationsIn(candidate: JsonObject, text: string, starts: readonly number[]): Annotation[] {
  const parts = new Map<number, Buffer>()
  const unit = (at: unknown, start = 0) => {
    const bytes = parts.get(start) ?? Buffer.from(text.slice(start))
    parts.set(start, bytes)
    return start + bytes.toString('utf8', 0, numberIn(at) ?? 0).length
  }
  const found: Annotation[] = []
  const grounding = objectIn(candidate.groundingMetadata)
  const chunks = Array.isArray(grounding.groundingChunks) ? grounding.groundingChunks.map(sourceOf) : []
  const supports = objectsIn(grounding.groundingSupports)
  for (const { segment, groundingChunkIndices: indices } of supports) {
    const place = objectIn(segment)
    const start = starts[numberIn(place.partIndex) ?? 0] ?? 0
    const range = { start_index: unit(place.startIndex, start), end_index: unit(place.endIndex, start) }
    for (const index of Array.isArray(indices) ? indices : []) {
      const source = chunks[numberIn(index) ?? -1]
      if (source !== undefined) found.push({ type: 'url_citation', ...source, ...range })
    }
  }
  if (supports.length === 0) {
    for (const source of chunks) if (source !== undefined) found.push({ type: 'url_citation', ...source })
  }
  const cited = objectIn(candidate.citationMetadata)
  for (const each of [...objectsIn(cited.citationSources), ...objectsIn(cited.citations)]) {
    const url = someText(each.uri)
    if (url === undefined) continue
    const range = { start_index: unit(each.startIndex), end_index: unit(each.endIndex) }
    found.push({ type: 'url_citation', url, title: someText(each.title), ...range })
  }
  return found
}

/** Citations as Gemini's clients read them. */
export function writeGrounding(annotations: readonly Annotation[], text: string): JsonObject {
  const bytes = (at: number) => Buffer.byteLength(text.slice(0, at))
  const urls = [...new Set(annotations.map(({ url }) => url))]
  const chunks = urls.map(uri => ({ web: { uri, title: annotations.find(each => each.url === uri)?.title ?? uri } }))
  const supports = annotations.flatMap(({ url, start_index: start, end_index: end }) => {
    if (start === undefined || end === undefined) return []
    const segment = { startIndex: bytes(start), endIndex: bytes(end), text: text.slice(start, end) }
    return [{ segment, groundingChunkIndices: [urls.indexOf(url)] }]
  })
  return { groundingChunks: chunks, groundingSupports: supports }
}

function sourceOf(chunk: unknown): { url: string; title: string | undefined } | undefined {
  const outer = objectIn(chunk)
  for (const kind of ['web', 'retrievedContext', 'maps']) {
    const source = objectIn(outer[kind])
    const url = someText(source.uri)
    if (url !== undefined) return { url, title: someText(source.title) }
  }
  return undefined
}

/** Without the passages of the answer it is about: policies may have changed them. */
export function unquoted(grounding: JsonObject): JsonObject {
  if (grounding.groundingSupports === undefined) return grounding
  const groundingSupports = objectsIn(grounding.groundingSupports).map(support => {
    if (!isObject(support.segment)) return support
    const { text: _, ...segment } = support.segment
    return { ...support, segment }
  })
  return { ...grounding, groundingSupports }
}

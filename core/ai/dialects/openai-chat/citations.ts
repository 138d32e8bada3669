import type { Annotation } from '../../chat.js'
import { isObject, type JsonObject } from '../../members.js'
import { countIn, objectsOf, optional } from './lenient.js'

/** `annotations` of a message or a delta: those that cite a page. */
export function annotationsOf(list: unknown): Annotation[] {
  return objectsOf(list).flatMap(annotation => {
    if (annotation.type !== 'url_citation') return []
    const cited = isObject(annotation.url_citation) ? annotation.url_citation : annotation
    const url = optional(cited.url)
    if (url === undefined) return []
    const known = { title: optional(cited.title), ...range(cited) }
    return [{ type: 'url_citation', url, ...known }]
  })
}

function range(cited: JsonObject): { start_index?: number; end_index?: number } {
  const start_index = countIn(cited.start_index)
  const end_index = countIn(cited.end_index)
  return { ...(start_index !== undefined && { start_index }), ...(end_index !== undefined && { end_index }) }
}

/** The pages that Perplexity and xAI name beside an answer: `search_results` with titles, or `citations`, which are addresses. */
export function citedBeside(body: JsonObject): Annotation[] {
  const results = objectsOf(body.search_results).flatMap(result => {
    const url = optional(result.url)
    return url === undefined ? [] : [{ type: 'url_citation', url, title: optional(result.title) } satisfies Annotation]
  })
  if (results.length > 0) return results
  const urls = Array.isArray(body.citations) ? body.citations : []
  return urls.flatMap(each => {
    const url = optional(isObject(each) ? each.url : each)
    return url === undefined ? [] : [{ type: 'url_citation', url } satisfies Annotation]
  })
}

/** OpenAI's annotation. */
export function writeAnnotation({ url, title, start_index, end_index }: Annotation): JsonObject {
  return {
    type: 'url_citation',
    url_citation: {
      url,
      title: title ?? url,
      ...(start_index !== undefined && { start_index }),
      ...(end_index !== undefined && { end_index })
    }
  }
}

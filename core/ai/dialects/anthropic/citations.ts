import type { Annotation } from '../../chat.js'
import { isObject, type JsonObject } from '../../members.js'
import { looseObjects, looseText } from './loose.js'

/**
 * The citations of a text block that have an address: web search's, and search results whose source is one.
 * @param start - where in the text of the answer the block begins
 * @param end - and where it ends
 */
export function annotationsOf(citations: unknown, start: number, end: number): Annotation[] {
  const found: Annotation[] = []
  for (const citation of looseObjects(citations)) {
    const url = looseText(citation.url) || looseText(citation.source)
    if (!/^https?:/.test(url)) continue
    const title = looseText(citation.title)
    found.push({
      type: 'url_citation',
      url,
      title: title === '' ? undefined : title,
      start_index: start,
      end_index: end
    })
  }
  return found
}

/** A citation as web search gives it; what it quotes is not known. */
export function citationOf({ url, title }: Annotation): JsonObject {
  return { type: 'web_search_result_location', url, title: title ?? null, cited_text: '', encrypted_index: '' }
}

/** A citation without the passage of its source: it may say what a policy took out of the text. */
export function unquoted(citation: unknown): unknown {
  return isObject(citation) && 'cited_text' in citation ? { ...citation, cited_text: '' } : citation
}

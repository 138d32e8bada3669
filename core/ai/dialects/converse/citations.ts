import type { Annotation } from '../../chat.js'
import type { JsonObject } from '../../members.js'
import { looseObject, looseText } from '../anthropic/loose.js'

/** A citation that has an address; empty for those of documents. */
export function annotationOf(citation: JsonObject, start: number, end: number): Annotation[] {
  const url = looseText(looseObject(looseObject(citation.location).web).url) || looseText(citation.source)
  if (!/^https?:/.test(url)) return []
  const title = looseText(citation.title)
  return [{ type: 'url_citation', url, title: title === '' ? undefined : title, start_index: start, end_index: end }]
}

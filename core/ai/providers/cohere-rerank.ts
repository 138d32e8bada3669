import { isObject, type JsonObject } from '../members.js'

/** Whether a request is one of rerank's first version, or of those who serve that: the second takes texts alone, and gives none back. */
export function isOldRerank({ documents, rank_fields, return_documents }: JsonObject): boolean {
  const objects = Array.isArray(documents) && documents.some(isObject)
  return objects || rank_fields !== undefined || return_documents !== undefined
}

/** Makes the second version of it, in place; it answers with places in the list. */
export function asNewRerank(body: JsonObject): void {
  if (!Array.isArray(body.documents)) return
  const fields = Array.isArray(body.rank_fields) ? body.rank_fields.map(String) : undefined
  body.documents = body.documents.map(each => (isObject(each) ? documentText(each, fields) : each))
  delete body.rank_fields
  delete body.return_documents
}

/** As Cohere recommends: YAML, in the order that matters. */
function documentText(document: Record<string, unknown>, fields: readonly string[] | undefined): string {
  const names = fields ?? Object.keys(document)
  if (names.length === 1 && names[0] === 'text') return String(document.text)
  const lines = names.filter(name => Object.hasOwn(document, name)).map(name => `${name}: ${yaml(document[name])}`)
  return lines.join('\n')
}

function yaml(value: unknown): string {
  return typeof value === 'string' && !/[\n:#]/.test(value) ? value : JSON.stringify(value)
}

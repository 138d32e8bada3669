import { countIn, numberIn, objectIn, objectsIn, textIn } from '../../lenient.js'
import { badRequest, badResponse, isObject, type JsonObject, Members } from '../../members.js'
import type { RerankRequest, RerankResponse } from '../../rerank.js'
import type { Dropped, RequestHints, Wish } from '../dialect.js'
import { readUsage } from './usage.js'

/**
 * Cohere's rerank, which Jina, Voyage, Together and vLLM serve with small differences: what they answer is read in each form.
 * https://docs.cohere.com/reference/rerank
 */
export const rerank = {
  readRequest(whole: JsonObject, hints: RequestHints): RerankRequest {
    const body = Members.of(whole, '', badRequest)
    const documents = body.list('documents') ?? body.fail('documents', 'a list of texts or objects', undefined)
    const request: RerankRequest = {
      model: hints.model === '' ? body.text('model') : hints.model,
      query: body.text('query'),
      documents: documents.map((each, i) => {
        if (typeof each === 'string' || isObject(each)) return each
        throw badRequest(`documents[${i}]`, 'a text or an object', each)
      }),
      top_n: body.count('top_n') ?? body.count('top_k'),
      return_documents: body.flag('return_documents'),
      extra: new Map()
    }
    body.ignore('model', 'top_k')
    for (const [name, value] of body.rest()) request.extra.set(name, value)
    return request
  },

  writeRequest(request: RerankRequest, _dropped: Dropped): JsonObject {
    const body: JsonObject = { model: request.model, query: request.query, documents: request.documents }
    if (request.top_n !== undefined) body.top_n = request.top_n
    if (request.return_documents !== undefined) body.return_documents = request.return_documents
    for (const name of ['rank_fields', 'max_tokens_per_doc', 'max_chunks_per_doc', 'priority', 'truncation']) {
      const value = request.extra.get(name)
      if (value !== undefined) body[name] = value
      request.extra.delete(name)
    }
    return body
  },

  readResponse(body: JsonObject): RerankResponse {
    const list = body.results ?? body.data
    if (!Array.isArray(list)) throw badResponse('results', 'a list', list)
    const units = countIn(objectIn(objectIn(body.meta).billed_units).search_units)
    return {
      id: textIn(body.id),
      model: textIn(body.model),
      results: objectsIn(list).map(each => ({
        index: countIn(each.index),
        relevance_score: numberIn(each.relevance_score) ?? numberIn(each.score) ?? 0,
        ...(hasMembers(each.document) && { document: each.document })
      })),
      usage: readUsage(body),
      ...(units > 0 && { searchUnits: units })
    }
  },

  /** For clients of Cohere and of those who serve the same: both forms of usage are there. */
  writeResponse(response: RerankResponse, wish: Wish): JsonObject {
    const given: unknown[] = Array.isArray(wish.request.documents) ? wish.request.documents : []
    const shown = wish.request.return_documents === true
    const tokens = response.usage?.input ?? 0
    return {
      id: response.id,
      model: response.model === '' ? wish.model : response.model,
      results: response.results.map(({ index, relevance_score, document }) => ({
        index,
        relevance_score,
        ...(shown && { document: asDocument(document ?? given[index]) })
      })),
      meta: {
        api_version: { version: '2' },
        billed_units: {
          ...(response.searchUnits !== undefined && { search_units: response.searchUnits }),
          ...(tokens > 0 && { input_tokens: tokens })
        }
      },
      ...(tokens > 0 && { usage: { total_tokens: tokens, prompt_tokens: tokens } })
    }
  }
}

/** Together sends an empty object for a document that was not asked for. */
function hasMembers(document: unknown): boolean {
  return isObject(document) ? Object.keys(document).length > 0 : typeof document === 'string'
}

function asDocument(document: unknown): unknown {
  return typeof document === 'string' ? { text: document } : (document ?? {})
}

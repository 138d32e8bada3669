import type { Usage } from './usage.js'

/** The canonical rerank request: Cohere's names, which Jina, Voyage, Together and vLLM share. */
export interface RerankRequest {
  model: string
  query: string
  /** Texts, or objects of which `rank_fields` names the members that count. */
  documents: (string | Record<string, unknown>)[]
  top_n?: number | undefined
  return_documents?: boolean | undefined
  extra: Map<string, unknown>
}

export interface RerankResponse {
  id: string
  model: string
  /** Best first. */
  results: { index: number; relevance_score: number; document?: unknown }[]
  usage: Usage | undefined
  /** Cohere's unit of billing. */
  searchUnits?: number | undefined
}

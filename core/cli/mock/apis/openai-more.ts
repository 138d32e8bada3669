import { Buffer } from 'node:buffer'
import type { JsonObject } from '../../../ai/members.js'
import { billOf, type Call, type Endpoint, json, type Reply } from '../api.js'
import { count, optionalObjects, strings, text } from '../ask.js'
import { invalid, notFound } from '../failure.js'
import { CREATED } from '../state.js'
import { tokens } from '../tokens.js'
import { ranked, vectorOf } from '../vectors.js'
import { openaiErrors } from './openai-errors.js'

const model = (groups: readonly string[]): string => groups[0] ?? ''

/** Embeddings, moderations, reranking, and the list of models in the shape of the API that asks. */
export const more: readonly Endpoint[] = [
  { method: 'POST', path: /\/(?:deployments\/([^/]+)\/)?embeddings$/, errors: openaiErrors, model, handle: embeddings },
  { method: 'POST', path: /\/moderations$/, errors: openaiErrors, handle: moderations },
  { method: 'POST', path: /\/rerank$/, errors: openaiErrors, handle: rerank },
  { method: 'GET', path: /\/models$/, errors: openaiErrors, handle: models },
  { method: 'GET', path: /\/models\/(.+)$/, errors: openaiErrors, handle: oneModel }
]

const DIMENSIONS: Readonly<Record<string, number>> = { 'text-embedding-3-large': 3072 }

function embeddings(call: Call): Reply {
  const { input, dimensions, encoding_format: format } = call.json
  const inputs = Array.isArray(input) && input.every(each => typeof each === 'number') ? [input] : [input].flat()
  const texts = inputs.map(each => (typeof each === 'string' ? each : JSON.stringify(each)))
  if (input === undefined || texts.length === 0) throw invalid("'input' is a required property", 'input')
  const size = count(dimensions) ?? DIMENSIONS[call.model] ?? 1536
  const data = texts.map((each, index) => {
    const vector = vectorOf(each, size, call.state.seed)
    return { object: 'embedding', index, embedding: format === 'base64' ? base64(vector) : vector }
  })
  const used = inputs.reduce<number>((sum, each) => sum + (Array.isArray(each) ? each.length : tokens(String(each))), 0)
  call.bill(billOf({ input: used }))
  return json({ object: 'list', data, model: call.model, usage: { prompt_tokens: used, total_tokens: used } })
}

function base64(vector: readonly number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString('base64')
}

const CATEGORIES: Readonly<Record<string, RegExp>> = {
  harassment: /\b(?:idiot|loser)\b/i,
  hate: /\bhate\b/i,
  'self-harm': /\bsuicide\b/i,
  sexual: /\bsex\b/i,
  violence: /\b(?:kill|murder|attack)\b/i
}

function moderations(call: Call): Reply {
  const inputs = [call.json.input ?? []].flat()
  if (inputs.length === 0) throw invalid("Missing required parameter: 'input'.", 'input', 'missing_required_parameter')
  const parts = optionalObjects(inputs)
  const texts = parts.length > 0 ? [parts.map(part => text(part.text)).join('\n')] : strings(inputs)
  const results = texts.map(each => {
    const found = Object.entries(CATEGORIES).map(([name, words]) => [name, words.test(each)] as const)
    return {
      flagged: found.some(([, hit]) => hit),
      categories: Object.fromEntries(found),
      category_scores: Object.fromEntries(found.map(([name, hit]) => [name, hit ? 0.98 : 0.01])),
      category_applied_input_types: Object.fromEntries(found.map(([name]) => [name, ['text']]))
    }
  })
  return json({ id: call.state.id('modr-'), model: call.model || 'omni-moderation-latest', results })
}

/** As Jina, Voyage and Together do it: by the nearness of the vectors. */
function rerank(call: Call): Reply {
  const { query, documents, top_n: limit, top_k: voyageLimit, return_documents: withText } = call.json
  if (typeof query !== 'string') throw invalid('query: expected a string', 'query')
  if (!Array.isArray(documents) || documents.length === 0) throw invalid('documents: expected a list', 'documents')
  const texts = documents.map(each => (typeof each === 'string' ? each : JSON.stringify(each)))
  const shown = ranked(query, texts, call.state.seed).slice(0, count(limit) ?? count(voyageLimit) ?? texts.length)
  const results = shown.map(each => ({ ...each, ...(withText === true && { document: { text: texts[each.index] } }) }))
  const used = tokens(query) * texts.length + texts.reduce((sum, each) => sum + tokens(each), 0)
  call.bill(billOf({ input: used }))
  const meta = { billed_units: { search_units: 1 } }
  return json({ id: call.state.id('rerank-'), model: call.model, results, usage: { total_tokens: used }, meta })
}

const MODELS = [
  'gpt-5',
  'gpt-5-mini',
  'gpt-5-think',
  'text-embedding-3-small',
  'claude-sonnet-5-5',
  'claude-opus-5-5',
  'gemini-3-pro-preview',
  'gemini-2.5-flash',
  'llama3.2',
  'bench'
]

function models(call: Call): Reply {
  if (isGemini(call)) return json({ models: MODELS.map(geminiModel) })
  if (!isAnthropic(call)) return json({ object: 'list', data: MODELS.map(openaiModel) })
  const data = MODELS.map(anthropicModel)
  return json({ data, has_more: false, first_id: data[0]?.id, last_id: data.at(-1)?.id })
}

function oneModel(call: Call): Reply {
  const id = decodeURIComponent(call.groups[0] ?? '')
  if (!MODELS.includes(id)) throw notFound(`The model '${id}' does not exist`, 'model', 'model_not_found')
  return json(isGemini(call) ? geminiModel(id) : isAnthropic(call) ? anthropicModel(id) : openaiModel(id))
}

function isGemini(call: Call): boolean {
  return call.path.includes('/v1beta/') && !call.path.includes('/openai/')
}

function isAnthropic(call: Call): boolean {
  return call.header('anthropic-version') !== undefined || call.header('x-api-key') !== undefined
}

function openaiModel(id: string): JsonObject {
  return { id, object: 'model', created: CREATED, owned_by: 'mock' }
}

function anthropicModel(id: string) {
  return { type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' }
}

function geminiModel(id: string): JsonObject {
  const supportedGenerationMethods = ['generateContent', 'countTokens', 'embedContent']
  return {
    name: `models/${id}`,
    displayName: id,
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods
  }
}

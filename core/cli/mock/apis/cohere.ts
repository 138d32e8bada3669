import { Buffer } from 'node:buffer'
import { isObject, type JsonObject } from '../../../ai/members.js'
import { billOf, type Call, type Endpoint, json, type Reply } from '../api.js'
import { count, MEDIA_TOKENS, optionalObjects, strings, text } from '../ask.js'
import { invalid } from '../failure.js'
import { tokens } from '../tokens.js'
import { ranked, vectorOf } from '../vectors.js'
import { chat } from './cohere-chat.js'
import { cohereErrors as errors } from './cohere-errors.js'

/** Cohere's API, version 2: chat, embed, rerank. */
export const cohere: readonly Endpoint[] = [
  { method: 'POST', path: /\/v2\/chat$/, errors, handle: chat },
  { method: 'POST', path: /\/v2\/embed$/, errors, handle: embed },
  { method: 'POST', path: /\/v2\/rerank$/, errors, handle: rerank }
]

const SIZES = [256, 512, 1024, 1536]
const INPUT_TYPES = ['search_document', 'search_query', 'classification', 'clustering', 'image']
const MOST_INPUTS = 96

function embed(call: Call): Reply {
  const { input_type: type, embedding_types: types = ['float'], output_dimension: size = 1536 } = call.json
  const { said, images } = inputsOf(call.json)
  const all = [...said, ...images]
  if (all.length === 0) throw invalid('invalid request: at least one of texts, images or inputs is required')
  if (all.length > MOST_INPUTS) throw invalid(`invalid request: total number of inputs must be at most ${MOST_INPUTS}`)
  if (!INPUT_TYPES.includes(text(type))) throw invalid(`invalid request: input_type: ${INPUT_TYPES.join(', ')}`)
  if (!SIZES.includes(Number(size))) throw invalid(`invalid request: output_dimension: one of ${SIZES.join(', ')}`)
  const vectors = all.map(each => vectorOf(each, Number(size), call.state.seed))
  const embeddings = Object.fromEntries(
    strings(types).map(name => [name, vectors.map(vector => written(vector, name))])
  )
  const input = said.reduce((sum, each) => sum + tokens(each), 0)
  const pictures = images.length * MEDIA_TOKENS
  call.bill(billOf({ input: input + pictures }))
  const units = { ...(said.length > 0 && { input_tokens: input }), ...(pictures > 0 && { image_tokens: pictures }) }
  const meta = { api_version: { version: '2' }, billed_units: units }
  return json({ id: call.state.id(''), texts: said, embeddings, meta, response_type: 'embeddings_by_type' })
}

function inputsOf(body: JsonObject): { said: string[]; images: string[] } {
  const parts = optionalObjects(body.inputs).flatMap(({ content }) => optionalObjects(content))
  const urls = parts.flatMap(({ image_url: image }) => (isObject(image) ? text(image.url) : []))
  const words = parts.flatMap(part => (part.type === 'text' ? text(part.text) : []))
  return { said: [...strings(body.texts), ...words], images: [...strings(body.images), ...urls] }
}

function written(vector: readonly number[], type: string): unknown {
  switch (type) {
    case 'float':
      return vector
    case 'base64':
      return Buffer.from(Float32Array.from(vector).buffer).toString('base64')
    case 'int8':
      return vector.map(value => Math.round(value * 127))
    case 'uint8':
      return vector.map(value => Math.round(value * 127) + 128)
    default:
      throw invalid(`invalid request: embedding_types: the mock has float, base64, int8, uint8, not "${type}"`)
  }
}

/** A search has a hundred documents. */
const OF_A_SEARCH = 100

function rerank(call: Call): Reply {
  const { query, documents, top_n: limit } = call.json
  if (typeof query !== 'string' || query === '') throw invalid('invalid request: query is required')
  const texts = strings(documents)
  if (texts.length === 0) throw invalid('invalid request: list of documents must not be empty')
  if (Array.isArray(documents) && texts.length < documents.length) {
    throw invalid('invalid request: documents: expected a list of texts')
  }
  const searches = Math.ceil(texts.length / OF_A_SEARCH)
  call.bill(billOf({ searches }))
  const results = ranked(query, texts, call.state.seed).slice(0, count(limit))
  const meta = { api_version: { version: '2' }, billed_units: { search_units: searches } }
  return json({ id: call.state.id(''), results, meta })
}

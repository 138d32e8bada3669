import { Buffer } from 'node:buffer'
import { isObject } from '../../../ai/members.js'
import { billOf, type Call, json, type Reply, type Streamed } from '../api.js'
import { count, strings, text } from '../ask.js'
import { invalid } from '../failure.js'
import { tokens } from '../tokens.js'
import { ranked, vectorOf } from '../vectors.js'
import { type MessageEvent, messageReply, TERMINAL } from './anthropic.js'
import { awsEvent, awsEvents } from './aws-events.js'

/** InvokeModel, whose body is the model's own: Titan's and Cohere's embeddings, Cohere's rerank, and else Claude. */
export function invoke(call: Call, streamed: boolean): Reply {
  if (/titan-embed/.test(call.model)) return titan(call)
  if (/cohere\.embed/.test(call.model)) return embed(call)
  if (/cohere\.rerank/.test(call.model)) return rerank(call)
  const { anthropic_version: version, model, stream } = call.json
  if (version !== 'bedrock-2023-05-31')
    throw invalid('Malformed input request: required key [anthropic_version] not found')
  for (const [name, value] of Object.entries({ model, stream })) {
    if (value !== undefined) throw invalid(`Malformed input request: extraneous key [${name}] is not permitted`)
  }
  return messageReply(call, streamed, chunks)
}

/** Anthropic's events, each in base64 within one of AWS's. */
function chunks(all: readonly MessageEvent[]): Streamed {
  const frames = all.map(([type, members]) => {
    return awsEvent('chunk', { bytes: Buffer.from(JSON.stringify({ type, ...members })).toString('base64') })
  })
  return awsEvents('chunk', { headers: {}, frames, terminal: TERMINAL })
}

function titan(call: Call): Reply {
  const { inputText, dimensions = 1024 } = call.json
  if (typeof inputText !== 'string' || inputText === '') throw invalid('Malformed input request: inputText is required')
  if (dimensions !== 256 && dimensions !== 512 && dimensions !== 1024) {
    throw invalid('Malformed input request: dimensions must be one of 256, 512, 1024')
  }
  const input = tokens(inputText)
  call.bill(billOf({ input }))
  const embedding = vectorOf(inputText, dimensions, call.state.seed)
  return json({ embedding, embeddingsByType: { float: embedding }, inputTextTokenCount: input }, 200, counted(input))
}

/** Tokens are said in a header alone. */
function embed(call: Call): Reply {
  const { texts, input_type: type, embedding_types: types, output_dimension: dimensions } = call.json
  const list = strings(texts)
  if (list.length === 0) throw invalid('Malformed input request: texts is required')
  if (text(type) === '') throw invalid('Malformed input request: input_type is required')
  const input = list.reduce((sum, each) => sum + tokens(each), 0)
  call.bill(billOf({ input }))
  const vectors = list.map(each => vectorOf(each, count(dimensions) ?? 1024, call.state.seed))
  const answer = Array.isArray(types)
    ? { embeddings: { float: vectors }, response_type: 'embeddings_by_type' }
    : { embeddings: vectors, response_type: 'embeddings_floats' }
  return json({ id: call.state.id(''), texts: list, ...answer }, 200, counted(input))
}

function rerank(call: Call): Reply {
  const { query, documents, top_n: limit, api_version: version } = call.json
  if (version !== 2) throw invalid('Malformed input request: api_version must be 2')
  const list = strings(documents)
  if (typeof query !== 'string' || list.length === 0) throw invalid('Malformed input request: query and documents')
  if (Array.isArray(documents) && documents.some(isObject)) throw invalid('Malformed input request: documents: texts')
  call.bill(billOf({ searches: Math.ceil(list.length / 100) }))
  return json({ results: ranked(query, list, call.state.seed).slice(0, count(limit)) })
}

function counted(input: number): Record<string, string> {
  return { 'x-amzn-bedrock-input-token-count': String(input) }
}

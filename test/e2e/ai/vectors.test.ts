import t from 'tap'
import { aiGateway, lastBody } from './gateway.js'

const { mock, url } = await aiGateway(t)

interface Vectors {
  readonly data: readonly { readonly embedding: readonly number[] }[]
  readonly usage: { readonly prompt_tokens: number }
}

async function ask(path: string, body: object) {
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: reply.status, dropped: reply.headers.get('x-sluice-dropped-params'), json: await reply.json() }
}

/** Titan takes one text with each request. */
const EMBEDDERS = {
  'openai/text-embedding-3-small': ['one two three', 'four'],
  'gemini/gemini-embedding-001': ['one two three', 'four'],
  'ollama/nomic-embed-text': ['one two three', 'four'],
  'cohere/embed-v4.0': ['one two three', 'four'],
  'bedrock/cohere.embed-v4:0': ['one two three', 'four'],
  'bedrock/amazon.titan-embed-text-v2:0': ['one two three']
}

for (const [model, input] of Object.entries(EMBEDDERS)) {
  t.test(`embeddings by ${model}: a vector for each text, and the provider's usage`, async t => {
    const { status, json } = await ask('/v1/embeddings', { model, input, dimensions: 256 })
    t.equal(status, 200, JSON.stringify(json))
    const { data, usage } = json as Vectors
    t.strictSame(
      data.map(({ embedding }) => embedding.length),
      input.map(() => 256)
    )
    // Gemini does not say what embeddings cost.
    if (!model.startsWith('gemini/')) t.equal(usage.prompt_tokens, mock.requests().at(-1)?.bill?.input)
  })
}

for (const model of ['cohere/rerank-v3.5', 'bedrock/cohere.rerank-v3-5:0']) {
  t.test(`rerank by ${model}: its own form passes, older ones are answered as they ask`, async t => {
    const query = 'mill river'
    const own = await ask('/v2/rerank', { model, query, documents: ['bread', 'a mill at the river'], top_n: 1 })
    t.match(own, { status: 200, json: { results: [{ index: 1, relevance_score: Number }] } })
    const documents = ['bread', { text: 'a mill at the river' }]
    const old = await ask('/v1/rerank', { model, query, documents, return_documents: true })
    t.match(old, {
      status: 200,
      dropped: null,
      json: { results: [{ index: 1, document: { text: 'a mill at the river' } }, { document: { text: 'bread' } }] }
    })
    t.strictSame(lastBody(mock).documents, ['bread', 'a mill at the river'])
  })
}

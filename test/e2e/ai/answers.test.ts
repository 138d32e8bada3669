import t, { type Test } from 'tap'
import { startSluice } from '../../support/sluice.js'
import { recordingUpstream } from '../../support/upstream.js'
import { ask, type Json } from './parts.js'

/** Sluice in front of a provider that gives one answer, and what the provider was asked last. */
async function answering(t: Test, account: object, answer: string | object): Promise<{ port: number; asked(): Json }> {
  const { port, seen } = await recordingUpstream(t, (_, response) => {
    const stream = typeof answer === 'string'
    response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' })
    response.end(stream ? answer : JSON.stringify(answer))
  })
  const sluice = await startSluice(t, {
    upstreams: {},
    routes: [{ name: 'ai', match: { path: '/*' }, ai: {} }],
    ai: { providers: { main: { baseUrl: `http://127.0.0.1:${port}`, keys: ['key'], ...account } } }
  })
  return { port: sluice.port, asked: () => JSON.parse(seen.at(-1)?.body.toString() ?? 'null') }
}

t.test('Voyage ranks for clients of others in their shape, and for its own in its own', async t => {
  const data = [{ index: 1, relevance_score: 0.9 }]
  const answer = { object: 'list', data, model: 'rerank-2', usage: { total_tokens: 4 } }
  const { port, asked } = await answering(t, { provider: 'voyage' }, answer)
  const query = 'q'
  const documents = ['a', { text: 'b' }]
  for (const path of ['/v1/rerank', '/v2/rerank']) {
    const { json } = await ask(port, path, { model: 'main/rerank-2', query, documents, top_n: 1 })
    t.match(json, { results: data, usage: { total_tokens: 4 } }, path)
    t.strictSame(asked(), { model: 'rerank-2', query, documents: ['a', 'b'], top_k: 1 })
  }
  const old = { model: 'main/rerank-2', query, documents, return_documents: true }
  t.match((await ask(port, '/v1/rerank', old)).json, { results: [{ index: 1, document: { text: 'b' } }] })
  const own = { model: 'main/rerank-2', query, documents: ['a', 'b'], top_k: null, truncation: true }
  t.strictSame((await ask(port, '/v1/rerank', own)).json, answer)
  t.strictSame(asked(), { ...own, model: 'rerank-2' })
})

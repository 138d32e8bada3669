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

t.test('thoughts of Mistral’s models are where other chat clients look for them, whole and streamed', async t => {
  const thought = { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }
  const choice = {
    index: 0,
    finish_reason: 'stop',
    message: { role: 'assistant', content: [thought, { type: 'text', text: '4' }] }
  }
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }
  const answer = { id: 'a', object: 'chat.completion', created: 1, model: 'm', choices: [choice], usage }
  const whole = await answering(t, { provider: 'mistral' }, answer)
  const body = { model: 'main/magistral-medium-latest', messages: [{ role: 'user', content: '2+2?' }] }
  const path = '/v1/chat/completions'
  const told = await ask(whole.port, path, { ...body, seed: 1, user: 'u' })
  t.match(told.json.choices, [{ message: { content: '4', reasoning_content: 'hm' } }])
  t.strictSame(whole.asked(), { ...body, model: 'magistral-medium-latest', random_seed: 1 })
  t.equal(told.headers.get('x-sluice-dropped-params'), 'user')
  const agent = { 'user-agent': 'mistral-client-typescript/1.0.0' }
  t.strictSame((await ask(whole.port, path, body, agent)).json, answer, 'its own clients know its chunks')
  t.strictSame(
    (await ask(whole.port, path, { ...body, model: 'main/mistral-large' })).json,
    answer,
    'it does not think'
  )

  const chunks = [[thought], '4'].map(content => ({
    ...answer,
    choices: [{ index: 0, delta: { content }, finish_reason: null }]
  }))
  const last = { ...answer, choices: [{ index: 0, delta: { content: '' }, finish_reason: 'stop' }] }
  const events = [...chunks, last].map(each => `data: ${JSON.stringify(each)}\n\n`).join('')
  const streamed = await answering(t, { provider: 'mistral' }, `${events}data: [DONE]\n\n`)
  const { text } = await ask(streamed.port, path, { ...body, stream: true })
  t.match(text, /"reasoning_content":"hm"[\s\S]*"content":"4"[\s\S]*\[DONE\]/)
  t.notMatch(text, /"type":"text"/)
  t.match((await ask(streamed.port, path, { ...body, stream: true }, agent)).text, /"content":\[/)
})

t.test('an Azure of before Responses answers them by chat completions', async t => {
  const choices = [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }]
  const account = { provider: 'azure-openai', options: { apiVersion: '2024-10-21' } }
  const { port, asked } = await answering(t, account, { id: 'a', object: 'chat.completion', model: 'm', choices })
  const { json } = await ask(port, '/v1/responses', { model: 'main/dep', input: 'a' })
  t.match(json, { object: 'response', output: [{ content: [{ text: 'hi' }] }] })
  t.match(asked(), { messages: [{ role: 'user', content: 'a' }] })
})

t.test('Ollama’s clients who load or unload a model of others ask nobody', async t => {
  const { port, asked } = await answering(t, { provider: 'anthropic' }, {})
  const model = 'main/claude-sonnet-4-5'
  const chat = { model, message: { role: 'assistant', content: '' }, done: true }
  const generated = { model, response: '', done: true }
  for (const [path, body, answer] of [
    ['/api/generate', { model }, { ...generated, done_reason: 'load' }],
    ['/api/generate', { model, prompt: '', keep_alive: 0 }, { ...generated, done_reason: 'unload' }],
    ['/api/chat', { model, messages: [], keep_alive: '5m' }, { ...chat, done_reason: 'load' }],
    ['/api/chat', { model, messages: [], keep_alive: '0s', stream: false }, { ...chat, done_reason: 'unload' }]
  ] as const) {
    const told = await ask(port, path, body)
    t.match(told.json, answer)
    t.equal(told.headers.get('x-sluice-cost'), null)
  }
  t.equal(asked(), null)
  const own = await answering(t, { provider: 'ollama' }, { model: 'm', done: true, done_reason: 'load', message: {} })
  t.match((await ask(own.port, '/api/chat', { model: 'main/m', messages: [] })).json, { done_reason: 'load' })
  t.strictSame(own.asked(), { model: 'm', messages: [] }, 'it has something to load')
})

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

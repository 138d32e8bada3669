import OpenAI from 'openai'
import t from 'tap'
import { mockProvider } from '../../support/mock.js'
import { serve } from '../../support/serve.js'
import { startSluice } from '../../support/sluice.js'
import { accounts, aiConfig, ask, callers, get } from './parts.js'

t.setTimeout(200_000)

const PLACES = {
  claude: ['claude/claude-haiku-4-5', '/messages'],
  openai: ['main/gpt-5', '/responses']
} as const

for (const [name, [model, path]] of Object.entries(PLACES)) {
  t.test(`${name}: a conversation goes on from a response, streamed or not, for its owner alone`, async t => {
    const mock = await mockProvider(t)
    const { port } = await startSluice(t, aiConfig(mock, { policies: [callers({ ann: {}, bob: {} })] }))
    const ann = { 'x-caller': 'ann' }
    const bob = { 'x-caller': 'bob' }
    const first = await ask(port, '/v1/responses', { model, input: 'My name is Ann' }, ann)
    t.equal(first.status, 200)
    const { id } = first.json
    const second = await ask(
      port,
      '/v1/responses',
      { model, input: 'Who am I?', previous_response_id: id, stream: true },
      ann
    )
    t.match(second.text, /event: response\.completed/)
    const last = mock.requests().findLast(({ target }) => target.includes(path))
    if (name === 'claude') t.match(String(last?.body), /My name is Ann.*You said: My name is Ann.*Who am I/s)
    else t.equal(JSON.parse(String(last?.body)).previous_response_id, id, 'the provider has the conversation')
    const id2 = /"id":"(resp_[^"]+)"/.exec(second.text)?.[1]
    t.match((await get(port, `/v1/responses/${id2}`, ann)).json, { id: id2, object: 'response' })
    t.match((await get(port, `/v1/responses/${id2}/input_items`, ann)).json, { object: 'list' })
    t.equal((await get(port, `/v1/responses/${id2}`, bob)).status, 404)
    t.equal((await get(port, `/v1/responses/${id2}`, bob, 'DELETE')).status, 404)
    const stolen = await ask(
      port,
      '/v1/responses',
      { model: PLACES.claude[0], input: 'x', previous_response_id: id },
      bob
    )
    t.equal(stolen.status, 400)
    const cancelled = await get(port, `/v1/responses/${id}/cancel`, ann, 'POST')
    t.match(cancelled, { status: 400, json: { error: { type: 'invalid_request_error', message: /cancel/i } } })
    t.match(await get(port, `/v1/responses/${id2}`, ann, 'DELETE'), { status: 200, json: { deleted: true } })
    t.equal((await get(port, `/v1/responses/${id2}`, ann)).status, 404)
  })
}

t.test('OpenAI’s client cancels, fetches and deletes what is made in the background', async t => {
  const mock = await mockProvider(t)
  const { port } = await startSluice(t, aiConfig(mock))
  const openai = new OpenAI({ apiKey: 'client', baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 })
  const { id } = await openai.responses.create({ model: 'main/gpt-5', input: 'Hi', background: true })
  const cancelled = await openai.responses.cancel(id)
  t.match(cancelled, { id, object: 'response', status: 'cancelled' })
  t.match(await openai.responses.retrieve(id), { id, status: 'cancelled' })
  await openai.responses.delete(id)
  t.match(await openai.responses.retrieve(id).catch((thrown: unknown) => thrown), { status: 404 })
})

t.test('what must not be stored is not', async t => {
  const mock = await mockProvider(t)
  const { port } = await startSluice(t, aiConfig(mock))
  for (const [model] of Object.values(PLACES)) {
    const { json } = await ask(port, '/v1/responses', { model, input: 'Hi', store: false })
    t.equal((await get(port, `/v1/responses/${json.id}`)).status, 404, model)
  }
})

t.test('a response is asked for where it was made', async t => {
  const mock = await mockProvider(t)
  const other = await mockProvider(t, { seed: 2 })
  const providers = {
    ...accounts(mock),
    second: { provider: 'openai', baseUrl: `${other.url}/v1`, keys: ['sk-2'] }
  }
  const models = { both: { strategy: 'fallback', targets: ['main/gpt-5', 'second/gpt-5'] } }
  const { port } = await startSluice(t, aiConfig(mock, { ai: { providers, models } }))
  const { json } = await ask(port, '/v1/responses', { model: 'second/gpt-5', input: 'Hi' })
  const went = await ask(port, '/v1/responses', { model: 'both', input: 'And?', previous_response_id: json.id })
  t.equal(went.status, 200)
  const model = 'claude/claude-haiku-4-5'
  const elsewhere = await ask(port, '/v1/responses', { model, input: 'And?', previous_response_id: json.id })
  t.match(elsewhere, {
    status: 400,
    json: { error: { param: 'previous_response_id', message: /kept by another provider/ } }
  })
  t.equal(mock.requests().length, 0)
  t.equal((await get(port, `/v1/responses/${json.id}`)).status, 200)
  t.equal(other.requests().length, 3)
})

t.test('with two event loops a conversation is known to both', async t => {
  const mock = await mockProvider(t)
  const sluice = await serve(t, aiConfig(mock, { threads: 2 }))
  const away = { connection: 'close' }
  for (const [model] of Object.values(PLACES)) {
    let previous: string | undefined
    for (let i = 0; i < 6; i++) {
      const body = { model, input: `turn ${i}`, ...(previous !== undefined && { previous_response_id: previous }) }
      const got = await ask(sluice.port, '/v1/responses', body, away)
      t.equal(got.status, 200, got.text)
      previous = got.json.id
      t.equal((await get(sluice.port, `/v1/responses/${previous}`, away)).status, 200)
    }
  }
})

t.test('tokens are counted by the provider, or here where it cannot', async t => {
  const mock = await mockProvider(t)
  const { port } = await startSluice(t, aiConfig(mock))
  const messages = [{ role: 'user', content: 'How many tokens are there?' }]
  const contents = [{ role: 'user', parts: [{ text: 'How many tokens are there?' }] }]
  for (const model of ['claude/claude-haiku-4-5', 'main/gpt-5']) {
    const anthropic = await ask(port, '/v1/messages/count_tokens', { model, messages })
    t.match(anthropic, { status: 200, json: { input_tokens: Number } }, model)
    t.ok(anthropic.json.input_tokens > 4)
    const responses = await ask(port, '/v1/responses/input_tokens', { model, input: messages })
    t.match(responses, { status: 200, json: { object: 'response.input_tokens', input_tokens: Number } }, model)
  }
  for (const model of ['google/gemini-2.5-flash', 'main/gpt-5']) {
    const got = await ask(port, `/v1beta/models/${encodeURIComponent(model)}:countTokens`, { contents })
    t.match(got, { status: 200, json: { totalTokens: Number } }, model)
  }
  t.notOk(
    mock.requests().some(({ target }) => /chat\/completions|generateContent/i.test(target)),
    'nothing was generated'
  )
})

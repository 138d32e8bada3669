import { readFileSync } from 'node:fs'
import t from 'tap'
import { mockProvider, RECORDINGS } from '../../support/mock.js'
import { chat, DIALECTS, NAMES, post, taken } from './post.js'

t.test('what came is kept, the body byte by byte', async t => {
  const mock = await mockProvider(t)
  const body = '{ "model":"m" ,"messages":[{"content":"h\\u00e9", "role":"user"}],  "z":1,"a":2 }'
  await post(mock, '/v1/chat/completions?x=1', body, { 'X-Own': 'yes' })
  const [request] = mock.requests()
  t.match(request, { method: 'POST', target: '/v1/chat/completions?x=1', model: 'm', status: 200, outcome: 'done' })
  t.equal(request?.body.toString(), body)
  t.ok(request?.headers.some(([name, value]) => name.toLowerCase() === 'x-own' && value === 'yes'))
  const shown = (await (await fetch(`${mock.url}/mock/requests`)).json()) as { requests: { body: string }[] }
  t.equal(Buffer.from(shown.requests[0]?.body ?? '', 'base64').toString(), body)
  await fetch(`${mock.url}/mock/reset`, { method: 'POST' })
  t.strictSame(mock.requests(), [])
})

t.test('only the last requests are kept', async t => {
  const mock = await mockProvider(t, { keep: 2 })
  for (const model of ['a', 'b', 'c']) await chat(mock, 'openai', model, false)
  t.strictSame(
    mock.requests().map(request => request.model),
    ['b', 'c']
  )
})

const STRANGERS: Readonly<Record<string, number>> = { bedrock: 403 }

t.test('a key is taken wherever a dialect puts it, and refused in its form', async t => {
  const mock = await mockProvider(t, { keys: ['k1', 'k2'] })
  for (const headers of [
    { authorization: 'Bearer k1' },
    { 'x-api-key': 'k2' },
    { 'x-goog-api-key': 'k1' },
    { 'api-key': 'k1' }
  ]) {
    for (const name of NAMES) t.equal((await chat(mock, name, 'm', false, headers)).status, 200, name)
  }
  t.equal((await post(mock, '/v1beta/models/m:generateContent?key=k1', DIALECTS.gemini.body())).status, 200)
  for (const name of NAMES) {
    t.equal((await chat(mock, name, 'm', false, { authorization: 'Bearer no' })).status, STRANGERS[name] ?? 401, name)
    t.equal((await chat(mock, name, 'bench', false)).status, STRANGERS[name] ?? 401, 'also for load')
  }
})

t.test('paths below other prefixes are taken', async t => {
  const mock = await mockProvider(t)
  for (const path of [
    '/openai/v1/chat/completions',
    '/openai/deployments/my-gpt/chat/completions?api-version=2025-01-01',
    '/api/v1/chat/completions'
  ]) {
    t.match(await post(mock, path, DIALECTS.openai.body('m', false)), { status: 200, text: /"chat.completion"/ }, path)
  }
  t.equal(mock.requests()[1]?.model, 'my-gpt')
  const vertex = '/v1/projects/p/locations/l/publishers'
  t.match(await post(mock, `${vertex}/google/models/g:generateContent`, DIALECTS.gemini.body()), {
    text: /"modelVersion":"g"/
  })
  const body = { anthropic_version: 'vertex-2023-10-16', max_tokens: 9, messages: [{ role: 'user', content: 'x' }] }
  t.match(await post(mock, `${vertex}/anthropic/models/c:rawPredict`, body), { text: /"type":"message"/ })
  t.match(await post(mock, `${vertex}/anthropic/models/c:streamRawPredict`, body), { text: /event: message_stop/ })
})

t.test('what nobody answers, and a body that is no JSON, is said', async t => {
  const mock = await mockProvider(t)
  t.match(await post(mock, '/v1/nothing', {}), { status: 404, text: /Unknown request URL: POST \/v1\/nothing/ })
  t.match(await post(mock, '/v1/chat/completions', '{"model":'), { status: 400, text: /could not parse the JSON body/ })
  t.match(await post(mock, '/mock/nothing', {}), { status: 404, text: /expected GET \/mock\/requests/ })
  t.match(await post(mock, '/v1/messages', DIALECTS.anthropic.body('m', false)), {
    status: 400,
    text: /anthropic-version: header is required/
  })
})

t.test('Gemini streams a list where no events are asked for, whole and with an error in it', async t => {
  const mock = await mockProvider(t)
  const ask = (model: string) => post(mock, `/v1beta/models/${model}:streamGenerateContent`, DIALECTS.gemini.body())
  const list = JSON.parse((await ask('m')).text)
  t.equal(list.at(-1).candidates[0].finishReason, 'STOP')
  for (const [fault, length] of [
    ['error-first', 1],
    ['error-in-stream=2', 3]
  ] as const) {
    const failing = JSON.parse((await ask(`m+${fault}`)).text)
    t.equal(failing.length, length)
    t.match(failing.at(-1), { error: { code: 500 } })
  }
  t.match(JSON.parse((await ask('m+status=429')).text), [{ error: { code: 429 } }], 'a refusal is a list too')
  const { text } = await ask('m+truncate')
  t.throws(() => JSON.parse(text), 'a list that is not closed')
})

t.test('Ollama: generate, embed, tags, tools, thinking', async t => {
  const mock = await mockProvider(t)
  const json = async (path: string, body: object) => JSON.parse((await post(mock, path, body)).text)
  t.match(await json('/api/generate', { model: 'm', prompt: 'Hi', stream: false }), {
    response: 'You said: Hi',
    done: true,
    eval_count: Number
  })
  t.equal((await json('/api/embed', { model: 'm', input: ['a', 'b'] })).embeddings.length, 2)
  t.match(await (await fetch(`${mock.url}/api/tags`)).json(), { models: [{ name: String }] })
  const tools = [
    {
      type: 'function',
      function: { name: 'look', parameters: { type: 'object', properties: { at: { type: 'string' } } } }
    }
  ]
  const messages = [{ role: 'user', content: 'call look' }]
  t.match(await json('/api/chat', { model: 'm', messages, tools, stream: false, think: true }), {
    message: { thinking: /call look/, tool_calls: [{ function: { name: 'look', arguments: { at: 'at' } } }] }
  })
})

t.test('rerank puts what is near in front', async t => {
  const mock = await mockProvider(t)
  const documents = ['bread and butter', 'the river and its mill', 'a mill at the river']
  const { text } = await post(mock, '/v1/rerank', { model: 'r', query: 'mill river', documents, top_n: 2 })
  t.match(JSON.parse(text), { results: [{ index: 2 }, { index: 1 }] })
})

t.test('models are listed in the shape of the API that asks', async t => {
  const mock = await mockProvider(t)
  const list = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(mock.url + path, { headers })).json()
  t.match(await list('/v1/models'), { object: 'list', data: [{ object: 'model' }] })
  t.match(await list('/v1/models?limit=1000', { 'anthropic-version': '2023-06-01' }), {
    has_more: false,
    data: [{ type: 'model' }]
  })
  t.match(await list('/v1beta/models'), { models: [{ name: /^models\// }] })
})

t.test('a recording is replayed byte by byte, at its path or as a model, with faults too', async t => {
  const mock = await mockProvider(t)
  const name = 'anthropic/vercel__anthropic__anthropic-text.stream'
  const recorded: string = JSON.parse(readFileSync(`${RECORDINGS}/${name}.json`, 'utf8')).response.text
  const at = await taken(await fetch(`${mock.url}/replay/${name}/v1/messages`))
  t.match(at, { status: 200, text: recorded })
  t.equal(at.headers.get('content-type'), 'text/event-stream')
  t.equal((await chat(mock, 'anthropic', `replay:${name}`, true)).text, recorded)
  t.equal((await chat(mock, 'gemini', `replay:${name}+split=random`, true)).text, recorded)
  const cut = await chat(mock, 'anthropic', `replay:${name}+truncate`, true)
  t.ok(recorded.startsWith(cut.text) && !cut.text.includes('message_stop') && cut.text !== '')
  const failure = await taken(await fetch(`${mock.url}/replay/gemini/vercel__google__google-429-retry-info`))
  t.match(failure, { status: 429, text: /RESOURCE_EXHAUSTED/ })
})

t.test('a recording that is not there is said; nothing outside the folder is read', async t => {
  const mock = await mockProvider(t)
  for (const name of ['openai/nothing', 'openai', '../ai/openai', 'openai/..%2F..%2Fconfig', '..%2fai/README.md']) {
    t.equal((await chat(mock, 'openai', `replay:${decodeURIComponent(name)}`, false)).status, 404, name)
    t.equal((await taken(await fetch(`${mock.url}/replay/${name}`))).status, 404, name)
  }
  const without = await mockProvider(t, { recordings: undefined })
  t.match(await chat(without, 'openai', 'replay:a/b', false), { status: 404, text: /--recordings FOLDER/ })
})

t.test('every recording that is here can be replayed', async t => {
  const mock = await mockProvider(t)
  const { recordings } = (await (await fetch(`${mock.url}/mock/recordings`)).json()) as { recordings: string[] }
  t.ok(recordings.length > 50)
  for (const name of recordings) {
    const { response } = JSON.parse(readFileSync(`${RECORDINGS}/${name}.json`, 'utf8'))
    const got = await taken(await fetch(`${mock.url}/replay/${name}`))
    t.equal(got.status, response.status, name)
    if ('text' in response) t.equal(got.text, response.text, name)
    else t.strictSame(JSON.parse(got.text), response.json, name)
  }
})

t.test('the model bench: fixed bytes, 100 events, in every dialect that streams', async t => {
  const mock = await mockProvider(t)
  for (const name of NAMES) {
    const first = await chat(mock, name, 'bench', false)
    t.equal(first.status, 200)
    t.equal((await chat(mock, name, 'bench', false)).text, first.text, name)
    const stream = await chat(mock, name, 'bench+slow=5000/s', true)
    t.match(stream.text, DIALECTS[name].end)
    t.equal((await chat(mock, name, 'bench', true)).text, stream.text)
  }
  t.equal((await chat(mock, 'openai', 'bench', true)).text.split('\n\n').length - 1, 100)
  t.strictSame(mock.requests(), [], 'none is kept')
})

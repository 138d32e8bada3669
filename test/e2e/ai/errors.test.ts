import { gzipSync } from 'node:zlib'
import t from 'tap'
import { bodyOf, CLIENTS, type ClientName, dialectOf, pathOf, wrongError } from './clients.js'
import { gateway } from './gateway.js'

interface Bad {
  readonly what: string
  readonly status: number
  readonly kind: string
  body(client: ClientName): string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

const good = (client: ClientName, more: object = {}) =>
  bodyOf({ client, model: 'main/m', stream: false, more: { ...more } })
const invalid = { status: 400, kind: 'invalid_request' }

const BAD: readonly Bad[] = [
  { what: 'no JSON', ...invalid, body: () => 'hello' },
  { what: 'a JSON list', ...invalid, body: () => '[]' },
  { what: 'nothing', ...invalid, body: () => '' },
  { what: 'JSON cut short', ...invalid, body: client => good(client).slice(0, -5) },
  { what: 'too much', status: 413, kind: 'too_large', body: client => good(client, { x: 'x'.repeat(200_000) }) },
  {
    what: 'too much behind a small coding',
    status: 413,
    kind: 'too_large',
    headers: { 'content-encoding': 'gzip' },
    body: client => gzipSync(good(client, { x: 'x'.repeat(200_000) }))
  },
  {
    what: 'an unknown coding',
    status: 415,
    kind: 'invalid_request',
    headers: { 'content-encoding': 'zip' },
    body: client => good(client)
  },
  {
    what: 'a coding that is none',
    status: 415,
    kind: 'invalid_request',
    headers: { 'content-encoding': 'gzip' },
    body: client => good(client)
  }
]

t.test('requests that are wrong are answered in the words of the client’s API', async t => {
  const { mock, port } = await gateway(t, { more: { limits: { bodyBytes: '100KiB' } } })
  for (const client of CLIENTS) {
    for (const bad of BAD) {
      const url = `http://127.0.0.1:${port}${pathOf({ client, model: 'main/m', stream: false })}`
      const headers = { 'content-type': 'application/json', ...bad.headers }
      const reply = await fetch(url, { method: 'POST', body: bad.body(client), headers })
      const raw = await reply.text()
      const what = `${client}, ${bad.what}: ${raw}`
      t.equal(reply.status, bad.status, what)
      t.equal(wrongError(client, raw), undefined, what)
      t.equal(dialectOf(client).readFailure(reply.status, JSON.parse(raw)).kind, bad.kind, what)
    }
  }
  t.equal(mock.requests().length, 0)
})

t.test('members of the wrong type are named', async t => {
  const { port } = await gateway(t, { accounts: { main: {}, claude: { provider: 'anthropic' } } })
  const wrong: readonly (readonly [ClientName, object, string])[] = [
    ['openai-chat', { model: 7 }, 'model'],
    ['openai-chat', { model: undefined }, 'model'],
    ['openai-chat', { stream: 'yes' }, 'stream'],
    ['openai-chat', { model: 'claude/m', messages: 'Hi' }, 'messages'],
    ['openai-chat', { model: 'claude/m', messages: [{ role: 'user', content: 7 }] }, 'messages'],
    ['openai-chat', { model: 'claude/m', temperature: 'hot' }, 'temperature'],
    ['openai-responses', { model: 'claude/m', input: 7 }, 'input'],
    ['anthropic', { messages: [{ role: 'king', content: 'Hi' }] }, 'messages'],
    ['anthropic', { tools: 'all' }, 'tools'],
    ['gemini', { contents: 'Hi' }, 'contents']
  ]
  for (const [client, more, name] of wrong) {
    const url = `http://127.0.0.1:${port}${pathOf({ client, model: 'claude/m', stream: false })}`
    const reply = await fetch(url, { method: 'POST', body: good(client, more) })
    const raw = await reply.text()
    t.equal(reply.status, 400, `${client} ${JSON.stringify(more)}: ${raw}`)
    t.equal(wrongError(client, raw), undefined, raw)
    t.match(raw, name)
  }
})

t.test('a model that there is not is a 404 with its name', async t => {
  const { port } = await gateway(t, { accounts: { main: { onlyModels: true, models: ['known'] } } })
  for (const client of CLIENTS) {
    for (const model of ['unknown', 'main/unknown']) {
      const url = `http://127.0.0.1:${port}${pathOf({ client, model, stream: true })}`
      const reply = await fetch(url, { method: 'POST', body: bodyOf({ client, model, stream: true }) })
      const raw = await reply.text()
      t.equal(reply.status, 404, `${client}: ${raw}`)
      t.equal(wrongError(client, raw), undefined)
      t.match(raw, model)
    }
  }
})

t.test('what is no endpoint is said in the likeliest dialect, a wrong method with those that there are', async t => {
  const { port } = await gateway(t, {})
  const at = (path: string, method: string, headers = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, { method, headers })
  for (const [client, path, headers] of [
    ['openai-chat', '/v1/nothing', {}],
    ['anthropic', '/v1/nothing', { 'anthropic-version': '2023-06-01' }],
    ['anthropic', '/v1/messages/nothing', {}],
    ['gemini', '/v1beta/models/m:doNothing', {}],
    ['gemini', '/v1beta/models/m:predict', {}],
    ['openai-chat', '/v1/responses/compact', {}]
  ] as const) {
    const reply = await at(path, 'POST', headers)
    t.equal(reply.status, 404, path)
    t.equal(wrongError(client, await reply.text()), undefined, path)
  }
  for (const [client, path] of [
    ['openai-chat', '/v1/chat/completions'],
    ['openai-responses', '/v1/responses'],
    ['anthropic', '/v1/messages'],
    ['gemini', '/v1beta/models/m:generateContent']
  ] as const) {
    for (const method of ['GET', 'DELETE', 'PUT', 'PATCH']) {
      const reply = await at(path, method)
      t.equal(reply.status, 405, `${method} ${path}`)
      t.equal(reply.headers.get('allow'), 'POST')
      t.equal(wrongError(client, await reply.text()), undefined)
    }
    const head = await at(path, 'HEAD')
    t.equal(head.status, 405)
    t.equal(await head.text(), '')
  }
  t.equal((await at('/v1/models', 'HEAD')).status, 200)
})

import { Buffer } from 'node:buffer'
import { createVerify, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import type { ChatRequest } from '../../../core/ai/chat.js'
import type { DialectName, Operation } from '../../../core/ai/dialects/dialect.js'
import { gemini as dialect } from '../../../core/ai/dialects/gemini/index.js'
import { dialects } from '../../../core/ai/dialects/index.js'
import { parsedObject } from '../../../core/ai/lenient.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { gemini } from '../../../core/ai/providers/gemini.js'
import type { Account, AuthTools, ProviderCall } from '../../../core/ai/providers/provider.js'
import { vertex } from '../../../core/ai/providers/vertex.js'
import { dropping } from '../support/replay.js'

const ACCOUNT: Account = { baseUrl: 'https://x.example', region: 'europe-west1', options: { project: 'p-1' } }
const OUTGOING = { method: 'POST', url: new URL('https://x.example/'), headers: [], body: Buffer.alloc(0) }

function callOf(operation: Operation, model: string, more: Partial<ProviderCall> = {}): ProviderCall {
  return { operation, dialect, model, stream: false, path: '', query: '', headers: [], account: ACCOUNT, ...more }
}

t.test('Gemini is reached by the path of the model, and streams as SSE whatever the client asked', async t => {
  const path = (call: ProviderCall) => gemini.address(call).path
  t.equal(path(callOf('chat', 'gemini-3-pro')), '/v1beta/models/gemini-3-pro:generateContent')
  t.equal(
    path(callOf('chat', 'gemini-3-pro', { stream: true, query: 'key=secret&alt=json&x=1' })),
    '/v1beta/models/gemini-3-pro:streamGenerateContent?x=1&alt=sse'
  )
  t.equal(path(callOf('chat', 'tunedModels/a b')), '/v1beta/tunedModels/a%20b:generateContent')
  t.equal(path(callOf('embeddings', 'e')), '/v1beta/models/e:batchEmbedContents')
  t.equal(path(callOf('embeddings', 'e', { path: '/models/e:embedContent' })), '/v1beta/models/e:embedContent')
  t.equal(path(callOf('models', '')), '/v1beta/models')
  t.strictSame(gemini.address(callOf('chat', 'm')).edits, { remove: ['model'] })
  t.strictSame(await gemini.authorize(OUTGOING, { secret: 'k', parts: {} }, ACCOUNT, toolsFor()), [
    'x-goog-api-key',
    'k'
  ])
  t.throws(() => gemini.authorize(OUTGOING, undefined, ACCOUNT, toolsFor()), { code: 'GW_AI_CREDENTIAL' })

  const body: JsonObject = { model: 'm', contents: [], systemInstruction: {} }
  gemini.finish?.(body, callOf('count-tokens', 'm'))
  t.strictSame(body, { generateContentRequest: { model: 'models/m', contents: [], systemInstruction: {} } })
})

t.test('up to Gemini 2.5 an answer in JSON is asked for in words beside tools', async t => {
  const asked = (model: string, more: Partial<ChatRequest> = {}): ChatRequest => ({
    model,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Look' }] }],
    stream: false,
    tools: [{ name: 'look' }],
    response_format: { type: 'json_schema', name: 'x', schema: { type: 'object', properties: { a: {} } } },
    extra: new Map(),
    ...more
  })
  for (const provider of [gemini, vertex]) {
    const told = dropping()
    const chat = asked('gemini-2.5-flash')
    provider.adapt?.(chat, told)
    const body = dialect.chat.writeRequest(chat, told)
    t.match(body, { tools: [{}], systemInstruction: { parts: [{ text: /"properties":\{"a":\{\}\}/ }] } })
    t.equal(body.generationConfig, undefined)
    t.strictSame(told.names, ['response_format'])
    const newest = asked('gemini-3-pro-preview')
    provider.adapt?.(newest, { drop: t.fail })
    t.equal(newest.response_format?.type, 'json_schema')
    const unused = asked('gemini-2.5-flash', { tool_choice: 'none' })
    provider.adapt?.(unused, { drop: t.fail })
    t.match(unused, { tools: undefined, response_format: { type: 'json_schema' } })
    const plain = asked('gemini-2.5-pro', { response_format: { type: 'json_object' } })
    provider.adapt?.(plain, told)
    t.match(plain, { messages: [{ role: 'system', content: [{ text: /JSON/ }] }, {}], response_format: undefined })
  }
})

t.test('Vertex is reached in its region, at the publisher of the model', async t => {
  const path = (call: ProviderCall) => vertex.address(call).path
  const google = '/v1/projects/p-1/locations/europe-west1/publishers/google/models'
  t.equal(
    path(callOf('chat', 'gemini-3-pro', { stream: true })),
    `${google}/gemini-3-pro:streamGenerateContent?alt=sse`
  )
  t.equal(path(callOf('embeddings', 'gemini-embedding-001')), `${google}/gemini-embedding-001:predict`)
  t.equal(vertex.baseUrlIn?.('europe-west1'), 'https://europe-west1-aiplatform.googleapis.com')
  t.equal(vertex.baseUrlIn?.('global'), 'https://aiplatform.googleapis.com')
  t.equal(vertex.baseUrlIn?.('eu'), 'https://aiplatform.eu.rep.googleapis.com')

  t.strictSame(vertex.dialects('chat', 'claude-sonnet-4-5@20250929'), ['anthropic'] satisfies DialectName[])
  const headers = ['anthropic-beta', 'context-1m-2025-08-07']
  t.match(vertex.address(callOf('chat', 'claude-opus-4-5', { stream: true, headers })), {
    method: 'POST',
    path: '/v1/projects/p-1/locations/europe-west1/publishers/anthropic/models/claude-opus-4-5:streamRawPredict',
    headers,
    edits: { set: { anthropic_version: 'vertex-2023-10-16' } }
  })
  t.match(path(callOf('count-tokens', 'claude-opus-4-5')), /\/models\/count-tokens:rawPredict$/)
  t.strictSame(vertex.dialects('chat', 'meta/llama-4-maverick'), ['openai-chat'] satisfies DialectName[])
  t.equal(
    path(callOf('chat', 'meta/llama-4')),
    '/v1/projects/p-1/locations/europe-west1/endpoints/openapi/chat/completions'
  )
})

t.test('Vertex embeds by predictions, and gets no ids of calls', async t => {
  const request = { model: 'e', input: ['a', 'b'], dimensions: 3, task: 'retrieval_query', extra: new Map() }
  const write = () => dialect.embeddings?.writeRequest(request, dropping()) ?? {}
  const body = write()
  vertex.finish?.(body, callOf('embeddings', 'gemini-embedding-001'))
  t.strictSame(body, {
    instances: [
      { content: 'a', task_type: 'RETRIEVAL_QUERY' },
      { content: 'b', task_type: 'RETRIEVAL_QUERY' }
    ],
    parameters: { outputDimensionality: 3 }
  })
  const newer = callOf('embeddings', 'gemini-embedding-2')
  t.match(vertex.address(newer).path, /:embedContent$/)
  t.throws(() => vertex.finish?.(write(), newer), {
    code: 'GW_AI_REQUEST_INVALID',
    message: 'input: expected one input, which is all this model takes at a time, found 2'
  })
  request.input.pop()
  const single = write()
  vertex.finish?.(single, newer)
  t.strictSame(single, {
    content: { parts: [{ text: 'a' }] },
    embedContentConfig: { taskType: 'RETRIEVAL_QUERY', outputDimensionality: 3 }
  })
  const chat = {
    contents: [
      { parts: [{ functionCall: { id: 'a', name: 'f' } }] },
      { parts: [{ functionResponse: { id: 'a', name: 'f' } }] }
    ]
  }
  vertex.finish?.(chat, callOf('chat', 'gemini-3-pro'))
  t.strictSame(chat, {
    contents: [{ parts: [{ functionCall: { name: 'f' } }] }, { parts: [{ functionResponse: { name: 'f' } }] }]
  })
})

t.test('a service account signs for a token, which is kept until shortly before its end', async t => {
  const server = await tokenServer(t)
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const secret = JSON.stringify({
    type: 'service_account',
    client_email: 'a@p-1.iam.example',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    private_key_id: 'key-1',
    token_uri: server.url
  })
  let now = 1_800_000_000_000
  const tools = toolsFor(() => now)
  const authorize = async () => vertex.authorize(OUTGOING, { secret, parts: {} }, ACCOUNT, tools)

  const together = await Promise.all([authorize(), authorize(), authorize()])
  t.strictSame(
    together,
    Array(3).fill(['authorization', 'Bearer token-1']),
    'who comes together waits for one exchange'
  )
  now += 3_299_000
  t.strictSame(await authorize(), ['authorization', 'Bearer token-1'])
  now += 2_000
  t.strictSame(await authorize(), ['authorization', 'Bearer token-2'])
  t.equal(server.forms.length, 2)

  const [head = '', claims = '', signature = ''] = (server.forms[0]?.get('assertion') ?? '').split('.')
  t.ok(createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(publicKey, signature, 'base64url'))
  t.strictSame(parsedObject(Buffer.from(head, 'base64url').toString()), { alg: 'RS256', typ: 'JWT', kid: 'key-1' })
  t.strictSame(parsedObject(Buffer.from(claims, 'base64url').toString()), {
    iss: 'a@p-1.iam.example',
    scope: 'https://www.googleapis.com/auth/cloud-platform',
    aud: server.url,
    iat: 1_800_000_000,
    exp: 1_800_003_600
  })
  t.equal(server.forms[0]?.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer')
})

t.test('other credentials of Google do, and what is of no use is refused saying why', async t => {
  const server = await tokenServer(t)
  const authorize = async (secret: string) => vertex.authorize(OUTGOING, { secret, parts: {} }, ACCOUNT, toolsFor())
  t.strictSame(await authorize('AIzaKey'), ['x-goog-api-key', 'AIzaKey'])
  t.strictSame(await authorize('ya29.token'), ['authorization', 'Bearer ya29.token'])
  const person = {
    type: 'authorized_user',
    client_id: 'i',
    client_secret: 's',
    refresh_token: 'r',
    token_uri: server.url
  }
  t.strictSame(await authorize(JSON.stringify(person)), ['authorization', 'Bearer token-1'])
  t.equal(server.forms[0]?.get('refresh_token'), 'r')

  const code = 'GW_AI_CREDENTIAL'
  await t.rejects(authorize('not json'), { code, message: /it is not JSON; expected the JSON of a service account/ })
  await t.rejects(authorize('{"client_email":"a"}'), { code, message: /it has no "private_key"/ })
  await t.rejects(authorize('{"client_email":"a","private_key":"b"}'), { code, message: /its private_key cannot sign/ })
  await t.rejects(authorize(JSON.stringify({ ...person, refresh_token: 'revoked' })), {
    code,
    message: /Token has been revoked/
  })
})

t.test('every dialect that a provider names is there, or is another part of the gateway', async t => {
  const own = ['chat', 'embeddings', 'rerank', 'models', 'count-tokens'] as const
  for (const operation of own) for (const name of gemini.dialects(operation, 'm')) t.ok(dialects.has(name), name)
})

function toolsFor(now: () => number = () => 0): AuthTools {
  return {
    now,
    kept: new Map(),
    async postForm(url, form) {
      const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) })
      return (await response.json()) as JsonObject
    }
  }
}

async function tokenServer(t: Test): Promise<{ readonly url: string; readonly forms: URLSearchParams[] }> {
  const forms: URLSearchParams[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const piece of request) text += piece
    const form = new URLSearchParams(text)
    forms.push(form)
    const revoked = form.get('refresh_token') === 'revoked'
    const answer = revoked
      ? { error: 'invalid_grant', error_description: 'Token has been revoked.' }
      : { access_token: `token-${forms.length}`, expires_in: 3_600, token_type: 'Bearer' }
    response.writeHead(revoked ? 400 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`, forms }
}

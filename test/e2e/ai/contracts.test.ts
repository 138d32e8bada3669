import { createHash } from 'node:crypto'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI, { AuthenticationError, AzureOpenAI } from 'openai'
import t from 'tap'
import { WebSocket } from 'ws'
import { ACCOUNT_KEY, aiGateway, failureOf, sentHeader } from './gateway.js'

/** What coding agents rely on, and keys wherever clients put them. */

const KEY = 'key-of-ada'
const { mock, url, sluice } = await aiGateway(t, {
  listen: [{ port: 8080 }, { port: 8081, http2: true }],
  route: {
    policies: [
      {
        plugin: 'auth-key',
        settings: {
          in: [
            { bearer: 'authorization' },
            { header: 'x-api-key' },
            { header: 'api-key' },
            { header: 'x-goog-api-key' },
            { query: 'key' }
          ],
          keys: [{ sha256: createHash('sha256').update(KEY).digest('hex'), consumer: 'ada' }]
        }
      }
    ]
  }
})

const CLAUDE = JSON.stringify({
  model: 'claude-sonnet-4-5',
  max_tokens: 64,
  system: [
    { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.30; cc_entrypoint=cli; cch=ab12;' },
    { type: 'text', text: 'You are Claude Code.', cache_control: { type: 'ephemeral' } }
  ],
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
  stream: true
})
const CLAUDE_HEADERS = {
  'content-type': 'application/json',
  'anthropic-version': '2023-06-01',
  'anthropic-beta': 'claude-code-20250219,interleaved-thinking-2025-05-14,fine-grained-tool-streaming-2025-05-14',
  'anthropic-dangerous-direct-browser-access': 'true',
  'user-agent': 'claude-cli/2.1.30 (external, cli)',
  'x-app': 'cli',
  'x-claude-code-session-id': '0b2c',
  'x-stainless-lang': 'js'
}

t.test(
  'Claude Code: its request reaches Anthropic with every header of the protocol, by either kind of key',
  async t => {
    for (const credential of [{ authorization: `Bearer ${KEY}` }, { 'x-api-key': KEY }]) {
      const reply = await fetch(`${url}/v1/messages?beta=true`, {
        method: 'POST',
        headers: { ...CLAUDE_HEADERS, ...credential },
        body: CLAUDE
      })
      t.equal(reply.status, 200)
      t.match(await reply.text(), /event: message_stop/)
      t.equal(mock.requests().at(-1)?.target, '/v1/messages?beta=true')
      t.equal(mock.requests().at(-1)?.body.toString(), CLAUDE)
      for (const [name, value] of Object.entries(CLAUDE_HEADERS)) t.equal(sentHeader(mock, name), value, name)
      t.equal(sentHeader(mock, 'x-api-key'), ACCOUNT_KEY)
      t.equal(sentHeader(mock, 'authorization'), undefined)
    }
  }
)

t.test(
  'Claude Code: toward others its attribution, new with each request, does not stand before the prompt',
  async t => {
    const body = CLAUDE.replace('claude-sonnet-4-5', 'gpt-5')
    const headers = { ...CLAUDE_HEADERS, 'x-api-key': KEY }
    const reply = await fetch(`${url}/v1/messages?beta=true`, { method: 'POST', headers, body })
    t.match(await reply.text(), /event: message_stop/)
    t.notMatch(mock.requests().at(-1)?.body.toString(), /billing-header/)
    t.equal(sentHeader(mock, 'anthropic-beta'), undefined)
  }
)

t.test('Claude Code: it counts tokens', async t => {
  const { stream: _, max_tokens: __, ...rest } = JSON.parse(CLAUDE)
  const headers = { ...CLAUDE_HEADERS, 'x-api-key': KEY }
  const body = JSON.stringify(rest)
  const reply = await fetch(`${url}/v1/messages/count_tokens?beta=true`, { method: 'POST', headers, body })
  t.match(await reply.json(), { input_tokens: Number })
  t.equal(mock.requests().at(-1)?.target, '/v1/messages/count_tokens?beta=true')
})

t.test('Claude Code: it finds its models', async t => {
  for (const credential of [{ authorization: `Bearer ${KEY}` }, { 'x-api-key': KEY }]) {
    const headers = { 'anthropic-version': '2023-06-01', ...credential }
    const reply = await fetch(`${url}/v1/models?limit=1000`, { headers, redirect: 'error' })
    const list = (await reply.json()) as { data: { id: string }[]; first_id: string; last_id: string }
    t.match(list, { has_more: false, first_id: String, last_id: String })
    t.match(
      list.data.find(({ id }) => id === 'claude-sonnet-4-5'),
      { type: 'model', display_name: /Claude/, created_at: /^\d{4}-\d\d-\d\dT/ }
    )
    t.equal(list.first_id, list.data[0]?.id)
    t.equal(list.last_id, list.data.at(-1)?.id)
  }
})

t.test('the list of models is in the shape of OpenAI for all others', async t => {
  const reply = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${KEY}` } })
  t.match(await reply.json(), { object: 'list', data: [{ object: 'model' }] })
})

t.test('Codex: a WebSocket is refused in the one way after which it asks by HTTP at once', async t => {
  const headers = { authorization: `Bearer ${KEY}`, 'openai-beta': 'responses_websockets=2026-02-06' }
  const socket = new WebSocket(`ws://127.0.0.1:${sluice.port}/v1/responses`, { headers })
  const status = await new Promise(resolve => {
    socket.on('unexpected-response', (request, response) => {
      resolve(response.statusCode)
      request.destroy()
    })
    socket.on('open', () => resolve('open'))
    socket.on('error', () => undefined)
  })
  t.equal(status, 426)
  const elsewhere = new WebSocket(`ws://127.0.0.1:${sluice.port}/v1/nothing`, { headers })
  elsewhere.on('error', () => undefined)
  const other = await new Promise(resolve => {
    elsewhere.on('unexpected-response', (request, response) => {
      resolve(response.statusCode)
      request.destroy()
    })
  })
  t.equal(other, 404)
})

/** Codex says `session_id`: uWebSockets.js takes no underscore in the name of a header (core/RATIONALE.md), a listener of Node's does. */
const forCodex = `http://127.0.0.1:${sluice.ports[1]}`

t.test('Codex: a turn with its headers, its tools and its sealed reasoning, on any provider', async t => {
  const turn = (model: string, input: unknown[]) => ({
    model,
    instructions: 'You are Codex.',
    input,
    tools: [
      { type: 'function', name: 'shell', strict: false, parameters: { type: 'object', properties: { command: {} } } },
      { type: 'custom', name: 'apply_patch', description: 'edits', format: { type: 'text' } }
    ],
    tool_choice: 'auto',
    parallel_tool_calls: false,
    reasoning: { effort: 'medium', summary: 'auto' },
    store: false,
    stream: true,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: 'abc'
  })
  const question = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'call shell' }] }
  for (const model of ['gpt-5', 'claude-sonnet-4-5', 'gemini-2.5-pro', 'llama3.2']) {
    const ask = async (input: unknown[]) => {
      const reply = await fetch(`${forCodex}/v1/responses`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${KEY}`,
          'content-type': 'application/json',
          accept: 'text/event-stream',
          originator: 'codex_cli_rs',
          session_id: 's1'
        },
        body: JSON.stringify(turn(model, input))
      })
      t.match(reply.headers.get('content-type'), /^text\/event-stream/)
      const events = (await reply.text()).split('\n').filter(line => line.startsWith('data: {'))
      const items = []
      for (const line of events) {
        const event = JSON.parse(line.slice('data: '.length))
        if (event.type === 'response.output_item.done') items.push(event.item)
      }
      t.match(JSON.parse(events.at(-1)?.slice('data: '.length) ?? ''), { type: 'response.completed' }, model)
      return items
    }
    const items = await ask([question])
    t.equal(sentHeader(mock, 'session_id'), model === 'gpt-5' ? 's1' : undefined)
    const call = items.find(item => item.type === 'function_call')
    t.equal(call?.name, 'shell', model)
    const output = { type: 'function_call_output', call_id: call?.call_id, output: 'done' }
    const after = await ask([question, ...items, output])
    t.match(after.at(-1), { type: 'message', content: [{ type: 'output_text', text: /done/ }] }, model)
  }
})

t.test('keys are taken wherever clients put them, and go no further', async t => {
  const openai = new OpenAI({ apiKey: KEY, baseURL: `${url}/v1`, maxRetries: 0 })
  const azure = new AzureOpenAI({ apiKey: KEY, endpoint: url, apiVersion: '2024-10-21', maxRetries: 0 })
  const anthropic = new Anthropic({ apiKey: KEY, baseURL: url, maxRetries: 0 })
  const bearer = new Anthropic({ authToken: KEY, apiKey: null, baseURL: url, maxRetries: 0 })
  const google = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: url } })
  const messages = [{ role: 'user' as const, content: 'Hello' }]
  await openai.chat.completions.create({ model: 'gpt-5', messages })
  await azure.chat.completions.create({ model: 'gpt-5', messages })
  await anthropic.messages.create({ model: 'claude-sonnet-4-5', max_tokens: 9, messages })
  await bearer.messages.create({ model: 'claude-sonnet-4-5', max_tokens: 9, messages })
  await google.models.generateContent({ model: 'gemini-2.5-pro', contents: 'Hello' })
  const inQuery = `${url}/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse&key=${KEY}`
  const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hello' }] }] })
  t.equal((await fetch(inQuery, { method: 'POST', body })).status, 200)
  for (const { headers, target } of mock.requests()) t.notMatch(JSON.stringify([headers, target]), KEY)
})

t.test('who is refused by a policy is told so in the dialect of the caller', async t => {
  const messages = [{ role: 'user' as const, content: 'Hello' }]
  const openai = new OpenAI({ apiKey: 'wrong', baseURL: `${url}/v1`, maxRetries: 0 })
  const refused = await failureOf(openai.chat.completions.create({ model: 'gpt-5', messages }))
  t.type(refused, AuthenticationError)
  t.match(refused, { error: { message: String, type: String } })
  const anthropic = new Anthropic({ apiKey: 'wrong', baseURL: url, maxRetries: 0 })
  const theirs = await failureOf(anthropic.messages.create({ model: 'claude-sonnet-4-5', max_tokens: 9, messages }))
  t.type(theirs, Anthropic.AuthenticationError)
  t.match(theirs, { error: { type: 'error', error: { type: 'authentication_error' } } })
  const google = new GoogleGenAI({ apiKey: 'wrong', httpOptions: { baseUrl: url } })
  const third = await failureOf(google.models.generateContent({ model: 'gemini-2.5-pro', contents: 'Hello' }))
  t.match(JSON.parse(third.message), { error: { code: 401, status: 'UNAUTHENTICATED' } })
  const reply = await fetch(`${url}/api/chat`, {
    method: 'POST',
    body: JSON.stringify({ model: 'llama3.2', messages })
  })
  t.match(await reply.json(), { error: String })
  t.equal(reply.status, 401)
})

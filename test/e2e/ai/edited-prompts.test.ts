import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import t, { type Test } from 'tap'
import type { Mock } from '../../../core/cli/mock/server.js'
import { mockProvider } from '../../support/mock.js'
import { startSluice } from '../../support/sluice.js'

/** What only one dialect has a word for must survive a policy's change of the prompt, where the provider speaks that dialect. */

async function started(t: Test, provider: string, policy: { plugin: string; settings: object }) {
  const mock = await mockProvider(t)
  const baseUrl = provider === 'openai' ? `${mock.url}/v1` : mock.url
  const sluice = await startSluice(t, {
    upstreams: {},
    ai: { providers: { main: { provider, baseUrl, keys: ['secret'] } } },
    routes: [{ name: 'ai', match: { path: '/*' }, ai: {}, policies: [policy] }]
  })
  return { mock, url: `http://127.0.0.1:${sluice.port}` }
}

function sent(mock: Mock): Record<string, unknown> {
  return JSON.parse(mock.requests()[0]?.body.toString() ?? '')
}

const decorate = { plugin: 'ai-prompt-decorate', settings: { maxTokens: 50 } }
const guard = (deny: readonly string[]) => ({ plugin: 'ai-tool-guard', settings: { deny } })

const SEARCH = { type: 'web_search_20250305' as const, name: 'web_search' as const, max_uses: 3 }
const TIME = { name: 'get_time', input_schema: { type: 'object' as const }, defer_loading: true }

function askAnthropic(url: string): Promise<unknown> {
  const anthropic = new Anthropic({ apiKey: 'client', baseURL: url, maxRetries: 0 })
  return anthropic.messages.create({
    model: 'main/claude-sonnet-4-5',
    max_tokens: 99,
    tools: [SEARCH, TIME],
    messages: [
      {
        role: 'user',
        content: [{ type: 'text', text: 'Read it.', cache_control: { type: 'ephemeral' } }]
      },
      {
        role: 'assistant',
        content: [
          { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
          { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
          { type: 'text', text: 'Done.' }
        ]
      },
      { role: 'user', content: 'Go on.' }
    ]
  })
}

t.test(
  'Anthropic: tools the provider runs, members and blocks only it knows stay in a prompt a policy changed',
  async t => {
    const { mock, url } = await started(t, 'anthropic', decorate)
    await askAnthropic(url)
    const body = sent(mock)
    t.equal(body.max_tokens, 50)
    t.match(body.tools, [SEARCH, TIME])
    t.match(body.messages, [
      { content: [{ cache_control: { type: 'ephemeral' } }] },
      { content: [{ type: 'server_tool_use' }, { type: 'web_search_tool_result' }, { type: 'text' }] }
    ])
    t.strictSame(Object.keys(body).sort(), ['max_tokens', 'messages', 'model', 'tools'])
  }
)

t.test('Anthropic: a tool the provider runs is taken out by the name the model has for it', async t => {
  const { mock, url } = await started(t, 'anthropic', guard(['web_search']))
  await askAnthropic(url)
  const body = sent(mock)
  t.match(body.tools, [TIME])
  t.equal(Array.isArray(body.tools) && body.tools.length, 1)
  t.strictSame(Object.keys(body).sort(), ['max_tokens', 'messages', 'model', 'tools'])
})

const MCP = {
  type: 'mcp' as const,
  server_label: 'docs',
  server_url: 'https://mcp.example/',
  require_approval: 'never' as const
}
const WEATHER = { type: 'function' as const, name: 'get_weather', parameters: { type: 'object' }, strict: false }

function askResponses(url: string): Promise<unknown> {
  const openai = new OpenAI({ apiKey: 'client', baseURL: `${url}/v1`, maxRetries: 0 })
  return openai.responses.create({
    model: 'gpt-5',
    input: 'Hello',
    max_output_tokens: 99,
    tools: [{ type: 'web_search' }, MCP, WEATHER]
  })
}

t.test('Responses: tools the provider runs stay in a prompt a policy changed', async t => {
  const { mock, url } = await started(t, 'openai', decorate)
  await askResponses(url)
  const body = sent(mock)
  t.equal(body.max_output_tokens, 50)
  t.strictSame(
    new Set(Array.isArray(body.tools) ? body.tools.map(({ type }) => type) : []),
    new Set(['web_search', 'mcp', 'function'])
  )
  t.notOk(Object.keys(body).some(name => name.includes('[') || name.includes(':')))
})

t.test('Responses: a tool the provider runs is taken out by its type', async t => {
  const { mock, url } = await started(t, 'openai', guard(['mcp', 'web_*']))
  await askResponses(url)
  const body = sent(mock)
  t.match(body.tools, [{ type: 'function', name: 'get_weather' }])
  t.equal(Array.isArray(body.tools) && body.tools.length, 1)
})

t.test('Responses: a tool of a namespace is taken out, though the dialect has a shape of its own for it', async t => {
  const { mock, url } = await started(t, 'openai', guard(['*delete_all']))
  const tools = [
    { type: 'function', name: 'delete_all', parameters: { type: 'object' } },
    { type: 'function', name: 'count', parameters: { type: 'object' } }
  ]
  const response = await fetch(`${url}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-5', input: 'Hello', tools: [{ type: 'namespace', name: 'files', tools }] })
  })
  t.equal(response.status, 200)
  const text = JSON.stringify(sent(mock).tools)
  t.match(text, /count/)
  t.notMatch(text, /delete_all/)
})

t.test('Gemini: a search the provider runs is taken out by its name, functions stay', async t => {
  const { mock, url } = await started(t, 'gemini', guard(['googleSearch']))
  const response = await fetch(`${url}/v1beta/models/gemini-2.5-flash:generateContent`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
      tools: [{ googleSearch: {} }, { urlContext: {} }, { functionDeclarations: [{ name: 'get_time' }] }]
    })
  })
  t.equal(response.status, 200)
  const text = JSON.stringify(sent(mock).tools)
  t.match(text, /get_time/)
  t.match(text, /urlContext/)
  t.notMatch(text, /googleSearch/)
})

t.test('Responses: what a provider keeps, and what is not said, stays so in a prompt a policy changed', async t => {
  const settings = { maxTokens: 50, prepend: [{ role: 'system', content: 'Be brief.' }] }
  const { mock, url } = await started(t, 'openai', { plugin: 'ai-prompt-decorate', settings })
  const ask = async (members: object) => {
    await fetch(`${url}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-5', input: 'Hello', max_output_tokens: 99, ...members })
    })
    const body: Record<string, unknown> = JSON.parse(mock.requests().at(-1)?.body.toString() ?? '')
    return { ...body, names: Object.keys(body).sort() }
  }
  const usual = ['input', 'instructions', 'max_output_tokens', 'model']
  for (const members of [
    { conversation: 'conv_1' },
    { background: true, store: true },
    { previous_response_id: 'resp_elsewhere' },
    { prompt: { id: 'pmpt_1' } },
    { safety_identifier: 'x', include: ['reasoning.encrypted_content'] },
    { store: false }
  ]) {
    const { names, ...body } = await ask(members)
    t.match(body, { ...members, max_output_tokens: 50, instructions: 'Be brief.' })
    t.strictSame(names, [...usual, ...Object.keys(members)].sort())
  }
  const said = (text: string) => ({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] })
  const input = [
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'One' }] },
    { type: 'item_reference', id: 'msg_1' },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Two' }] },
    said('First.'),
    { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } },
    said('Second.'),
    { type: 'compaction', id: 'cmp_1', encrypted_content: 'x' }
  ]
  t.match(await ask({ input }), { input })
})

t.test('Responses: reasoning keeps its content and its summary in a prompt a policy changed', async t => {
  const { mock, url } = await started(t, 'openai', decorate)
  const summary = [
    { type: 'summary_text', text: 'Sums' },
    { type: 'summary_text', text: 'up.' }
  ]
  const content = [{ type: 'reasoning_text', text: 'Thinks.' }]
  const items = [
    { type: 'reasoning', id: 'rs_1', summary, content, encrypted_content: 'gAAAA' },
    { type: 'reasoning', id: 'rs_2', summary: [], content },
    { type: 'reasoning', id: 'rs_3', summary, encrypted_content: 'gAAAA' }
  ]
  const input = [{ role: 'user', content: 'Hi' }, ...items, { role: 'assistant', content: 'Yes?' }]
  await fetch(`${url}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'main/gpt-5', input: [...input, { role: 'user', content: 'Go on.' }] })
  })
  const body = sent(mock) // what is sealed in it the mock did not seal, and refuses
  t.equal(body.max_output_tokens, 50)
  const written = body.input as { type: string }[]
  t.strictSame(
    written.filter(({ type }) => type === 'reasoning'),
    items
  )
})

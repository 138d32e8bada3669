import t from 'tap'
import { mockProvider } from '../../support/mock.js'
import { startSluice } from '../../support/sluice.js'

t.setTimeout(60_000)

/** What a policy masks is masked on the wire, also where the dialect has no place for it in a chat. */
const MAIL = 'jane.doe@corp-mail.com'
const ask = { role: 'user', content: 'Go on.' }
const fine = { type: 'summary_text', text: 'fine' }
const run = { status: 'completed', id: 'k1' }

const ITEMS: Readonly<Record<string, (text: string) => object>> = {
  'arguments of an MCP call': text => ({
    type: 'mcp_call',
    id: 'm1',
    name: 'f',
    server_label: 's',
    arguments: JSON.stringify({ a: text }),
    output: 'ok'
  }),
  'queries of a search': text => ({ type: 'file_search_call', ...run, queries: [text], results: [{ text: 'fine' }] }),
  'code that was run': text => ({ type: 'code_interpreter_call', ...run, code: text, container_id: 'c', outputs: [] }),
  'a search of the web': query => ({ type: 'web_search_call', id: 'w1', action: { type: 'search', query } }),
  'why a call is allowed': reason => ({
    type: 'mcp_approval_response',
    approval_request_id: 'a',
    approve: true,
    reason
  }),
  'tools of a server': description => ({
    type: 'mcp_list_tools',
    id: 'l1',
    server_label: 's',
    tools: [{ name: 'f', description, input_schema: {} }]
  }),
  'the prompt of a picture': text => ({ type: 'image_generation_call', id: 'i', result: 'AAAA', revised_prompt: text })
}

const mock = await mockProvider(t)
const sluice = await startSluice(t, {
  upstreams: {},
  ai: {
    providers: {
      main: { provider: 'openai', baseUrl: `${mock.url}/v1`, keys: ['secret'] },
      claude: { provider: 'anthropic', baseUrl: `${mock.url}/v1`, keys: ['secret'] }
    }
  },
  routes: [
    { name: 'mask', match: { path: '/mask/*' }, stripPrefix: '/mask', ai: {}, policies: [pii('redact')] },
    { name: 'deny', match: { path: '/deny/*' }, stripPrefix: '/deny', ai: {}, policies: [pii('deny')] }
  ]
})

function pii(mode: string) {
  return { plugin: 'ai-pii', settings: { mode } }
}

async function post(path: string, body: object) {
  const before = mock.requests().length
  const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' }
  const init = { method: 'POST', headers, body: JSON.stringify(body) }
  const reply = await fetch(`http://127.0.0.1:${sluice.port}${path}`, init)
  const text = await reply.text()
  return { status: reply.status, text, sent: mock.requests()[before]?.body.toString() }
}

for (const [name, item] of Object.entries(ITEMS)) {
  t.test(`Responses: ${name}: what a policy masks does not go out, and all else is as it came`, async t => {
    const { status, sent = '' } = await post('/mask/v1/responses', {
      model: 'main/gpt-5',
      input: [ask, item(`write to ${MAIL} now`), ask]
    })
    t.equal(status, 200)
    t.notMatch(sent, MAIL)
    const went: unknown = JSON.parse(sent).input[1]
    const masked = /write to (\S+) now/.exec(sent)?.[1] ?? ''
    t.strictSame(went, item(`write to ${masked} now`))
  })
}

t.test(
  'Responses: what a policy masks of a tool that the provider runs, and of reasoning, does not go out',
  async t => {
    const tool = { type: 'mcp', server_label: 's', server_url: 'https://m.example', server_description: `of ${MAIL}` }
    const reasoning = {
      type: 'reasoning',
      summary: [{ ...fine, text: MAIL }],
      content: [{ type: 'reasoning_text', text: 'x' }]
    }
    const { status, sent = '' } = await post('/mask/v1/responses', {
      model: 'main/gpt-5',
      input: [ask, reasoning, ask],
      tools: [tool]
    })
    t.equal(status, 200)
    t.notMatch(sent, MAIL)
    t.match(JSON.parse(sent).tools, [{ type: 'mcp', server_url: 'https://m.example', server_description: /^of / }])
  }
)

t.test('what may not go to a provider to be answered does not go there to be counted', async t => {
  const messages = [{ role: 'user', content: `write to ${MAIL}` }]
  const masked = await post('/mask/v1/messages/count_tokens', { model: 'claude/claude-sonnet-4-5', messages })
  t.match(JSON.parse(masked.text), { input_tokens: Number })
  t.notMatch(masked.sent ?? '', MAIL)
  t.match(masked.sent, /write to /)
  const denied = await post('/deny/v1/messages/count_tokens', { model: 'claude/claude-sonnet-4-5', messages })
  t.match(denied, { status: 422, sent: undefined })
  const counted = await post('/mask/v1/responses/input_tokens', { model: 'main/gpt-5', input: MAIL })
  t.match(JSON.parse(counted.text), { input_tokens: Number })
  t.equal(counted.sent, undefined)
})

import t from 'tap'
import { mockProvider } from '../../support/mock.js'
import { startSluice } from '../../support/sluice.js'

/** What tools answered is seen by policies, whichever item or block it came in, and goes on as it came. */
const BAD = 'it is SECRETWORD here'
const ask = { role: 'user', content: 'Go on.' }
const shown = { type: 'computer_screenshot', image_url: 'data:image/png;base64,AAAA' }

type Items = readonly object[]
const RESPONSES: Readonly<Record<string, (text: string) => Items>> = {
  local_shell: output => [
    {
      type: 'local_shell_call',
      id: 'l1',
      call_id: 'c1',
      status: 'completed',
      action: { type: 'exec', command: ['ls'] }
    },
    { type: 'local_shell_call_output', id: 'c1', output }
  ],
  shell: stdout => [
    { type: 'shell_call', call_id: 'c1', action: { commands: ['ls'] } },
    {
      type: 'shell_call_output',
      call_id: 'c1',
      output: [{ stdout, stderr: '', outcome: { type: 'exit', exit_code: 0 } }]
    }
  ],
  apply_patch: output => [{ type: 'apply_patch_call_output', call_id: 'c1', status: 'completed', output }],
  mcp: output => [{ type: 'mcp_call', id: 'm1', name: 'f', server_label: 's', arguments: '{}', output }],
  code_interpreter: logs => [
    {
      type: 'code_interpreter_call',
      id: 'k1',
      code: 'x',
      container_id: 'c',
      status: 'completed',
      outputs: [{ type: 'logs', logs }]
    }
  ],
  file_search: text => [
    { type: 'file_search_call', id: 'k1', queries: ['q'], status: 'completed', results: [{ text }] }
  ]
}

const ROUTES = {
  deny: {
    plugin: 'ai-prompt-guard',
    settings: { deny: ['SECRETWORD'], score: false, roles: ['user', 'tool', 'assistant'] }
  },
  one: { plugin: 'ai-prompt-guard', settings: { limits: { images: 1 }, score: false } },
  cut: { plugin: 'ai-tool-guard', settings: { results: { maxCharacters: 5 } } },
  change: { plugin: 'ai-prompt-decorate', settings: { maxTokens: 50 } }
}

const mock = await mockProvider(t)
const sluice = await startSluice(t, {
  upstreams: {},
  ai: { providers: { main: { provider: 'openai', baseUrl: `${mock.url}/v1`, keys: ['secret'] } } },
  routes: Object.entries(ROUTES).map(([name, policy]) => {
    return { name, match: { path: `/${name}/*` }, stripPrefix: `/${name}`, ai: {}, policies: [policy] }
  })
})

async function send(route: keyof typeof ROUTES, input: Items) {
  const before = mock.requests().length
  const reply = await fetch(`http://127.0.0.1:${sluice.port}/${route}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-5', input: [ask, ...input, ask] })
  })
  const text = await reply.text()
  const body = mock.requests()[before]?.body.toString()
  return { status: reply.status, text, sent: body === undefined ? undefined : JSON.parse(body).input.slice(1, -1) }
}

for (const [name, items] of Object.entries(RESPONSES)) {
  t.test(`Responses, ${name}: a policy sees it, and leaves it as it came when it changes other things`, async t => {
    t.match(await send('deny', items(BAD)), { status: 422, sent: undefined })
    t.strictSame((await send('deny', items('fine'))).sent, items('fine'))
    t.strictSame((await send('change', items('fine'))).sent, items('fine'))
  })
}

t.test('Responses: a long result of a shell is cut in its item, screenshots count as pictures', async t => {
  const long = RESPONSES.shell?.('0123456789') ?? []
  const { sent } = await send('cut', long)
  t.match(sent, [
    long[0],
    { type: 'shell_call_output', output: [{ stdout: /^01234(?!56)/, outcome: { exit_code: 0 } }] }
  ])
  const screens = ['c1', 'c2'].map(call_id => ({ type: 'computer_call_output', call_id, output: shown }))
  t.equal((await send('one', screens)).status, 422)
  t.strictSame((await send('one', screens.slice(1))).sent, screens.slice(1))
  t.strictSame((await send('change', screens)).sent, screens)
})

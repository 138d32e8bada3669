import t from 'tap'
import { providerTools, withoutProviderTools } from '../../core/ai/provider-tools.js'

const ANTHROPIC = {
  model: 'm',
  tools: [{ type: 'bash_20250124', name: 'bash' }, { name: 'get_time' }, { type: 'custom', name: 'x' }],
  mcp_servers: [{ type: 'url', url: 'https://mcp.example/', name: 'docs' }]
}
const RESPONSES = { tools: [{ type: 'mcp' }, { type: 'function', name: 'f' }, { type: 'web_search' }, 'odd'] }
const GEMINI = { tools: [{ googleSearch: {}, functionDeclarations: [] }, { codeExecution: {} }] }
const names = (request: Record<string, unknown>) => providerTools(request).map(({ name }) => name)

t.test('tools of providers have the name the model knows, or that of their type', async t => {
  t.strictSame(names(ANTHROPIC), ['bash', 'mcp'])
  t.strictSame(names(RESPONSES), ['mcp', 'web_search'])
  t.strictSame(names(GEMINI), ['googleSearch', 'codeExecution'])
  t.strictSame(names({ tools: 'none' }), [])
  t.strictSame(names({}), [])
})

t.test('they are taken out by these names, and nothing else is', async t => {
  t.strictSame(withoutProviderTools(ANTHROPIC, new Set(['mcp', 'get_time'])), { model: 'm', tools: ANTHROPIC.tools })
  t.strictSame(withoutProviderTools(ANTHROPIC, new Set(['bash'])).tools, ANTHROPIC.tools.slice(1))
  t.strictSame(withoutProviderTools(RESPONSES, new Set(['mcp'])).tools, RESPONSES.tools.slice(1))
  t.strictSame(withoutProviderTools(GEMINI, new Set(['googleSearch', 'codeExecution'])).tools, [
    { functionDeclarations: [] }
  ])
  t.equal(withoutProviderTools(RESPONSES, new Set(['f'])), RESPONSES)
})

const CONVERSE = {
  toolConfig: { tools: [{ toolSpec: { name: 'f' } }, { systemTool: { name: 'nova_grounding' } }, { cachePoint: {} }] },
  additionalModelRequestFields: { top_k: 1, tools: [{ type: 'bash_20250124', name: 'bash' }], mcp_servers: [{}] }
}

t.test('Bedrock has tools of its models, and what it hands on to them has others', async t => {
  t.strictSame(names(CONVERSE), ['nova_grounding', 'bash', 'mcp'])
  t.strictSame(withoutProviderTools(CONVERSE, new Set(['nova_grounding', 'bash', 'mcp'])), {
    toolConfig: { tools: [{ toolSpec: { name: 'f' } }, { cachePoint: {} }] },
    additionalModelRequestFields: { top_k: 1, tools: [] }
  })
  t.equal(withoutProviderTools(CONVERSE, new Set(['f'])), CONVERSE)
})

const func = (name: string) => ({
  type: 'function',
  name,
  description: `Does ${name}.`,
  parameters: { type: 'object' }
})
const space = { type: 'namespace', name: 'crm', tools: [func('get'), { type: 'custom', name: 'put' }] }
const ITEMS = [
  'odd',
  { type: 'message', role: 'user', content: 'Hi' },
  { type: 'tool_search_output', call_id: 'c1', tools: [func('late'), space] },
  { type: 'additional_tools', role: 'developer', tools: [func('more'), func('known'), { type: 'mcp' }] },
  { type: 'mcp_list_tools', server_label: 's', tools: [{ name: 'x' }] }
]
const LOADED = { model: 'm', input: ITEMS, tools: [func('known'), { type: 'tool_search' }] }

t.test('tools that come with the items of a conversation are offered too', async t => {
  t.strictSame(names(LOADED), ['tool_search', 'late', 'crm__get', 'crm__put', 'more', 'mcp'])
  t.match(providerTools(LOADED)[1], { type: 'function', description: 'Does late.', parameters: { type: 'object' } })
  t.strictSame(withoutProviderTools(LOADED, new Set(['late', 'crm__put', 'mcp'])), {
    ...LOADED,
    input: [
      ...ITEMS.slice(0, 2),
      { type: 'tool_search_output', call_id: 'c1', tools: [{ ...space, tools: [func('get')] }] },
      { type: 'additional_tools', role: 'developer', tools: [func('more'), func('known')] }
    ]
  })
  const all = new Set(['late', 'crm__get', 'crm__put', 'more', 'known', 'mcp'])
  t.strictSame(withoutProviderTools(LOADED, all).input, [
    ...ITEMS.slice(0, 2),
    { type: 'tool_search_output', call_id: 'c1', tools: [] }
  ])
})

t.test('a search that a parameter asks for is a tool like others', async t => {
  const plain = { model: 'm', messages: [] }
  const others = [{ id: 'file-parser' }]
  for (const [asking, left] of [
    [{ web_search_options: {} }, {}],
    [{ search_parameters: { mode: 'auto' } }, {}],
    [{ search_parameters: {} }, {}],
    [{ plugins: [{ id: 'web', max_results: 3 }] }, {}],
    [{ plugins: [...others, { id: 'web' }] }, { plugins: others }],
    [{ enable_search: true, search_parameters: { mode: 'on' } }, {}]
  ] as const) {
    const request = { ...plain, ...asking }
    t.strictSame(names(request), ['web_search'], JSON.stringify(asking))
    t.strictSame(withoutProviderTools(request, new Set(['web_search'])), { ...plain, ...left })
  }
  for (const none of [
    { search_parameters: { mode: 'off' } },
    { plugins: others },
    { plugins: [{ id: 'web', enabled: false }] },
    { enable_search: false },
    { web_search_options: null }
  ])
    t.strictSame(names({ ...plain, ...none }), [], JSON.stringify(none))
})

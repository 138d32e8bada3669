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

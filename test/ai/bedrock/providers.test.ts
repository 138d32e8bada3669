import { Buffer } from 'node:buffer'
import t from 'tap'
import type { ChatRequest } from '../../../core/ai/chat.js'
import { anthropic as dialect } from '../../../core/ai/dialects/anthropic/index.js'
import { converse } from '../../../core/ai/dialects/converse/index.js'
import { awsInvoke } from '../../../core/ai/frames/aws-invoke.js'
import { anthropic } from '../../../core/ai/providers/anthropic.js'
import { bedrock } from '../../../core/ai/providers/bedrock.js'
import { claudeOnBedrock, claudeOnVertex } from '../../../core/ai/providers/claude-elsewhere.js'
import type { AuthTools, ProviderCall } from '../../../core/ai/providers/provider.js'
import { vertex } from '../../../core/ai/providers/vertex.js'

const CALL: ProviderCall = {
  operation: 'chat',
  dialect,
  model: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  stream: false,
  path: '',
  query: '',
  headers: [],
  account: { baseUrl: '', region: '', options: {} }
}
const TOOLS: AuthTools = { now: () => 0, postForm: async () => ({}), kept: new Map() }
const REQUEST = {
  method: 'POST',
  url: new URL('https://bedrock-runtime.eu-central-1.amazonaws.com/model/m/converse'),
  headers: ['content-type', 'application/json', 'user-agent', 'x'],
  body: Buffer.from('{}')
}
const CODE = {
  betas: 'claude-code-20250219,advanced-tool-use-2025-11-20, files-api-2025-04-14,interleaved-thinking-2025-05-14',
  body: {
    model: 'claude-sonnet-4-5',
    system: [
      { type: 'text', text: 'x-anthropic-billing-header: cc_version=2; cch=1;' },
      { type: 'text', text: 'Be kind.' }
    ]
  }
}

t.test("anthropic: the client's version, betas and query go on untouched", async t => {
  const headers = ['anthropic-version', '2099-01-01', 'anthropic-beta', 'a,b', 'anthropic-beta', 'c']
  t.match(anthropic.address({ ...CALL, query: 'beta=true', headers }), {
    method: 'POST',
    path: '/messages?beta=true',
    headers: ['anthropic-version', '2099-01-01', 'anthropic-beta', 'a,b, c']
  })
  t.match(anthropic.address({ ...CALL, operation: 'count-tokens' }), {
    path: '/messages/count_tokens',
    headers: ['anthropic-version', '2023-06-01']
  })
  t.match(anthropic.address({ ...CALL, operation: 'models', query: 'limit=5' }), {
    method: 'GET',
    path: '/models?limit=5'
  })
})

t.test('anthropic: API keys and OAuth tokens prove who calls in their own headers', async t => {
  const secret = (text: string, headers: string[] = []) =>
    anthropic.authorize({ ...REQUEST, headers }, { secret: text, parts: {} }, CALL.account, TOOLS)
  t.strictSame(secret('sk-ant-api03-x'), ['x-api-key', 'sk-ant-api03-x'])
  t.strictSame(secret('sk-ant-oat01-x'), [
    'authorization',
    'Bearer sk-ant-oat01-x',
    'anthropic-beta',
    'oauth-2025-04-20'
  ])
  t.strictSame(secret('sk-ant-oat01-x', ['anthropic-beta', 'oauth-2025-04-20']), [
    'authorization',
    'Bearer sk-ant-oat01-x'
  ])
  t.throws(() => anthropic.authorize(REQUEST, undefined, CALL.account, TOOLS), { code: 'GW_AI_CREDENTIAL' })
})

t.test("bedrock: Claude is invoked in Anthropic's dialect with what Bedrock knows of it", async t => {
  const address = bedrock.address({ ...CALL, stream: true, headers: ['anthropic-beta', CODE.betas], body: CODE.body })
  t.equal(address.path, '/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke-with-response-stream')
  t.equal(address.framing, awsInvoke)
  t.strictSame(address.edits?.set, {
    anthropic_version: 'bedrock-2023-05-31',
    system: [{ type: 'text', text: 'Be kind.' }],
    anthropic_beta: ['claude-code-20250219', 'tool-search-tool-2025-10-19', 'interleaved-thinking-2025-05-14']
  })
  t.ok(['model', 'stream', 'betas'].every(name => address.edits?.remove?.includes(name)))
  t.equal(bedrock.address(CALL).framing, undefined)
  t.match(bedrock.address(CALL).path, /\/invoke$/)
})

t.test('bedrock: other calls have their paths, with ARNs in one segment', async t => {
  const arn = 'arn:aws:bedrock:us-east-1:1:application-inference-profile/x'
  t.equal(
    bedrock.address({ ...CALL, dialect: converse, model: arn, stream: true }).path,
    '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fx/converse-stream'
  )
  t.equal(
    bedrock.address({ ...CALL, dialect: converse, operation: 'embeddings', model: 'amazon.titan-embed-text-v2:0' })
      .path,
    '/model/amazon.titan-embed-text-v2%3A0/invoke'
  )
  t.strictSame(bedrock.dialects('chat', CALL.model), ['converse', 'anthropic'])
  t.strictSame(bedrock.dialects('chat', 'amazon.nova-pro-v1:0'), ['converse'])
  t.strictSame(bedrock.dialects('speech', CALL.model), [])
  const body: Record<string, unknown> = { messages: [], system: [], inferenceConfig: {} }
  bedrock.finish?.(body, { ...CALL, operation: 'count-tokens' })
  t.strictSame(body, { input: { converse: { messages: [], system: [] } } })
})

t.test('bedrock: keys sign for the region that is set or that the host names, an API key is a bearer', async t => {
  const sign = (parts: Record<string, string>, region = '', url = REQUEST.url) =>
    bedrock.authorize({ ...REQUEST, url }, { secret: 's', parts }, { ...CALL.account, region }, TOOLS)
  t.strictSame(await sign({}), ['authorization', 'Bearer s'])
  t.match(
    (await sign({ accessKeyId: 'A' })).at(-1),
    /A\/19700101\/eu-central-1\/bedrock\/aws4_request, SignedHeaders=content-type;host;x-amz-date,/
  )
  t.match((await sign({ accessKeyId: 'A' }, 'us-west-2')).at(-1), /us-west-2\/bedrock/)
  t.throws(() => sign({ accessKeyId: 'A' }, '', new URL('http://proxy.example/')), { code: 'GW_AI_CREDENTIAL' })
})

t.test('vertex: beta flags stay a header, and to count tokens the model stays', async t => {
  const call = claudeOnVertex({ ...CALL, stream: true, headers: ['anthropic-beta', CODE.betas], body: CODE.body })
  t.match(call, {
    suffix: ':streamRawPredict',
    headers: ['anthropic-beta', 'claude-code-20250219,tool-search-tool-2025-10-19,interleaved-thinking-2025-05-14'],
    edits: { set: { anthropic_version: 'vertex-2023-10-16', system: [{ text: 'Be kind.' }] } }
  })
  t.ok(call.edits.remove?.includes('model'))
  t.notOk(claudeOnVertex({ ...CALL, operation: 'count-tokens' }).edits.remove?.includes('model'))
})

t.test('what of a request for Claude is not known there is said', async t => {
  const body = {
    messages: [],
    mcp_servers: [{}],
    service_tier: 'auto',
    container: null,
    betas: ['files-api-2025-04-14']
  }
  const asked = { ...CALL, headers: ['anthropic-beta', 'skills-2025-10-02,interleaved-thinking-2025-05-14'], body }
  for (const { dropped } of [claudeOnVertex(asked), claudeOnBedrock(asked)]) {
    const flags = ['anthropic-beta: skills-2025-10-02', 'anthropic-beta: files-api-2025-04-14']
    t.strictSame(dropped, ['mcp_servers', 'service_tier', ...flags])
  }
  const names: string[] = []
  const hints = { model: '', stream: undefined, headers: [], sameDialect: true }
  const chat = dialect.chat.readRequest({ model: 'claude', max_tokens: 1, ...body, messages: [] }, hints)
  vertex.adapt?.(chat, { drop: name => names.push(name) })
  t.strictSame(names, ['mcp_servers', 'service_tier'], 'also where a policy changed it')
})

t.test('bedrock: embeddings are written for Titan and Cohere, and what they cannot do is refused', async t => {
  const drop = { drop: () => {} }
  const titan = { model: 'amazon.titan-embed-text-v2:0', input: ['a'], dimensions: 256, extra: new Map() }
  t.strictSame(converse.embeddings?.writeRequest(titan, drop), { inputText: 'a', dimensions: 256 })
  t.throws(() => converse.embeddings?.writeRequest({ ...titan, input: ['a', 'b'] }, drop), {
    code: 'GW_AI_UNSUPPORTED'
  })
  const cohere = { model: 'cohere.embed-v4:0', input: ['a', 'b'], task: 'retrieval_query', extra: new Map() }
  t.strictSame(converse.embeddings?.writeRequest(cohere, drop), {
    input_type: 'search_query',
    embedding_types: ['float'],
    texts: ['a', 'b']
  })
  const names: string[] = []
  for (const model of ['cohere.embed-english-v3', 'amazon.titan-embed-text-v1']) {
    const sized = { ...titan, model }
    t.notMatch(converse.embeddings?.writeRequest(sized, { drop: name => names.push(name) }), /256/)
  }
  t.strictSame(names, ['dimensions', 'dimensions'], 'their vectors have one size')
  const extra = (body: object) =>
    Object.fromEntries(
      converse.embeddings?.readRequest({ ...body }, { model: 'm', stream: false, headers: [] }).extra ?? []
    )
  t.strictSame(extra({ texts: ['a'], embedding_types: ['float'] }), {}, 'numbers are what is answered')
  t.strictSame(extra({ inputText: 'a', embeddingTypes: ['binary'] }), { embeddingTypes: ['binary'] })
  t.match(converse.embeddings?.readResponse({ embedding: [1, 2], inputTextTokenCount: 3 }), {
    embeddings: [[1, 2]],
    usage: { input: 3 }
  })
  t.match(converse.embeddings?.readResponse({ embeddings: { float: [[1], [2]] } }), {
    embeddings: [[1], [2]],
    usage: undefined
  })
  t.match(converse.embeddings?.readResponse({ embeddings: [[1], [2]] }), { embeddings: [[1], [2]] })
  t.throws(() => converse.embeddings?.readResponse({}), { code: 'GW_UPSTREAM_BAD_RESPONSE' })
})

t.test('bedrock: what InvokeModel says in headers alone is what it used', async t => {
  const counts = ['x-amzn-bedrock-input-token-count', '7', 'x-amzn-bedrock-output-token-count', '2']
  t.match(bedrock.usageIn?.(counts), { input: 7, output: 2, source: 'provider' })
  t.match(bedrock.usageIn?.(counts.slice(0, 2)), { input: 7, output: 0 })
  const cached = [
    'x-amzn-bedrock-cache-read-input-token-count',
    '3',
    'x-amzn-bedrock-cache-write-input-token-count',
    '1'
  ]
  t.match(bedrock.usageIn?.([...counts, ...cached]), { input: 11, cacheRead: 3, cacheWrite: 1 }, 'as Converse counts')
  t.equal(bedrock.usageIn?.(['x-amzn-requestid', 'a']), undefined)
})

t.test(
  'a stream of InvokeModel is followed whoever it is of: its text for an estimate, its bill in the last chunk',
  async t => {
    const chunk = (members: object) => {
      return {
        event: 'chunk',
        data: JSON.stringify({ bytes: Buffer.from(JSON.stringify(members)).toString('base64') })
      }
    }
    for (const said of [
      { generation: 'Hello', stop_reason: null },
      { outputText: 'Hello', index: 0 },
      { contentBlockDelta: { delta: { text: 'Hello' }, contentBlockIndex: 0 } },
      { choices: [{ delta: { role: 'assistant', content: 'Hello' } }] }
    ]) {
      const watch = converse.streamWatch('invoke')
      t.notOk(watch.begun || watch.ended)
      watch.frame(chunk(said))
      t.equal(watch.text, 'Hello')
      t.equal(watch.usage, undefined)
      const metrics = { inputTokenCount: 7, outputTokenCount: 3, cacheReadInputTokenCount: 2 }
      watch.frame(chunk({ 'amazon-bedrock-invocationMetrics': metrics }))
      t.match(watch.usage, { input: 9, cacheRead: 2, output: 3, source: 'provider' })
      t.ok(watch.begun && watch.ended)
    }
    const failed = converse.streamWatch('invoke')
    failed.frame({ event: ':exception:throttlingException', data: '{"message":"slow down"}' })
    t.match(failed, { begun: false, failure: { kind: 'rate_limit', message: 'slow down' } })
    for (const odd of ['', 'x', '{"bytes":"!"}', '{"bytes":5}']) failed.frame({ event: 'chunk', data: odd })
    t.equal(failed.text, '')
  }
)

t.test('Claude, there and at Anthropic, is told no text of nothing but blanks: it would be refused', async t => {
  const text = (text: string) => ({ type: 'text' as const, text })
  const chat = () => ({
    model: 'anthropic.claude-sonnet-4-5',
    stream: false,
    max_tokens: 9,
    extra: new Map(),
    messages: [
      { role: 'system' as const, content: [text(' ')] },
      { role: 'user' as const, content: [text('\n'), text('Look')] },
      {
        role: 'assistant' as const,
        content: [text('\n\n'), { type: 'tool_call' as const, id: 'a', name: 'look', arguments: '{}' }]
      },
      { role: 'tool' as const, tool_call_id: 'a', content: [text(' \t')] }
    ]
  })
  const there = converse.chat.writeRequest(chat(), { drop: () => {} })
  t.equal(there.system, undefined)
  t.match(there.messages, [
    { content: [{ text: 'Look' }] },
    { content: [{ toolUse: { toolUseId: 'a' } }] },
    { content: [{ toolResult: { content: [{ text: '(no output)' }] } }] }
  ])
  const own = dialect.chat.writeRequest(chat(), { drop: () => {} })
  t.notMatch(JSON.stringify(own), /"text":"(?:\\.| )*"/)
  t.match(own.messages, [{ content: [{ text: 'Look' }] }, { content: [{ type: 'tool_use' }] }, {}])
})

/** What Bedrock is sent of a chat, and what is said to be dropped. */
function sent(members: Partial<ChatRequest>) {
  const messages: ChatRequest['messages'] = [{ role: 'user', content: [{ type: 'text', text: 'x' }] }]
  const chat: ChatRequest = {
    model: 'us.amazon.nova-2-lite-v1:0',
    messages,
    stream: false,
    extra: new Map(),
    ...members
  }
  const names = new Set<string>()
  const drop = { drop: (name: string) => names.add(name) }
  bedrock.adapt?.(chat, drop, 'converse')
  return { body: converse.chat.writeRequest(chat, drop), names: [...names] }
}

t.test('bedrock: only models that can be made to call a tool are, others are asked in words', async t => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } }
  const response_format = { type: 'json_schema' as const, name: 'n', schema }
  const tools = [{ name: 'g' }]
  const model = 'meta.llama3-3-70b-instruct-v1:0'
  const asked = sent({ model, response_format })
  t.match(asked, { body: { system: [{ text: /JSON schema[\s\S]*"properties"/ }, {}] }, names: [] })
  t.equal(asked.body.toolConfig, undefined)
  for (const tool_choice of ['required', { name: 'g' }] as const) {
    const { body, names } = sent({ model, tools, tool_choice })
    t.strictSame([Object.keys(body.toolConfig ?? {}), names], [['tools'], ['tool_choice']])
  }
  t.match(sent({ model, tools, tool_choice: 'auto' }).body, { toolConfig: { toolChoice: { auto: {} } } })
  const large = 'mistral.mistral-large-2407-v1:0'
  t.match(sent({ model: large, response_format }).body, { toolConfig: { toolChoice: { any: {} } } })
  const any = { body: { toolConfig: { toolChoice: { any: {} } } } }
  t.match(sent({ model: large, tools, tool_choice: { name: 'g' } }), { ...any, names: ['tool_choice'] })
  const named = { body: { toolConfig: { toolChoice: { tool: { name: 'g' } } } }, names: [] }
  const profile = 'arn:aws:bedrock:us-east-1:1:application-inference-profile/x'
  for (const each of ['amazon.nova-pro-v1:0', CALL.model, profile]) {
    t.match(sent({ model: each, tools, tool_choice: { name: 'g' } }), named, each)
  }
  const llama = 'arn:aws:bedrock:us-east-1::foundation-model/meta.llama3-1-8b-instruct-v1:0'
  t.match(sent({ model: llama, tools, tool_choice: 'required' }).names, ['tool_choice'])
})

t.test('bedrock: Nova that is to think as hard as it can is told no limits and nothing of drawing', async t => {
  const members = { temperature: 0.4, top_p: 0.5, top_k: 5, max_tokens: 9 }
  for (const effort of ['high', 'xhigh', 'max']) {
    const { body, names } = sent({ ...members, defaultMaxTokens: 65_535, reasoning: { effort } })
    t.equal(body.inferenceConfig, undefined, effort)
    t.strictSame(body.additionalModelRequestFields, {
      reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' }
    })
    t.strictSame(names.sort(), Object.keys(members).sort())
  }
  t.match(sent({ ...members, reasoning: { effort: 'low' } }), {
    body: { inferenceConfig: { temperature: 0.4, topP: 0.5, maxTokens: 9 } },
    names: []
  })
})

t.test('bedrock: of metadata goes what Converse takes', async t => {
  const long = 'x'.repeat(257)
  const metadata = { a: 'b c', json: '{"a":1}', umlaut: 'ü', long, '': 'x', [long]: 'x' }
  t.match(sent({ metadata }), { body: { requestMetadata: { a: 'b c' } }, names: ['metadata'] })
  t.strictSame(Object.keys(sent({ metadata }).body.requestMetadata ?? {}), ['a'])
  const many = Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v']))
  t.equal(Object.keys(sent({ metadata: many }).body.requestMetadata ?? {}).length, 16)
  t.strictSame(sent({ metadata: { k: 'ü' } }).body.requestMetadata, undefined)
})

t.test('bedrock: Nova takes four stop sequences, and no marks on tools or for how long', async t => {
  const { body, names } = sent({ stop: ['a', 'b', 'c', 'd', 'e'] })
  t.match([body.inferenceConfig, names], [{ stopSequences: ['a', 'b', 'c', 'd'] }, ['stop']])
  t.strictSame(sent({ tools: [{ name: 'f', cache_control: { type: 'ephemeral' } }] }).names, ['cache_control'])
  const marked = (ttl: '5m' | '1h'): ChatRequest['messages'] => [
    { role: 'user', content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl } }] }
  ]
  t.strictSame(sent({ messages: marked('1h') }).names, ['cache_control.ttl'])
  t.strictSame(sent({ messages: marked('5m') }).names, [])
})

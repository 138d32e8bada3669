import t from 'tap'
import type { ChatRequest, Source } from '../../core/ai/chat.js'
import { customTool } from '../../core/ai/custom-tools.js'
import { dialects } from '../../core/ai/dialects/index.js'
import { openaiChat } from '../../core/ai/dialects/openai-chat/index.js'
import { openaiResponses } from '../../core/ai/dialects/openai-responses/index.js'
import { KEPT_WISHES } from '../../core/ai/dialects/openai-responses/kept.js'
import type { JsonObject } from '../../core/ai/members.js'
import { providers } from '../../core/ai/providers/index.js'
import type { AuthTools, Outgoing, Provider, ProviderCall } from '../../core/ai/providers/provider.js'
import { header } from '../../core/base/headers.js'
import { dropped } from './dialect-parts.js'

function provider(name: string): Provider {
  const found = providers.find(each => each.name === name)
  if (found === undefined) throw new Error(`there is no ${name}`)
  return found
}

function call(members: Partial<ProviderCall> = {}): ProviderCall {
  return {
    operation: 'chat',
    dialect: openaiChat,
    model: 'm',
    stream: false,
    path: '',
    query: '',
    headers: [],
    account: { baseUrl: 'https://ai.example.com', region: '', options: {} },
    ...members
  }
}

const USER = { role: 'user' as const, content: [{ type: 'text' as const, text: 'x' }] }

function chat(members: Partial<ChatRequest> = {}): ChatRequest {
  return { model: 'm', messages: [USER], stream: false, extra: new Map(), ...members }
}

/** What is sent of a chat of another dialect, and what is said to be dropped. */
function sent(name: string, request: ChatRequest): { body: JsonObject; names: string[] } {
  const to = provider(name)
  const names = dropped()
  to.adapt?.(request, names)
  const body = openaiChat.chat.writeRequest(request, names)
  to.finish?.(body, call({ model: request.model }))
  return { body, names: names.names }
}

const THOUGHT = { type: 'thinking' as const, text: 'hm', signature: 's' }
const CALL = { type: 'tool_call' as const, id: 'toolu_01ABC', name: 'f', arguments: '{}' }

const talked = (): ChatRequest['messages'] => [
  USER,
  { role: 'assistant', content: [THOUGHT, { type: 'redacted_thinking', data: 'd' }, CALL] },
  { role: 'tool', tool_call_id: 'toolu_01ABC', content: [{ type: 'text', text: 'y' }] }
]

t.test('OpenAI is sent only what it takes', async t => {
  const { body, names } = sent('openai', chat({ messages: talked(), top_k: 5, metadata: { a: 'b' }, max_tokens: 9 }))
  t.strictSame(names.sort(), ['metadata', 'thinking', 'top_k'])
  t.equal(body.max_completion_tokens, 9)
  t.notMatch(JSON.stringify(body), /thinking|reasoning_content|metadata|top_k/)
  const added = sent(
    'openai',
    chat({
      extra: new Map<string, unknown>([
        ['min_p', 0.1],
        ['store', true]
      ])
    })
  )
  t.match(added, { body: { store: true }, names: ['min_p'] })
})

t.test('functions stand in for custom tools, and text for refusals, but with OpenAI and Azure', async t => {
  const asked = (): ChatRequest =>
    chat({
      messages: [
        USER,
        {
          role: 'assistant',
          content: [
            { type: 'refusal', refusal: 'no' },
            { type: 'tool_call', id: 'abcdefghi', name: 'patch', arguments: '*** Begin', custom: true }
          ]
        },
        { role: 'tool', tool_call_id: 'abcdefghi', content: [{ type: 'text', text: 'done' }] }
      ],
      tools: [customTool('patch', 'P', undefined)],
      tool_choice: { name: 'patch' }
    })
  for (const name of ['mistral', 'deepseek', 'together', 'openai-compatible']) {
    const { body, names } = sent(name, asked())
    t.match(
      body,
      {
        messages: [
          { role: 'user' },
          {
            content: 'no',
            tool_calls: [{ type: 'function', function: { name: 'patch', arguments: '{"input":"*** Begin"}' } }]
          },
          { role: 'tool' }
        ],
        tools: [{ type: 'function', function: { name: 'patch', parameters: { required: ['input'] } } }],
        tool_choice: { type: 'function', function: { name: 'patch' } }
      },
      name
    )
    t.strictSame(names, [])
  }
  for (const name of ['openai', 'azure-openai']) {
    t.match(sent(name, asked()).body, {
      messages: [
        {},
        { content: [{ type: 'refusal' }], tool_calls: [{ type: 'custom', custom: { input: '*** Begin' } }] }
      ],
      tools: [{ type: 'custom' }],
      tool_choice: { type: 'custom' }
    })
  }
})

t.test('signatures of Gemini’s go only to those who may take them', async t => {
  const asked = () =>
    chat({ messages: [USER, { role: 'assistant', content: [{ ...CALL, signature: 's' }] }], tools: [{ name: 'f' }] })
  for (const name of ['openai', 'azure-openai', 'mistral', 'groq']) {
    t.notMatch(JSON.stringify(sent(name, asked()).body), /extra_content/, name)
  }
  t.match(JSON.stringify(sent('openai-compatible', asked()).body), /"thought_signature":"s"/)
})

t.test('limits of OpenAI’s are kept for clients whose own API has others', async t => {
  const user = `user_${'0'.repeat(64)}_account__session_1`
  const asked = () => chat({ user, stop: ['a', 'b', 'c', 'd', 'e'] })
  const { body, names } = sent('openai', asked())
  t.match(body.user, /^[0-9a-f]{64}$/)
  t.equal(sent('openai', asked()).body.user, body.user, 'the same user has the same name each time')
  t.not(sent('openai', chat({ user: `${user}2` })).body.user, body.user)
  t.equal(sent('openai', chat({ user: 'u'.repeat(64) })).body.user, 'u'.repeat(64))
  t.strictSame(body.stop, ['a', 'b', 'c', 'd'])
  t.strictSame(names, ['stop'])
  t.match(sent('azure-openai', asked()), { body: { user: body.user, stop: body.stop }, names: ['stop'] })
  t.match(sent('fireworks', asked()), { body: { user, stop: asked().stop }, names: [] }, 'others have other limits')
  t.notOk('stop' in sent('openai', chat({ stop: [] })).body)
})

t.test('files go by their address only to who fetches them', async t => {
  const file = (source: Source) => ({ type: 'file' as const, source })
  const pdf = file({ kind: 'base64', media_type: 'application/pdf', data: 'JVBE' })
  const parts = [
    { type: 'text' as const, text: 'x' },
    file({ kind: 'url', url: 'https://a.example/b.pdf' }),
    file({ kind: 'url', url: 'https://a.example/c.mp4', media_type: 'video/mp4' }),
    pdf
  ]
  const asked = (model = 'm') =>
    chat({
      model,
      messages: [
        { role: 'user', content: structuredClone(parts) },
        { role: 'tool', tool_call_id: 'a', content: structuredClone(parts) }
      ]
    })
  const openai = sent('openai', asked())
  t.notMatch(JSON.stringify(openai.body), 'https://')
  t.match(openai.body.messages, [{ content: [{ type: 'text' }, { type: 'file' }] }, { role: 'tool' }, { role: 'user' }])
  t.strictSame(
    openai.names.map(name => name.slice(8)),
    [0, 1].flatMap(i => [1, 2].map(part => `[${i}].content[${part}]`))
  )
  const others = sent('together', asked())
  t.match(others.body.messages, [
    { content: [{}, { video_url: { url: 'https://a.example/c.mp4' } }, { type: 'file' }] }
  ])
  t.strictSame(others.names, ['messages[0].content[1]', 'messages[1].content[1]'])
  t.match(sent('openrouter', asked()), {
    body: { messages: [{ content: [{}, { file: { file_data: 'https://a.example/b.pdf' } }, {}, {}] }] },
    names: []
  })
  t.match(sent('mistral', asked()), {
    body: { messages: [{ content: [{}, { document_url: 'https://a.example/b.pdf' }, { type: 'document_url' }] }] }
  })
  for (const [model, dialect] of [
    ['gpt-5-pro', undefined],
    ['gpt-4o', 'openai-responses']
  ] as const) {
    const responses = asked(model)
    const names = dropped()
    provider('openai').adapt?.(responses, names, dialect)
    t.match(responses.messages[0]?.content, [{}, { source: { url: 'https://a.example/b.pdf' } }, pdf], 'Responses do')
    t.strictSame(names.names, ['messages[0].content[2]', 'messages[1].content[2]'])
  }
})

t.test(
  'models that think are asked for their sealed thoughts with tools, whether the client spoke of thinking or not',
  async t => {
    const asked = (model: string, more: Partial<ChatRequest> = { tools: [{ name: 'f' }] }) => {
      const request = chat({ model, messages: [], ...more })
      provider('openai').adapt?.(request, dropped(), 'openai-responses')
      return openaiResponses.chat.writeRequest(request, dropped())
    }
    for (const model of ['gpt-5-pro', 'o3-pro', 'gpt-5.2-codex']) {
      t.match(asked(model), { include: ['reasoning.encrypted_content'], reasoning: undefined }, model)
    }
    t.equal(asked('gpt-5-pro', {}).include, undefined, 'no tools: there is nothing to go on with')
    t.equal(asked('gpt-4.1').include, undefined, 'it would refuse')
    const own: Partial<ChatRequest> = { tools: [{ name: 'f' }], extra: new Map([[KEPT_WISHES, true]]) }
    t.equal(asked('gpt-5-pro', own).include, undefined, 'a client of the dialect says so itself')
  }
)

t.test('JSON is asked for in words where nobody said the word, for without it OpenAI refuses', async t => {
  const said = (text: string): ChatRequest['messages'][number] => ({ role: 'user', content: [{ type: 'text', text }] })
  const system: ChatRequest['messages'][number] = { role: 'system', content: [{ type: 'text', text: 'In json' }] }
  const format = { response_format: { type: 'json_object' as const } }
  const words = { role: 'system', content: /JSON object/ }
  for (const name of ['openai', 'azure-openai', 'groq', 'deepseek', 'mistral']) {
    const { body, names } = sent(name, chat({ messages: [said('hi')], ...format }))
    t.match(body, { messages: [words, { role: 'user', content: 'hi' }], ...format }, name)
    t.strictSame(names, [], name)
    for (const messages of [[said('As Json.')], [system, said('hi')]]) {
      const asked = sent(name, chat({ messages: structuredClone(messages), ...format }))
      t.equal((asked.body.messages as unknown[]).length, messages.length, 'it was said')
    }
  }
  t.match(sent('openai', chat({ messages: [said('hi')] })).body.messages, [{ role: 'user' }], 'nobody wants JSON')
  const responses = chat({ model: 'gpt-5-pro', messages: [system, said('hi')], ...format })
  provider('openai').adapt?.(responses, dropped())
  const written = openaiResponses.chat.writeRequest(responses, dropped())
  t.match(written, {
    instructions: 'In json',
    input: [{ role: 'developer', content: [{ text: /JSON object/ }] }, { role: 'user' }],
    text: { format: { type: 'json_object' } }
  })
})

t.test('models of OpenAI that think are not told how to draw', async t => {
  const settings = { temperature: 0.2, top_p: 1, presence_penalty: 1 }
  const { body, names } = sent('openai', chat({ model: 'o4-mini', ...settings }))
  t.strictSame(names, ['temperature', 'presence_penalty'])
  t.notMatch(Object.keys(body).join(), /temperature|top_p|penalty/)
  t.match(sent('openai', chat({ model: 'gpt-5.2', ...settings })), { body: settings, names: [] }, 'it does not think')
  const effort = (model: string, wanted: string) =>
    sent('openai', chat({ model, reasoning: { effort: wanted } })).body.reasoning_effort
  t.equal(effort('o3', 'minimal'), 'low')
  t.equal(effort('gpt-5-mini', 'none'), 'minimal')
  t.equal(effort('gpt-5.1', 'none'), 'none')
  t.equal(effort('gpt-4o', 'high'), undefined)
})

t.test(
  'models of OpenAI that think are sent no stop sequences, nor the o models how many tools to call at once',
  async t => {
    const asked = (name: string, model: string, effort?: string) => {
      const more = effort === undefined ? {} : { reasoning: { effort } }
      const tools = { tools: [{ name: 'f' }], parallel_tool_calls: false }
      return sent(name, chat({ model, stop: ['END'], ...tools, ...more }))
    }
    for (const model of ['o4-mini', 'o3']) {
      const { body, names } = asked('openai', model)
      t.notOk('stop' in body || 'parallel_tool_calls' in body, model)
      t.strictSame(names, ['stop', 'parallel_tool_calls'])
    }
    for (const name of ['openai', 'azure-openai']) {
      t.match(asked(name, 'gpt-5-mini'), { body: { stop: undefined, parallel_tool_calls: false }, names: ['stop'] })
    }
    t.match(asked('openai', 'gpt-5.2', 'high'), { body: { stop: undefined }, names: ['stop'] })
    for (const effort of [undefined, 'none']) {
      t.match(asked('openai', 'gpt-5.2', effort), { body: { stop: ['END'] }, names: [] }, 'it does not think')
    }
  }
)

t.test('DeepSeek is told not to think where it has to call a tool', async t => {
  const asked = (members: Partial<ChatRequest>) => sent('deepseek', chat({ tools: [{ name: 'f' }], ...members }))
  const off = { thinking: { type: 'disabled' } }
  t.match(asked({ tool_choice: 'required' }), { body: { ...off, tool_choice: 'required' }, names: [] })
  const reasoning = { effort: 'high' }
  t.match(asked({ tool_choice: { name: 'f' }, reasoning }), { body: off, names: ['reasoning'] })
  t.match(asked({ tool_choice: 'auto', reasoning }), { body: { thinking: { type: 'enabled' } }, names: [] })
  t.notOk('thinking' in asked({}).body)
})

t.test('those of Grok’s models that think are sent no stop sequences and no penalties', async t => {
  const members = { stop: ['a'], presence_penalty: 1, frequency_penalty: 1 }
  for (const model of ['grok-4', 'grok-3-mini', 'grok-code-fast-1', 'grok-4-1-fast-reasoning']) {
    const { body, names } = sent('xai', chat({ model, ...members }))
    t.strictSame(names, Object.keys(members), model)
    t.notMatch(Object.keys(body).join(), /stop|penalty/, model)
  }
  for (const model of ['grok-3', 'grok-4-fast-non-reasoning']) {
    t.match(sent('xai', chat({ model, ...members })), { body: members, names: [] }, model)
  }
})

t.test('models of OpenAI are called in the dialects they know', async t => {
  const dialectsOf = (model: string) => provider('openai').dialects('chat', model)
  t.strictSame(dialectsOf('gpt-5.2'), ['openai-chat', 'openai-responses'])
  t.strictSame(dialectsOf('gpt-3.5-turbo-instruct'), ['openai-completions'])
  t.strictSame(dialectsOf('gpt-5.1-codex-max'), ['openai-responses'])
  t.strictSame(dialectsOf('o3-deep-research'), ['openai-responses'])
  const kept = chat({ model: 'gpt-5-codex', messages: talked() })
  provider('openai').adapt?.(kept, dropped())
  t.match(kept.messages[1], { content: [{ type: 'thinking' }, { type: 'redacted_thinking' }, {}] }, 'thoughts stay')
})

t.test('OpenAI is told of organization and project, and of the client’s headers that mean something to it', async t => {
  const account = { baseUrl: '', region: '', options: { organization: 'o', project: 'p' } }
  const headers = ['openai-beta', 'responses=v1', 'authorization', 'Bearer theirs', 'cookie', 'c']
  t.strictSame(provider('openai').address(call({ account, headers })).headers, [
    'openai-beta',
    'responses=v1',
    'openai-organization',
    'o',
    'openai-project',
    'p'
  ])
})

t.test('what is asked for by its path stays below that path', async t => {
  const responses = dialects.get('openai-responses') ?? openaiChat
  const path = (asked: string, query = '') =>
    provider('openai').address(call({ operation: 'response-get', dialect: responses, path: asked, query })).path
  t.equal(path('/responses/resp_1', 'include[]=x'), '/responses/resp_1?include[]=x')
  t.equal(path('/responses/a%20b'), '/responses/a%20b')
  for (const asked of [
    '/responses/..',
    '/responses/%2e%2e/files',
    '/responses/a%2f..%2fb',
    '/files/x',
    '/responses/%'
  ]) {
    t.throws(() => path(asked), { code: 'GW_AI_ENDPOINT_UNKNOWN' }, asked)
  }
})

t.test('Azure is called by the path of a deployment or by its version of OpenAI’s API', async t => {
  const azure = provider('azure-openai')
  const offered = (apiVersion: string) =>
    azure.dialects('chat', 'my gpt', { baseUrl: '', region: '', options: { apiVersion } })
  t.strictSame(offered('2024-10-21'), ['openai-chat'], 'responses came later')
  for (const version of ['2025-03-01-preview', '2025-04-01-preview', 'v1', 'preview']) {
    t.strictSame(offered(version), ['openai-chat', 'openai-responses'])
  }
  t.strictSame(azure.dialects('chat', 'my gpt'), ['openai-chat', 'openai-responses'])
  const path = (options: Record<string, string>, members: Partial<ProviderCall> = {}, suffix = '') => {
    const account = { baseUrl: `https://r.openai.azure.com${suffix}`, region: '', options }
    return azure.address(call({ model: 'my gpt', account, ...members })).path
  }
  const dated = { apiVersion: '2024-10-21' }
  t.equal(path(dated), '/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21')
  t.equal(path(dated, { operation: 'embeddings' }), '/openai/deployments/my%20gpt/embeddings?api-version=2024-10-21')
  t.equal(path(dated, { operation: 'models' }), '/openai/models?api-version=2024-10-21')
  t.equal(path(dated, { query: 'api-version=theirs' }), path(dated), 'the version is the operator’s to say')
  t.equal(path({}), '/openai/v1/chat/completions')
  t.equal(path({ apiVersion: 'preview' }), '/openai/v1/chat/completions?api-version=preview')
  t.equal(path({}, {}, '/openai/v1'), '/chat/completions', 'the base URL may have it')
  t.equal(path(dated, {}, '/openai'), '/deployments/my%20gpt/chat/completions?api-version=2024-10-21')
})

t.test('Azure takes a key, a token, or an application’s secret to fetch tokens with', async t => {
  const azure = provider('azure-openai')
  const account = { baseUrl: '', region: '', options: {} }
  const request: Outgoing = {
    method: 'POST',
    url: new URL('https://r.openai.azure.com'),
    headers: [],
    body: Buffer.of()
  }
  let now = 1_000
  const asked: [string, unknown][] = []
  const tools: AuthTools = {
    now: () => now,
    kept: new Map(),
    async postForm(url, form) {
      asked.push([url, form])
      return { access_token: `token-${asked.length}`, expires_in: 3_599 }
    }
  }
  const authorize = (secret: string, parts: Record<string, string> = {}) =>
    azure.authorize(request, { secret, parts }, account, tools)
  t.strictSame(await authorize('0123abcd'), ['api-key', '0123abcd'])
  t.strictSame(await authorize('eyJ0.eyJh.c2ln'), ['authorization', 'Bearer eyJ0.eyJh.c2ln'])

  const application = { tenantId: 't', clientId: 'c' }
  t.strictSame(await authorize('s', application), ['authorization', 'Bearer token-1'])
  t.strictSame(await authorize('s', application), ['authorization', 'Bearer token-1'], 'kept')
  t.match(asked, [
    [
      'https://login.microsoftonline.com/t/oauth2/v2.0/token',
      { grant_type: 'client_credentials', client_id: 'c', client_secret: 's' }
    ]
  ])
  now += 3_599_000
  t.strictSame(await authorize('s', application), ['authorization', 'Bearer token-2'], 'fetched again when it ends')
  await t.rejects(async () => authorize('s', { clientId: 'c' }), { code: 'GW_AI_CREDENTIAL' })
})

t.test('Mistral is spoken to in its own words', async t => {
  const request = chat({
    messages: [
      { role: 'developer', content: [{ type: 'text', text: 's' }] },
      ...talked(),
      { role: 'assistant', content: [{ type: 'text', text: 'It is' }] }
    ],
    max_tokens: 9,
    seed: 1,
    stream: true,
    user: 'u',
    tools: [{ name: 'f' }],
    tool_choice: 'required'
  })
  const { body, names } = sent('mistral', request)
  t.match(body, { max_tokens: 9, random_seed: 1, tool_choice: 'any' })
  t.notOk('seed' in body || 'stream_options' in body || 'max_completion_tokens' in body || 'user' in body)
  t.strictSame(names, ['user', 'thinking'])
  const [system, , called, result, last] = body.messages as JsonObject[]
  t.equal(system?.role, 'system')
  t.match(called, { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] })
  const [{ id } = { id: '' }] = (called?.tool_calls ?? []) as { id: string }[]
  t.match(id, /^[a-zA-Z0-9]{9}$/)
  t.equal(result?.tool_call_id, id, 'both by the same name')
  t.match(last, { role: 'assistant', content: 'It is', prefix: true })
})

t.test('Mistral is sent no videos, and of tools only those that may be called', async t => {
  const source: Source = { kind: 'base64', media_type: 'video/mp4', data: 'AAAA' }
  const seen = chat({ messages: [{ role: 'user', content: [...USER.content, { type: 'file', source }] }] })
  const { body, names } = sent('mistral', seen)
  t.notMatch(JSON.stringify(body), /video/)
  t.strictSame(names, ['messages[0].content[1]'])
  const extra = new Map([['tool_choice.allowed_tools', [{ type: 'function', function: { name: 'g' } }]]])
  for (const [mode, choice] of [
    ['auto', 'auto'],
    ['required', 'any']
  ] as const) {
    const narrowed = sent(
      'mistral',
      chat({ tools: [{ name: 'f' }, { name: 'g' }], tool_choice: mode, extra: new Map(extra) })
    )
    t.match(narrowed.body, { tool_choice: choice, tools: [{ function: { name: 'g' } }] })
    t.equal((narrowed.body.tools as unknown[]).length, 1)
  }
})

t.test('what Mistral embeds is asked for in its own names', async t => {
  const body = { model: 'm', input: 'a', dimensions: 256, user: 'u' }
  t.match(provider('mistral').address(call({ operation: 'embeddings', body })), {
    path: '/embeddings',
    edits: { set: { output_dimension: 256 }, remove: ['user', 'dimensions'] },
    dropped: ['user']
  })
  const own = { model: 'm', input: 'a', output_dimension: 256 }
  t.equal(provider('mistral').address(call({ operation: 'embeddings', body: own })).edits, undefined)
})

t.test('names in a body that passes untouched are the provider’s', async t => {
  const body = { model: 'm', max_completion_tokens: 9, seed: 1, stream_options: {} }
  t.strictSame(provider('mistral').address(call({ body })).edits, {
    set: { max_tokens: 9, random_seed: 1 },
    remove: ['stream_options', 'max_completion_tokens', 'seed']
  })
  t.strictSame(provider('together').address(call({ body })).edits, {
    set: { max_tokens: 9 },
    remove: ['max_completion_tokens']
  })
  for (const name of ['openai', 'groq', 'cerebras', 'vllm']) {
    t.equal(provider(name).address(call({ body })).edits, undefined, `${name} knows them`)
  }
  t.equal(provider('together').address(call({ body: { max_tokens: 9 } })).edits, undefined)
  const cohere = call({ operation: 'rerank', body: { top_n: 3 } })
  t.strictSame(provider('voyage').address(cohere).edits, { set: { top_k: 3 }, remove: ['top_n'] })
})

t.test('how much to think is said in the words of each', async t => {
  const said = (name: string, reasoning: ChatRequest['reasoning'], model = 'm') => {
    const { body, names } = sent(name, chat({ model, reasoning }))
    const { reasoning: object, reasoning_effort, thinking, enable_thinking, thinking_budget } = body
    const all = { reasoning: object, reasoning_effort, thinking, enable_thinking, thinking_budget }
    return [JSON.parse(JSON.stringify(all)), names]
  }
  t.strictSame(said('openrouter', { budget_tokens: 2_000 }), [{ reasoning: { max_tokens: 2_000 } }, []])
  t.strictSame(said('openrouter', { effort: 'high' }), [{ reasoning: { effort: 'high' } }, []])
  t.strictSame(said('deepseek', { effort: 'high' }), [{ thinking: { type: 'enabled' } }, []])
  t.strictSame(said('zhipu', { effort: 'none' }), [{ thinking: { type: 'disabled' } }, []])
  t.strictSame(said('alibaba', { budget_tokens: 500 }), [{ enable_thinking: true, thinking_budget: 500 }, []])
  t.strictSame(said('groq', { effort: 'minimal' }, 'openai/gpt-oss-120b'), [{ reasoning_effort: 'low' }, []])
  t.strictSame(said('groq', { effort: 'high' }, 'qwen/qwen3-32b'), [{ reasoning_effort: 'default' }, []])
  t.strictSame(said('groq', { effort: 'high' }, 'llama-3.3-70b-versatile'), [{}, ['reasoning']])
  t.strictSame(said('minimax', { effort: 'high' }), [{}, ['reasoning']])
})

t.test('earlier reasoning goes back in the way each wants it', async t => {
  const answer = (name: string) => (sent(name, chat({ messages: talked() })).body.messages as JsonObject[])[1] ?? {}
  t.match(answer('deepseek'), { reasoning_content: 'hm' })
  t.match(answer('groq'), { reasoning: 'hm' })
  t.match(answer('openrouter'), {
    reasoning_details: [
      { type: 'reasoning.text', text: 'hm', signature: 's', index: 0 },
      { type: 'reasoning.encrypted', data: 'd', index: 1 }
    ]
  })
  t.match(answer('litellm'), {
    reasoning_content: 'hm',
    thinking_blocks: [
      { type: 'thinking', thinking: 'hm', signature: 's' },
      { type: 'redacted_thinking', data: 'd' }
    ]
  })
  for (const name of ['deepseek', 'groq', 'openrouter', 'xai']) t.notOk('thinking_blocks' in answer(name), name)
  t.notOk('reasoning_content' in answer('xai'))
})

t.test('marks for caches go to those who take them', async t => {
  const marked = () => [
    { ...USER, content: [{ type: 'text' as const, text: 'x', cache_control: { type: 'ephemeral' as const } }] }
  ]
  t.match(sent('openrouter', chat({ messages: marked() })).body.messages, [{ content: [{ cache_control: {} }] }])
  t.match(sent('groq', chat({ messages: marked() })), {
    body: { messages: [{ content: 'x' }] },
    names: ['cache_control']
  })
})

t.test('a schema is asked for in words of those who are only held to JSON', async t => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } }
  const request = () => chat({ response_format: { type: 'json_schema', name: 'n', schema } })
  const { body } = sent('deepseek', request())
  t.strictSame(body.response_format, { type: 'json_object' })
  t.match(body.messages, [{ role: 'system', content: /JSON[\s\S]*"properties":\{"a"/ }, { role: 'user' }])
  const groq = (members: Partial<ChatRequest>) => sent('groq', { ...request(), ...members })
  const held = { type: 'json_schema', json_schema: { schema } }
  t.match(groq({ model: 'openai/gpt-oss-120b' }).body.response_format, held)
  t.strictSame(groq({ model: 'llama-3.3-70b-versatile' }).body.response_format, { type: 'json_object' })
  t.strictSame(groq({ model: 'openai/gpt-oss-120b', stream: true }).body.response_format, { type: 'json_object' })
  t.match(groq({ model: 'openai/gpt-oss-120b', tools: [{ name: 'f' }] }), {
    body: { response_format: undefined, messages: [{ content: /"properties"/ }, {}], tools: [{}] },
    names: ['response_format']
  })
})

t.test('headers and paths that a provider wants of its own are there', async t => {
  const options = { referer: 'https://a.example', title: 'A', billTo: 'org' }
  const account = { baseUrl: '', region: '', options }
  const headers = (name: string) => provider(name).address(call({ account })).headers
  t.equal(header(headers('openrouter'), 'http-referer'), 'https://a.example')
  t.equal(header(headers('huggingface'), 'x-hf-bill-to'), 'org')
  t.equal(provider('predibase').address(call({ model: 'a/b' })).path, '/a%2Fb/v1/chat/completions')
})

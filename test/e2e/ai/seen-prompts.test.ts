import t from 'tap'
import { mockProvider } from '../../support/mock.js'
import { startSluice } from '../../support/sluice.js'

t.setTimeout(120_000)

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
  ],
  web_search: query => [{ type: 'web_search_call', id: 'w1', action: { type: 'search', query } }],
  'approval of a call': reason => [{ type: 'mcp_approval_response', approval_request_id: 'a1', approve: true, reason }],
  'picture that was made': prompt => [
    { type: 'image_generation_call', id: 'i', result: 'AAAA', revised_prompt: prompt }
  ],
  'item of no known kind': text => [{ type: 'something_new', text }]
}

const ROUTES = {
  deny: {
    plugin: 'ai-prompt-guard',
    settings: { deny: ['SECRETWORD'], score: false, roles: ['user', 'tool', 'assistant'] }
  },
  definitions: { plugin: 'ai-prompt-guard', settings: { deny: ['SECRETWORD'], score: false, definitions: true } },
  one: { plugin: 'ai-prompt-guard', settings: { limits: { images: 1 }, score: false } },
  cut: { plugin: 'ai-tool-guard', settings: { results: { maxCharacters: 5 } } },
  files: { plugin: 'ai-prompt-guard', settings: { limits: { files: 0, images: 0 }, score: false } },
  change: { plugin: 'ai-prompt-decorate', settings: { maxTokens: 50 } },
  mask: { plugin: 'ai-pii', settings: { mode: 'redact' } }
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
  routes: Object.entries(ROUTES).map(([name, policy]) => {
    return { name, match: { path: `/${name}/*` }, stripPrefix: `/${name}`, ai: {}, policies: [policy] }
  })
})

/** Where each dialect has parts of a message, and which of them bring a file or a picture along. */
const s3Location = { uri: 's3://b/k', bucketOwner: '1' }
const base64 = { type: 'base64', media_type: 'application/pdf', data: 'AAAA' }
const FILES: Readonly<
  Record<string, readonly [path: string, body: (part: object) => object, parts: readonly object[]]>
> = {
  chat: [
    '/v1/chat/completions',
    part => ({ model: 'gpt-5', messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }, part] }] }),
    [
      { type: 'file', file: { file_id: 'file-1' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' } },
      { type: 'file', file_id: 'mistral-1' },
      { type: 'document_url', document_url: 'https://a.example/a.pdf' },
      { type: 'video_url', video_url: { url: 'https://a.example/a.mp4' } },
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }
    ]
  ],
  responses: [
    '/v1/responses',
    part => ({ model: 'gpt-5', input: [{ role: 'user', content: [{ type: 'input_text', text: 'Hi' }, part] }] }),
    [
      { type: 'input_file', file_id: 'file-1' },
      { type: 'input_file', file_url: 'https://a.example/a.pdf' },
      { type: 'input_image', file_id: 'file-1' },
      { type: 'input_video', file_id: 'file-1' }
    ]
  ],
  'what a tool of the responses API came to': [
    '/v1/responses',
    part => ({ model: 'gpt-5', input: [ask, { type: 'function_call_output', call_id: 'c1', output: [part] }] }),
    [
      { type: 'input_file', file_id: 'file-1' },
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }
    ]
  ],
  'tools of the responses API': [
    '/v1/responses',
    tool => ({ model: 'gpt-5', input: 'Hi', tools: [tool] }),
    [{ type: 'code_interpreter', container: { type: 'auto', file_ids: ['file-1'] } }]
  ],
  anthropic: [
    '/v1/messages',
    part => ({
      model: 'gpt-5',
      max_tokens: 9,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }, part] }]
    }),
    [
      { type: 'container_upload', file_id: 'file_1' },
      { type: 'document', source: { type: 'file', file_id: 'file_1' } },
      { type: 'image', source: { type: 'file', file_id: 'file_1' } },
      { type: 'document', source: base64 },
      { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'document', source: base64 }] },
      { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'container_upload', file_id: 'file_1' }] },
      { type: 'document', source: { type: 'content', content: [{ type: 'image', source: base64 }] } }
    ]
  ],
  gemini: [
    '/v1beta/models/gpt-5:generateContent',
    part => ({ contents: [{ role: 'user', parts: [{ text: 'Hi' }, part] }] }),
    [
      { fileData: { mimeType: 'application/pdf', fileUri: 'https://a.example/files/1' } },
      { file_data: { mime_type: 'image/png', file_uri: 'https://a.example/files/1' } },
      { inlineData: { mimeType: 'application/pdf', data: 'AAAA' } },
      {
        functionResponse: { name: 'f', response: {}, parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }] }
      }
    ]
  ],
  'answers that a client of Gemini wrote': [
    '/v1beta/models/gpt-5:generateContent',
    part => ({
      contents: [
        { role: 'model', parts: [part] },
        { role: 'user', parts: [{ text: 'Hi' }] }
      ]
    }),
    [{ fileData: { mimeType: 'application/pdf', fileUri: 'https://a.example/files/1' } }]
  ],
  'instructions of Gemini': [
    '/v1beta/models/gpt-5:generateContent',
    part => ({ systemInstruction: { parts: [part] }, contents: [{ parts: [{ text: 'Hi' }] }] }),
    [{ file_data: { mime_type: 'application/pdf', file_uri: 'https://a.example/files/1' } }]
  ],
  converse: [
    '/model/gpt-5/converse',
    part => ({ messages: [{ role: 'user', content: [{ text: 'Hi' }, part] }] }),
    [
      { document: { name: 'a', format: 'pdf', source: { s3Location } } },
      { document: { name: 'a', format: 'pdf', source: { bytes: 'AAAA' } } },
      { image: { format: 'png', source: { s3Location } } },
      { video: { format: 'mp4', source: { s3Location } } },
      { video: { format: 'mp4', source: { bytes: 'AAAA' } } },
      { audio: { format: 'mp3', source: { bytes: 'AAAA' } } },
      { toolResult: { toolUseId: 't1', content: [{ document: { name: 'a', format: 'pdf', source: { s3Location } } }] } }
    ]
  ]
}

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

async function post(path: string, body: object, route: keyof typeof ROUTES = 'files') {
  const before = mock.requests().length
  const reply = await fetch(`http://127.0.0.1:${sluice.port}/${route}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body)
  })
  const sent = mock.requests()[before]?.body.toString()
  return {
    status: reply.status,
    dropped: reply.headers.get('x-sluice-dropped-params'),
    text: await reply.text(),
    sent: sent === undefined ? undefined : JSON.parse(sent)
  }
}

/** Answers of Anthropic's with the call of a tool that it ran itself, and what that came to. */
const CLAUDES: Readonly<Record<string, (text: string) => Items>> = {
  web_search: title => [
    { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
    {
      type: 'web_search_tool_result',
      tool_use_id: 'srvtoolu_1',
      content: [
        { type: 'web_search_result', url: 'https://a.example/', title: 'One', encrypted_content: 'x', page_age: null },
        { type: 'web_search_result', url: 'https://b.example/', title, encrypted_content: 'x', page_age: null }
      ]
    }
  ],
  web_fetch: data => [
    { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_fetch', input: { url: 'https://a.example/' } },
    {
      type: 'web_fetch_tool_result',
      tool_use_id: 'srvtoolu_1',
      content: {
        type: 'web_fetch_result',
        url: 'https://a.example/',
        content: { type: 'document', source: { type: 'text', media_type: 'text/plain', data }, title: 'One' }
      }
    }
  ],
  mcp: text => [
    { type: 'mcp_tool_use', id: 'mcptoolu_1', name: 'f', server_name: 's', input: {} },
    { type: 'mcp_tool_result', tool_use_id: 'mcptoolu_1', is_error: false, content: [{ type: 'text', text }] }
  ],
  'mcp, as a string': content => [
    { type: 'mcp_tool_use', id: 'mcptoolu_1', name: 'f', server_name: 's', input: {} },
    { type: 'mcp_tool_result', tool_use_id: 'mcptoolu_1', is_error: true, content }
  ],
  code_execution: stdout => [
    { type: 'server_tool_use', id: 'srvtoolu_1', name: 'code_execution', input: { code: 'x' } },
    {
      type: 'code_execution_tool_result',
      tool_use_id: 'srvtoolu_1',
      content: { type: 'code_execution_result', stdout, stderr: '', return_code: 0, content: [] }
    }
  ],
  'text editor': line => [
    { type: 'server_tool_use', id: 'srvtoolu_1', name: 'text_editor_code_execution', input: { command: 'view' } },
    {
      type: 'text_editor_code_execution_tool_result',
      tool_use_id: 'srvtoolu_1',
      content: { type: 'text_editor_code_execution_str_replace_result', lines: ['- a', line], new_start: 1 }
    }
  ]
}

const claude = (answer: Items, model = 'claude/claude-sonnet-4-5') => ({
  model,
  max_tokens: 99,
  messages: [
    ask,
    { role: 'assistant', content: [{ type: 'text', text: 'I look.' }, ...answer, { type: 'text', text: 'Done.' }] },
    ask
  ]
})
const answerIn = (sent: { messages: { content: object[] }[] }) => sent.messages[1]?.content.slice(1, -1)

for (const [name, answer] of Object.entries(CLAUDES)) {
  t.test(
    `Anthropic, ${name}: a policy sees what came of it, and leaves it as it came when it changes others`,
    async t => {
      t.match(await post('/v1/messages', claude(answer(BAD)), 'deny'), { status: 422, sent: undefined })
      const elsewhere = claude(answer(BAD), 'main/gpt-5')
      t.match(await post('/v1/messages', elsewhere, 'deny'), { status: 422, sent: undefined })
      const body = claude(answer('fine'))
      t.strictSame((await post('/v1/messages', body, 'deny')).sent, { ...body, model: 'claude-sonnet-4-5' })
      const { sent } = await post('/v1/messages', body, 'change')
      t.equal(sent.max_tokens, 50)
      t.strictSame(answerIn(sent), answer('fine'))
      const masked = await post('/v1/messages', claude(answer('of a@b.example now')), 'mask')
      t.equal(masked.status, 200, masked.text)
      const was = JSON.stringify(answer('of a@b.example now'))
      t.equal(JSON.stringify(answerIn(masked.sent)), was.replace('a@b.example', '[EMAIL]'))
      t.equal((await post('/v1/messages', claude(answer('fine'), 'main/gpt-5'), 'change')).status, 200)
    }
  )
}

t.test('Anthropic: titles and contexts of documents are seen, changed, and not lost', async t => {
  const text = { type: 'text', media_type: 'text/plain', data: 'fine' }
  const pdf = { type: 'base64', media_type: 'application/pdf', data: 'AAAA' }
  const asking = (document: object) => ({
    model: 'claude/claude-sonnet-4-5',
    max_tokens: 99,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'document', ...document },
          { type: 'text', text: 'Read it.' }
        ]
      }
    ]
  })
  for (const source of [text, pdf, { type: 'content', content: [{ type: 'text', text: 'fine' }] }]) {
    for (const place of ['title', 'context']) {
      const bad = await post('/v1/messages', asking({ source, [place]: BAD }), 'deny')
      t.equal(bad.status, 422, `${place} of ${source.type}`)
      const masked = await post('/v1/messages', asking({ source, [place]: 'of a@b.example' }), 'mask')
      t.match(JSON.stringify(masked.sent), /of \[EMAIL\]/, `${place} of ${source.type}`)
      t.notMatch(JSON.stringify(masked.sent), /b\.example/)
    }
  }
  const { sent } = await post('/v1/messages', asking({ source: pdf, title: 'T', context: 'C' }), 'change')
  t.strictSame(sent.messages[0].content, [
    { type: 'text', text: 'C' },
    { type: 'document', source: pdf, title: 'T' },
    { type: 'text', text: 'Read it.' }
  ])
})

t.test('names of participants and arguments of earlier calls are seen', async t => {
  const chat = (...messages: readonly object[]) => ({ model: 'main/gpt-5', messages: [...messages, ask] })
  const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: JSON.stringify({ q: [BAD] }) } }
  const result = { role: 'tool', tool_call_id: 'c1', content: 'x' }
  for (const messages of [
    [{ role: 'user', content: 'Hi', name: 'SECRETWORD' }],
    [ask, { role: 'assistant', content: null, tool_calls: [call] }, result]
  ])
    t.equal((await post('/v1/chat/completions', chat(...messages), 'deny')).status, 422)
})

/** What a client says to the model outside of messages, and where nobody but the provider reads it. */
const BESIDE: Readonly<Record<string, (text: string) => readonly [path: string, body: object]>> = {
  'a template of Ollama': template => ['/api/generate', { model: 'gpt-5', stream: false, prompt: 'Hi', template }],
  'a template of vLLM': text => [
    '/v1/chat/completions',
    { model: 'gpt-5', messages: [ask], chat_template: `{{ messages }} ${text}` }
  ],
  'what a template of vLLM is filled with': text => [
    '/v1/chat/completions',
    { model: 'gpt-5', messages: [ask], chat_template_kwargs: { tone: [text] } }
  ],
  'documents of vLLM': text => [
    '/v1/chat/completions',
    { model: 'gpt-5', messages: [ask], documents: [{ title: 'T', text }] }
  ],
  'documents of Cohere': text => [
    '/v2/chat',
    { model: 'gpt-5', messages: [ask], documents: ['fine', { id: 'd', data: { title: 'T', text } }] }
  ],
  'documents of Cohere that are texts': text => ['/v2/chat', { model: 'gpt-5', messages: [ask], documents: [text] }],
  'a plan of Cohere': tool_plan => [
    '/v2/chat',
    { model: 'gpt-5', messages: [ask, { role: 'assistant', tool_plan, content: 'Yes.' }, ask] }
  ],
  'variables of a prompt': text => [
    '/v1/responses',
    { model: 'gpt-5', input: [ask], prompt: { id: 'pmpt_1', variables: { a: 'fine', topic: text } } }
  ],
  'variables of a prompt that are parts': text => [
    '/v1/responses',
    { model: 'gpt-5', input: [ask], prompt: { id: 'pmpt_1', variables: { topic: { type: 'input_text', text } } } }
  ],
  'a summary of a conversation of Anthropic': content => [
    '/v1/messages',
    {
      model: 'claude/claude-sonnet-4-5',
      max_tokens: 9,
      messages: [ask, { role: 'assistant', content: [{ type: 'compaction', content }] }, ask]
    }
  ],
  'how Anthropic is to sum a conversation up': instructions => [
    '/v1/messages',
    {
      model: 'claude/claude-sonnet-4-5',
      max_tokens: 9,
      messages: [ask],
      context_management: { edits: [{ type: 'compact_20260112', instructions }] }
    }
  ],
  'the context of a document of Converse': context => [
    '/model/gpt-5/converse',
    {
      messages: [
        { role: 'user', content: [{ document: { name: 'a', format: 'pdf', source: { bytes: 'AAAA' }, context } }] }
      ]
    }
  ],
  'variables of a prompt of Bedrock': text => [
    '/model/gpt-5/converse',
    { messages: [{ role: 'user', content: [{ text: 'Hi' }] }], promptVariables: { a: { text } } }
  ],
  'what else a body of Converse has': system => [
    '/model/gpt-5/converse',
    { messages: [{ role: 'user', content: [{ text: 'Hi' }] }], additionalModelRequestFields: { system } }
  ],
  'how a search of OpenRouter is introduced': search_prompt => [
    '/v1/chat/completions',
    { model: 'gpt-5', messages: [ask], plugins: [{ id: 'web', search_prompt }] }
  ]
}

for (const [name, asking] of Object.entries(BESIDE)) {
  t.test(`a policy sees ${name}`, async t => {
    t.match(await post(...asking(BAD), 'deny'), { status: 422, sent: undefined })
    const fine = await post(...asking('fine'), 'deny')
    t.equal(fine.status, 200, fine.text)
  })
}

for (const [name, [path, bodyWith, parts]] of Object.entries(FILES)) {
  t.test(`a limit of files and pictures sees each that ${name} can bring along`, async t => {
    for (const part of parts) {
      const { status, text } = await post(path, bodyWith(part))
      t.equal(status, 422, `${JSON.stringify(part)}: ${text}`)
    }
  })
}

t.test('what only tells of files is none', async t => {
  const cited = { type: 'text', text: 'a', citations: [{ type: 'char_location', file_id: 'file_1', cited_text: 'a' }] }
  const ran = {
    type: 'code_execution_tool_result',
    tool_use_id: 's1',
    content: { type: 'code_execution_result', content: [{ type: 'code_execution_output', file_id: 'file_1' }] }
  }
  const messages = [ask, { role: 'assistant', content: [ran, cited] }, ask]
  const { status, text } = await post('/v1/messages', { model: 'gpt-5', max_tokens: 9, messages })
  t.equal(status, 200, text)
  const searched = { type: 'file_search_call', id: 'k', queries: ['q'], results: [{ file_id: 'file-1', text: 'a' }] }
  t.equal((await post('/v1/responses', { model: 'gpt-5', input: [ask, searched, ask] })).status, 200)
})

t.test('descriptions of MCP servers and their tools are seen by who looks at definitions', async t => {
  const tools = [{ name: 'f', description: BAD, input_schema: {} }]
  for (const body of [
    { input: [{ type: 'mcp_list_tools', id: 'l', server_label: 's', tools }, ask] },
    {
      input: [ask],
      tools: [{ type: 'mcp', server_label: 's', server_url: 'https://m.example', server_description: BAD }]
    }
  ]) {
    const reply = await fetch(`http://127.0.0.1:${sluice.port}/definitions/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-5', ...body })
    })
    t.equal(reply.status, 422)
  }
})

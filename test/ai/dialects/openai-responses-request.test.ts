import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import type { AssistantPart, ChatMessage, ChatRequest } from '../../../core/ai/chat.js'
import type { RequestHints } from '../../../core/ai/dialects/dialect.js'
import { openaiResponses } from '../../../core/ai/dialects/openai-responses/index.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { openSealed } from '../../../core/ai/signatures.js'
import { GatewayError } from '../../../core/base/errors.js'

const HINTS: RequestHints = { model: '', stream: undefined, headers: [] }
const { readRequest, writeRequest } = openaiResponses.chat

function read(body: JsonObject, hints: Partial<RequestHints> = {}): ChatRequest {
  return readRequest({ model: 'gpt-5', ...body }, { ...HINTS, ...hints })
}

function write(chat: ChatRequest): { body: JsonObject; dropped: string[] } {
  const dropped: string[] = []
  const body = writeRequest(chat, { drop: name => dropped.push(name) })
  return { body, dropped: [...dropped, ...chat.extra.keys()] }
}

const chat = (messages: ChatMessage[], more: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'm',
  messages,
  stream: false,
  extra: new Map(),
  ...more
})

/** Without what is undefined. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

t.test('a string is what the user says, and instructions are the system message', async t => {
  t.strictSame(read({ input: 'Hi', instructions: 'Be short.' }).messages, [
    { role: 'system', content: [{ type: 'text', text: 'Be short.' }] },
    { role: 'user', content: [{ type: 'text', text: 'Hi' }] }
  ])
})

t.test('every kind of item and part is read', async t => {
  const { messages, extra } = read({
    input: [
      { role: 'developer', content: 'Be kind.' },
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'What is this?' },
          { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'low' },
          { type: 'input_image', image_url: 'https://a.example/b.png' },
          { type: 'input_image', file_id: 'file_1' },
          { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,BBBB' },
          { type: 'input_file', filename: 'a.csv', file_data: 'CCCC' },
          { type: 'input_file', file_url: 'https://a.example/c.pdf' },
          { type: 'input_audio', input_audio: { data: 'DDDD', format: 'mp3' } },
          { type: 'input_smell', smell: 'rose' }
        ]
      },
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'gAAA' },
      { type: 'reasoning', id: 'rs_2', summary: [], encrypted_content: 'gBBB' },
      { type: 'reasoning', id: 'rs_3', summary: [] },
      {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        phase: 'commentary',
        content: [
          {
            type: 'output_text',
            text: 'A rose',
            annotations: [{ type: 'url_citation', url: 'https://c.example', title: 'C', start_index: 0, end_index: 6 }]
          },
          { type: 'refusal', refusal: 'I will not smell it.' }
        ]
      },
      { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'look', arguments: '{}', status: 'completed' },
      { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_2', name: 'patch', input: '*** Begin' },
      { type: 'function_call_output', call_id: 'call_1', output: 'seen' },
      {
        type: 'custom_tool_call_output',
        call_id: 'call_2',
        output: [
          { type: 'input_text', text: 'done' },
          { type: 'input_image', image_url: 'data:image/png;base64,AAAA' }
        ]
      },
      { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'q' } },
      { role: 'assistant', content: 'Well.' }
    ]
  })
  const own = (encrypted: string) => (openSealed(encrypted) as { value: string }).value
  t.strictSame(messages, [
    { role: 'developer', content: [{ type: 'text', text: 'Be kind.' }] },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image', source: { kind: 'base64', media_type: 'image/png', data: 'AAAA' }, detail: 'low' },
        { type: 'image', source: { kind: 'url', url: 'https://a.example/b.png' } },
        { type: 'image', source: { kind: 'id', file_id: 'file_1', of: 'openai' } },
        { type: 'file', source: { kind: 'base64', media_type: 'application/pdf', data: 'BBBB' }, filename: 'a.pdf' },
        { type: 'file', source: { kind: 'base64', media_type: 'text/csv', data: 'CCCC' }, filename: 'a.csv' },
        { type: 'file', source: { kind: 'url', url: 'https://a.example/c.pdf' } },
        { type: 'audio', format: 'mp3', data: 'DDDD' }
      ]
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', text: 'Hm.', signature: own('gAAA'), id: 'rs_1' },
        { type: 'redacted_thinking', data: own('gBBB'), id: 'rs_2' },
        {
          type: 'text',
          text: 'A rose',
          annotations: [{ type: 'url_citation', url: 'https://c.example', title: 'C', start_index: 0, end_index: 6 }]
        },
        { type: 'refusal', refusal: 'I will not smell it.' },
        { type: 'tool_call', id: 'call_1', name: 'look', arguments: '{}' },
        { type: 'tool_call', id: 'call_2', name: 'patch', arguments: '*** Begin', custom: true }
      ]
    },
    { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: 'seen' }] },
    {
      role: 'tool',
      tool_call_id: 'call_2',
      content: [
        { type: 'text', text: 'done' },
        { type: 'image', source: { kind: 'base64', media_type: 'image/png', data: 'AAAA' } }
      ]
    },
    { role: 'assistant', content: [{ type: 'text', text: 'Well.' }] }
  ])
  t.strictSame([...extra.keys()], ['input[1].content[8] (input_smell)', 'input[10] (web_search_call)'])
})

t.test('the settings of a request are read', async t => {
  const request = read({
    input: 'Hi',
    stream: true,
    max_output_tokens: 100,
    temperature: 0.2,
    top_p: 0.9,
    top_logprobs: 3,
    include: ['reasoning.encrypted_content', 'message.output_text.logprobs', 'web_search_call.action.sources'],
    parallel_tool_calls: false,
    text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true }, verbosity: 'low' },
    reasoning: { effort: 'high', generate_summary: 'concise', context: 'x' },
    service_tier: 'flex',
    safety_identifier: 'u1',
    metadata: { a: 'b' },
    store: true,
    truncation: 'disabled',
    background: false,
    stream_options: { include_obfuscation: false },
    prompt_cache_key: 'k',
    max_tool_calls: 3,
    previous_response_id: null,
    new_member: 1
  })
  const { extra, messages, ...rest } = request
  t.strictSame(plain(rest), {
    model: 'gpt-5',
    stream: true,
    max_tokens: 100,
    temperature: 0.2,
    top_p: 0.9,
    logprobs: true,
    top_logprobs: 3,
    parallel_tool_calls: false,
    response_format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true },
    reasoning: { effort: 'high', summary: 'concise' },
    verbosity: 'low',
    service_tier: 'flex',
    user: 'u1',
    metadata: { a: 'b' }
  })
  t.strictSame(Object.fromEntries(extra), {
    prompt_cache_key: 'k',
    max_tool_calls: 3,
    new_member: 1,
    'reasoning.context': 'x',
    include: ['web_search_call.action.sources']
  })
})

t.test('functions and custom tools are read, and those that only OpenAI runs are named', async t => {
  const request = read({
    input: 'Hi',
    tools: [
      {
        type: 'function',
        name: 'f',
        description: 'F',
        parameters: { type: 'object' },
        strict: true,
        defer_loading: true
      },
      { type: 'custom', name: 'sql', format: { type: 'grammar', syntax: 'regex', definition: 'SELECT .+' } },
      { type: 'web_search', search_context_size: 'low' },
      { type: 'mcp', server_label: 's' }
    ],
    tool_choice: { type: 'custom', name: 'sql' }
  })
  t.match(request.tools, [
    { name: 'f', description: 'F', parameters: { type: 'object' }, strict: true },
    {
      name: 'sql',
      parameters: { properties: { input: { type: 'string', description: /regex grammar:\nSELECT \.\+/ } } },
      custom: { format: { type: 'grammar' } }
    }
  ])
  t.strictSame(request.tool_choice, { name: 'sql' })
  t.strictSame([...request.extra.keys()], ['tools[0].defer_loading', 'tools[2] (web_search)', 'tools[3] (mcp)'])
})

t.test('a choice among some tools leaves the others out', async t => {
  const tool = (name: string) => ({ type: 'function', name, parameters: {}, strict: false })
  const request = read({
    input: 'Hi',
    tools: [tool('a'), tool('b')],
    tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'b' }] }
  })
  t.strictSame(
    request.tools?.map(({ name }) => name),
    ['b']
  )
  t.equal(request.tool_choice, 'required')
  t.equal(
    read({ input: 'Hi', tool_choice: 'required' }).tool_choice,
    undefined,
    'without tools there is nothing to choose'
  )
})

t.test('what lives at another provider is refused, saying what to do instead', async t => {
  for (const [body, message] of [
    [{ previous_response_id: 'resp_1' }, /^previous_response_id: "resp_1" .* send the whole conversation in input$/],
    [{ conversation: 'conv_1' }, /^conversation: "conv_1" cannot be used with this model/],
    [{ prompt: { id: 'pmpt_1' } }, /^prompt: this cannot be used with this model/],
    [{ background: true }, /^background: this cannot be used with this model/],
    [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, /^input\[0\]: item_reference cannot be used/],
    [{ input: [{ type: 'compaction', encrypted_content: 'x' }] }, /^input\[0\]: compaction cannot be used/]
  ] as const) {
    t.throws(() => read({ input: 'Hi', ...body }), { code: 'GW_AI_REQUEST_INVALID', message })
  }
})

t.test('what is wrong is named with what was expected', async t => {
  for (const [body, message] of [
    [{}, 'input: expected a string or a list of items, found nothing'],
    [
      { input: [{ role: 'robot', content: 'x' }] },
      'input[0].role: expected "user", "assistant", "system" or "developer", found "robot"'
    ],
    [{ input: [{ type: 'function_call', name: 'f' }] }, 'input[0].call_id: expected a string, found nothing'],
    [
      { input: [{ role: 'user', content: [{ type: 'input_image' }] }] },
      'input[0].content[0].image_url: expected an address or a data URL (or file_id instead), found nothing'
    ],
    [{ input: 'x', tools: [{ type: 'function' }] }, 'tools[0].name: expected a string, found nothing'],
    [
      { input: 'x', text: { format: { type: 'xml' } } },
      'text.format.type: expected "text", "json_object" or "json_schema", found "xml"'
    ],
    [
      { input: 'x', tool_choice: 'maybe' },
      'tool_choice: expected "auto", "none", "required" or an object, found "maybe"'
    ],
    [{ input: 'x', max_output_tokens: -1 }, 'max_output_tokens: expected a whole number, at least 0, found -1'],
    [{ input: 'x', metadata: { a: 1 } }, 'metadata.a: expected a string, found 1']
  ] as const) {
    t.throws(() => read(body), { code: 'GW_AI_REQUEST_INVALID', message })
  }
})

t.test('what a provider of the dialect alone knows goes back to one where it stood', async t => {
  const input = [
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
    { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gA' },
    { type: 'web_search_call', id: 'ws_1', status: 'completed' },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Found.', annotations: [] }] },
    { type: 'item_reference', id: 'msg_7' }
  ]
  const tools = [{ type: 'web_search' }]
  const body = { input, tools, tool_choice: { type: 'web_search' }, previous_response_id: 'resp_1', store: true }
  const { body: again, dropped } = write(read(body, { sameDialect: true }))
  t.match(again, body)
  t.strictSame(dropped, [])
})

t.test('a chat is written without a trace at the provider, strict only where it was asked for', async t => {
  const { body, dropped } = write(
    chat([{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }], {
      max_tokens: 1,
      tools: [{ name: 'f' }],
      tool_choice: { name: 'f' },
      top_k: 3,
      stop: ['x'],
      n: 1,
      reasoning: { budget_tokens: 8_000 },
      extra: new Map<string, unknown>([
        ['stream_options', { include_usage: true }],
        ['prompt_cache_key', 'k'],
        ['thinking_style', 'x']
      ])
    })
  )
  t.strictSame(body, {
    model: 'm',
    input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }],
    max_output_tokens: 16,
    tools: [{ type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, strict: false }],
    tool_choice: { type: 'function', name: 'f' },
    reasoning: { effort: 'medium' },
    include: ['reasoning.encrypted_content'],
    store: false,
    prompt_cache_key: 'k'
  })
  t.strictSame(dropped, ['top_k', 'stop', 'thinking_style'])
})

t.test('arguments of a tool say their properties, and a list of no stop sequences is no loss', async t => {
  const { body, dropped } = write(chat([], { tools: [{ name: 'f', parameters: { type: 'object' } }], stop: [] }))
  t.match(body.tools, [{ parameters: { type: 'object', properties: {} } }])
  t.strictSame(dropped, [])
})

t.test('answers and tools are strict only by a schema that OpenAI holds to strictly', async t => {
  const open = { type: 'object', properties: { a: {}, b: {} }, required: ['a'], additionalProperties: false }
  const hi: ChatMessage[] = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }]
  const asked = (schema: JsonObject) =>
    write(
      chat(hi, {
        tools: [{ name: 'f', parameters: schema, strict: true }],
        response_format: { type: 'json_schema', name: 'n', schema, strict: true }
      })
    )
  const { body, dropped } = asked(open)
  t.strictSame(body.text, { format: { type: 'json_schema', name: 'n', schema: open } })
  t.match(body.tools, [{ strict: false }])
  t.strictSame(dropped, ['tools[0].strict', 'response_format.strict'])
  t.match(asked(CLOSED), { body: { text: { format: { strict: true } }, tools: [{ strict: true }] }, dropped: [] })
})

t.test('reasoning goes back only to a provider that can have made it', async t => {
  const { body, dropped } = write(
    chat([
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', text: 'As Claude thinks', signature: 'EqQBCg==' },
          { type: 'text', text: 'Ho' }
        ]
      }
    ])
  )
  t.strictSame(body.input, [
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Ho', annotations: [] }] }
  ])
  t.strictSame(dropped, ['thinking'])
})

t.test('signatures of other dialects come back through a client of Responses', async t => {
  const content: AssistantPart[] = [
    { type: 'thinking', text: 'Let me see.', signature: 'EqQBCg==' },
    { type: 'redacted_thinking', data: 'c2VjcmV0' },
    { type: 'text', text: 'Wait.' },
    { type: 'tool_call', id: 'call:1/ü', name: 'f', arguments: '{}', signature: 'R2VtaW5p' },
    { type: 'tool_call', id: 'call_2', name: 'f', arguments: '{}' }
  ]
  const response = openaiResponses.chat.writeResponse(
    {
      id: 'x',
      model: 'm',
      created: 1,
      choices: [{ index: 0, content, finish_reason: 'tool_calls' }],
      usage: undefined
    },
    { model: 'm', includeUsage: false, request: {} }
  )
  const { messages } = read({ input: response.output })
  t.match(messages, [{ role: 'assistant', content }])
  t.strictSame(messages[0]?.content.length, content.length)
})

const text = fc.string({ minLength: 1 })
const base64 = fc.uint8Array({ maxLength: 30 }).map(bytes => Buffer.from(bytes).toString('base64'))
const textPart = text.map(value => ({ type: 'text' as const, text: value }))
const image = fc.record({
  type: fc.constant('image' as const),
  detail: fc.constantFrom('low', 'high', 'auto'),
  source: fc.oneof(
    fc.record({
      kind: fc.constant('base64' as const),
      media_type: fc.constantFrom('image/png', 'image/jpeg'),
      data: base64
    }),
    fc.record({ kind: fc.constant('url' as const), url: fc.webUrl() }),
    fc.record({ kind: fc.constant('id' as const), file_id: text, of: fc.constant('openai' as const) })
  )
})
const file = fc.record({
  type: fc.constant('file' as const),
  filename: text,
  source: fc.record({ kind: fc.constant('base64' as const), media_type: fc.constant('application/pdf'), data: base64 })
})
const sealed = base64.map(value => (openSealed(`g${value}`) as { value: string }).value)
const call = fc.record({ type: fc.constant('tool_call' as const), id: text, name: text, arguments: fc.string() })
const assistantPart: fc.Arbitrary<AssistantPart> = fc.oneof(
  textPart,
  fc.record({ type: fc.constant('thinking' as const), text, signature: sealed, id: text }),
  fc.record({ type: fc.constant('redacted_thinking' as const), data: sealed, id: text }),
  fc.record({ type: fc.constant('refusal' as const), refusal: fc.string() }),
  call,
  call.map(part => ({ ...part, custom: true }))
)
const list = <T>(each: fc.Arbitrary<T>) => fc.array(each, { minLength: 1, maxLength: 4 })
const turn: fc.Arbitrary<ChatMessage[]> = fc.tuple(
  fc.oneof(
    fc.record({ role: fc.constant('user' as const), content: list(fc.oneof(textPart, image, file)) }),
    fc.record({ role: fc.constantFrom('system' as const, 'developer' as const), content: list(textPart) }),
    fc.record({ role: fc.constant('tool' as const), tool_call_id: text, content: list(fc.oneof(textPart, image)) })
  ),
  fc.record({ role: fc.constant('assistant' as const), content: list(assistantPart) })
)
/** OpenAI holds strictly to no schema that is not. */
const CLOSED = { type: 'object', properties: {}, additionalProperties: false }
const anyChat: fc.Arbitrary<Partial<ChatRequest>> = fc.record(
  {
    max_tokens: fc.integer({ min: 16, max: 100_000 }),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    top_p: fc.double({ min: 0, max: 1, noNaN: true }),
    parallel_tool_calls: fc.boolean(),
    verbosity: fc.constantFrom('low', 'medium', 'high'),
    service_tier: fc.constantFrom('auto', 'flex'),
    user: text,
    metadata: fc.dictionary(
      fc.string().filter(name => name !== '__proto__'),
      fc.string(),
      { minKeys: 1, noNullPrototype: true }
    ),
    tools: list(
      fc.record({
        name: text,
        description: text,
        parameters: fc.constant<Record<string, unknown>>(CLOSED),
        strict: fc.boolean()
      })
    ),
    response_format: fc.oneof(
      fc.constant({ type: 'json_object' as const }),
      fc.record({
        type: fc.constant('json_schema' as const),
        name: text,
        schema: fc.constant(CLOSED),
        strict: fc.boolean()
      })
    ),
    reasoning: fc.record({
      effort: fc.constantFrom('none', 'low', 'high'),
      summary: fc.constantFrom('auto', 'detailed')
    })
  },
  { requiredKeys: [] }
)

t.test('whatever is written is read again as what it was', async t => {
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 4 }), anyChat, (turns, more) => {
      const before = chat(turns.flat(), more)
      const { body, dropped } = write(structuredClone(before))
      const after = readRequest(JSON.parse(JSON.stringify(body)), HINTS)
      t.strictSame(plain({ ...after, extra: [] }), plain({ ...before, extra: [] }))
      t.strictSame(dropped, [])
    }),
    { numRuns: 200 }
  )
  t.end()
})

const KINDS = [
  'message',
  'reasoning',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
  'item_reference',
  'image_generation_call',
  'input_text',
  'output_text',
  'refusal',
  'input_image',
  'input_file',
  'input_audio',
  'function',
  'custom'
]
const NAMES = [
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'text',
  'format',
  'reasoning',
  'summary',
  'content',
  'role',
  'output',
  'call_id',
  'arguments',
  'name',
  'encrypted_content',
  'include',
  'metadata',
  'stream',
  'usage',
  'annotations',
  'response',
  'item',
  'delta',
  'output_index',
  'part',
  'error',
  'status',
  'parameters',
  'image_url',
  '__proto__',
  'input_audio'
]
/** JSON of any shape in the names of the dialect. */
const anyJson = fc.letrec<{ value: unknown; object: JsonObject }>(tie => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(
      null,
      '',
      'user',
      'assistant',
      'auto',
      'sluice-signature:',
      'sluice-call-signature:',
      'data:;base64,'
    ),
    fc.constantFrom(...KINDS),
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object')
  ),
  object: fc
    .tuple(
      fc.constantFrom(...KINDS, undefined),
      fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 8, noNullPrototype: true })
    )
    .map(([type, object]) => ({ ...(type !== undefined && { type }), ...object }))
})).object

function orGatewayError(run: () => unknown): void {
  try {
    run()
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown
  }
}

const EVENTS = [
  'response.created',
  'response.output_item.added',
  'response.output_item.done',
  'response.content_part.added',
  'response.output_text.delta',
  'response.output_text.done',
  'response.output_text.annotation.added',
  'response.refusal.delta',
  'response.function_call_arguments.delta',
  'response.function_call_arguments.done',
  'response.reasoning_summary_part.added',
  'response.reasoning_summary_text.delta',
  'response.completed',
  'response.failed',
  'error',
  ''
]

t.test('JSON of any shape is a result or an error of the gateway', async t => {
  fc.assert(
    fc.property(anyJson, fc.boolean(), (json, sameDialect) => {
      orGatewayError(() => {
        const request = readRequest({ model: 'm', input: [json], ...json }, { ...HINTS, sameDialect })
        write(request)
      })
      orGatewayError(() => {
        const response = openaiResponses.chat.readResponse({ output: [json], ...json })
        openaiResponses.chat.writeResponse(response, { model: 'm', includeUsage: true, request: json })
      })
      openaiResponses.usage(json)
      openaiResponses.readFailure(400, json)
    }),
    { numRuns: 2_000 }
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...EVENTS), anyJson), { maxLength: 12 }), frames => {
      const reader = openaiResponses.chat.streamReader()
      const watch = openaiResponses.streamWatch()
      const writer = openaiResponses.chat.streamWriter({ model: 'm', includeUsage: true, request: {} })
      for (const [event, json] of frames) {
        const frame = { event, data: JSON.stringify({ ...json, ...(event !== '' && { type: event }) }) }
        watch.frame(frame)
        orGatewayError(() => {
          for (const told of reader.read(frame)) writer.write(told)
        })
      }
      return typeof watch.text === 'string'
    }),
    { numRuns: 1_000 }
  )
  t.end()
})

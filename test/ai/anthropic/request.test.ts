import { Buffer } from 'node:buffer'
import t from 'tap'
import type { ChatMessage, ChatRequest, Source } from '../../../core/ai/chat.js'
import { hasForeignThinking } from '../../../core/ai/dialects/anthropic/carried.js'
import { anthropic } from '../../../core/ai/dialects/anthropic/index.js'
import { strictSchema } from '../../../core/ai/dialects/anthropic/schema.js'
import { converse } from '../../../core/ai/dialects/converse/index.js'
import { openaiChat } from '../../../core/ai/dialects/openai-chat/index.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import { anthropic as provider } from '../../../core/ai/providers/anthropic.js'

const HINTS = { model: '', stream: undefined, headers: [] }
const HELLO: ChatMessage = { role: 'user', content: [{ type: 'text', text: 'Hello' }] }
const SCHEMA = { type: 'object', properties: { n: { type: 'integer', minimum: 1 } }, required: ['n'] }

// biome-ignore lint/suspicious/noExplicitAny: what was written is looked into freely
function written(chat: Partial<ChatRequest>): { body: any; dropped: string[]; chat: ChatRequest } {
  const dropped: string[] = []
  const whole: ChatRequest = { model: 'claude-sonnet-4-5', messages: [HELLO], stream: false, extra: new Map(), ...chat }
  return { body: anthropic.chat.writeRequest(whole, { drop: name => dropped.push(name) }), dropped, chat: whole }
}

t.test('a request that is not one is refused with the member that is wrong', async t => {
  const cases: [object, string][] = [
    [{}, 'model'],
    [{ model: 'm' }, 'messages'],
    [{ model: 'm', messages: 'x' }, 'messages'],
    [{ model: 'm', messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].role'],
    [{ model: 'm', messages: [{ role: 'user' }] }, 'messages[0].content'],
    [{ model: 'm', messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text'],
    [
      { model: 'm', messages: [{ role: 'user', content: [{ type: 'image', source: {} }] }] },
      'messages[0].content[0].source.type'
    ],
    [{ model: 'm', messages: [], max_tokens: -1 }, 'max_tokens'],
    [{ model: 'm', messages: [], tools: [{ input_schema: {} }] }, 'tools[0].name'],
    [{ model: 'm', messages: [], tool_choice: { type: 'some' } }, 'tool_choice.type']
  ]
  for (const [body, param] of cases) {
    t.throws(
      () => anthropic.chat.readRequest({ ...body }, HINTS),
      { code: 'GW_AI_REQUEST_INVALID', members: { param } },
      param
    )
  }
})

t.test('max_tokens is what the caller said, or else the most of the catalog, or else 4096', async t => {
  t.equal(written({ max_tokens: 7, defaultMaxTokens: 9 }).body.max_tokens, 7)
  t.equal(written({ defaultMaxTokens: 9 }).body.max_tokens, 9)
  t.equal(written({}).body.max_tokens, 4096)
})

t.test('how much to think is said in the way the model takes it', async t => {
  const ask = (model: string, reasoning: ChatRequest['reasoning'], more: Partial<ChatRequest> = {}) => {
    const { body, dropped } = written({ model, reasoning, ...more })
    return [body.thinking, body.output_config?.effort, body.max_tokens, dropped]
  }
  t.strictSame(ask('claude-sonnet-4-5', { effort: 'low' }), [
    { type: 'enabled', budget_tokens: 2048 },
    undefined,
    6144,
    []
  ])
  t.strictSame(ask('claude-sonnet-4-5', { effort: 'high' }, { max_tokens: 4000 }), [
    { type: 'enabled', budget_tokens: 3200 },
    undefined,
    4000,
    []
  ])
  t.strictSame(ask('claude-sonnet-4-5', { effort: 'low' }, { max_tokens: 1000 }), [
    undefined,
    undefined,
    1000,
    ['reasoning']
  ])
  t.strictSame(ask('claude-opus-4-6', { effort: 'xhigh' }), [{ type: 'adaptive' }, 'max', 4096, []])
  t.strictSame(ask('claude-opus-5', { budget_tokens: 8000 }), [{ type: 'adaptive' }, 'medium', 4096, []])
  t.strictSame(ask('claude-opus-5', { effort: 'none' }), [{ type: 'disabled' }, undefined, 4096, []])
  t.strictSame(ask('claude-fable-5', { effort: 'none' }), [undefined, 'low', 4096, []])
  t.strictSame(ask('claude-sonnet-4-5', { effort: 'none' }), [undefined, undefined, 4096, []])
  t.strictSame(ask('claude-3-haiku-20240307', { effort: 'high' }), [undefined, undefined, 4096, ['reasoning']])
  const forced = { tools: [{ name: 'f' }], tool_choice: 'required' as const }
  t.strictSame(
    ask('claude-opus-5', { effort: 'high' }, forced),
    [undefined, undefined, 4096, ['reasoning']],
    'not with a tool that must be called'
  )
})

t.test('a client of chat completions may leave to Claude how much it thinks', async t => {
  const chat = openaiChat.chat.readRequest(
    { model: 'x', messages: [{ role: 'user', content: 'Hi' }], thinking: { type: 'adaptive', display: 'summarized' } },
    HINTS
  )
  t.match(written({ ...chat, model: 'claude-opus-4-8' }), {
    body: { thinking: { type: 'adaptive', display: 'summarized' } },
    dropped: []
  })
  t.match(written({ ...chat, model: 'claude-sonnet-4-5' }).body, { thinking: { type: 'enabled', budget_tokens: 8192 } })
  t.strictSame([...chat.extra.keys()], [])
})

t.test('a turn of calls that came without its thinking goes on without thinking', async t => {
  const call = { type: 'tool_call' as const, id: 'a', name: 'f', arguments: '{}' }
  const messages: ChatMessage[] = [
    HELLO,
    { role: 'assistant', content: [call] },
    { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'r' }] }
  ]
  const reasoning = { effort: 'medium' }
  t.strictSame(written({ messages, reasoning }).dropped, ['reasoning'])
  const thinking = { type: 'thinking' as const, text: 'hm', signature: 's' }
  messages[1] = { role: 'assistant', content: [thinking, call] }
  t.equal(written({ messages, reasoning }).body.thinking.type, 'enabled')
})

t.test(
  'a schema with maps, or with lists of places, is neither closed nor held to strictly, and that is named',
  async t => {
    const tuple = { type: 'array', prefixItems: [{ type: 'string' }], items: false, minItems: 1 }
    const open = [
      { type: 'object', additionalProperties: { type: 'number' } },
      { type: 'object', properties: {}, additionalProperties: true },
      { type: 'object', patternProperties: { '^x': { type: 'string' } } },
      { type: ['object', 'null'] },
      tuple
    ]
    for (const each of open) {
      const schema = { type: 'object', properties: { list: { type: 'array', items: { anyOf: [each] } } } }
      const format = { type: 'json_schema' as const, name: 'out', schema }
      const tools = [{ name: 'f', parameters: schema, strict: true }]
      const asked = written({ response_format: format })
      t.match(asked.body.tools, [{ name: 'sluice_json_answer', input_schema: schema }])
      t.equal(asked.body.output_config, undefined)
      t.strictSame(asked.dropped, ['response_format.strict'])
      t.strictSame(written({ response_format: { ...format, strict: false } }).dropped, [])
      const called = written({ tools })
      t.strictSame(called.body.tools, [{ name: 'f', input_schema: schema }])
      t.strictSame(called.dropped, ['tools[0].strict'])
      const dropped: string[] = []
      const chat: ChatRequest = {
        model: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
        messages: [HELLO],
        stream: false,
        tools,
        response_format: format,
        extra: new Map()
      }
      const body = converse.chat.writeRequest(chat, { drop: name => dropped.push(name) })
      t.match(body.toolConfig, {
        tools: [
          { toolSpec: { name: 'f', inputSchema: { json: schema }, strict: undefined } },
          { toolSpec: { name: 'sluice_json_answer', inputSchema: { json: schema } } }
        ]
      })
      t.strictSame(dropped, ['response_format.strict', 'tools[0].strict'])
    }
    t.equal(
      written({ tools: [{ name: 'f', strict: true }] }).body.tools[0].strict,
      true,
      'without arguments it is closed'
    )
  }
)

t.test(
  'a model that can be held to a schema is, another calls a tool whose arguments are read as the text',
  async t => {
    const format = { type: 'json_schema' as const, name: 'out', schema: SCHEMA }
    t.strictSame(written({ response_format: format }).body.output_config.format, {
      type: 'json_schema',
      schema: {
        type: 'object',
        properties: { n: { type: 'integer', description: '{minimum: 1}' } },
        required: ['n'],
        additionalProperties: false
      }
    })
    const { body } = written({ model: 'claude-sonnet-4', response_format: format })
    t.match(body, {
      tools: [{ name: 'sluice_json_answer', input_schema: SCHEMA }],
      tool_choice: { type: 'tool', name: 'sluice_json_answer' }
    })
    t.equal(written({ response_format: format, structuredOutput: 'tool' }).body.tools.length, 1, 'as it is told')
    t.match(written({ model: 'claude-sonnet-4', response_format: format, tools: [{ name: 'f' }] }).body.tool_choice, {
      type: 'any'
    })
    const content = [{ type: 'tool_use', id: 't', name: 'sluice_json_answer', input: { n: 2 } }]
    const [choice] = anthropic.chat.readResponse({ content, stop_reason: 'tool_use' }).choices
    t.match(choice, { content: [{ type: 'text', text: '{"n":2}' }], finish_reason: 'stop' })
    const reader = anthropic.chat.streamReader()
    const said = [
      {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'tool_use', id: 't', name: 'sluice_json_answer', input: {} }
      },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"n":' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '2}' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
      { type: 'message_stop' }
    ].flatMap(each => reader.read({ event: each.type, data: JSON.stringify(each) }))
    t.match(said, [
      { type: 'text', text: '{"n":' },
      { type: 'text', text: '2}' },
      { type: 'finish', reason: 'stop' },
      { type: 'end' }
    ])
  }
)

t.test('schemas are closed, and what a grammar cannot hold is said in words', async t => {
  t.strictSame(
    strictSchema({
      $schema: 'x',
      $defs: { a: { type: 'object' } },
      type: 'object',
      additionalProperties: { type: 'string' },
      properties: {
        description: { type: 'string', maxLength: 3, description: 'short' },
        list: {
          type: 'array',
          items: { oneOf: [{ type: 'string', format: 'date' }, { $ref: '#/$defs/a' }] },
          minItems: 1,
          maxItems: 4
        }
      }
    }),
    {
      $defs: { a: { type: 'object', properties: {}, additionalProperties: false } },
      type: 'object',
      properties: {
        description: { type: 'string', description: 'short\n\n{maxLength: 3}' },
        list: {
          type: 'array',
          items: { anyOf: [{ type: 'string', format: 'date' }, { $ref: '#/$defs/a' }] },
          minItems: 1,
          description: '{maxItems: 4}'
        }
      },
      additionalProperties: false
    }
  )
})

t.test('messages become turns that alternate, results first, instructions in their place, nothing empty', async t => {
  const { body, dropped } = written({
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'One.' }] },
      { role: 'assistant', content: [{ type: 'tool_call', id: 'functions.f:0', name: 'f', arguments: '{broken' }] },
      { role: 'user', content: [{ type: 'text', text: 'First' }] },
      { role: 'tool', tool_call_id: 'functions.f:0', content: [{ type: 'text', text: '' }] },
      { role: 'developer', content: [{ type: 'text', text: 'Two.' }] },
      { role: 'user', content: [{ type: 'audio', format: 'wav', data: '' }] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', text: 'no proof' },
          { type: 'text', text: 'Yes: ' }
        ]
      }
    ]
  })
  t.strictSame(body.system, [
    { type: 'text', text: 'One.' },
    { type: 'text', text: 'Two.' }
  ])
  t.strictSame(body.messages, [
    { role: 'user', content: [{ type: 'text', text: '.' }] },
    {
      role: 'assistant',
      content: [{ type: 'tool_use', id: 'functions_f_0', name: 'f', input: { INVALID_JSON: '{broken' } }]
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'functions_f_0' },
        { type: 'text', text: 'First' }
      ]
    },
    { role: 'assistant', content: [{ type: 'text', text: 'Yes:' }] }
  ])
  t.match(
    body,
    { tools: [{ name: 'f' }], tool_choice: { type: 'none' } },
    'tools of the history are there, not to be called'
  )
  t.strictSame(dropped, ['messages[5].content[0].audio', 'messages[6].content[0].thinking'])
  const alone = written({ messages: [{ role: 'system', content: [{ type: 'text', text: 'Only.' }] }] }).body
  t.strictSame(
    [alone.system, alone.messages],
    [undefined, [{ role: 'user', content: [{ type: 'text', text: 'Only.' }] }]]
  )
})

t.test('bytes go as bytes also when they came in an address', async t => {
  const image = { type: 'image' as const, source: { kind: 'url' as const, url: 'data:image/png;base64,iVBO' } }
  const file = {
    type: 'file' as const,
    source: { kind: 'url' as const, url: 'data:text/csv;charset=utf-8;base64,YSxi' },
    filename: 'a.csv'
  }
  const messages: ChatMessage[] = [{ role: 'user', content: [image, file] }]
  t.strictSame(written({ messages }).body.messages[0].content, [
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBO' } },
    { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,b' }, title: 'a.csv' }
  ])
  const chat = { model: 'amazon.nova-pro-v1:0', messages, stream: false, extra: new Map() }
  t.match(converse.chat.writeRequest(chat, { drop: name => t.fail(name) }).messages, [
    {
      content: [
        { text: '.' },
        { image: { format: 'png', source: { bytes: 'iVBO' } } },
        { document: { format: 'csv', name: 'a-1', source: { bytes: 'YSxi' } } }
      ]
    }
  ])
})

t.test('of files Anthropic takes PDF, text and images: others are left out and named', async t => {
  const file = (source: Source) => ({ type: 'file' as const, source })
  const url = (media_type?: string) => file({ kind: 'url', url: 'https://a.example/b', media_type })
  const bytes = (media_type: string) => file({ kind: 'base64', media_type, data: 'AAAA' })
  const content = [url(), url('application/pdf'), url('image/png'), url('video/mp4'), url('text/plain')]
  content.push(bytes('application/pdf'), bytes('image/png'), bytes('video/mp4'), bytes('application/zip'))
  const { body, dropped } = written({ messages: [{ role: 'user', content }] })
  t.match(body.messages[0].content, [
    { type: 'document', source: { type: 'url', url: 'https://a.example/b' } },
    { type: 'document', source: { type: 'url' } },
    { type: 'image', source: { type: 'url' } },
    { type: 'document', source: { type: 'base64' } },
    { type: 'image', source: { type: 'base64' } }
  ])
  t.strictSame(
    dropped,
    [3, 4, 7, 8].map(i => `messages[0].content[${i}].file`)
  )
})

t.test('tools that only Anthropic runs stay tools to be called, and blocks go back only where they were', async t => {
  const body = {
    model: 'claude-sonnet-4-5',
    tools: [{ type: 'web_search_20250305', name: 'web_search' }],
    tool_choice: { type: 'any' },
    messages: [
      { role: 'user', content: 'a' },
      { role: 'user', content: 'b' },
      { role: 'assistant', content: [{ type: 'server_tool_use', id: 's', name: 'web_search', input: {} }] },
      { role: 'user', content: 'c' }
    ]
  }
  const read = () => anthropic.chat.readRequest(body, HINTS)
  const same = anthropic.chat.writeRequest(read(), { drop: name => t.fail(name) })
  t.match(same, { tools: body.tools, tool_choice: { type: 'any' } })
  t.match(same.messages, [
    { content: [{ text: 'a' }, { text: 'b' }] },
    { content: [{ type: 'server_tool_use' }] },
    { content: [{ text: 'c' }] }
  ])
  const dropped: string[] = []
  const changed = read()
  changed.messages.splice(0, 2)
  anthropic.chat.writeRequest(changed, { drop: name => dropped.push(name) })
  t.strictSame(dropped, ['messages[2].content[0].server_tool_use'])
})

t.test('what a model does not take is left out and named', async t => {
  const sampling = { temperature: 2, top_p: 0.5, top_k: 3, stop: [' ', 'x'] }
  const old = written({ model: 'claude-3-5-haiku-20241022', ...sampling })
  t.match(old.body, { temperature: 1, top_p: 0.5, top_k: 3, stop_sequences: ['x'] })
  t.strictSame(old.dropped, ['temperature', 'stop'], 'the nearest is not what was asked for')
  t.strictSame(written({ ...sampling }).dropped, ['temperature', 'top_p', 'stop'], 'one of temperature and top_p')
  t.strictSame(written({ model: 'claude-opus-5', ...sampling }).dropped, ['temperature', 'top_p', 'top_k', 'stop'])
  t.match(written({ temperature: 0.5 }), { body: { temperature: 0.5 }, dropped: [] })
  const names: string[] = []
  const nova = { model: 'amazon.nova-pro-v1:0', messages: [HELLO], stream: false, extra: new Map(), temperature: 1.5 }
  t.match(converse.chat.writeRequest(nova, { drop: name => names.push(name) }), { inferenceConfig: { temperature: 1 } })
  t.strictSame(names, ['temperature'])
  const all = written({ n: 2, seed: 1, logprobs: true, verbosity: 'low', metadata: { a: 'b' }, service_tier: 'flex' })
  t.strictSame(all.dropped, ['service_tier', 'seed', 'logprobs', 'verbosity', 'metadata', 'n'])
})

t.test("members that callers of other dialects give by Anthropic's names are taken", async t => {
  const extra = new Map<string, unknown>([
    ['thinking', { type: 'adaptive' }],
    ['mcp_servers', []],
    ['unknown', 1]
  ])
  const { body, chat } = written({ extra })
  t.match(body, { thinking: { type: 'adaptive' }, mcp_servers: [] })
  t.strictSame([...chat.extra.keys()], ['unknown'])
})

t.test('thinking of other providers is known, so that such a request is not sent untouched', async t => {
  t.ok(hasForeignThinking(Buffer.from('{"signature":"sluice:call:x"}')))
  t.ok(hasForeignThinking(Buffer.from('{"signature": ""}')))
  t.notOk(hasForeignThinking(Buffer.from('{"signature":"EqQB"}')))
})

t.test('where tokens are counted only what counts is sent', async t => {
  const { body } = written({ temperature: 0, stream: true, user: 'u', tools: [{ name: 'f' }] })
  const call = {
    operation: 'count-tokens' as const,
    dialect: anthropic,
    model: 'm',
    stream: false,
    path: '',
    query: '',
    headers: []
  }
  provider.finish?.(body, { ...call, account: { baseUrl: '', region: '', options: {} } })
  t.strictSame(Object.keys(body).sort(), ['messages', 'model', 'tools'])
})

t.test('a message that says all at its start is read', async t => {
  const message = {
    id: 'm',
    model: 'c',
    stop_reason: 'tool_use',
    content: [{ type: 'tool_use', id: 't', name: 'f', input: { a: 1 } }]
  }
  const reader = anthropic.chat.streamReader()
  const said = [{ type: 'message_start', message }, { type: 'message_stop' }].flatMap(each =>
    reader.read({ event: '', data: JSON.stringify(each) })
  )
  t.match(said, [
    { type: 'start' },
    { type: 'tool_call', id: 't' },
    { type: 'arguments', text: '{"a":1}' },
    { type: 'finish', reason: 'tool_calls' },
    { type: 'end' }
  ])
})

t.test('failures are told apart by type, by status and by words', async t => {
  const error = (type: string, message: string) => ({ type: 'error', error: { type, message } })
  const cases: [number, unknown, string][] = [
    [400, error('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'), 'context_window'],
    [
      400,
      error('invalid_request_error', 'input length and `max_tokens` exceed context limit: 1 + 2 > 3'),
      'context_window'
    ],
    [400, error('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'), 'credit'],
    [400, error('invalid_request_error', 'Output blocked by content filtering policy'), 'content_policy'],
    [400, error('invalid_request_error', 'max_tokens: field required'), 'invalid_request'],
    [402, error('billing_error', 'x'), 'credit'],
    [413, error('request_too_large', 'x'), 'too_large'],
    [429, error('rate_limit_error', 'x'), 'rate_limit'],
    [529, error('overloaded_error', 'x'), 'overloaded'],
    [500, error('api_error', 'x'), 'server'],
    [529, '<html>', 'overloaded'],
    [0, error('overloaded_error', 'x'), 'overloaded'],
    [429, { error: { code: 429, message: 'Quota exceeded', status: 'RESOURCE_EXHAUSTED' } }, 'rate_limit'],
    [403, { message: 'denied' }, 'permission'],
    [400, { message: 'Input is too long for requested model.' }, 'context_window']
  ]
  for (const [status, body, kind] of cases)
    t.match(anthropic.readFailure(status, body), { kind, status }, `${status} ${kind}`)
  const bedrock: [number, unknown, string][] = [
    [400, { message: 'Input is too long for requested model.' }, 'context_window'],
    [400, { __type: 'com.amazon.coral.service#ThrottlingException', message: 'x' }, 'rate_limit'],
    [403, { message: 'The security token included in the request is invalid.' }, 'authentication'],
    [403, { Message: 'You do not have access to the model' }, 'permission'],
    [424, { message: 'x' }, 'server'],
    [408, { message: 'x' }, 'timeout'],
    [503, 'busy', 'overloaded']
  ]
  for (const [status, body, kind] of bedrock)
    t.match(converse.readFailure(status, body), { kind, status }, `bedrock ${status} ${kind}`)
  const long = anthropic.writeFailure({ kind: 'context_window', status: 400, message: 'too many tokens' }, '')
  t.match(long.body, { error: { message: /^prompt is too long/ } }, 'clients know it by these words')
})

t.test('what clouds that sell Claude say of an error is not in Anthropic’s words', async t => {
  t.equal(anthropic.ownFailure?.({ type: 'error', error: { type: 'rate_limit_error', message: 'x' } }), true)
  t.equal(anthropic.ownFailure?.({ message: 'Too many requests' }), false, 'Bedrock')
  t.equal(anthropic.ownFailure?.({ error: { code: 429, message: 'x', status: 'RESOURCE_EXHAUSTED' } }), false, 'Vertex')
  t.equal(converse.ownFailure?.({ message: 'Too many requests' }), true)
  t.equal(converse.ownFailure?.({ type: 'error', error: {} }), false)
})

t.test('an answer that is begun for a model which does not go on with one is asked for by the user', async t => {
  const begun: ChatMessage[] = [HELLO, { role: 'assistant', content: [{ type: 'text', text: 'Well, ' }] }]
  const last = (model: string, more: Partial<ChatRequest> = {}) => {
    const { body, dropped } = written({ model, messages: begun, ...more })
    return [body.messages.at(-1).role, dropped]
  }
  for (const model of ['claude-opus-4-6', 'claude-sonnet-4-6', 'claude-opus-5', 'claude-fable-5']) {
    t.strictSame(last(model), ['user', ['messages[1]']], model)
  }
  for (const model of ['claude-sonnet-4-5', 'claude-3-7-sonnet-20250219']) {
    t.strictSame(last(model), ['assistant', []], model)
    t.strictSame(
      last(model, { reasoning: { effort: 'low' } }),
      ['user', ['messages[1]']],
      'nor does it where it thinks'
    )
  }
  const chat: ChatRequest = { model: '', messages: begun, stream: false, extra: new Map() }
  const atBedrock = (model: string) => {
    const body = converse.chat.writeRequest({ ...chat, model }, { drop: () => undefined })
    return (body.messages as { role: string }[]).at(-1)?.role
  }
  t.equal(atBedrock('anthropic.claude-opus-4-6-v1'), 'user')
  t.equal(atBedrock('anthropic.claude-sonnet-4-5-20250929-v1:0'), 'assistant')
  t.equal(atBedrock('amazon.nova-pro-v1:0'), 'assistant')
})

t.test('citations that come after a call open no empty text, and wait for the next', async t => {
  const writer = anthropic.chat.streamWriter({ model: 'm', includeUsage: true, request: {} })
  const annotation = { type: 'url_citation' as const, url: 'https://a.example' }
  const events: ChatEvent[] = [
    { type: 'start', id: 'x', model: 'm', created: 1 },
    { type: 'text', choice: 0, text: 'a' },
    { type: 'tool_call', choice: 0, call: 0, id: 't', name: 'f' },
    { type: 'arguments', choice: 0, call: 0, text: '{}' },
    { type: 'annotation', choice: 0, annotation }
  ]
  const ends: ChatEvent[] = [{ type: 'finish', choice: 0, reason: 'tool_calls' }, { type: 'end' }]
  const told = (all: readonly ChatEvent[]) => {
    return all.flatMap(event => writer.write(event)).map(({ data }) => JSON.parse(data))
  }
  const starts = [...told(events), ...told(ends)].filter(({ type }) => type === 'content_block_start')
  t.match(starts, [{ content_block: { type: 'text' } }, { content_block: { type: 'tool_use' } }])
  t.equal(starts.length, 2)
})

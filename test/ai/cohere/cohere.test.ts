import { Buffer } from 'node:buffer'
import t from 'tap'
import type { ChatRequest } from '../../../core/ai/chat.js'
import { writeFinish } from '../../../core/ai/dialects/cohere/finish.js'
import { cohere as dialect } from '../../../core/ai/dialects/cohere/index.js'
import { openaiChat } from '../../../core/ai/dialects/openai-chat/index.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { bedrock } from '../../../core/ai/providers/bedrock.js'
import { cohere } from '../../../core/ai/providers/cohere.js'
import type { ProviderCall } from '../../../core/ai/providers/provider.js'
import { dropping, eventsOf, NO_HINTS, wishFor } from '../support/replay.js'

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

t.test('a conversation with calls is told in Cohere’s words', async t => {
  const chat: ChatRequest = {
    model: 'command-a',
    stream: true,
    max_tokens: 9,
    top_p: 0.5,
    top_k: 3,
    stop: ['END'],
    n: 2,
    messages: [
      { role: 'developer', content: [{ type: 'text', text: 'Be brief.' }] },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is it?' },
          { type: 'image', source: { kind: 'base64', media_type: 'image/png', data: 'AA' }, detail: 'low' },
          { type: 'audio', format: 'wav', data: 'AA' }
        ]
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'I look.' },
          { type: 'tool_call', id: 'a', name: 'look', arguments: '{"at":1}' }
        ]
      },
      { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'a cat' }] }
    ],
    tools: [{ name: 'look', description: 'Looks.' }, { name: 'other' }],
    tool_choice: { name: 'look' },
    response_format: { type: 'json_schema', name: 'x', schema: { type: 'object' } },
    reasoning: { budget_tokens: 100 },
    extra: new Map<string, unknown>([['safety_mode', 'OFF']])
  }
  const dropped = dropping()
  t.strictSame(plain(dialect.chat.writeRequest(chat, dropped)), {
    model: 'command-a',
    messages: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is it?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA', detail: 'low' } }
        ]
      },
      {
        role: 'assistant',
        tool_plan: 'I look.',
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'look', arguments: '{"at":1}' } }]
      },
      { role: 'tool', tool_call_id: 'a', content: 'a cat' }
    ],
    stream: true,
    max_tokens: 9,
    p: 0.5,
    k: 3,
    stop_sequences: ['END'],
    tools: [
      {
        type: 'function',
        function: { name: 'look', description: 'Looks.', parameters: { type: 'object', properties: {} } }
      }
    ],
    tool_choice: 'REQUIRED',
    response_format: { type: 'json_object', json_schema: { type: 'object' } },
    thinking: { type: 'enabled', token_budget: 100 },
    safety_mode: 'OFF'
  })
  t.strictSame(dropped.names, ['messages[1].content[2]', 'n'])
  t.equal(chat.extra.size, 0)
})

t.test('a request that is wrong is refused with the place, and what was expected', async t => {
  const wrong: [JsonObject, string][] = [
    [{ messages: [{}] }, 'messages[0].role: expected a string, found nothing'],
    [{ model: 'm', messages: [] }, 'messages: expected a list with at least one message, found nothing'],
    [
      { model: 'm', messages: [{ role: 'bot' }] },
      'messages[0].role: expected "system", "user", "assistant" or "tool", found "bot"'
    ],
    [{ model: 'm', messages: [{ role: 'user', content: 'x' }], p: '1' }, 'p: expected a number, found "1"']
  ]
  for (const [body, message] of wrong) {
    const hints = { ...NO_HINTS, model: body.model === undefined ? 'm' : '' }
    t.throws(() => dialect.chat.readRequest(body, hints), { code: 'GW_AI_REQUEST_INVALID', message })
  }
})

t.test('citations with an address are told; an answer that ended with an error is a failure', async t => {
  const lines = [
    { type: 'message-start', id: 'x', delta: { message: {} } },
    {
      type: 'citation-start',
      index: 0,
      delta: {
        message: {
          citations: {
            start: 1,
            end: 2,
            sources: [{ document: { url: 'https://a.example', title: 'A' } }, { document: {} }]
          }
        }
      }
    },
    { type: 'unknown-event' },
    { type: 'message-end', delta: { finish_reason: 'ERROR', error: 'it broke' } }
  ]
  const bytes = Buffer.from(lines.map(line => `event: ${line.type}\ndata: ${JSON.stringify(line)}\n\n`).join(''))
  t.match(eventsOf(dialect, [bytes]), [
    { type: 'start', id: 'x' },
    { type: 'annotation', annotation: { url: 'https://a.example', title: 'A', start_index: 1, end_index: 2 } },
    { type: 'failure', failure: { kind: 'server', message: 'it broke' } },
    { type: 'end' }
  ])
  t.match(dialect.failureIn?.({ finish_reason: 'TIMEOUT' }), { kind: 'timeout' })
})

t.test('a call without arguments has an object of none, whole and streamed', async t => {
  const call = (id: string, text: string) => ({ type: 'tool_call' as const, id, name: 'f', arguments: text })
  const content = [call('a', ''), call('b', '{"x":1}'), call('c', '')]
  const choices = [{ index: 0, content, finish_reason: 'tool_calls' as const }]
  const whole = dialect.chat.writeResponse({ id: 'x', model: 'm', created: 1, choices, usage: undefined }, wishFor('m'))
  const written = ['{}', '{"x":1}', '{}'].map(text => ({ function: { name: 'f', arguments: text } }))
  t.match(whole, { message: { tool_calls: written } })
  const events = content.flatMap((part, i): ChatEvent[] => [
    { type: 'tool_call', choice: 0, call: i, id: part.id, name: part.name },
    { type: 'arguments', choice: 0, call: i, text: part.arguments }
  ])
  const writer = dialect.chat.streamWriter(wishFor('m'))
  const frames = [...events, { type: 'end' } as const].flatMap(event => writer.write(event))
  const calls = frames
    .map(({ data }) => (data === '[DONE]' ? {} : JSON.parse(data)))
    .filter(({ type }) => /^tool/.test(type))
  t.strictSame(
    calls.map(({ type, index, delta }) => [type, index, delta?.message.tool_calls.function.arguments]),
    ['{}', '{"x":1}', '{}'].flatMap((text, i) => [
      ['tool-call-start', i, ''],
      ['tool-call-delta', i, text],
      ['tool-call-end', i, undefined]
    ])
  )
})

t.test('calls that come side by side are streamed one after the other', async t => {
  const begin = (call: number): ChatEvent => ({ type: 'tool_call', choice: 0, call, id: `${call}`, name: 'f' })
  const more = (call: number, text: string): ChatEvent => ({ type: 'arguments', choice: 0, call, text })
  const writer = dialect.chat.streamWriter(wishFor('m'))
  const events = [begin(0), begin(1), more(0, '{"a"'), more(1, '{}'), more(0, ':1}'), { type: 'end' } as const]
  const told = events
    .flatMap(event => writer.write(event))
    .flatMap(({ data }) => (data.includes('"tool-') ? [JSON.parse(data)] : []))
    .map(({ type, index, delta }) => [type.slice(10), index, delta?.message.tool_calls.function.arguments])
  t.strictSame(told, [
    ['start', 0, ''],
    ['delta', 0, '{"a"'],
    ['delta', 0, ':1}'],
    ['end', 0, undefined],
    ['start', 1, ''],
    ['delta', 1, '{}'],
    ['end', 1, undefined]
  ])
})

const said = (text: string) => [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }]

t.test('what Cohere has other bounds for is the nearest that it takes, what it has nothing like is named', async t => {
  const written = (more: Partial<ChatRequest>) => {
    const dropped = dropping()
    const chat = { model: 'command-a-03-2025', stream: false, messages: said('Hi'), extra: new Map(), ...more }
    const {
      model: _,
      messages: __,
      stream: ___,
      ...rest
    } = plain(dialect.chat.writeRequest(chat, dropped)) as JsonObject
    return [rest, dropped.names]
  }
  t.strictSame(written({ top_p: 1, top_k: 1000 }), [{ p: 0.99, k: 500 }, ['top_k']])
  t.strictSame(written({ top_p: 0 }), [{ p: 0.01 }, []])
  t.strictSame(written({ frequency_penalty: 2, presence_penalty: -1 }), [
    { frequency_penalty: 1 },
    ['frequency_penalty', 'presence_penalty']
  ])
  t.strictSame(written({ presence_penalty: 0.5 }), [{ presence_penalty: 0.5 }, []])
  const stop = ['a', 'b', 'c', 'd', 'e', 'f']
  t.strictSame(written({ stop }), [{ stop_sequences: stop.slice(0, 5) }, ['stop']])
  t.strictSame(written({ reasoning: { effort: 'high' } }), [{}, ['reasoning']])
  const reasons = { model: 'command-a-reasoning-08-2025', reasoning: { effort: 'high' as const } }
  t.strictSame(written(reasons), [{ thinking: { type: 'enabled' } }, []])
})

t.test('a message of which nothing is left still has something in it', async t => {
  const dropped = dropping()
  const content = [{ type: 'audio' as const, format: 'wav', data: 'AA' }]
  const chat = { model: 'm', stream: false, messages: [{ role: 'user' as const, content }], extra: new Map() }
  t.match(dialect.chat.writeRequest(chat, dropped), { messages: [{ role: 'user', content: '.' }] })
  t.strictSame(dropped.names, ['messages[0].content[0]'])
})

t.test('beside tools a format is asked for in words, and named; where no tool may be called it stays', async t => {
  const adapted = (more: Partial<ChatRequest>) => {
    const dropped = dropping()
    const chat: ChatRequest = { model: 'm', stream: false, messages: said('Hi'), extra: new Map(), ...more }
    cohere.adapt?.(chat, dropped)
    return { chat, dropped: dropped.names }
  }
  const response_format = { type: 'json_schema' as const, name: 'x', schema: { type: 'object', title: 'A thing' } }
  const tools = [{ name: 'look' }]
  const both = adapted({ response_format, tools })
  t.equal(both.chat.response_format, undefined)
  t.match(both.chat.messages[0], { role: 'system', content: [{ text: /JSON schema[\s\S]*"title":"A thing"/ }] })
  t.strictSame(both.dropped, ['response_format'])
  const none = adapted({ response_format, tools, tool_choice: 'none' })
  t.match(none, { chat: { response_format, tools: undefined, tool_choice: undefined }, dropped: [] })
  t.match(adapted({ response_format }), { chat: { response_format }, dropped: [] })
  t.match(adapted({ tools }), { chat: { tools }, dropped: [] })
  const json = { type: 'json_object' as const }
  t.match(adapted({ response_format: json }).chat.messages[0], { role: 'system', content: [{ text: /JSON object/ }] })
})

t.test('errors are told by kind', async t => {
  const kind = (status: number, message: string) => dialect.readFailure(status, { message }).kind
  t.equal(kind(400, 'too many tokens: size limit exceeded by 11326 tokens.'), 'context_window')
  t.equal(kind(429, 'You are using a Trial key, which is limited to 10 API calls / minute.'), 'rate_limit')
  t.equal(kind(429, 'You are using a Trial key, which is limited to 1000 API calls / month.'), 'credit')
  t.equal(kind(401, 'invalid api token'), 'authentication')
  t.equal(kind(402, 'billing'), 'credit')
  t.equal(kind(404, 'model not found'), 'not_found')
  t.equal(kind(498, 'blocked'), 'content_policy')
  t.match(dialect.readFailure(422, { detail: 'Voyage says so' }), {
    message: 'Voyage says so',
    kind: 'invalid_request'
  })
})

t.test('what is billed is told apart from what was used, where there is a bill', async t => {
  const tokens = { input_tokens: 71_000, output_tokens: 418 }
  const used = (billed_units: unknown) => dialect.usage({ usage: { billed_units, tokens } })
  t.match(used({ input_tokens: 5, output_tokens: 418 }), {
    input: 71_000,
    output: 418,
    billed: { input: 5, output: 418 }
  })
  t.match(used({ search_units: 1 }), { input: 71_000, searches: 1, billed: { input: 0, output: 0 } })
  for (const none of [undefined, null, {}, { input_tokens: 71_000, output_tokens: 418 }]) {
    t.equal(used(none)?.billed, undefined, JSON.stringify(none))
  }
})

t.test('vectors are asked for by what they are for', async t => {
  const dropped = dropping()
  const request = { model: 'e', input: ['a'], task: 'retrieval_query', dimensions: 256, user: 'u', extra: new Map() }
  t.strictSame(dialect.embeddings?.writeRequest(request, dropped), {
    model: 'e',
    texts: ['a'],
    input_type: 'search_query',
    embedding_types: ['float'],
    output_dimension: 256
  })
  t.strictSame(dropped.names, ['user'])
  const older = { ...request, model: 'embed-english-v3.0', user: undefined }
  t.equal(dialect.embeddings?.writeRequest(older, dropped).output_dimension, undefined, 'its vectors have one size')
  t.strictSame(dropped.names, ['user', 'dimensions'])
  for (const [truncate, cut] of [
    [true, 'END'],
    [false, 'NONE'],
    ['START', 'START']
  ] as const) {
    const asked = { ...request, extra: new Map([['truncate', truncate]]) }
    t.equal(dialect.embeddings?.writeRequest(asked, dropped).truncate, cut)
  }
  const wish = wishFor('e', { embedding_types: ['base64'] })
  const response = { model: '', embeddings: [[1]], usage: undefined }
  t.match(dialect.embeddings?.writeResponse(response, wish), { embeddings: { base64: ['AACAPw=='] } })
  t.throws(() => dialect.embeddings?.writeRequest({ ...request, input: [[1, 2]] }, dropped), {
    code: 'GW_AI_REQUEST_INVALID',
    message: 'input[0]: expected a text: this provider takes no token numbers, found [1,2]'
  })
})

t.test('documents are ranked: objects as text for Cohere, shown to who wants them', async t => {
  const body = {
    model: 'r',
    query: 'q',
    documents: ['a', { title: 'T', text: 'b: c' }, { text: 'd' }],
    top_n: 2,
    return_documents: true
  }
  const request = dialect.rerank?.readRequest(body, NO_HINTS)
  const wire = request && dialect.rerank?.writeRequest(request, dropping())
  t.strictSame(wire, body)
  const call: ProviderCall = {
    operation: 'rerank',
    dialect,
    model: 'r',
    stream: false,
    path: '',
    query: '',
    headers: [],
    account: { baseUrl: '', region: '', options: {} }
  }
  cohere.finish?.(wire ?? {}, call)
  t.strictSame(wire, { model: 'r', query: 'q', documents: ['a', 'title: T\ntext: "b: c"', 'd'], top_n: 2 })
  t.equal(cohere.address(call).path, '/v2/rerank')

  const ranked = { id: 'i', model: '', results: [{ index: 0, relevance_score: 0.5 }], usage: undefined, searchUnits: 1 }
  t.match(dialect.rerank?.writeResponse(ranked, wishFor('r', body)), {
    model: 'r',
    results: [{ index: 0, relevance_score: 0.5, document: { text: 'a' } }],
    meta: { billed_units: { search_units: 1 } }
  })
})

t.test('rerank as others serve it is written anew: texts alone go there', async t => {
  const texts = { query: 'q', documents: ['a', 'b'], top_n: 1 }
  t.equal(cohere.rewrites?.('rerank', texts), undefined)
  t.equal(cohere.rewrites?.('chat', { documents: [{}] }), undefined)
  for (const old of [{ documents: ['a', { text: 'b' }] }, { return_documents: true }, { rank_fields: ['text'] }]) {
    t.equal(cohere.rewrites?.('rerank', { ...texts, ...old }), 'both', JSON.stringify(old))
    t.equal(bedrock.rewrites?.('rerank', { ...texts, ...old }), 'both')
  }
  for (const provider of [cohere, bedrock]) {
    const body: JsonObject = {
      query: 'q',
      documents: ['a', { text: 'b' }, { title: 'T: x', text: 'c', id: 7 }],
      rank_fields: ['title', 'text'],
      return_documents: true
    }
    const call = { operation: 'rerank', dialect, model: 'r' } as ProviderCall
    provider.finish?.(body, call)
    t.strictSame(body, { query: 'q', documents: ['a', 'text: b', 'title: "T: x"\ntext: c'] })
  }
})

t.test('an answer that ended at a stop sequence, or was refused, says so', async t => {
  t.equal(writeFinish('stop', 'END'), 'STOP_SEQUENCE')
  t.equal(writeFinish('stop', undefined), 'COMPLETE')
  t.equal(writeFinish('refusal', undefined), 'ERROR_TOXIC')
})

t.test('images to embed go to Cohere however OpenAI’s clients write them', async t => {
  const url = 'data:image/png;base64,iVBORw0KGgo='
  const written = (model: string, input: unknown) => {
    const request = openaiChat.embeddings?.readRequest({ model, input }, NO_HINTS)
    return request && dialect.embeddings?.writeRequest(request, { drop: () => undefined })
  }
  for (const input of [url, [url], [{ image: url }], [{ type: 'image_url', image_url: { url } }]]) {
    t.match(written('embed-english-v3.0', input), { images: [url], input_type: 'image', texts: undefined })
    t.match(written('embed-v4.0', input), {
      inputs: [{ content: [{ type: 'image_url', image_url: { url } }] }],
      input_type: 'search_document'
    })
  }
  t.throws(() => written('embed-english-v3.0', [url, 'a']), { code: 'GW_AI_REQUEST_INVALID', message: /input\[1\]/ })
  t.match(written('embed-english-v3.0', 'a'), { texts: ['a'], input_type: 'search_document' })
})

import { Buffer } from 'node:buffer'
import t from 'tap'
import type { ChatRequest } from '../../../core/ai/chat.js'
import { cohere as dialect } from '../../../core/ai/dialects/cohere/index.js'
import type { JsonObject } from '../../../core/ai/members.js'
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

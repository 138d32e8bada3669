import t from 'tap'
import { openaiResponses } from '../../../core/ai/dialects/openai-responses/index.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import { isObject, type JsonObject } from '../../../core/ai/members.js'
import { carriesForeignSignatures } from '../../../core/ai/signatures.js'
import { answerOf } from './openai-responses-support.js'

function written(events: ChatEvent[], request: JsonObject = {}): JsonObject[] {
  const writer = openaiResponses.chat.streamWriter({ model: 'm', includeUsage: true, request })
  return events
    .flatMap(event => writer.write(event))
    .map(({ event, data }) => {
      const body = JSON.parse(data)
      if (body.type !== event) throw new Error(`${event} is not ${body.type}`)
      return body
    })
}

function read(...events: JsonObject[]): ChatEvent[] {
  const reader = openaiResponses.chat.streamReader()
  return events.flatMap(event => reader.read({ event: '', data: JSON.stringify(event) }))
}

t.test('a stream is told in the order the API tells it', async t => {
  const events = written([
    { type: 'start', id: 'resp_12345678', model: 'm', created: 7 },
    { type: 'thinking', choice: 0, text: 'Hm' },
    { type: 'text', choice: 0, text: '' },
    { type: 'text', choice: 0, text: 'Hi' },
    { type: 'tool_call', choice: 0, call: 0, id: 'call_1', name: 'f' },
    { type: 'arguments', choice: 0, call: 0, text: '{}' },
    { type: 'text', choice: 1, text: 'another answer' },
    { type: 'finish', choice: 0, reason: 'tool_calls' },
    { type: 'end' },
    { type: 'end' }
  ])
  t.strictSame(
    events.map(({ type, output_index: index }) => [type, ...(index === undefined ? [] : [index])].join(' ')),
    [
      'response.created',
      'response.in_progress',
      'response.output_item.added 0',
      'response.reasoning_summary_part.added 0',
      'response.reasoning_summary_text.delta 0',
      'response.reasoning_summary_text.done 0',
      'response.reasoning_summary_part.done 0',
      'response.output_item.done 0',
      'response.output_item.added 1',
      'response.content_part.added 1',
      'response.output_text.delta 1',
      'response.output_text.done 1',
      'response.content_part.done 1',
      'response.output_item.done 1',
      'response.output_item.added 2',
      'response.function_call_arguments.delta 2',
      'response.function_call_arguments.done 2',
      'response.output_item.done 2',
      'response.completed'
    ]
  )
  t.match(events[0], { response: { id: 'resp_12345678', status: 'in_progress', output: [], created_at: 7 } })
  t.match(events.at(-1), { response: { id: 'resp_12345678', status: 'completed' } })
})

t.test('ids of other dialects, which need not be unique, become new ones', async t => {
  const ids = [0, 1].map(
    () => written([{ type: 'start', id: 'chatcmpl-1', model: 'm', created: 0 }])[0]?.response as JsonObject
  )
  t.match(ids[0], { id: /^resp_[0-9a-f]{48}$/ })
  t.not(ids[0]?.id, ids[1]?.id)
})

t.test('a call without arguments has an object of none, whole and streamed; free text may be empty', async t => {
  const events = written([
    { type: 'start', id: 'x', model: 'm', created: 1 },
    { type: 'tool_call', choice: 0, call: 0, id: 'a', name: 'f' },
    { type: 'arguments', choice: 0, call: 0, text: '' },
    { type: 'tool_call', choice: 0, call: 1, id: 'b', name: 'sql', custom: true },
    { type: 'finish', choice: 0, reason: 'tool_calls' },
    { type: 'end' }
  ])
  const of = (type: string) => events.filter(event => event.type === type)
  t.match(of('response.function_call_arguments.delta'), [{ delta: '{}' }])
  t.match(of('response.function_call_arguments.done'), [{ arguments: '{}' }])
  const output = [
    { type: 'function_call', arguments: '{}' },
    { type: 'custom_tool_call', input: '' }
  ]
  t.match(of('response.completed'), [{ response: { output } }])
  t.strictSame(of('response.custom_tool_call_input.delta'), [])
  const call = { type: 'tool_call' as const, id: 'a', name: 'f', arguments: '' }
  const content = [call, { ...call, name: 'sql', custom: true }]
  const choices = [{ index: 0, content, finish_reason: 'tool_calls' as const }]
  const response = { id: 'x', model: 'm', created: 1, choices, usage: undefined }
  const wish = { model: 'm', includeUsage: true, request: {} }
  t.match(openaiResponses.chat.writeResponse(response, wish), { output })
})

t.test('a call of the function that stands in for a custom tool is the call of the custom tool', async t => {
  const request = { tools: [{ type: 'custom', name: 'apply_patch' }] }
  const events = written(
    [
      { type: 'tool_call', choice: 0, call: 0, id: 'call_1', name: 'apply_patch' },
      { type: 'arguments', choice: 0, call: 0, text: '{"input":"*** Be' },
      { type: 'arguments', choice: 0, call: 0, text: 'gin\\nPatch"}' },
      { type: 'end' }
    ],
    request
  )
  t.match(events, [
    { type: 'response.created' },
    { type: 'response.in_progress' },
    { type: 'response.output_item.added', item: { type: 'custom_tool_call', call_id: 'call_1', input: '' } },
    { type: 'response.custom_tool_call_input.delta', delta: '*** Begin\nPatch' },
    { type: 'response.custom_tool_call_input.done', input: '*** Begin\nPatch' },
    { type: 'response.output_item.done', item: { input: '*** Begin\nPatch', status: 'completed' } },
    { type: 'response.completed' }
  ])
})

t.test(
  'tools of a namespace are functions on the way to a model, and calls of them tools of the namespace again',
  async t => {
    const tools = [
      {
        type: 'namespace',
        name: 'calendar',
        tools: [
          { type: 'function', name: 'add', parameters: {} },
          { type: 'custom', name: 'note' }
        ]
      },
      { type: 'namespace', name: 'n'.repeat(60), tools: [{ type: 'function', name: 'long', parameters: {} }] }
    ]
    const { readRequest } = openaiResponses.chat
    const hints = { model: 'm', stream: false, headers: [] }
    const names = readRequest({ input: '', tools }, hints).tools?.map(({ name }) => name) ?? []
    t.strictSame(names.slice(0, 2), ['calendar__add', 'calendar__note'])
    t.match(names[2], /^n{55}_[0-9a-f]{8}$/)
    const events = names.map(
      (name, call): ChatEvent => ({ type: 'tool_call', choice: 0, call, id: `call_${call}`, name })
    )
    const last = written([...events, { type: 'end' }], { tools }).at(-1)?.response
    const output = isObject(last) ? last.output : undefined
    t.match(output, [
      { type: 'function_call', namespace: 'calendar', name: 'add' },
      { type: 'custom_tool_call', namespace: 'calendar', name: 'note' },
      { type: 'function_call', namespace: 'n'.repeat(60), name: 'long' }
    ])
    t.match(readRequest({ input: output, tools }, hints).messages, [
      { content: names.map(name => ({ type: 'tool_call', name })) }
    ])
  }
)

t.test('what deltas did not tell is taken from the events that end things', async t => {
  const item = {
    type: 'message',
    role: 'assistant',
    content: [{ type: 'output_text', text: 'Hello', annotations: [{ type: 'url_citation', url: 'https://a.example' }] }]
  }
  const call = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{"a":1}' }
  const answer = answerOf(
    read(
      { type: 'response.created', response: { id: 'r', model: 'm', created_at: 1 } },
      { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'Hel' },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.output_item.done', output_index: 1, item: call },
      { type: 'response.completed', response: { status: 'completed', output: [item, call] } }
    )
  )
  t.strictSame(answer.choices[0], {
    index: 0,
    content: [
      { type: 'text', text: 'Hello', annotations: [{ type: 'url_citation', url: 'https://a.example' }] },
      { type: 'tool_call', id: 'c', name: 'f', arguments: '{"a":1}' }
    ],
    finish_reason: 'tool_calls'
  })
  const last = read({ type: 'response.completed', response: { id: 'r', status: 'completed', output: [item] } })
  t.match(answerOf(last).choices[0]?.content, [{ type: 'text', text: 'Hello' }], 'an answer all at once')
})

t.test('reasoning is told by its summary, or itself where the provider shows it', async t => {
  const answer = answerOf(
    read(
      { type: 'response.output_item.added', output_index: 0, item: { type: 'reasoning', id: 'rs_1' } },
      { type: 'response.reasoning_summary_part.added', output_index: 0, summary_index: 0 },
      { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 0, delta: 'One' },
      { type: 'response.reasoning_summary_part.added', output_index: 0, summary_index: 1 },
      { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 1, delta: 'Two' },
      { type: 'response.output_item.done', output_index: 0, item: { type: 'reasoning', id: 'rs_1' } },
      { type: 'response.output_item.added', output_index: 1, item: { type: 'reasoning', id: 'rs_2' } },
      { type: 'response.reasoning_text.delta', output_index: 1, content_index: 0, delta: 'Itself' },
      { type: 'response.reasoning_summary_text.delta', output_index: 1, summary_index: 0, delta: 'Summary' },
      { type: 'response.completed', response: {} }
    )
  )
  t.strictSame(answer.choices[0]?.content, [
    { type: 'thinking', text: 'One\n\nTwo', id: 'rs_1' },
    { type: 'thinking', text: 'Itself', id: 'rs_2' }
  ])
})

t.test('a stream that fails says how, and is over', async t => {
  for (const event of [
    { type: 'error', code: 'rate_limit_exceeded', message: 'Please try again in 1m3s.', param: null },
    { type: 'error', error: { type: 'requests', code: 'rate_limit_exceeded', message: 'Please try again in 1m3s.' } },
    {
      type: 'response.failed',
      response: { error: { code: 'rate_limit_exceeded', message: 'Please try again in 1m3s.' } }
    }
  ]) {
    t.match(read(event, { type: 'response.output_text.delta', delta: 'x' }), [
      {
        type: 'failure',
        failure: { kind: 'rate_limit', status: 0, code: 'rate_limit_exceeded', retryAfterMs: 63_000 }
      },
      { type: 'end' }
    ])
  }
  t.match(read({ error: { message: 'no' } }), [
    { type: 'failure', failure: { kind: 'server', message: 'no' } },
    { type: 'end' }
  ])
})

t.test('how long to wait stands in the message of a response that failed', async t => {
  const failed = (message: string) =>
    written([{ type: 'failure', failure: { kind: 'rate_limit', status: 0, message, retryAfterMs: 1_500 } }]).at(-1)
  t.match(failed('Slow down.'), { response: { error: { message: 'Slow down. Please try again in 1.5s.' } } })
  t.match(failed('Please try again in 1.5s.'), { response: { error: { message: 'Please try again in 1.5s.' } } })
})

t.test('errors of the speakers of the dialect are understood', async t => {
  const error = (message: string, more: JsonObject = {}) => ({ error: { message, ...more } })
  for (const [status, body, kind] of [
    [400, error('Your input exceeds the context window of this model.'), 'context_window'],
    [400, error('x', { code: 'context_length_exceeded' }), 'context_window'],
    [429, error('x', { code: 'insufficient_quota', type: 'insufficient_quota' }), 'credit'],
    [429, error('x', { code: 'rate_limit_exceeded', type: 'tokens' }), 'rate_limit'],
    [400, error('x', { code: 'invalid_prompt' }), 'content_policy'],
    [400, error('x', { code: 'content_filter', innererror: {} }), 'content_policy'],
    [404, error('x', { code: 'DeploymentNotFound' }), 'not_found'],
    [401, error('x', { code: 'invalid_api_key' }), 'authentication'],
    [503, error('x', { code: 'slow_down' }), 'overloaded'],
    [400, { code: 'Client specified an invalid argument', error: 'Bad model' }, 'invalid_request'],
    [502, '<html>Bad gateway</html>', 'server'],
    [500, null, 'server']
  ] as const) {
    t.equal(openaiResponses.readFailure(status, body).kind, kind, JSON.stringify(body))
  }
  t.equal(openaiResponses.readFailure(400, { error: 'Bad model' }).message, 'Bad model')
})

t.test('a response that failed is no answer', async t => {
  t.throws(() => openaiResponses.chat.readResponse({ status: 'failed', error: { message: 'no' }, output: [] }), {
    code: 'GW_AI_PROVIDER_FAILED',
    message: 'the response failed: no'
  })
  t.throws(() => openaiResponses.chat.readResponse({}), { code: 'GW_UPSTREAM_BAD_RESPONSE' })
})

t.test('a count of tokens is read and written', async t => {
  t.equal(openaiResponses.countTokens?.readResponse({ object: 'response.input_tokens', input_tokens: 11 }), 11)
  t.strictSame(openaiResponses.countTokens?.writeResponse(11), { object: 'response.input_tokens', input_tokens: 11 })
  t.throws(() => openaiResponses.countTokens?.readResponse({ input_tokens: 'x' }), { code: 'GW_UPSTREAM_BAD_RESPONSE' })
})

t.test('usage has what tools and money came to, where the provider says it', async t => {
  const usage = openaiResponses.usage({
    service_tier: 'priority',
    output: [
      { type: 'web_search_call', action: { type: 'search' } },
      { type: 'web_search_call', action: { type: 'open_page' } }
    ],
    usage: {
      input_tokens: '10',
      input_tokens_details: { cached_tokens: 3, cache_write_tokens: 2 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 4 },
      cost_in_usd_ticks: 37_756_000
    }
  })
  t.match(usage, {
    input: 10,
    cacheRead: 3,
    cacheWrite: 2,
    output: 5,
    reasoning: 4,
    searches: 1,
    tier: 'priority',
    providerMicroDollars: 3_776
  })
  t.equal(openaiResponses.usage({ usage: null }), undefined)
})

t.test('a watch takes texts out of events however they are spaced and escaped', async t => {
  const watch = openaiResponses.streamWatch()
  const frame = (data: string, event = '') => watch.frame({ event, data })
  frame('{"type":"response.created","response":{"id":"r","instructions":"\\"model\\":\\"no\\"","model":"gpt-5"}}')
  t.equal(watch.model, 'gpt-5')
  t.equal(watch.begun, false)
  frame('{"type": "response.output_text.delta", "delta": "a \\"b\\" \\\\", "output_index": 0}')
  frame('{"type":"response.output_text.delta","delta":"\\u00fc"}', 'response.output_text.delta')
  frame('{"type":"response.output_text.delta"}')
  t.equal(watch.text, 'a "b" \\ü')
  t.equal(watch.begun, true)
  frame('{"error":{"message":"gone","code":"server_error"}}')
  t.match(watch.failure, { kind: 'server', message: 'gone' })
  t.equal(watch.ended, true)
})

t.test('a request that carries signatures of other dialects is known by its bytes', async t => {
  const frames = written([
    { type: 'thinking', choice: 0, text: 'x' },
    { type: 'signature', choice: 0, signature: 'EqQB' },
    { type: 'end' }
  ])
  t.equal(carriesForeignSignatures(Buffer.from(JSON.stringify(frames))), true)
  t.equal(carriesForeignSignatures(Buffer.from('{"encrypted_content":"gAAAA"}')), false)
})

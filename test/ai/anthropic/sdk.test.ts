import { Buffer } from 'node:buffer'
import Anthropic from '@anthropic-ai/sdk'
import t from 'tap'
import { anthropic } from '../../../core/ai/dialects/anthropic/index.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import { usageOf } from '../../../core/ai/usage.js'
import { eventsOf, recordings } from './recordings.js'

const WISH = { model: 'claude-opus-5', includeUsage: false, request: {} }
const ASK = { model: 'claude-opus-5', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hello' }] }

/** The official client, with every request answered by this. */
function client(answer: () => Response): Anthropic {
  return new Anthropic({ apiKey: 'test', baseURL: 'http://127.0.0.1:1', maxRetries: 0, fetch: async () => answer() })
}

/** A stream as the writer writes these events. */
function streamed(events: readonly ChatEvent[]): Response {
  const writer = anthropic.chat.streamWriter(WISH)
  const bytes = events.flatMap(event => writer.write(event)).map(frame => anthropic.framing.write(frame))
  return new Response(Buffer.concat(bytes), { headers: { 'content-type': 'text/event-stream' } })
}

for (const { name, stream, response } of recordings('anthropic', 'messages')) {
  if (!stream || name.includes('spliced')) continue
  t.test(`${name}: written again, the official client puts the same message together`, async t => {
    const original = await client(
      () => new Response(response.text, { headers: { 'content-type': 'text/event-stream' } })
    )
      .messages.stream(ASK)
      .finalMessage()
      .catch((error: Error) => t.match(error.message, /Unexpected event order/, 'a relay began anew'))
    const events = eventsOf(anthropic, [Buffer.from(response.text ?? '')])
    const message = await client(() => streamed(events))
      .messages.stream(ASK)
      .finalMessage()
    if (typeof original !== 'object') return
    // What Anthropic runs itself has no canonical form, and texts around it become one.
    const kept = ['thinking', 'redacted_thinking', 'tool_use']
    t.strictSame(
      message.content.filter(block => kept.includes(block.type)).map(withoutCaller),
      original.content.filter(block => kept.includes(block.type)).map(withoutCaller)
    )
    const text = (content: typeof message.content) =>
      content.map(block => (block.type === 'text' ? block.text : '')).join('')
    if (original.stop_reason !== 'refusal') t.equal(text(message.content), text(original.content))
    t.equal(message.stop_reason, original.stop_reason)
    t.equal(message.id, original.id)
    if (name.includes('compaction')) return
    t.equal(message.usage.input_tokens, original.usage.input_tokens)
    t.equal(message.usage.output_tokens, original.usage.output_tokens)
    t.equal(message.usage.cache_read_input_tokens ?? 0, original.usage.cache_read_input_tokens ?? 0)
    t.equal(message.usage.cache_creation_input_tokens ?? 0, original.usage.cache_creation_input_tokens ?? 0)
  })
}

function withoutCaller(block: object) {
  const { caller, ...rest } = block as { caller?: unknown }
  return rest
}

const START: ChatEvent = { type: 'start', id: 'chatcmpl-1', model: 'gpt', created: 0 }
const END: ChatEvent[] = [
  { type: 'finish', choice: 0, reason: 'tool_calls' },
  {
    type: 'usage',
    usage: usageOf({ input: 30, cacheRead: 10, cacheWrite: 4, cacheWriteLong: 6, output: 7, reasoning: 3 })
  },
  { type: 'end' }
]

t.test('calls that are told side by side are whole for the official client', async t => {
  const piece = (call: number, text: string): ChatEvent => ({ type: 'arguments', choice: 0, call, text })
  const message = await client(() =>
    streamed([
      START,
      { type: 'text', choice: 0, text: 'Both.' },
      { type: 'tool_call', choice: 0, call: 0, id: 'a', name: 'first' },
      piece(0, '{"x":'),
      { type: 'tool_call', choice: 0, call: 1, id: 'b', name: 'second' },
      piece(1, '{"y"'),
      piece(0, '1}'),
      piece(1, ':2}'),
      { type: 'tool_call', choice: 0, call: 2, id: '', name: 'third' },
      ...END
    ])
  )
    .messages.stream(ASK)
    .finalMessage()
  t.match(message.content, [
    { type: 'text', text: 'Both.' },
    { type: 'tool_use', id: 'a', name: 'first', input: { x: 1 } },
    { type: 'tool_use', id: 'b', name: 'second', input: { y: 2 } },
    { type: 'tool_use', id: /^toolu_/, name: 'third', input: {} }
  ])
  t.equal(message.stop_reason, 'tool_use')
  t.match(message.usage, {
    input_tokens: 10,
    cache_read_input_tokens: 10,
    cache_creation_input_tokens: 10,
    output_tokens: 7,
    output_tokens_details: { thinking_tokens: 3 }
  })
})

t.test('what other providers want back comes back through the official client', async t => {
  const message = await client(() =>
    streamed([
      START,
      { type: 'thinking', choice: 0, text: 'Hm', id: 'rs_1:x' },
      { type: 'signature', choice: 0, signature: 'sig' },
      { type: 'thinking', choice: 0, text: 'No proof', id: 'rs_2' },
      { type: 'redacted_thinking', choice: 0, data: 'xxx', id: 'rs_3' },
      { type: 'redacted_thinking', choice: 0, data: 'yyy' },
      { type: 'tool_call', choice: 0, call: 0, id: 'a', name: 'f', signature: 'gemini:sig' },
      { type: 'arguments', choice: 0, call: 0, text: '{}' },
      ...END
    ])
  )
    .messages.stream(ASK)
    .finalMessage()
  const messages = [...ASK.messages, { role: 'assistant', content: message.content }]
  const chat = anthropic.chat.readRequest({ ...ASK, messages }, { model: '', stream: undefined, headers: [] })
  t.match(chat.messages[1]?.content, [
    { type: 'thinking', text: 'Hm', signature: 'sig', id: 'rs_1:x' },
    { type: 'thinking', text: 'No proof', signature: undefined, id: 'rs_2' },
    { type: 'redacted_thinking', data: 'xxx', id: 'rs_3' },
    { type: 'redacted_thinking', data: 'yyy', id: undefined },
    { type: 'tool_call', id: 'a', signature: 'gemini:sig' }
  ])
})

t.test('a failure within a stream is an error of the official client', async t => {
  const failure = { kind: 'overloaded' as const, status: 0, message: 'too much' }
  const stream = client(() =>
    streamed([START, { type: 'text', choice: 0, text: 'a' }, { type: 'failure', failure }])
  ).messages.stream(ASK)
  await t.rejects(stream.finalMessage(), { message: /overloaded_error/ })
})

t.test('errors are those classes of the official client that applications catch', async t => {
  const cases = [
    ['rate_limit', Anthropic.RateLimitError],
    ['authentication', Anthropic.AuthenticationError],
    ['permission', Anthropic.PermissionDeniedError],
    ['not_found', Anthropic.NotFoundError],
    ['invalid_request', Anthropic.BadRequestError],
    ['context_window', Anthropic.BadRequestError],
    ['overloaded', Anthropic.InternalServerError],
    ['server', Anthropic.InternalServerError]
  ] as const
  for (const [kind, type] of cases) {
    const { status, body, headers } = anthropic.writeFailure({ kind, status: 0, message: 'words' }, 'req_1')
    const error = await client(() => Response.json(body, { status, headers: { [headers[0] ?? '']: headers[1] ?? '' } }))
      .messages.create(ASK)
      .catch((thrown: unknown) => thrown)
    t.ok(error instanceof type, kind)
    t.match(error, { requestID: 'req_1', message: /words/ })
    t.match(anthropic.readFailure(status, body), { kind }, 'and they are read as what they were')
  }
})

t.test('a whole reply is a message of the official client', async t => {
  const body = anthropic.chat.writeResponse(
    {
      id: '',
      model: '',
      created: 1,
      choices: [
        {
          index: 0,
          content: [
            { type: 'thinking', text: 'hm' },
            {
              type: 'text',
              text: 'See',
              annotations: [{ type: 'url_citation', url: 'https://a.example', title: 'A' }]
            },
            { type: 'tool_call', id: 'x', name: 'f', arguments: '{"a":1}', signature: 's' }
          ],
          finish_reason: 'tool_calls'
        }
      ],
      usage: usageOf({ input: 5, output: 6, tier: 'default' })
    },
    WISH
  )
  const message = await client(() => Response.json(body)).messages.create(ASK)
  t.match(message, {
    id: /^msg_/,
    model: 'claude-opus-5',
    content: [
      { type: 'thinking', thinking: 'hm', signature: '' },
      { type: 'text', text: 'See', citations: [{ type: 'web_search_result_location', url: 'https://a.example' }] },
      { type: 'thinking', thinking: '', signature: 'sluice:call:s' },
      { type: 'tool_use', id: 'x', name: 'f', input: { a: 1 } }
    ],
    stop_reason: 'tool_use',
    usage: { input_tokens: 5, output_tokens: 6, service_tier: 'standard' }
  })
  const tokens = await client(() => Response.json(anthropic.countTokens?.writeResponse(9))).messages.countTokens(ASK)
  t.equal(tokens.input_tokens, 9)
})

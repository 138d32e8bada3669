import { Buffer } from 'node:buffer'
import OpenAI from 'openai'
import t from 'tap'
import type { ChatResponse } from '../../../core/ai/chat.js'
import { openaiResponses } from '../../../core/ai/dialects/openai-responses/index.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { usageOf } from '../../../core/ai/usage.js'
import { answerOf, bytesOf, eventsOf, streams } from './openai-responses-support.js'

/** The official SDK, answered with these bytes. */
function sdk(bytes: Buffer, contentType: string): OpenAI {
  return new OpenAI({
    apiKey: 'test-key',
    baseURL: 'http://sluice.invalid/v1',
    maxRetries: 0,
    fetch: async () => new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } })
  })
}

const REQUEST: JsonObject = { model: 'm', input: 'Hi', instructions: 'Be short.', temperature: 0.5, tools: [] }

/** The response at the end of a stream, as the SDK puts it together from events, and as its last event has it. */
async function streamed(events: readonly ChatEvent[], request: JsonObject = REQUEST) {
  const bytes = bytesOf(events, request)
  const stream = sdk(bytes, 'text/event-stream').responses.stream({ model: 'm', input: 'Hi' })
  const seen: { type: string; sequence_number: number }[] = []
  stream.on('event', event => seen.push(event as { type: string; sequence_number: number }))
  const final = await stream.finalResponse()
  // The last event has it all: without it, what the deltas came to has to be the same.
  const cut = Buffer.from(`${bytes.toString().split('\n\n').slice(0, -2).join('\n\n')}\n\n`)
  const built = await sdk(cut, 'text/event-stream').responses.stream({ model: 'm', input: 'Hi' }).finalResponse()
  return { final, built, seen }
}

async function whole(answer: ChatResponse, request: JsonObject = REQUEST) {
  const body = openaiResponses.chat.writeResponse(answer, { model: 'm', includeUsage: true, request })
  const text = Buffer.from(JSON.stringify(body))
  return sdk(text, 'application/json').responses.create({ model: 'm', input: 'Hi' })
}

/** Without what is made up for each response. */
function comparable(response: { output: unknown[]; [name: string]: unknown }): unknown {
  const { id, created_at, service_tier, output, _request_id, output_parsed, ...rest } = response
  return JSON.parse(JSON.stringify({ ...rest, output: output.map(anonymous) }))
}

function anonymous(item: unknown): unknown {
  const { id, parsed_arguments, ...rest } = item as JsonObject
  if (!Array.isArray(rest.content)) return rest
  return { ...rest, content: rest.content.map(({ parsed, ...part }: JsonObject) => part) }
}

for (const { file, text } of streams()) {
  t.test(`${file}, written anew, is in the SDK what the whole response is`, async t => {
    const events = eventsOf(Buffer.from(text))
    const { final, built, seen } = await streamed(events)
    t.strictSame(
      seen.map(event => event.sequence_number),
      seen.map((_, i) => i)
    )
    t.strictSame(built.output, final.output, 'the events tell the whole output')
    t.strictSame(built.output_text, final.output_text)
    if (final.status === 'failed') return
    const answer = answerOf(events)
    t.strictSame(
      comparable(JSON.parse(JSON.stringify(final))),
      comparable(JSON.parse(JSON.stringify(await whole(answer))))
    )

    const again = openaiResponses.chat.readResponse(JSON.parse(JSON.stringify(final)))
    t.strictSame(again.choices[0]?.content.map(withoutGaps), answer.choices[0]?.content.map(withoutGaps))
    t.strictSame(again.choices[0]?.finish_reason, answer.choices[0]?.finish_reason)
    t.match(again.usage, {
      input: answer.usage?.input,
      output: answer.usage?.output,
      cacheRead: answer.usage?.cacheRead
    })
  })
}

/** Clients demand all members of a citation: those that were missing have values now. The SDK puts a member of its own into calls. */
function withoutGaps(part: ChatResponse['choices'][number]['content'][number]): unknown {
  if (part.type === 'tool_call' && part.item !== undefined) {
    const { parsed_arguments: _, ...item } = part.item
    return { ...part, item }
  }
  if (part.type !== 'text') return part
  return { ...part, annotations: part.annotations?.map(({ url }) => url) }
}

const START: ChatEvent = { type: 'start', id: 'chatcmpl-1', model: 'claude', created: 1_700_000_000 }

t.test('an answer with every kind of part is in the SDK what it was', async t => {
  const events: ChatEvent[] = [
    START,
    { type: 'thinking', choice: 0, text: 'Let me ' },
    { type: 'thinking', choice: 0, text: 'see.' },
    { type: 'signature', choice: 0, signature: 'EqQBCg==' },
    { type: 'redacted_thinking', choice: 0, data: 'c2VjcmV0' },
    { type: 'text', choice: 0, text: 'Hel' },
    { type: 'text', choice: 0, text: 'lo' },
    { type: 'annotation', choice: 0, annotation: { type: 'url_citation', url: 'https://a.example', title: 'A' } },
    {
      type: 'logprobs',
      choice: 0,
      logprobs: { content: [{ token: 'Hel', logprob: -0.1, bytes: [72], top_logprobs: [] }] }
    },
    { type: 'refusal', choice: 0, text: 'but no' },
    { type: 'tool_call', choice: 0, call: 0, id: 'call_a', name: 'weather' },
    { type: 'tool_call', choice: 0, call: 1, id: 'call_b', name: 'weather', signature: 'c2ln' },
    { type: 'arguments', choice: 0, call: 0, text: '{"city":' },
    { type: 'arguments', choice: 0, call: 1, text: '{}' },
    { type: 'arguments', choice: 0, call: 0, text: '"Ulm"}' },
    { type: 'tool_call', choice: 0, call: 2, id: 'call_c', name: 'patch', custom: true },
    { type: 'arguments', choice: 0, call: 2, text: '*** Begin Patch' },
    { type: 'image', choice: 0, media_type: 'image/webp', data: 'AAAA' },
    { type: 'finish', choice: 0, reason: 'tool_calls' },
    { type: 'usage', usage: usageOf({ input: 100, cacheRead: 40, cacheWrite: 10, output: 30, reasoning: 12 }) },
    { type: 'end' }
  ]
  const { final, built } = await streamed(events)
  t.strictSame(built.output, final.output)
  t.strictSame(
    final.output.map(({ type }) => type),
    [
      'reasoning',
      'reasoning',
      'message',
      'function_call',
      'reasoning',
      'function_call',
      'custom_tool_call',
      'image_generation_call'
    ]
  )
  t.equal(final.output_text, 'Hello')
  t.match(final, { status: 'completed', instructions: 'Be short.', temperature: 0.5, model: 'claude' })
  t.match(final.usage, {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 40, cache_write_tokens: 10 },
    output_tokens: 30,
    output_tokens_details: { reasoning_tokens: 12 },
    total_tokens: 130
  })
  const answer = answerOf(events)
  const again = openaiResponses.chat.readResponse(JSON.parse(JSON.stringify(final))).choices[0]
  const before = answer.choices[0]?.content
  t.match(again?.content, before, 'reads as what was written')
  t.strictSame(again?.logprobs, answer.choices[0]?.logprobs)
  t.strictSame(
    comparable(JSON.parse(JSON.stringify(await whole(answer)))),
    comparable(JSON.parse(JSON.stringify(final)))
  )
})

t.test('an answer that is cut off is incomplete, and says why', async t => {
  for (const [reason, why] of [
    ['length', 'max_output_tokens'],
    ['content_filter', 'content_filter'],
    ['refusal', 'content_filter']
  ] as const) {
    const { final } = await streamed([
      START,
      { type: 'text', choice: 0, text: 'Once upon' },
      { type: 'finish', choice: 0, reason },
      { type: 'end' }
    ])
    t.match(final, { status: 'incomplete', incomplete_details: { reason: why }, usage: null })
    t.match(final.output, [{ type: 'message', status: 'incomplete' }])
  }
})

t.test('a provider that fails on the way ends in a response that failed', async t => {
  const { final, seen } = await streamed([
    START,
    { type: 'text', choice: 0, text: 'Once' },
    { type: 'failure', failure: { kind: 'rate_limit', status: 0, message: 'Try again in 2s.' } },
    { type: 'end' }
  ])
  t.match(final, { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Try again in 2s.' } })
  t.equal(seen.at(-1)?.type, 'response.failed')
})

t.test('a provider that fails at once still makes a stream the SDK takes', async t => {
  const bytes = bytesOf([
    { type: 'failure', failure: { kind: 'overloaded', status: 529, message: 'Overloaded' } },
    { type: 'end' }
  ])
  const final = await sdk(bytes, 'text/event-stream').responses.stream({ model: 'm', input: 'Hi' }).finalResponse()
  t.match(final, { status: 'failed', error: { code: 'server_is_overloaded', message: 'Overloaded' } })
})

t.test('an error is the error of its status in the SDK', async t => {
  const { status, body, headers } = openaiResponses.writeFailure(
    { kind: 'context_window', status: 0, message: 'Too long.', param: 'input' },
    'req_1'
  )
  const client = new OpenAI({
    apiKey: 'test-key',
    maxRetries: 0,
    fetch: async () => Response.json(body, { status, headers: { [String(headers[0])]: String(headers[1]) } })
  })
  const thrown = await client.responses.create({ model: 'm', input: 'Hi' }).catch((error: unknown) => error)
  t.match(thrown, { status: 400, code: 'context_length_exceeded', param: 'input', requestID: 'req_1' })
})

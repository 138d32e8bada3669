import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import type { ChatRequest, ChatResponse } from '../../core/ai/chat.js'
import type { Dialect } from '../../core/ai/dialects/dialect.js'
import { dialects } from '../../core/ai/dialects/index.js'
import type { ChatEvent } from '../../core/ai/events.js'
import { jsonArray } from '../../core/ai/frames/json-array.js'
import { isObject, type JsonObject } from '../../core/ai/members.js'
import { usageOf } from '../../core/ai/usage.js'
import { GatewayError } from '../../core/base/errors.js'
import { dropping, eventsOf, joined, NO_HINTS, recordingsOf, wishFor, written } from './support/replay.js'

const NAMES = ['gemini', 'cohere', 'ollama-chat', 'ollama-generate'] as const
const OURS = NAMES.flatMap(name => dialects.get(name) ?? [])

/** Real bodies, of which parts are replaced by anything. */
const SAMPLES: Record<string, JsonObject[]> = {
  gemini: [
    ...bodies('gemini'),
    ...bodies('vertex'),
    {
      contents: [
        { role: 'user', parts: [{ text: 'hi' }, { inlineData: { mimeType: 'image/png', data: 'AA' } }] },
        { role: 'model', parts: [{ functionCall: { name: 'f', args: {} }, thoughtSignature: 'x' }] },
        { role: 'function', parts: [{ functionResponse: { name: 'f', response: {}, parts: [] } }] }
      ],
      systemInstruction: { parts: [{ text: 'be' }] },
      tools: [{ functionDeclarations: [{ name: 'f', parameters: { type: 'OBJECT', properties: {} } }] }],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } },
      generationConfig: { thinkingConfig: { thinkingBudget: 3 }, responseSchema: { type: 'STRING' }, stopSequences: [] }
    },
    {
      candidates: [
        {
          content: { parts: [{ text: 'a' }, { executableCode: { code: 'x' } }] },
          groundingMetadata: {
            groundingChunks: [{ web: { uri: 'u' } }],
            groundingSupports: [{ segment: { endIndex: 1 }, groundingChunkIndices: [0] }]
          },
          logprobsResult: { chosenCandidates: [{ token: 'a', logProbability: 0 }], topCandidates: [{ candidates: [] }] }
        }
      ],
      promptFeedback: { blockReason: 'SAFETY' }
    },
    { error: { code: 400, message: 'm', details: [{ '@type': 'x.RetryInfo', retryDelay: '1s' }] } },
    { requests: [{ content: { parts: [{ text: 'a' }] }, outputDimensionality: 3 }] }
  ],
  cohere: [
    ...bodies('cohere'),
    ...bodies('voyage'),
    ...bodies('togetherai'),
    {
      model: 'command-a',
      messages: [
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }] },
        { role: 'assistant', tool_plan: 'p', tool_calls: [{ id: '1', function: { name: 'f', arguments: '{}' } }] },
        { role: 'tool', tool_call_id: '1', content: [{ type: 'document', document: { data: 'x' } }] }
      ],
      tools: [{ type: 'function', function: { name: 'f', parameters: {} } }],
      response_format: { type: 'json_object', json_schema: {} },
      thinking: { type: 'enabled', token_budget: 1 }
    },
    { model: 'rerank', query: 'q', documents: ['a', { text: 'b' }], top_n: 1 },
    { model: 'embed', inputs: [{ content: [{ type: 'text', text: 'a' }] }], embedding_types: ['float'] }
  ],
  'ollama-chat': [
    ...bodies('ollama'),
    {
      model: 'm',
      messages: [
        { role: 'user', content: 'a', images: ['AA'] },
        { role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: {} } }] },
        { role: 'tool', tool_name: 'f', content: 'x' }
      ],
      tools: [{ type: 'function', function: { name: 'f' } }],
      options: { num_predict: 1, stop: ['a'] },
      format: {},
      think: 'high'
    },
    {
      model: 'm',
      created_at: '2023-08-04T08:52:19Z',
      message: { tool_calls: [{ function: {} }] },
      logprobs: [{}],
      done: true
    }
  ],
  'ollama-generate': [
    { model: 'm', prompt: 'a', system: 's', images: ['AA'], options: {} },
    { model: 'm', response: 'x', thinking: 'y', done: true, done_reason: 'stop', eval_count: 1 }
  ]
}

/** What neither String() nor Number() takes. */
const NO_TEXT = { toString: {}, valueOf: 1 }

for (const dialect of OURS) {
  t.test(`${dialect.name}: whatever JSON comes is read, or refused with an error that says why`, async t => {
    const samples = SAMPLES[dialect.name] ?? []
    const body = fc.oneof(fc.jsonValue(), fc.constantFrom(...samples).chain(damaged))
    fc.assert(
      fc.property(body, value => {
        for (const read of readersOf(dialect)) allowed(() => read(value))
        return true
      }),
      { numRuns: 1_500 }
    )
    t.pass('no other error came')
  })

  t.test(`${dialect.name}: a request keeps its meaning when it is written and read`, async t => {
    fc.assert(
      fc.property(requestOf(dialect.name), chat => {
        const dropped = dropping()
        const wire = JSON.parse(JSON.stringify(dialect.chat.writeRequest(copy(chat), dropped))) as JsonObject
        const again = dialect.chat.readRequest(wire, { ...NO_HINTS, stream: chat.stream })
        t.strictSame(plain(again), plain(chat))
      }),
      { numRuns: 300 }
    )
  })

  t.test(`${dialect.name}: an answer keeps its meaning when it is written and read, whole and as a stream`, async t => {
    fc.assert(
      fc.property(responseOf(dialect.name), response => {
        const wire = JSON.parse(JSON.stringify(dialect.chat.writeResponse(response, wishFor('m')))) as JsonObject
        t.match(plain(dialect.chat.readResponse(wire).choices), plain(response.choices))
        const events = streamed(response)
        for (const framing of dialect.name === 'gemini' ? [dialect.framing, jsonArray] : [dialect.framing]) {
          const bytes = written(dialect, events, wishFor('m'), framing)
          const read = joined(eventsOf(dialect, [bytes], framing))
          t.strictSame(told(read), told(joined(events)))
        }
      }),
      { numRuns: 200 }
    )
  })
}

t.test('an array of JSON is cut the same wherever its bytes are', async t => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), fc.nat(), fc.nat(3), (objects, where, indent) => {
      const bytes = Buffer.from(JSON.stringify(objects, undefined, indent))
      const at = where % (bytes.length + 1)
      const reader = jsonArray.reader()
      const frames = [...reader.feed(bytes.subarray(0, at)), ...reader.feed(bytes.subarray(at)), ...reader.end()]
      return JSON.stringify(frames.map(({ data }) => JSON.parse(data))) === JSON.stringify(objects)
    })
  )
  t.equal(jsonArray.writer?.().end().toString(), '[]')
})

function bodies(provider: string): JsonObject[] {
  return recordingsOf(provider).flatMap(({ response }) => {
    if (response.json !== undefined) return [response.json]
    const lines = (response.text ?? '').split('\n').map(line => line.replace(/^data: /, ''))
    return lines
      .filter(line => line.startsWith('{'))
      .slice(-2)
      .map(line => JSON.parse(line) as JsonObject)
  })
}

/** The sample with one value somewhere within replaced by another. */
function damaged(sample: JsonObject): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.array(fc.nat(), { maxLength: 9 }), fc.oneof(fc.jsonValue(), fc.constant(NO_TEXT)))
    .map(([path, value]) => replaced(sample, path, value))
}

function replaced(at: unknown, [step, ...rest]: readonly number[], value: unknown): unknown {
  if (step === undefined || typeof at !== 'object' || at === null) return value
  const keys = Object.keys(at)
  if (keys.length === 0) return value
  const key = keys[step % keys.length] ?? ''
  const out: Record<string, unknown> = Array.isArray(at) ? ([...at] as unknown as Record<string, unknown>) : { ...at }
  out[key] = replaced((at as Record<string, unknown>)[key], rest, value)
  return out
}

function readersOf(dialect: Dialect): ((value: unknown) => unknown)[] {
  const object = (read: (body: JsonObject) => unknown) => (value: unknown) =>
    isObject(value) ? read(value) : undefined
  const { chat, embeddings, rerank, countTokens } = dialect
  return [
    object(body => chat.writeRequest(chat.readRequest(body, NO_HINTS), dropping())),
    object(body => chat.writeResponse(chat.readResponse(body), wishFor('m'))),
    object(body => embeddings?.writeRequest(embeddings.readRequest(body, NO_HINTS), dropping())),
    object(body => embeddings?.writeResponse(embeddings.readResponse(body), wishFor('m', body))),
    object(body => rerank?.writeRequest(rerank.readRequest(body, NO_HINTS), dropping())),
    object(body => rerank?.writeResponse(rerank.readResponse(body), wishFor('m', body))),
    object(body => countTokens?.readResponse(body)),
    object(body => dialect.usage(body)),
    object(body => dialect.failureIn?.(body)),
    value => dialect.writeFailure(dialect.readFailure(400, value), 'r'),
    value => {
      const frame = { event: '', data: JSON.stringify(value) }
      const watch = dialect.streamWatch()
      watch.frame(frame)
      const reader = chat.streamReader()
      const writer = chat.streamWriter(wishFor('m'))
      for (const event of [...reader.read(frame), ...reader.read(frame), ...reader.end()]) writer.write(event)
    }
  ]
}

function allowed(run: () => unknown): void {
  try {
    run()
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown
  }
}

const text = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
const name = fc.stringMatching(/^[a-z_]{1,8}$/)
const args = fc.dictionary(name, fc.oneof(text, fc.integer(), fc.boolean())).map(each => JSON.stringify(each))

/** Requests in the form that the dialect can say. */
function requestOf(dialect: string): fc.Arbitrary<ChatRequest> {
  const turns = dialect === 'ollama-generate' ? fc.constant([]) : fc.array(turnOf(dialect), { maxLength: 3 })
  const settings = fc.record({
    max_tokens: fc.nat(10_000),
    temperature: fc.constantFrom(0, 0.5, 2),
    top_p: fc.constantFrom(0.1, 0.9),
    top_k: fc.integer({ min: 1, max: 100 }),
    stop: fc.array(text, { minLength: 1, maxLength: 5 }),
    seed: fc.nat(2 ** 31 - 1),
    presence_penalty: fc.constantFrom(0, 1),
    frequency_penalty: fc.constantFrom(0, 1)
  })
  const tools = fc.array(fc.record({ name, description: text, parameters: fc.constantFrom(...SCHEMAS) }), {
    minLength: 1
  })
  return fc.record({ turns, settings, tools, stream: fc.boolean(), system: text, question: text }).map(each => {
    const messages = [
      { role: 'system', content: [{ type: 'text', text: each.system }] },
      ...each.turns.flat(),
      { role: 'user', content: [{ type: 'text', text: each.question }] }
    ] as ChatRequest['messages']
    const chat: ChatRequest = { model: 'm', messages, stream: each.stream, ...each.settings, extra: new Map() }
    if (dialect !== 'ollama-generate') chat.tools = each.tools
    return chat
  })
}

const SCHEMAS: JsonObject[] = [
  { type: 'object', properties: { a: { type: 'string', enum: ['x', 'y'] }, b: { type: 'integer' } }, required: ['a'] },
  {
    type: 'object',
    properties: { list: { type: 'array', items: { type: 'number' } }, deep: { type: ['string', 'null'] } }
  },
  { type: 'object', properties: { any: { anyOf: [{ type: 'string' }, { type: 'boolean' }] } } },
  {
    type: 'object',
    properties: { any: { $ref: '#/$defs/self' } },
    $defs: { self: { properties: { a: { $ref: '#/$defs/self' } } } }
  }
]

/** A question and an answer with a call, and what the call came to. */
function turnOf(dialect: string): fc.Arbitrary<ChatRequest['messages']> {
  return fc.record({ question: text, answer: text, name, args, result: text, id: fc.uuid() }).map(each => [
    { role: 'user', content: [{ type: 'text', text: each.question }] },
    {
      role: 'assistant',
      content: [
        dialect === 'cohere' ? { type: 'thinking', text: each.answer } : { type: 'text', text: each.answer },
        {
          type: 'tool_call',
          id: each.id,
          name: each.name,
          arguments: each.args,
          ...(dialect === 'gemini' && { signature: 'c2lnbmVk' })
        }
      ]
    },
    {
      role: 'tool',
      tool_call_id: each.id,
      ...(dialect !== 'cohere' && { name: each.name }),
      content: [{ type: 'text', text: `said ${each.result}` }]
    }
  ])
}

function responseOf(dialect: string): fc.Arbitrary<ChatResponse> {
  const calls = fc.array(fc.record({ id: fc.uuid(), name, args }), { maxLength: dialect === 'ollama-generate' ? 0 : 3 })
  return fc
    .record({ thinking: text, answer: text, calls, length: fc.boolean(), input: fc.nat(99), output: fc.nat(99) })
    .map(each => ({
      id: 'id',
      model: 'm',
      created: 1_700_000_000,
      choices: [
        {
          index: 0,
          content: [
            { type: 'thinking', text: each.thinking },
            { type: 'text', text: each.answer },
            ...each.calls.map(call => ({
              type: 'tool_call' as const,
              id: call.id,
              name: call.name,
              arguments: call.args
            }))
          ],
          finish_reason: each.length ? 'length' : each.calls.length > 0 ? 'tool_calls' : 'stop'
        }
      ],
      usage: usageOf({ input: each.input, output: each.output })
    }))
}

/** The answer as events. */
function streamed(response: ChatResponse): ChatEvent[] {
  const events: ChatEvent[] = [{ type: 'start', id: response.id, model: response.model, created: response.created }]
  let call = 0
  for (const part of response.choices[0]?.content ?? []) {
    if (part.type === 'thinking' || part.type === 'text') {
      for (const piece of part.text) events.push({ type: part.type, choice: 0, text: piece })
    } else if (part.type === 'tool_call') {
      events.push({ type: 'tool_call', choice: 0, call, id: part.id, name: part.name })
      for (const piece of part.arguments) events.push({ type: 'arguments', choice: 0, call, text: piece })
      call++
    }
  }
  events.push({ type: 'finish', choice: 0, reason: response.choices[0]?.finish_reason ?? 'stop' })
  if (response.usage !== undefined) events.push({ type: 'usage', usage: response.usage })
  events.push({ type: 'end' })
  return events
}

/** What must survive in any dialect: not the id and date, and usage wherever it stands. */
function told(events: readonly ChatEvent[]): unknown {
  const usage = events.filter(({ type }) => type === 'usage').at(-1)
  const others = events.filter(
    each => each.type !== 'start' && each.type !== 'usage' && !(each.type === 'thinking' && each.text === '')
  )
  return plain([...others, usage])
}

function copy(chat: ChatRequest): ChatRequest {
  return { ...structuredClone({ ...chat, extra: undefined }), extra: new Map(chat.extra) } as ChatRequest
}

/** Without members that are undefined. */
function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value))
}

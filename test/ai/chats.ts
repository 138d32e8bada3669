import fc from 'fast-check'
import type { AssistantPart, ChatMessage, ChatRequest, ChatResponse, UserPart } from '../../core/ai/chat.js'
import { customTool } from '../../core/ai/custom-tools.js'
import { resultsFirst } from '../../core/ai/dialects/results-first.js'
import { usageOf } from '../../core/ai/usage.js'

/** Text that is not empty: dialects leave empty parts out. */
export const texts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
export const names = fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}$/)
const base64 = fc.uint8Array({ minLength: 1, maxLength: 30 }).map(bytes => Buffer.from(bytes).toString('base64'))
const cache = fc.option(fc.constantFrom({ type: 'ephemeral' } as const, { type: 'ephemeral', ttl: '1h' } as const), {
  nil: undefined
})
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

const textPart = fc.record({ type: fc.constant('text' as const), text: texts, cache_control: cache })
const bytes = (...types: string[]) =>
  fc.record({ kind: fc.constant('base64' as const), media_type: fc.constantFrom(...types), data: base64 })
const url = fc.record({ kind: fc.constant('url' as const), url: fc.webUrl() })

const imagePart = fc.record({
  type: fc.constant('image' as const),
  source: fc.oneof(bytes('image/png', 'image/jpeg'), url),
  detail: maybe(fc.constantFrom('low', 'high', 'auto')),
  cache_control: cache
})
const audioPart = fc.record({
  type: fc.constant('audio' as const),
  format: fc.constantFrom('wav', 'mp3'),
  data: base64
})
const filePart = fc.record({
  type: fc.constant('file' as const),
  source: fc.oneof(
    bytes('application/pdf', 'text/plain'),
    fc.record({ kind: fc.constant('id' as const), file_id: names, of: fc.constant('openai' as const) })
  ),
  filename: names,
  cache_control: cache
})
const userParts: fc.Arbitrary<UserPart[]> = fc.array(fc.oneof(textPart, imagePart, audioPart, filePart), {
  minLength: 1,
  maxLength: 4
})

const thinking = fc.record({
  type: fc.constant('thinking' as const),
  text: texts,
  signature: maybe(base64),
  id: maybe(names)
})
const redacted = fc.record({ type: fc.constant('redacted_thinking' as const), data: base64, id: maybe(names) })
const call = fc.oneof(
  fc.record({
    type: fc.constant('tool_call' as const),
    id: names,
    name: names,
    arguments: fc.json(),
    signature: maybe(base64)
  }),
  fc.record({
    type: fc.constant('tool_call' as const),
    id: names,
    name: names,
    arguments: texts,
    custom: fc.constant(true)
  })
)

/** In the order that OpenAI's message has them in. */
const assistantParts: fc.Arbitrary<AssistantPart[]> = fc
  .tuple(
    fc.array(fc.oneof(thinking, redacted), { maxLength: 2 }),
    fc.array(textPart, { maxLength: 2 }),
    fc.array(call, { maxLength: 3 })
  )
  .map(parts => parts.flat())

const messages: fc.Arbitrary<ChatMessage> = fc.oneof(
  fc.record({
    role: fc.constantFrom('system' as const, 'developer' as const),
    content: fc.array(textPart, { minLength: 1, maxLength: 2 })
  }),
  fc.record({ role: fc.constant('user' as const), content: userParts, name: maybe(names) }),
  fc.record({ role: fc.constant('assistant' as const), content: assistantParts, name: maybe(names) }),
  fc.record({
    role: fc.constant('tool' as const),
    tool_call_id: names,
    name: maybe(names),
    content: fc.array(textPart, { minLength: 1, maxLength: 2 }),
    cache_control: cache
  })
)

const schema = fc.dictionary(names, fc.jsonValue(), { maxKeys: 3 }).map(found => JSON.parse(JSON.stringify(found)))
const present = (value: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null))
/** OpenAI holds strictly to no other: all of its properties are required, and it has no others. */
const closed = fc.uniqueArray(names, { maxLength: 3 }).map(required => ({
  type: 'object',
  properties: Object.fromEntries(required.map(name => [name, { type: 'string' }])),
  required,
  additionalProperties: false
}))
const loose = { schema: schema.map(present), strict: maybe(fc.constant(false)) }
const held = { schema: closed, strict: fc.constant(true) }
const answer = { type: fc.constant('json_schema' as const), name: names, description: maybe(texts) }
const tool = { name: names, description: maybe(texts), cache_control: cache }
const tools = fc.uniqueArray(
  fc.oneof(
    fc.record({
      ...tool,
      parameters: maybe(loose.schema.map(found => ({ ...found, type: 'object', properties: {} }))),
      strict: loose.strict
    }),
    fc.record({ ...tool, parameters: held.schema, strict: held.strict }),
    fc
      .record({ name: names, format: fc.constantFrom({ type: 'text' }, undefined), cache_control: cache })
      .map(({ name, format, cache_control }) => ({ ...customTool(name, undefined, format), cache_control }))
  ),
  { minLength: 1, maxLength: 3, selector: tool => tool.name }
)

const number = fc.double({ min: -2, max: 2, noNaN: true }).map(value => (value === 0 ? 0 : value))

/** Chats that OpenAI's dialect can carry whole. */
export const chatRequests: fc.Arbitrary<ChatRequest> = fc
  .record({
    model: names,
    // In the order that APIs take them.
    messages: fc
      .array(messages, { minLength: 1, maxLength: 4 })
      .map(list => resultsFirst(list).map(({ message }) => message)),
    stream: fc.boolean(),
    max_tokens: maybe(fc.nat()),
    temperature: maybe(number),
    top_p: maybe(number),
    top_k: maybe(fc.nat()),
    n: maybe(fc.integer({ min: 1, max: 4 })),
    stop: maybe(fc.array(texts, { minLength: 1, maxLength: 3 })),
    seed: maybe(fc.integer()),
    presence_penalty: maybe(number),
    frequency_penalty: maybe(number),
    logit_bias: maybe(fc.dictionary(fc.nat().map(String), number, { maxKeys: 3 })),
    logprobs: maybe(fc.boolean()),
    top_logprobs: maybe(fc.nat(20)),
    toolUse: maybe(
      fc.record({
        tools,
        parallel_tool_calls: maybe(fc.boolean()),
        tool_choice: maybe(fc.oneof(fc.constantFrom('auto', 'none', 'required'), fc.record({ name: names })))
      })
    ),
    response_format: maybe(
      fc.oneof(
        fc.record({ type: fc.constantFrom('text', 'json_object') }),
        fc.record({ ...answer, ...loose }),
        fc.record({ ...answer, ...held })
      )
    ),
    reasoning: maybe(fc.record({ effort: fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh') })),
    verbosity: maybe(fc.constantFrom('low', 'high')),
    service_tier: maybe(fc.constantFrom('auto', 'flex')),
    user: maybe(texts),
    metadata: maybe(fc.dictionary(names, texts, { maxKeys: 3 })),
    extra: fc.constant(new Map<string, unknown>()).map(() => new Map<string, unknown>())
  })
  .map(({ toolUse, ...rest }) => ({ ...rest, ...toolUse })) as fc.Arbitrary<ChatRequest>

const count = fc.nat(100_000)

/** Whole answers that OpenAI's dialect can carry. */
export const chatResponses: fc.Arbitrary<ChatResponse> = fc.record({
  id: names,
  model: names,
  created: fc.integer({ min: 1, max: 2 ** 31 }),
  choices: fc
    .array(
      fc
        .tuple(
          fc.array(fc.oneof(thinking, redacted), { maxLength: 2 }),
          fc.array(fc.record({ type: fc.constant('text' as const), text: texts }), { maxLength: 1 }),
          fc.array(call, { maxLength: 3 }),
          fc.constantFrom('length' as const, 'content_filter' as const, 'stop' as const)
        )
        .map(([thoughts, said, calls, reason]) => ({
          content: [...thoughts, ...said, ...calls],
          finish_reason: reason === 'stop' && calls.length > 0 ? ('tool_calls' as const) : reason
        })),
      { minLength: 1, maxLength: 3 }
    )
    .map(choices => choices.map((choice, index) => ({ index, ...choice }))),
  // Cached tokens and those of sound are some of the prompt's.
  usage: fc.record({ cacheRead: count, audioInput: count, text: count, output: count }).map(({ text, ...usage }) => {
    const input = usage.cacheRead + usage.audioInput + text
    return usageOf({ ...usage, input, reasoning: Math.floor(usage.output / 2) })
  })
})

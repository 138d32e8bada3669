import Anthropic from '@anthropic-ai/sdk'
import t, { type Test } from 'tap'
import { mockProvider } from '../../support/mock.js'

async function client(t: Test) {
  const mock = await mockProvider(t, { keys: ['secret'] })
  return { mock, anthropic: new Anthropic({ apiKey: 'secret', baseURL: mock.url, maxRetries: 0 }) }
}

const MODEL = 'claude-sonnet-5-5'
const user = (content: Anthropic.MessageParam['content']): Anthropic.MessageParam => ({ role: 'user', content })
const ask = (content: string, rest: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) => ({
  model: MODEL,
  max_tokens: 2000,
  messages: [user(content)],
  ...rest
})

const TOOLS: Anthropic.Tool[] = [
  {
    name: 'get_weather',
    input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
  },
  { name: 'get_time', input_schema: { type: 'object', properties: {} } }
]

t.test('a message: the answer, its end, and a usage that a count before it agrees with', async t => {
  const { mock, anthropic } = await client(t)
  const request = ask('Hello there', { system: 'Be kind.' })
  const reply = await anthropic.messages.create(request)
  t.match(reply, {
    type: 'message',
    role: 'assistant',
    model: MODEL,
    content: [{ type: 'text', text: 'You said: Hello there' }],
    stop_reason: 'end_turn',
    stop_sequence: null
  })
  const { model, messages, system } = request
  const counted = await anthropic.messages.countTokens({ model, messages, system: system ?? '' })
  t.equal(reply.usage.input_tokens, counted.input_tokens)
  t.match(mock.requests()[0]?.bill, { input: counted.input_tokens, output: reply.usage.output_tokens })
})

t.test('a stream builds the same message', async t => {
  const { anthropic } = await client(t)
  const whole = await anthropic.messages.create(ask('Hello there'))
  const stream = anthropic.messages.stream(ask('Hello there'))
  const types: string[] = []
  for await (const event of stream) if (types.at(-1) !== event.type) types.push(event.type)
  t.strictSame(types, [
    'message_start',
    'content_block_start',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop'
  ])
  const built = await stream.finalMessage()
  t.strictSame(built.content, whole.content)
  t.match(built, {
    stop_reason: 'end_turn',
    usage: { input_tokens: whole.usage.input_tokens, output_tokens: whole.usage.output_tokens }
  })
})

t.test('max_tokens and stop_sequences are honoured', async t => {
  const { anthropic } = await client(t)
  t.match(await anthropic.messages.create(ask('one two three', { max_tokens: 3 })), {
    stop_reason: 'max_tokens',
    usage: { output_tokens: 3 }
  })
  t.match(await anthropic.messages.create(ask('one two three', { stop_sequences: ['three'] })), {
    stop_reason: 'stop_sequence',
    stop_sequence: 'three',
    content: [{ text: 'You said: one two ' }]
  })
})

t.test('parallel calls, streamed, and their results', async t => {
  const { anthropic } = await client(t)
  const request = ask('call get_weather and get_time', { tools: TOOLS })
  const message = await anthropic.messages.stream(request).finalMessage()
  t.equal(message.stop_reason, 'tool_use')
  const calls = message.content.filter(block => block.type === 'tool_use')
  t.strictSame(
    calls.map(call => [call.name, call.input]),
    [
      ['get_weather', { city: 'city' }],
      ['get_time', {}]
    ]
  )
  const results = calls.map(call => ({
    type: 'tool_result' as const,
    tool_use_id: call.id,
    content: `${call.name} done`
  }))
  const messages = [...request.messages, { role: 'assistant' as const, content: message.content }, user(results)]
  const then = await anthropic.messages.create({ ...request, messages })
  t.match(then.content, [{ text: 'The tools answered: get_weather done; get_time done' }])
  const missing = [...messages.slice(0, -1), user(results.slice(1))]
  await t.rejects(anthropic.messages.create({ ...request, messages: missing }), {
    message: /without `tool_result` blocks immediately after/
  })
  const choice = { type: 'any' as const, disable_parallel_tool_use: true }
  const one = await anthropic.messages.create(
    ask('call get_weather and get_time', { tools: TOOLS, tool_choice: choice })
  )
  t.equal(one.content.length, 1)
})

t.test('thinking is signed, and demanded back as it was', async t => {
  const { anthropic } = await client(t)
  const thinking = { type: 'enabled' as const, budget_tokens: 1024 }
  const request = ask('call get_time', { tools: TOOLS, thinking })
  const message = await anthropic.messages.stream(request).finalMessage()
  t.strictSame(
    message.content.map(block => block.type),
    ['thinking', 'tool_use']
  )
  const results = message.content.flatMap(block =>
    block.type === 'tool_use' ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: 'noon' }] : []
  )
  const again = (content: Anthropic.ContentBlockParam[]) =>
    anthropic.messages.create({
      ...request,
      messages: [...request.messages, { role: 'assistant', content }, user(results)]
    })
  t.equal((await again(message.content)).stop_reason, 'end_turn')
  const forged = message.content.map(block => (block.type === 'thinking' ? { ...block, thinking: 'other' } : block))
  await t.rejects(again(forged), { message: /Invalid `signature` in `thinking` block/ })
  await t.rejects(again(message.content.slice(1)), {
    message: /Expected `thinking` or `redacted_thinking`, but found `tool_use`/
  })
  await t.rejects(anthropic.messages.create({ ...request, max_tokens: 1000 }), {
    message: /must be greater than `thinking.budget_tokens`/
  })
})

t.test('a prefix that was marked before is read from the cache, what is new is written', async t => {
  const { mock, anthropic } = await client(t)
  const system = [
    {
      type: 'text' as const,
      text: 'You know everything about mills. '.repeat(50),
      cache_control: { type: 'ephemeral' as const }
    }
  ]
  const first = (await anthropic.messages.create(ask('Hello', { system }))).usage
  const written = first.cache_creation_input_tokens ?? 0
  t.ok(written > 300)
  t.equal(first.cache_read_input_tokens, 0)
  const second = (await anthropic.messages.create(ask('Another', { system }))).usage
  t.match(second, { cache_read_input_tokens: written, cache_creation_input_tokens: 0 })
  const long = {
    type: 'text' as const,
    text: 'And this for an hour.',
    cache_control: { type: 'ephemeral' as const, ttl: '1h' as const }
  }
  const third = (await anthropic.messages.create({ ...ask(''), system, messages: [user([long])] })).usage
  t.equal(third.cache_read_input_tokens, written)
  t.match(third.cache_creation, {
    ephemeral_5m_input_tokens: 0,
    ephemeral_1h_input_tokens: third.cache_creation_input_tokens
  })
  t.ok((third.cache_creation_input_tokens ?? 0) > 0)
  t.match(mock.requests()[2]?.bill, {
    input: third.input_tokens + written + (third.cache_creation_input_tokens ?? 0),
    cacheRead: written,
    cacheWriteLong: third.cache_creation_input_tokens
  })
  const other = (await anthropic.messages.create({ ...ask('Hello', { system }), model: 'claude-opus-5-5' })).usage
  t.equal(other.cache_read_input_tokens, 0, 'another model has another cache')
})

t.test('structured output fits its schema; images are noticed', async t => {
  const { anthropic } = await client(t)
  const schema = {
    type: 'object',
    properties: { ok: { type: 'boolean' } },
    required: ['ok'],
    additionalProperties: false
  }
  const format = { type: 'json_schema' as const, schema }
  t.match((await anthropic.messages.create(ask('x', { output_config: { format } }))).content, [{ text: '{"ok":true}' }])
  const image = {
    type: 'image' as const,
    source: { type: 'base64' as const, media_type: 'image/png' as const, data: 'AAAA' }
  }
  const seen = await anthropic.messages.create({
    ...ask(''),
    messages: [user([image, { type: 'text', text: 'What?' }])]
  })
  t.match(seen.content, [{ text: 'I see an image. You said: What?' }])
})

t.test('errors are those of the SDK', async t => {
  const { mock, anthropic } = await client(t)
  for (const [model, type, status] of [
    ['x+status=429,retry-after=1', 'rate_limit_error', 429],
    ['x+status=529', 'overloaded_error', 529],
    ['x+status=500', 'api_error', 500],
    ['no-such-model', 'not_found_error', 404]
  ] as const) {
    await t.rejects(anthropic.messages.create({ ...ask('x'), model }), {
      name: 'Error',
      status,
      error: { type: 'error', error: { type } }
    })
  }
  await t.rejects(anthropic.messages.create({ ...ask('x'), model: 'x+context' }), { message: /prompt is too long/ })
  await t.rejects(anthropic.messages.create({ ...ask('x'), messages: [{ role: 'assistant', content: 'x' }] }), {
    message: /first message must use the/
  })
  const stranger = new Anthropic({ apiKey: 'other', baseURL: mock.url, maxRetries: 0 })
  await t.rejects(stranger.messages.create(ask('x')), { message: /authentication_error/ })
  const stream = anthropic.messages.stream({ ...ask('x'), model: 'x+error-in-stream=4' })
  await t.rejects(stream.finalMessage(), { message: /api_error/ })
})

t.test('a client that goes away is noticed', async t => {
  const { mock, anthropic } = await client(t)
  for await (const _ of await anthropic.messages.create({ ...ask('x'), model: 'x+stall,after=3', stream: true })) break
  await mock.until(all => all[0]?.outcome === 'aborted')
  t.equal(mock.requests()[0]?.events, 3)
})

t.test('models are listed in its own shape', async t => {
  const { anthropic } = await client(t)
  const list = await anthropic.models.list({ limit: 1000 })
  t.match(
    list.data.find(model => model.id === MODEL),
    { type: 'model', display_name: MODEL }
  )
})

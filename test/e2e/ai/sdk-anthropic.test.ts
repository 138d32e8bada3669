import Anthropic, {
  APIUserAbortError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError
} from '@anthropic-ai/sdk'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import t from 'tap'
import { z } from 'zod'
import { ACCOUNT_KEY, aiGateway, failureOf, lastBody, MODELS, sentHeader } from './gateway.js'

const { mock, url } = await aiGateway(t)
const anthropic = new Anthropic({ apiKey: 'of the client', baseURL: url, maxRetries: 0 })

const user = (content: string): Anthropic.MessageParam => ({ role: 'user', content })
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='
const TOOLS: Anthropic.Tool[] = [
  {
    name: 'get_weather',
    input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
  },
  { name: 'get_time', input_schema: { type: 'object', properties: { zone: { type: 'string' } } } }
]
const CALLS = 'call get_weather with {"city":"Paris"} and get_time with {"zone":"UTC"}'

for (const model of MODELS) {
  t.test(`messages: ${model} answers, whole and streamed, with usage`, async t => {
    const request = { model, max_tokens: 500, system: 'Be brief.', messages: [user('Hello there')] }
    const whole = await anthropic.messages.create(request)
    t.match(whole, {
      type: 'message',
      role: 'assistant',
      content: [{ type: 'text', text: 'You said: Hello there' }],
      stop_reason: 'end_turn'
    })
    t.ok(whole.usage.input_tokens > 0 && whole.usage.output_tokens > 0)

    const stream = anthropic.messages.stream(request)
    const pieces: string[] = []
    stream.on('text', piece => pieces.push(piece))
    const streamed = await stream.finalMessage()
    t.equal(pieces.join(''), 'You said: Hello there')
    t.ok(pieces.length > 1)
    t.match(streamed, { stop_reason: 'end_turn', usage: { output_tokens: whole.usage.output_tokens } })
  })

  t.test(`messages: ${model} calls two tools at once, whole and streamed, and reads their results`, async t => {
    const request = { model, max_tokens: 500, tools: TOOLS, messages: [user(CALLS)] }
    const whole = await anthropic.messages.create(request)
    t.equal(whole.stop_reason, 'tool_use')
    const calls = whole.content.filter(block => block.type === 'tool_use')
    const told = [
      { name: 'get_weather', input: { city: 'Paris' } },
      { name: 'get_time', input: { zone: 'UTC' } }
    ]
    t.match(calls, told)
    t.equal(calls.length, 2)
    const streamed = await anthropic.messages.stream(request).finalMessage()
    t.match(
      streamed.content.filter(block => block.type === 'tool_use'),
      told
    )
    const after = await anthropic.messages.create({
      ...request,
      messages: [
        user(CALLS),
        { role: 'assistant', content: whole.content },
        {
          role: 'user',
          content: calls.map(({ id }, i) => {
            return { type: 'tool_result' as const, tool_use_id: id, content: ['rain', 'noon'][i] ?? '' }
          })
        }
      ]
    })
    t.match(after.content[0], { text: /^The tools answered: .*rain.*; .*noon/ })
  })

  t.test(`messages: ${model} sees an image, ends at a stop sequence and at the limit`, async t => {
    const seen = await anthropic.messages.create({
      model,
      max_tokens: 500,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } },
            { type: 'text', text: 'And?' }
          ]
        }
      ]
    })
    t.match(seen.content, [{ text: 'I see an image. You said: And?' }])
    const cut = await anthropic.messages.create({
      model,
      max_tokens: 16,
      messages: [user('one two three '.repeat(20))]
    })
    t.equal(cut.stop_reason, 'max_tokens')
    if (model.startsWith('responses/')) return // it has no stop sequences
    const request = { model, max_tokens: 500, stop_sequences: ['three'], messages: [user('one two three four')] }
    const stopped = await anthropic.messages.create(request)
    t.match(stopped.content, [{ text: 'You said: one two ' }])
  })

  t.test(`messages: ${model} keeps to a schema of zod's`, async t => {
    const { parsed_output: parsed } = await anthropic.messages.parse({
      model,
      max_tokens: 500,
      messages: [user('The weather?')],
      output_config: { format: zodOutputFormat(z.object({ city: z.string(), degrees: z.number() })) }
    })
    t.equal(typeof parsed?.city, 'string')
    t.equal(typeof parsed?.degrees, 'number')
  })

  t.test(`messages: errors of ${model} are the exceptions a program expects`, async t => {
    const ask = (fault: string) =>
      failureOf(anthropic.messages.create({ model: `${model}+${fault}`, max_tokens: 9, messages: [user('x')] }))
    const limited = await ask('status=429,retry-after=7')
    t.type(limited, RateLimitError)
    t.match(limited, { error: { type: 'error', error: { type: 'rate_limit_error' } } })
    t.equal(limited instanceof RateLimitError && limited.headers.get('retry-after'), '7')
    t.type(await ask('status=400'), BadRequestError)
    t.type(await ask('status=404'), NotFoundError)
    t.type(await ask('status=500'), InternalServerError)
    t.type(await ask('status=401'), InternalServerError, "the account's key is the operator's business")
    const overloaded = await ask('status=529')
    t.match(overloaded, { error: { error: { type: 'overloaded_error' } } })
    const long = await ask('context')
    t.type(long, BadRequestError)
    t.match(long.message, /prompt is too long|context/)
  })

  t.test(
    `messages: leaving a stream of ${model} ends the call of the provider; an error within one is thrown`,
    async t => {
      mock.reset()
      const request = { max_tokens: 500, messages: [user('one two three four five six seven')] }
      const stream = anthropic.messages.stream({ ...request, model: `${model}+stall,after=6` })
      stream.on('text', () => stream.abort())
      t.type(await failureOf(stream.finalMessage()), APIUserAbortError)
      await mock.until(([first]) => first?.outcome === 'aborted')

      const broken = anthropic.messages.stream({ ...request, model: `${model}+error-in-stream=6,error-status=529` })
      const failure = await failureOf(broken.finalMessage())
      const type = /^(?:ollama|cohere|mistral)\//.test(model) ? 'api_error' : 'overloaded_error' // these say no kind
      t.match(failure, { error: { type: 'error', error: { type } } })
    }
  )
}

t.test('thinking comes back with its signature over two turns', async t => {
  for (const model of ['anthropic/claude-sonnet-4-5', 'gemini/gemini-3-pro-preview', 'responses/gpt-5-pro']) {
    const request: Anthropic.MessageCreateParamsNonStreaming = {
      model,
      max_tokens: 3000,
      thinking: { type: 'enabled', budget_tokens: 1024 },
      tools: TOOLS,
      messages: [user('call get_weather with {"city":"Paris"}')]
    }
    for (const ask of [
      () => anthropic.messages.create(request),
      () => anthropic.messages.stream(request).finalMessage()
    ]) {
      const first = await ask()
      const [thought] = first.content
      t.match(thought?.type, /^(?:redacted_)?thinking$/, model)
      const call = first.content.find(block => block.type === 'tool_use')
      const second = await anthropic.messages.create({
        ...request,
        messages: [
          ...request.messages,
          { role: 'assistant', content: first.content },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content: 'rain' }] }
        ]
      })
      t.match(second.content.at(-1), { type: 'text', text: /^The tools answered: .*rain/ }, model)
    }
  }
})

t.test("the thinking of one provider is no other's business: the conversation goes on without it", async t => {
  const thinking = { type: 'enabled' as const, budget_tokens: 1024 }
  const models = ['anthropic/claude-sonnet-4-5', 'gemini/gemini-3-pro-preview', 'responses/gpt-5-pro', 'openai/gpt-5']
  for (const from of models) {
    for (const to of models) {
      const base = { max_tokens: 3000, thinking, tools: TOOLS }
      const question = user('call get_weather with {"city":"Paris"}')
      const first = await anthropic.messages.create({ ...base, model: from, messages: [question] })
      const call = first.content.find(block => block.type === 'tool_use')
      const result = { type: 'tool_result' as const, tool_use_id: call?.id ?? '', content: 'rain' }
      const second = await anthropic.messages.create({
        ...base,
        model: to,
        // Untouched to Claude: that a turn was begun without thinking, nothing in it tells.
        thinking: from === 'openai/gpt-5' ? { type: 'disabled' } : thinking,
        messages: [question, { role: 'assistant', content: first.content }, { role: 'user', content: [result] }]
      })
      t.match(second.content.at(-1), { type: 'text', text: /rain/ }, `${from} to ${to}`)
    }
  }
})

t.test('what a prompt counts, from Anthropic and from others', async t => {
  const counted = await anthropic.messages.countTokens({
    model: 'anthropic/claude-sonnet-4-5',
    system: 'Be brief.',
    messages: [user('Hello there')]
  })
  t.ok(counted.input_tokens > 0)
  const gemini = await anthropic.messages.countTokens({
    model: 'gemini/gemini-2.5-pro',
    messages: [user('Hello there')]
  })
  t.ok(gemini.input_tokens > 0)
})

t.test('beta: the flags and the query reach Anthropic as they are', async t => {
  await anthropic.beta.messages.create({
    model: 'anthropic/claude-sonnet-4-5',
    max_tokens: 10,
    messages: [user('x')],
    betas: ['interleaved-thinking-2025-05-14', 'context-1m-2025-08-07']
  })
  t.equal(sentHeader(mock, 'anthropic-beta'), 'interleaved-thinking-2025-05-14,context-1m-2025-08-07')
  t.match(sentHeader(mock, 'anthropic-version'), /^20\d\d-\d\d-\d\d$/)
  t.equal(sentHeader(mock, 'x-api-key'), ACCOUNT_KEY)
  t.notOk('betas' in lastBody(mock))
})

t.test('prompt caching: what was read and written is told, and counts', async t => {
  const system = [
    { type: 'text' as const, text: 'A long story. '.repeat(50), cache_control: { type: 'ephemeral' as const } }
  ]
  const request = { model: 'claude-sonnet-4-5', max_tokens: 50, system, messages: [user('x')] }
  const first = await anthropic.messages.create(request)
  t.ok((first.usage.cache_creation_input_tokens ?? 0) > 0)
  const second = await anthropic.messages.create(request)
  t.equal(second.usage.cache_read_input_tokens, first.usage.cache_creation_input_tokens)
})

t.test('models: the list in the shape of Anthropic, and one of them', async t => {
  const list = await anthropic.models.list({ limit: 1000 })
  t.ok(list.data.some(({ id, type }) => id === 'claude-sonnet-4-5' && type === 'model'))
  t.equal(list.has_more, false)
  const ids = list.data.map(({ id }) => id)
  const paged: string[] = []
  for await (const { id } of anthropic.models.list({ limit: 2 })) paged.push(id)
  t.strictSame(paged, ids, 'page by page, too')
  const before = await anthropic.models.list({ limit: 2, before_id: ids[3] ?? '' })
  t.strictSame([before.data.map(({ id }) => id), before.has_more], [ids.slice(1, 3), true])
  t.match(await anthropic.models.retrieve('claude-sonnet-4-5'), { id: 'claude-sonnet-4-5', type: 'model' })
  t.type(await failureOf(anthropic.models.retrieve('nothing')), NotFoundError)
})

t.test('what the gateway itself refuses is said in the form of Anthropic', async t => {
  const unknown = await failureOf(anthropic.messages.create({ model: 'nothing', max_tokens: 9, messages: [user('x')] }))
  t.type(unknown, NotFoundError)
  t.match(unknown, { error: { type: 'error', error: { type: 'not_found_error', message: /nothing/ } } })
  const wrong = { model: 'gpt-5', max_tokens: 9, messages: 'none' } as never
  const refused = await failureOf(anthropic.messages.create(wrong))
  t.type(refused, BadRequestError)
  t.match(refused, { error: { error: { type: 'invalid_request_error', message: /messages/ } } })
})

t.test('the SDK tries again what may be tried again', async t => {
  mock.reset()
  const retrying = new Anthropic({ apiKey: 'k', baseURL: url, maxRetries: 2 })
  const model = 'anthropic/claude-sonnet-4-5+status=529,times=2,retry-after=0'
  const { content } = await retrying.messages.create({ model, max_tokens: 50, messages: [user('x')] })
  t.match(content, [{ text: 'You said: x' }])
  t.strictSame(
    mock.requests().map(({ status }) => status),
    [529, 529, 200]
  )
})

t.test('what cannot be carried over is named in the reply', async t => {
  const { response } = await anthropic.messages
    .create({ model: 'openai/gpt-5', max_tokens: 50, top_k: 4, messages: [user('x')], container: 'c' } as never)
    .withResponse()
  t.strictSame(response.headers.get('x-sluice-dropped-params')?.split(', ').sort(), ['container', 'top_k'])
  const bedrock = await anthropic.beta.messages
    .create({
      model: 'bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
      max_tokens: 50,
      messages: [user('x')],
      container: 'c',
      betas: ['skills-2025-10-02', 'interleaved-thinking-2025-05-14']
    })
    .withResponse()
  const lost = bedrock.response.headers.get('x-sluice-dropped-params')
  t.equal(lost, 'container, anthropic-beta: skills-2025-10-02')
})

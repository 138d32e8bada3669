import OpenAI, { toFile } from 'openai'
import type { ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources/chat/completions'
import t, { type Test } from 'tap'
import { mockProvider } from '../../support/mock.js'

async function client(t: Test) {
  const mock = await mockProvider(t, { keys: ['secret'] })
  return { mock, openai: new OpenAI({ apiKey: 'secret', baseURL: `${mock.url}/v1`, maxRetries: 0 }) }
}

const user = (content: string): ChatCompletionMessageParam => ({ role: 'user', content })

const TOOLS: ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 2 } },
        required: ['city', 'days']
      }
    }
  },
  {
    type: 'function',
    function: { name: 'get_time', parameters: { type: 'object', properties: { zone: { enum: ['utc', 'cet'] } } } }
  }
]

t.test('chat: the answer, its end and a usage that adds up', async t => {
  const { mock, openai } = await client(t)
  const reply = await openai.chat.completions.create({
    model: 'gpt-5',
    messages: [{ role: 'system', content: 'Be kind.' }, user('Hello there')]
  })
  t.match(reply, {
    object: 'chat.completion',
    model: 'gpt-5',
    choices: [{ message: { role: 'assistant', content: 'You said: Hello there' }, finish_reason: 'stop' }]
  })
  const { prompt_tokens: input = 0, completion_tokens: output = 0, total_tokens: total } = reply.usage ?? {}
  t.ok(input > 0 && output > 0)
  t.equal(total, input + output)
  t.match(mock.requests()[0]?.bill, { input, output })
})

t.test('chat: n, stop and max_tokens are honoured', async t => {
  const { openai } = await client(t)
  const two = await openai.chat.completions.create({
    model: 'gpt-5',
    n: 2,
    messages: [user('one two three')],
    stop: ['three']
  })
  t.strictSame(
    two.choices.map(choice => [choice.index, choice.message.content]),
    [
      [0, 'You said: one two '],
      [1, 'You said: one two ']
    ]
  )
  const short = await openai.chat.completions.create({
    model: 'gpt-5',
    max_completion_tokens: 4,
    messages: [user('one two three')]
  })
  t.match(short, { choices: [{ finish_reason: 'length' }], usage: { completion_tokens: 4 } })
})

t.test('chat: the stream is the same answer in pieces, with usage where it is asked for', async t => {
  const { openai } = await client(t)
  const request = { model: 'gpt-5', messages: [user('Hello there')] }
  const whole = await openai.chat.completions.create(request)
  for (const include_usage of [true, false]) {
    const stream = await openai.chat.completions.create({ ...request, stream: true, stream_options: { include_usage } })
    let text = ''
    let finish: string | null = null
    const usages: unknown[] = []
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      finish = chunk.choices[0]?.finish_reason ?? finish
      if (chunk.usage) usages.push(chunk.usage)
    }
    t.equal(text, whole.choices[0]?.message.content)
    t.equal(finish, 'stop')
    t.strictSame(usages, include_usage ? [whole.usage] : [])
  }
})

t.test('chat: a thinking model shows its reasoning and counts it', async t => {
  const { openai } = await client(t)
  const reply = await openai.chat.completions.create({ model: 'gpt-5-think', messages: [user('Hello')] })
  t.match(reply.choices[0]?.message, { reasoning_content: /Hello/, content: 'You said: Hello' })
  const hidden = await openai.chat.completions.create({
    model: 'gpt-5',
    reasoning_effort: 'low',
    messages: [user('Hello')]
  })
  t.notOk('reasoning_content' in (hidden.choices[0]?.message ?? {}), 'OpenAI itself shows none')
  for (const { usage } of [reply, hidden]) {
    const reasoning = usage?.completion_tokens_details?.reasoning_tokens ?? 0
    t.ok(reasoning > 0 && reasoning < (usage?.completion_tokens ?? 0))
  }
})

t.test('chat: tools are called with arguments that fit, and their results answered', async t => {
  const { openai } = await client(t)
  const messages = [user('What is it like?')]
  const reply = await openai.chat.completions.create({
    model: 'gpt-5',
    messages,
    tools: TOOLS,
    tool_choice: 'required'
  })
  const message = reply.choices[0]?.message
  t.equal(reply.choices[0]?.finish_reason, 'tool_calls')
  t.equal(message?.content, null)
  const [call] = message?.tool_calls ?? []
  t.match(call, { type: 'function', function: { name: 'get_weather' } })
  t.strictSame(JSON.parse(call?.type === 'function' ? call.function.arguments : ''), { city: 'city', days: 2 })
  const then = await openai.chat.completions.create({
    model: 'gpt-5',
    messages: [
      ...messages,
      message as ChatCompletionMessageParam,
      { role: 'tool', tool_call_id: call?.id ?? '', content: 'rain' }
    ],
    tools: TOOLS
  })
  t.equal(then.choices[0]?.message.content, 'The tools answered: rain')
})

t.test('chat: nothing is called unless it must be or the prompt says so', async t => {
  const { openai } = await client(t)
  const asked = async (content: string, rest: object) => {
    const reply = await openai.chat.completions.create({
      model: 'gpt-5',
      messages: [user(content)],
      tools: TOOLS,
      ...rest
    })
    return reply.choices[0]?.message.tool_calls?.map(call => call.type === 'function' && call.function.name) ?? []
  }
  t.strictSame(await asked('What is it like?', {}), [])
  t.strictSame(await asked('call get_time.', {}), ['get_time'])
  t.strictSame(await asked('call get_time.', { tool_choice: 'none' }), [])
  t.strictSame(await asked('x', { tool_choice: { type: 'function', function: { name: 'get_time' } } }), ['get_time'])
  t.strictSame(await asked('call get_weather and get_time', {}), ['get_weather', 'get_time'])
  t.strictSame(await asked('call get_weather and get_time', { parallel_tool_calls: false }), ['get_weather'])
})

t.test('chat: parallel calls are streamed in pieces', async t => {
  const { openai } = await client(t)
  const content = 'Please call get_weather with {"city":"Paris","days":3} and get_time'
  const stream = openai.chat.completions.stream({ model: 'gpt-5', messages: [user(content)], tools: TOOLS })
  let pieces = 0
  for await (const chunk of stream) pieces += chunk.choices[0]?.delta.tool_calls?.length ?? 0
  const { choices } = await stream.finalChatCompletion()
  const calls = choices[0]?.message.tool_calls?.map(
    call => call.type === 'function' && [call.function.name, JSON.parse(call.function.arguments)]
  )
  t.strictSame(calls, [
    ['get_weather', { city: 'Paris', days: 3 }],
    ['get_time', { zone: 'utc' }]
  ])
  t.ok(pieces > 4, `${pieces} pieces`)
  t.equal(new Set(choices[0]?.message.tool_calls?.map(call => call.id)).size, 2)
})

t.test('chat: an answer fits the schema that is asked for', async t => {
  const { openai } = await client(t)
  const schema = {
    type: 'object',
    properties: {
      name: { type: 'string' },
      tags: { type: 'array', items: { enum: ['a', 'b'] }, minItems: 2 },
      age: { type: ['integer', 'null'], minimum: 18 }
    },
    required: ['name', 'tags', 'age'],
    additionalProperties: false
  }
  const reply = await openai.chat.completions.create({
    model: 'gpt-5',
    messages: [user('x')],
    response_format: { type: 'json_schema', json_schema: { name: 'person', strict: true, schema } }
  })
  t.strictSame(JSON.parse(reply.choices[0]?.message.content ?? ''), { name: 'name', tags: ['a', 'a'], age: 18 })
})

t.test('chat: images are noticed and cost', async t => {
  const { openai } = await client(t)
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } } as const
  const content = [{ type: 'text', text: 'What is this?' } as const, image, image]
  const reply = await openai.chat.completions.create({ model: 'gpt-5', messages: [{ role: 'user', content }] })
  t.equal(reply.choices[0]?.message.content, 'I see an image and an image. You said: What is this?')
  t.ok((reply.usage?.prompt_tokens ?? 0) > 170)
})

t.test('errors are those of the SDK', async t => {
  const { mock, openai } = await client(t)
  const ask = (model: string, messages = [user('x')]) => openai.chat.completions.create({ model, messages })
  await t.rejects(ask('gpt-5+status=429,retry-after=2'), { name: 'Error', status: 429, code: 'rate_limit_exceeded' })
  await t.rejects(ask('gpt-5+status=500'), { name: 'Error', status: 500, type: 'server_error' })
  await t.rejects(ask('gpt-5+context'), { status: 400, code: 'context_length_exceeded' })
  await t.rejects(ask('gpt-5+policy'), { status: 400, code: 'content_policy_violation' })
  await t.rejects(ask('no-such-model'), { status: 404, code: 'model_not_found' })
  await t.rejects(ask('gpt-5', []), { name: 'Error', status: 400, param: 'messages' })
  await t.rejects(ask('gpt-5', [{ role: 'tool', tool_call_id: 'call_1', content: 'x' }]), {
    status: 400,
    message: /must be a response to a preceeding message/
  })
  const stranger = new OpenAI({ apiKey: 'other', baseURL: `${mock.url}/v1`, maxRetries: 0 })
  await t.rejects(stranger.models.list(), { status: 401, code: 'invalid_api_key' })
})

t.test('an error within a stream is thrown by the SDK', async t => {
  const { openai } = await client(t)
  const stream = await openai.chat.completions.create({
    model: 'gpt-5+error-in-stream=2',
    messages: [user('x')],
    stream: true
  })
  let chunks = 0
  await t.rejects(
    async () => {
      for await (const _ of stream) chunks++
    },
    { message: /The server had an error/ }
  )
  t.equal(chunks, 2)
})

t.test('a client that goes away is noticed', async t => {
  const { mock, openai } = await client(t)
  const stream = await openai.chat.completions.create({
    model: 'gpt-5+stall,after=2',
    messages: [user('x')],
    stream: true
  })
  for await (const _ of stream) break
  await mock.until(all => all[0]?.outcome === 'aborted')
  t.match(mock.requests()[0], { status: 200, events: 2 })
})

t.test('responses: create, stream, go on, get, delete', async t => {
  const { openai } = await client(t)
  const first = await openai.responses.create({ model: 'gpt-5', input: 'Hello' })
  t.match(first, {
    status: 'completed',
    output_text: 'You said: Hello',
    usage: { input_tokens_details: { cached_tokens: 0 } }
  })
  t.equal(first.usage?.total_tokens, (first.usage?.input_tokens ?? 0) + (first.usage?.output_tokens ?? 0))
  const second = await openai.responses.create({ model: 'gpt-5', input: 'And you?', previous_response_id: first.id })
  t.ok((second.usage?.input_tokens ?? 0) > (first.usage?.input_tokens ?? 0), 'the conversation counts')
  t.equal((await openai.responses.retrieve(first.id)).id, first.id)
  const items = await openai.responses.inputItems.list(second.id)
  t.equal(items.data.length, 3)
  await t.rejects(openai.responses.cancel(first.id), { name: 'Error', status: 400 })
  await openai.responses.delete(first.id)
  await t.rejects(openai.responses.retrieve(first.id), { name: 'Error', status: 404 })
  await t.rejects(openai.responses.create({ model: 'gpt-5', input: 'x', previous_response_id: first.id }), {
    code: 'previous_response_not_found'
  })
})

t.test('responses: the events of a stream build the response', async t => {
  const { openai } = await client(t)
  const types: string[] = []
  const stream = openai.responses.stream({ model: 'gpt-5', input: 'Hello', reasoning: { summary: 'auto' } })
  let text = ''
  let last = -1
  for await (const event of stream) {
    types.push(event.type)
    t.equal(event.sequence_number, ++last)
    if (event.type === 'response.output_text.delta') text += event.delta
  }
  t.equal(text, 'You said: Hello')
  t.equal((await stream.finalResponse()).output_text, text)
  const order = types.filter((type, i) => type !== types[i - 1])
  t.strictSame(order, [
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.reasoning_summary_part.added',
    'response.reasoning_summary_text.delta',
    'response.reasoning_summary_text.done',
    'response.reasoning_summary_part.done',
    'response.output_item.done',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed'
  ])
})

t.test('responses: parallel calls, their results, and reasoning that is sent back', async t => {
  const { openai } = await client(t)
  const tools = ['one', 'two'].map(name => ({
    type: 'function' as const,
    name,
    strict: true,
    parameters: { type: 'object', properties: { a: { type: 'string' } } }
  }))
  const question = { role: 'user' as const, content: 'call one and two' }
  const include = ['reasoning.encrypted_content' as const]
  const reply = await openai.responses
    .stream({ model: 'gpt-5-think', input: [question], tools, store: false, include })
    .finalResponse()
  const calls = reply.output.filter(item => item.type === 'function_call')
  t.strictSame(
    calls.map(call => [call.name, JSON.parse(call.arguments)]),
    [
      ['one', { a: 'a' }],
      ['two', { a: 'a' }]
    ]
  )
  const results = calls.map(call => ({
    type: 'function_call_output' as const,
    call_id: call.call_id,
    output: `${call.name} done`
  }))
  const input = [question, ...reply.output, ...results] as OpenAI.Responses.ResponseInput
  const then = await openai.responses.create({ model: 'gpt-5-think', input, tools, store: false })
  t.equal(then.output_text, 'The tools answered: one done; two done')
  const forged = input.map(item =>
    'type' in item && item.type === 'reasoning' ? { ...item, encrypted_content: 'x' } : item
  )
  await t.rejects(openai.responses.create({ model: 'gpt-5-think', input: forged, tools }), {
    code: 'invalid_encrypted_content'
  })
  await t.rejects(openai.responses.create({ model: 'gpt-5', input: input.slice(0, -1), tools }), {
    message: /No tool output found/
  })
})

t.test('responses: what is cut says why', async t => {
  const { openai } = await client(t)
  const reply = await openai.responses.create({ model: 'gpt-5', input: 'one two three', max_output_tokens: 3 })
  t.match(reply, {
    status: 'incomplete',
    incomplete_details: { reason: 'max_output_tokens' },
    usage: { output_tokens: 3 }
  })
})

t.test('completions, whole and as a stream', async t => {
  const { openai } = await client(t)
  const request = { model: 'gpt-3.5-turbo-instruct', prompt: 'Once upon', max_tokens: 20 }
  const whole = await openai.completions.create(request)
  t.equal(whole.choices[0]?.text, 'You said: Once upon')
  let text = ''
  for await (const chunk of await openai.completions.create({ ...request, stream: true }))
    text += chunk.choices[0]?.text ?? ''
  t.equal(text, whole.choices[0]?.text)
})

t.test('embeddings of similar texts are near, in both encodings', async t => {
  const { openai } = await client(t)
  const input = [
    'What is the capital of France?',
    'the capital of France, what is it',
    'How do I bake sourdough bread?'
  ]
  const near = (a: number[] = [], b: number[] = []) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)
  for (const encoding_format of ['float', 'base64'] as const) {
    // The SDK itself asks for base64 and decodes it where nothing is said.
    const { data, usage } = await openai.embeddings.create({
      model: 'text-embedding-3-small',
      input,
      ...(encoding_format === 'float' && { encoding_format })
    })
    const [a, b, c] = data.map(each => each.embedding)
    t.equal(a?.length, 1536)
    t.ok(Math.abs(near(a, a) - 1) < 1e-5, 'its length is 1')
    t.ok(near(a, b) > 0.9, `similar: ${near(a, b)}`)
    t.ok(near(a, c) < 0.3, `another: ${near(a, c)}`)
    t.ok(usage.prompt_tokens > 15)
  }
  const small = await openai.embeddings.create({ model: 'text-embedding-3-small', input: 'x', dimensions: 64 })
  t.equal(small.data[0]?.embedding.length, 64)
})

t.test('images, speech, transcription, moderation and models', async t => {
  const { openai } = await client(t)
  const image = await openai.images.generate({ model: 'gpt-image-1', prompt: 'A river', n: 2 })
  t.equal(image.data?.length, 2)
  const png = Buffer.from(image.data?.[0]?.b64_json ?? '', 'base64')
  t.equal(png.subarray(1, 4).toString(), 'PNG')
  const edited = await openai.images.edit({
    model: 'gpt-image-1',
    prompt: 'A gate',
    image: await toFile(png, 'a.png', { type: 'image/png' })
  })
  t.ok(edited.data?.[0]?.b64_json)
  const speech = Buffer.from(
    await (await openai.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'Hello' })).arrayBuffer()
  )
  t.equal(speech.subarray(0, 4).toString(), 'RIFF')
  t.equal(speech.readUInt32LE(4), speech.length - 8)
  const heard = await openai.audio.transcriptions.create({ model: 'whisper-1', file: await toFile(speech, 'a.wav') })
  t.equal(heard.text, `You sent a.wav, ${speech.length} bytes.`)
  const { results } = await openai.moderations.create({
    model: 'omni-moderation-latest',
    input: ['I will kill you', 'Good morning']
  })
  t.strictSame(
    results.map(each => [each.flagged, each.categories.violence]),
    [
      [true, true],
      [false, false]
    ]
  )
  const ids = (await openai.models.list()).data.map(model => model.id)
  t.ok(ids.includes('gpt-5'))
  t.equal((await openai.models.retrieve('gpt-5')).id, 'gpt-5')
})

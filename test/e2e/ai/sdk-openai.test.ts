import OpenAI, {
  APIUserAbortError,
  AzureOpenAI,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
  toFile
} from 'openai'
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
import type { ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources/chat/completions'
import t from 'tap'
import { z } from 'zod'
import { formFields } from '../../../core/cli/mock/form.js'
import { ACCOUNT_KEY, aiGateway, failureOf, lastBody, MODELS, sentHeader } from './gateway.js'

const { mock, url } = await aiGateway(t)
const openai = new OpenAI({ apiKey: 'of the client', baseURL: `${url}/v1`, maxRetries: 0 })

const user = (content: string): ChatCompletionMessageParam => ({ role: 'user', content })
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='
const Weather = z.object({ city: z.string(), degrees: z.number() })

const TOOLS: ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
    }
  },
  {
    type: 'function',
    function: { name: 'get_time', parameters: { type: 'object', properties: { zone: { type: 'string' } } } }
  }
]

for (const model of MODELS) {
  t.test(`chat: ${model} answers, whole and streamed, with usage`, async t => {
    const messages: ChatCompletionMessageParam[] = [{ role: 'system', content: 'Be brief.' }, user('Hello there')]
    const whole = await openai.chat.completions.create({ model, messages })
    t.match(whole.choices, [{ message: { content: 'You said: Hello there' }, finish_reason: 'stop' }])
    t.ok((whole.usage?.prompt_tokens ?? 0) > 0 && (whole.usage?.completion_tokens ?? 0) > 0)
    t.equal(whole.object, 'chat.completion')
    t.ok(whole.id)

    const stream = openai.chat.completions.stream({ model, messages, stream_options: { include_usage: true } })
    const pieces: string[] = []
    stream.on('content', piece => pieces.push(piece))
    const streamed = await stream.finalChatCompletion()
    t.equal(pieces.join(''), 'You said: Hello there')
    t.ok(pieces.length > 1)
    t.equal(streamed.choices[0]?.finish_reason, 'stop')
    t.match(streamed.usage, {
      prompt_tokens: whole.usage?.prompt_tokens,
      completion_tokens: whole.usage?.completion_tokens
    })
  })

  t.test(`chat: ${model} calls two tools at once, whole and streamed, and reads their results`, async t => {
    const messages = [user('call get_weather with {"city":"Paris"} and get_time with {"zone":"UTC"}')]
    const whole = await openai.chat.completions.create({ model, messages, tools: TOOLS })
    const [choice] = whole.choices
    t.equal(choice?.finish_reason, 'tool_calls')
    const calls = choice?.message.tool_calls ?? []
    t.strictSame(calls.map(named), [
      ['get_weather', { city: 'Paris' }],
      ['get_time', { zone: 'UTC' }]
    ])

    const streamed = await openai.chat.completions.stream({ model, messages, tools: TOOLS }).finalChatCompletion()
    t.strictSame(streamed.choices[0]?.message.tool_calls?.map(named), calls.map(named))
    t.equal(streamed.choices[0]?.finish_reason, 'tool_calls')

    const results = calls.map(
      ({ id }, i): ChatCompletionMessageParam => ({
        role: 'tool',
        tool_call_id: id,
        content: ['rain', 'noon'][i] ?? ''
      })
    )
    const after = await openai.chat.completions.create({
      model,
      tools: TOOLS,
      messages: choice === undefined ? [] : [...messages, choice.message, ...results]
    })
    t.match(after.choices[0]?.message.content, /^The tools answered: .*rain.*; .*noon/)
  })

  t.test(`chat: ${model} keeps to a schema of zod's`, async t => {
    const { choices } = await openai.chat.completions.parse({
      model,
      messages: [user('The weather?')],
      response_format: zodResponseFormat(Weather, 'weather')
    })
    const parsed = choices[0]?.message.parsed
    t.equal(typeof parsed?.city, 'string')
    t.equal(typeof parsed?.degrees, 'number')
  })

  t.test(`chat: ${model} sees an image`, async t => {
    const { choices } = await openai.chat.completions.create({
      model,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'And?' },
            { type: 'image_url', image_url: { url: PIXEL } }
          ]
        }
      ]
    })
    t.equal(choices[0]?.message.content, 'I see an image. You said: And?')
  })

  t.test(`chat: errors of ${model} are the exceptions a program expects`, async t => {
    const ask = (fault: string) => openai.chat.completions.create({ model: `${model}+${fault}`, messages: [user('x')] })
    const limited = await failureOf(ask('status=429,retry-after=7'))
    t.type(limited, RateLimitError)
    t.equal(limited instanceof RateLimitError && limited.headers.get('retry-after'), '7')
    t.type(await failureOf(ask('status=400')), BadRequestError)
    t.type(await failureOf(ask('status=404')), NotFoundError)
    t.type(await failureOf(ask('status=500')), InternalServerError)
    t.type(await failureOf(ask('status=401')), InternalServerError, "the account's key is the operator's business")
    t.match(await failureOf(ask('context')), { status: 400, code: 'context_length_exceeded' })
  })

  t.test(`chat: leaving a stream of ${model} ends the call of the provider`, async t => {
    mock.reset()
    const controller = new AbortController()
    const stream = await openai.chat.completions.create(
      { model: `${model}+stall,after=6`, messages: [user('one two three four five six seven')], stream: true },
      { signal: controller.signal }
    )
    for await (const _ of stream) {
      controller.abort()
      break
    }
    await mock.until(([first]) => first?.outcome === 'aborted')
    t.equal(mock.requests().length, 1)
  })

  t.test(`chat: an error within a stream of ${model} is thrown`, async t => {
    const stream = await openai.chat.completions.create({
      model: `${model}+error-in-stream=5,error-status=500`,
      messages: [user('one two three four five six seven')],
      stream: true
    })
    const pieces: string[] = []
    const reading = (async () => {
      for await (const chunk of stream) pieces.push(chunk.choices[0]?.delta.content ?? '')
    })()
    t.type(await failureOf(reading), OpenAI.APIError)
    t.ok(pieces.length > 0)
  })
}

function named(call: { type?: string; function?: { name: string; arguments: string } }): unknown {
  return [call.function?.name, JSON.parse(call.function?.arguments ?? '')]
}

t.test('a call is cancelled before its answer: the provider is told', async t => {
  mock.reset()
  const controller = new AbortController()
  const asked = openai.chat.completions.create(
    { model: 'openai/gpt-5+hang', messages: [user('x')] },
    { signal: controller.signal }
  )
  await mock.until(all => all.length === 1)
  controller.abort()
  t.type(await failureOf(asked), APIUserAbortError)
  await mock.until(([first]) => first?.outcome === 'aborted')
})

t.test('the SDK tries again what may be tried again', async t => {
  mock.reset()
  const retrying = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 2 })
  const { choices } = await retrying.chat.completions.create({
    model: 'openai/gpt-5-mini+status=503,times=2,retry-after=0',
    messages: [user('x')]
  })
  t.equal(choices[0]?.message.content, 'You said: x')
  t.strictSame(
    mock.requests().map(({ status }) => status),
    [503, 503, 200]
  )
})

t.test("the provider sees the account's key, never the client's", async t => {
  await openai.chat.completions.create({ model: 'gpt-5', messages: [user('x')] })
  t.equal(sentHeader(mock, 'authorization'), `Bearer ${ACCOUNT_KEY}`)
})

t.test('a model that nobody has, a body that is none: the errors of OpenAI', async t => {
  const unknown = await failureOf(openai.chat.completions.create({ model: 'nothing', messages: [user('x')] }))
  t.type(unknown, NotFoundError)
  t.match(unknown, { status: 404, param: 'model', code: 'GW_AI_MODEL_UNKNOWN', message: /nothing/ })
  const wrong = { model: 'anthropic/claude-sonnet-4-5', messages: 'none' } as never
  const refused = await failureOf(openai.chat.completions.create(wrong))
  t.type(refused, BadRequestError)
  t.match(refused, { param: 'messages', type: 'invalid_request_error' })
  t.type(await failureOf(openai.get('/no/such/thing')), NotFoundError)
})

t.test('several answers at once, with logprobs and a seed, pass as they are', async t => {
  const { choices } = await openai.chat.completions.create({ model: 'gpt-5', n: 2, seed: 1, messages: [user('x')] })
  t.strictSame(
    choices.map(({ index }) => index),
    [0, 1]
  )
})

t.test('embeddings: numbers, base64, several at once, from OpenAI, Gemini and Ollama', async t => {
  for (const model of ['text-embedding-3-small', 'gemini/gemini-embedding-001', 'ollama/nomic-embed-text']) {
    const { data, usage } = await openai.embeddings.create({ model, input: ['one', 'two'], dimensions: 256 })
    t.strictSame(
      data.map(({ index, embedding }) => [index, embedding.length, typeof embedding[0]]),
      [
        [0, 256, 'number'],
        [1, 256, 'number']
      ],
      model
    )
    t.type(usage.prompt_tokens, 'number')
    const floats = await openai.embeddings.create({ model, input: 'one', dimensions: 256, encoding_format: 'float' })
    t.ok(
      floats.data[0]?.embedding.every((value, i) => Math.abs(value - (data[0]?.embedding[i] ?? 0)) < 1e-6),
      model
    )
  }
  t.type(
    await failureOf(openai.embeddings.create({ model: 'anthropic/claude-sonnet-4-5', input: 'x' })),
    BadRequestError
  )
})

t.test('moderations', async t => {
  const { results } = await openai.moderations.create({
    model: 'openai/omni-moderation-latest',
    input: ['kill', 'tea']
  })
  t.strictSame(
    results.map(({ flagged }) => flagged),
    [true, false]
  )
})

t.test('images are generated, whole and streamed, and edited', async t => {
  const { data } = await openai.images.generate({ model: 'openai/gpt-image-1', prompt: 'a cat', n: 2 })
  t.equal(data?.length, 2)
  t.match(
    Buffer.from(data?.[0]?.b64_json ?? '', 'base64')
      .subarray(1, 4)
      .toString(),
    'PNG'
  )
  const image = await toFile(Buffer.from('png'), 'in.png', { type: 'image/png' })
  const edited = await openai.images.edit({ model: 'openai/gpt-image-1', prompt: 'a dog', image })
  t.ok(edited.data?.[0]?.b64_json)
  t.match(mock.requests().at(-1)?.body.toString(), /name="model"\r\n\r\ngpt-image-1\r\n/)
  const types: string[] = []
  const stream = await openai.images.generate({
    model: 'openai/gpt-image-1',
    prompt: 'x',
    stream: true,
    partial_images: 1
  })
  for await (const { type } of stream) types.push(type)
  t.strictSame(types, ['image_generation.partial_image', 'image_generation.completed'])
})

t.test('speech, transcription and translation', async t => {
  const speech = await openai.audio.speech.create({ model: 'openai/gpt-4o-mini-tts', voice: 'alloy', input: 'Hello' })
  const bytes = Buffer.from(await speech.arrayBuffer())
  t.equal(bytes.subarray(0, 4).toString(), 'RIFF')
  t.equal(speech.headers.get('content-type'), 'audio/wav')
  const file = await toFile(bytes, 'said.wav')
  const model = 'openai/gpt-4o-transcribe'
  const SAID = 'You sent said.wav, 844 bytes.'
  t.match(await openai.audio.transcriptions.create({ model, file }), { text: SAID })
  t.match(
    await openai.audio.transcriptions.create({ model, file, response_format: 'srt' }),
    /You sent said\.wav, 844 bytes\./
  )
  t.match(await openai.audio.translations.create({ model, file }), { text: SAID })
  const pieces: string[] = []
  for await (const event of await openai.audio.transcriptions.create({ model, file, stream: true })) {
    if (event.type === 'transcript.text.delta') pieces.push(event.delta)
  }
  t.equal(pieces.join(''), SAID)
})

t.test('completions of old, from a model that has them and from those that chat', async t => {
  for (const model of ['gpt-3.5-turbo-instruct', 'anthropic/claude-sonnet-4-5', 'gemini/gemini-2.5-pro']) {
    const whole = await openai.completions.create({ model, prompt: 'Once upon', max_tokens: 50 })
    t.match(
      whole,
      { object: 'text_completion', choices: [{ text: 'You said: Once upon', finish_reason: 'stop' }] },
      model
    )
    let text = ''
    for await (const { choices } of await openai.completions.create({
      model,
      prompt: 'Once upon',
      max_tokens: 50,
      stream: true
    }))
      text += choices[0]?.text ?? ''
    t.equal(text, 'You said: Once upon', model)
  }
})

for (const model of MODELS) {
  t.test(`responses: ${model} answers, streams, calls tools and keeps to a schema`, async t => {
    const whole = await openai.responses.create({
      model,
      instructions: 'Be brief.',
      input: 'Hello there',
      store: false
    })
    t.equal(whole.output_text, 'You said: Hello there')
    t.equal(whole.status, 'completed')
    t.ok((whole.usage?.input_tokens ?? 0) > 0)

    const types = new Set<string>()
    let text = ''
    const stream = openai.responses.stream({ model, input: 'Hello there', store: false })
    for await (const event of stream) {
      types.add(event.type)
      if (event.type === 'response.output_text.delta') text += event.delta
    }
    t.equal(text, 'You said: Hello there')
    t.ok(types.has('response.created') && types.has('response.completed'))
    t.equal((await stream.finalResponse()).output_text, 'You said: Hello there')

    const tools: OpenAI.Responses.Tool[] = TOOLS.flatMap(each =>
      each.type === 'function'
        ? {
            type: 'function' as const,
            strict: false,
            name: each.function.name,
            parameters: each.function.parameters ?? {}
          }
        : []
    )
    const question = 'call get_weather with {"city":"Paris"} and get_time with {"zone":"UTC"}'
    const called = await openai.responses.stream({ model, input: question, tools, store: false }).finalResponse()
    const calls = called.output.filter(item => item.type === 'function_call')
    t.strictSame(
      calls.map(({ name, arguments: json }) => [name, JSON.parse(json)]),
      [
        ['get_weather', { city: 'Paris' }],
        ['get_time', { zone: 'UTC' }]
      ]
    )
    const after = await openai.responses.create({
      model,
      tools,
      store: false,
      input: [
        { role: 'user', content: question },
        ...called.output.map(({ ...item }) => item as OpenAI.Responses.ResponseInputItem),
        ...calls.map(({ call_id }, i) => ({
          type: 'function_call_output' as const,
          call_id,
          output: ['rain', 'noon'][i] ?? ''
        }))
      ]
    })
    t.match(after.output_text, /^The tools answered: .*rain.*; .*noon/)

    const parsed = await openai.responses.parse({
      model,
      store: false,
      input: 'The weather?',
      text: { format: zodTextFormat(Weather, 'weather') }
    })
    t.equal(typeof parsed.output_parsed?.degrees, 'number')
    t.type(await failureOf(openai.responses.create({ model: `${model}+status=429`, input: 'x' })), RateLimitError)
  })

  t.test(`responses: ${model} sees an image; an error within its stream is told`, async t => {
    const image_url = PIXEL
    const content: OpenAI.Responses.ResponseInputContent[] = [
      { type: 'input_image', image_url, detail: 'auto' },
      { type: 'input_text', text: 'And?' }
    ]
    const seen = await openai.responses.create({ model, store: false, input: [{ role: 'user', content }] })
    t.equal(seen.output_text, 'I see an image. You said: And?')
    const input = 'one two three four five six seven'
    const broken = `${model}+error-in-stream=6,error-status=500`
    const last = (async () => {
      let type = ''
      for await (const event of await openai.responses.create({ model: broken, input, stream: true, store: false })) {
        type = event.type
      }
      return type
    })()
    t.match(await last.catch((thrown: Error) => thrown.name), /^(?:response\.failed|error|.*Error)$/)
  })
}

t.test('models: the list and one of them', async t => {
  const list = await openai.models.list()
  const ids = list.data.map(({ id }) => id)
  t.ok(ids.includes('gpt-5') && ids.includes('claude-sonnet-4-5'), ids.join())
  t.match(await openai.models.retrieve('gpt-5'), { id: 'gpt-5', object: 'model', owned_by: 'openai' })
  t.type(await failureOf(openai.models.retrieve('nothing')), NotFoundError)
})

t.test('what cannot be carried over is named in the reply', async t => {
  const { response } = await openai.chat.completions
    .create({
      model: 'anthropic/claude-sonnet-4-5',
      messages: [user('x')],
      seed: 3,
      frequency_penalty: 1,
      logit_bias: { 5: 1 }
    })
    .withResponse()
  t.strictSame(response.headers.get('x-sluice-dropped-params')?.split(', ').sort(), [
    'frequency_penalty',
    'logit_bias',
    'seed'
  ])
  t.notOk('seed' in lastBody(mock))
})

t.test('the client of Azure finds its deployment in the path', async t => {
  const azure = new AzureOpenAI({ apiKey: 'k', endpoint: url, apiVersion: '2024-10-21', maxRetries: 0 })
  for (const model of ['gpt-5', 'claude-sonnet-4-5']) {
    const { choices } = await azure.chat.completions.create({ model, messages: [user('Hello')] })
    t.equal(choices[0]?.message.content, 'You said: Hello', model)
  }
  const { data } = await azure.embeddings.create({ model: 'text-embedding-3-small', input: 'x' })
  t.equal(data[0]?.embedding.length, 1536)
  t.type(await failureOf(azure.chat.completions.create({ model: 'nothing', messages: [user('x')] })), NotFoundError)
})

t.test('the deployment of Azure is the model of forms too, said there or not, or another', async t => {
  const deployment = (name: string) =>
    new AzureOpenAI({ apiKey: 'k', endpoint: url, apiVersion: '2024-10-21', deployment: name, maxRetries: 0 })
  const wav = () => toFile(Buffer.from('RIFF'), 'a.wav')
  for (const model of ['', 'claude-sonnet-4-5']) {
    const asked = { file: await wav(), model }
    t.type((await deployment('whisper-1').audio.transcriptions.create(asked)).text, 'string')
    t.match(await sentForm(), { model: 'whisper-1' }, `the form says ${JSON.stringify(model)}`)
  }
  const form = new FormData()
  form.set('file', new Blob(['RIFF']), 'a.wav')
  const path = `${url}/openai/deployments/whisper-1/audio/translations?api-version=2024-10-21`
  t.equal((await fetch(path, { method: 'POST', body: form })).status, 200)
  t.match(await sentForm(), { model: 'whisper-1' }, 'the form says nothing')
  const image = await toFile(Buffer.from(PIXEL.slice(PIXEL.indexOf(',') + 1), 'base64'), 'a.png', { type: 'image/png' })
  await deployment('gpt-image-1').images.edit({ image, prompt: 'x' })
  t.match(await sentForm(), { model: 'gpt-image-1' })
})

t.test('an error that a provider sends with status 200 is an error', async t => {
  for (const model of MODELS) {
    const asked = openai.chat.completions.create({ model: `${model}+error-first`, messages: [user('x')] })
    t.type(await failureOf(asked), InternalServerError, model)
  }
})

async function sentForm(): Promise<unknown> {
  return formFields(mock.requests().at(-1)?.body ?? Buffer.alloc(0), sentHeader(mock, 'content-type'))
}

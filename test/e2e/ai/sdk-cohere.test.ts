import { CohereClientV2, CohereError } from 'cohere-ai'
import t from 'tap'
import { aiGateway, failureOf, MODELS } from './gateway.js'

t.setTimeout(120_000)

const { mock, url } = await aiGateway(t)
const cohere = new CohereClientV2({ token: 'of the client', environment: url })

const CALLS = 'call get_weather with {"city":"Paris"} and get_time with {"zone":"UTC"}'
const TOOLS = [
  {
    type: 'function' as const,
    function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } }
  },
  {
    type: 'function' as const,
    function: { name: 'get_time', parameters: { type: 'object', properties: { zone: { type: 'string' } } } }
  }
]

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

for (const model of MODELS) {
  t.test(`chat: ${model} answers, whole and streamed`, async t => {
    const messages = [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: 'Hello there' }
    ]
    const whole = await cohere.chat({ model, messages })
    t.match(whole, {
      message: { role: 'assistant', content: [{ type: 'text', text: 'You said: Hello there' }] },
      finishReason: 'COMPLETE'
    })
    t.ok((whole.usage?.tokens?.inputTokens ?? 0) > 0)
    let text = ''
    const types: string[] = []
    for await (const event of await cohere.chatStream({ model, messages })) {
      if (types.at(-1) !== event.type) types.push(event.type)
      if (event.type === 'content-delta') text += event.delta?.message?.content?.text ?? ''
    }
    t.equal(text, 'You said: Hello there')
    t.strictSame(types, ['message-start', 'content-start', 'content-delta', 'content-end', 'message-end'])
  })

  t.test(`chat: ${model} calls two tools at once and reads their results, keeps to a schema`, async t => {
    const question = { role: 'user' as const, content: CALLS }
    const { message, finishReason } = await cohere.chat({ model, messages: [question], tools: TOOLS })
    t.equal(finishReason, 'TOOL_CALL')
    const calls = message.toolCalls ?? []
    t.match(calls, [
      { function: { name: 'get_weather', arguments: '{"city":"Paris"}' } },
      { function: { name: 'get_time', arguments: '{"zone":"UTC"}' } }
    ])
    const streamed = new Map<number, { name: string; text: string }>()
    for await (const event of await cohere.chatStream({ model, messages: [question], tools: TOOLS })) {
      if (event.type === 'tool-call-start') {
        const { name, arguments: text } = event.delta?.message?.toolCalls?.function ?? {}
        streamed.set(event.index ?? 0, { name: name ?? '', text: text ?? '' })
      } else if (event.type === 'tool-call-delta') {
        const call = streamed.get(event.index ?? 0)
        if (call !== undefined) call.text += event.delta?.message?.toolCalls?.function?.arguments ?? ''
      }
    }
    t.strictSame(
      [...streamed.values()].map(({ name, text }) => [name, JSON.parse(text)]),
      [
        ['get_weather', { city: 'Paris' }],
        ['get_time', { zone: 'UTC' }]
      ]
    )
    const results = calls.map(({ id }, i) => ({
      role: 'tool' as const,
      toolCallId: id ?? '',
      content: ['rain', 'noon'][i] ?? ''
    }))
    const answer = { role: 'assistant' as const, toolCalls: calls }
    const after = await cohere.chat({ model, messages: [question, answer, ...results], tools: TOOLS })
    t.match(after.message.content, [{ text: /^The tools answered: .*rain.*; .*noon/ }])
    const jsonSchema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
    const json = await cohere.chat({
      model,
      messages: [{ role: 'user', content: 'The weather?' }],
      responseFormat: { type: 'json_object', jsonSchema }
    })
    const [part] = json.message.content ?? []
    t.match(JSON.parse(part?.type === 'text' ? part.text : ''), { city: String })
  })

  t.test(`chat: ${model} sees an image`, async t => {
    const url = `data:image/png;base64,${PIXEL}`
    const content = [
      { type: 'image_url' as const, imageUrl: { url } },
      { type: 'text' as const, text: 'And?' }
    ]
    const { message } = await cohere.chat({ model, messages: [{ role: 'user', content }] })
    t.match(message.content, [{ text: 'I see an image. You said: And?' }])
  })

  t.test(`chat: errors of ${model}, and leaving its stream`, async t => {
    const messages = [{ role: 'user' as const, content: 'one two three four five six seven' }]
    const options = { maxRetries: 0 }
    for (const status of [429, 400, 500]) {
      const failure = await failureOf(cohere.chat({ model: `${model}+status=${status}`, messages }, options))
      t.type(failure, CohereError)
      t.equal(failure.statusCode, status)
    }
    mock.reset()
    const leave = new AbortController()
    const stream = await cohere.chatStream({ model: `${model}+stall,after=6`, messages }, { abortSignal: leave.signal })
    const reading = (async () => {
      for await (const _ of stream) leave.abort()
    })()
    await reading.catch(() => undefined)
    await mock.until(([first]) => first?.outcome === 'aborted')
    t.equal(mock.requests().length, 1)
  })
}

t.test('embeddings, of texts', async t => {
  for (const model of ['openai/text-embedding-3-small', 'gemini/gemini-embedding-001', 'ollama/nomic-embed-text']) {
    const { embeddings } = await cohere.embed({
      model,
      texts: ['one', 'two'],
      inputType: 'search_document',
      embeddingTypes: ['float'],
      outputDimension: 64
    })
    t.strictSame(
      embeddings.float?.map(each => each.length),
      [64, 64],
      model
    )
  }
})

import { Ollama, type Tool } from 'ollama'
import t from 'tap'
import { aiGateway, failureOf, MODELS } from './gateway.js'

const { mock, url } = await aiGateway(t)
const ollama = new Ollama({ host: url })

const user = (content: string) => ({ role: 'user', content })
const CALLS = 'call get_weather with {"city":"Paris"} and get_time with {"zone":"UTC"}'
const TOOLS: Tool[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: '',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
    }
  },
  {
    type: 'function',
    function: {
      name: 'get_time',
      description: '',
      parameters: { type: 'object', properties: { zone: { type: 'string' } } }
    }
  }
]
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

for (const model of MODELS) {
  t.test(`chat: ${model} answers, whole and streamed`, async t => {
    const messages = [{ role: 'system', content: 'Be brief.' }, user('Hello there')]
    const whole = await ollama.chat({ model, messages })
    t.match(whole, {
      message: { role: 'assistant', content: 'You said: Hello there' },
      done: true,
      done_reason: 'stop'
    })
    t.ok(whole.prompt_eval_count > 0 && whole.eval_count > 0)
    let text = ''
    let last = { done: false, prompt_eval_count: 0, eval_count: 0 }
    for await (const part of await ollama.chat({ model, messages, stream: true })) {
      text += part.message.content
      last = part
    }
    t.equal(text, 'You said: Hello there')
    t.match(last, { done: true, prompt_eval_count: whole.prompt_eval_count, eval_count: whole.eval_count })
  })

  t.test(`chat: ${model} calls two tools at once, reads their results, sees an image, keeps to a schema`, async t => {
    const messages = [user(CALLS)]
    const { message } = await ollama.chat({ model, messages, tools: TOOLS })
    t.match(message.tool_calls, [
      { function: { name: 'get_weather', arguments: { city: 'Paris' } } },
      { function: { name: 'get_time', arguments: { zone: 'UTC' } } }
    ])
    const after = await ollama.chat({
      model,
      tools: TOOLS,
      messages: [
        ...messages,
        message,
        { role: 'tool', tool_name: 'get_weather', content: 'rain' },
        { role: 'tool', tool_name: 'get_time', content: 'noon' }
      ]
    })
    t.match(after.message.content, /^The tools answered: .*rain.*; .*noon/)
    const streamed: unknown[] = []
    for await (const part of await ollama.chat({ model, messages, tools: TOOLS, stream: true }))
      streamed.push(...(part.message.tool_calls ?? []))
    t.match(streamed, [{ function: { name: 'get_weather' } }, { function: { name: 'get_time' } }])
    const seen = await ollama.chat({ model, messages: [{ ...user('And?'), images: [PIXEL] }] })
    t.equal(seen.message.content, 'I see an image. You said: And?')
    const format = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
    const json = await ollama.chat({ model, messages: [user('The weather?')], format })
    t.match(JSON.parse(json.message.content), { city: String })
  })

  t.test(`generate: ${model} goes on from a prompt, whole and streamed`, async t => {
    const whole = await ollama.generate({ model, prompt: 'Hello there', system: 'Be brief.' })
    t.match(whole, { response: 'You said: Hello there', done: true })
    let text = ''
    for await (const { response } of await ollama.generate({ model, prompt: 'Hello there', stream: true }))
      text += response
    t.equal(text, 'You said: Hello there')
  })

  t.test(`chat: errors of ${model}, before and within a stream`, async t => {
    const failure = await failureOf(ollama.chat({ model: `${model}+status=429`, messages: [user('x')] }))
    t.match(failure, { name: 'ResponseError', status_code: 429 })
    const stream = await ollama.chat({
      model: `${model}+error-in-stream=5,error-status=500`,
      messages: [user('one two three four five six seven')],
      stream: true
    })
    const reading = (async () => {
      for await (const _ of stream);
    })()
    t.ok((await failureOf(reading)).message)
  })

  t.test(`chat: leaving a stream of ${model} ends the call of the provider`, async t => {
    mock.reset()
    const stream = await ollama.chat({
      model: `${model}+stall,after=6`,
      messages: [user('one two three four five six seven')],
      stream: true
    })
    const reading = (async () => {
      for await (const _ of stream) stream.abort()
    })()
    await reading.catch(() => undefined)
    await mock.until(([first]) => first?.outcome === 'aborted')
    t.equal(mock.requests().length, 1)
  })
}

t.test('embed, and the list of models', async t => {
  for (const model of ['ollama/nomic-embed-text', 'openai/text-embedding-3-small', 'gemini/gemini-embedding-001']) {
    const { embeddings } = await ollama.embed({ model, input: ['one', 'two'], dimensions: 64 })
    t.strictSame(
      embeddings.map(each => each.length),
      [64, 64],
      model
    )
  }
  const { models } = await ollama.list()
  t.ok(models.some(({ name }) => name === 'llama3.2'))
  t.match(await failureOf(ollama.chat({ model: 'nothing', messages: [user('x')] })), {
    status_code: 404,
    message: /nothing/
  })
})

import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import {
  APICallError,
  embedMany,
  experimental_generateImage as generateImage,
  generateText,
  type LanguageModel,
  Output,
  stepCountIs,
  streamText,
  tool
} from 'ai'
import t from 'tap'
import { z } from 'zod'
import { aiGateway, failureOf, MODELS } from './gateway.js'

t.setTimeout(120_000)

const { mock, url } = await aiGateway(t)
const openai = createOpenAI({ apiKey: 'k', baseURL: `${url}/v1` })
const anthropic = createAnthropic({ apiKey: 'k', baseURL: `${url}/v1` })
const google = createGoogleGenerativeAI({ apiKey: 'k', baseURL: `${url}/v1beta` })

const CLIENTS: Readonly<Record<string, (model: string) => LanguageModel>> = {
  'openai.chat': model => openai.chat(model),
  'openai.responses': model => openai.responses(model),
  anthropic,
  google
}

const weather = tool({
  description: 'The weather of a city',
  inputSchema: z.object({ city: z.string() }),
  execute: ({ city }) => `rain in ${city}`
})

const time = tool({
  description: 'The time of a zone',
  inputSchema: z.object({ zone: z.string() }),
  execute: ({ zone }) => `noon in ${zone}`
})
const TOLD = [
  { toolName: 'weather', input: { city: 'Paris' } },
  { toolName: 'time', input: { zone: 'UTC' } }
]
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

for (const [client, modelOf] of Object.entries(CLIENTS)) {
  for (const name of MODELS) {
    t.test(`${client} gets text, streams, tools and objects from ${name}`, async t => {
      const model = modelOf(name)
      const providerOptions = { openai: { store: false } } // else items are sent by reference
      const common = { model, maxRetries: 0, providerOptions }
      const whole = await generateText({ ...common, system: 'Be brief.', prompt: 'Hello there' })
      t.equal(whole.text, 'You said: Hello there')
      t.equal(whole.finishReason, 'stop')
      t.ok((whole.usage.inputTokens ?? 0) > 0 && (whole.usage.outputTokens ?? 0) > 0)

      const stream = streamText({ ...common, prompt: 'Hello there' })
      let text = ''
      for await (const piece of stream.textStream) text += piece
      t.equal(text, 'You said: Hello there')
      t.equal(await stream.finishReason, 'stop')

      const prompt = 'call weather with {"city":"Paris"}'
      const looped = await generateText({ ...common, prompt, tools: { weather }, stopWhen: stepCountIs(3) })
      t.match(looped.text, /^The tools answered: .*rain in Paris/)
      t.equal(looped.steps.length, 2)
      const streamed = streamText({ ...common, prompt, tools: { weather }, stopWhen: stepCountIs(3) })
      t.match(await streamed.text, /^The tools answered: .*rain in Paris/)

      if (client === 'anthropic' && name.startsWith('ollama/')) return // asks by a tool that must be called; Ollama cannot be made to
      const { output } = await generateText({
        ...common,
        prompt: 'The weather?',
        output: Output.object({ schema: z.object({ city: z.string(), degrees: z.number() }) })
      })
      t.match(output, { city: String, degrees: Number })
    })

    t.test(`${client} gets two calls at once, whole and streamed, and shows an image, to ${name}`, async t => {
      const common = { model: modelOf(name), maxRetries: 0, providerOptions: { openai: { store: false } } }
      const prompt = 'call weather with {"city":"Paris"} and time with {"zone":"UTC"}'
      const tools = { weather, time }
      const looped = await generateText({ ...common, prompt, tools, stopWhen: stepCountIs(3) })
      t.match(looped.steps[0]?.toolCalls, TOLD)
      t.match(looped.text, /^The tools answered: .*rain in Paris.*; .*noon in UTC/)
      const streamed = streamText({ ...common, prompt, tools, stopWhen: stepCountIs(3) })
      t.match((await streamed.steps)[0]?.toolCalls, TOLD)
      t.match(await streamed.text, /^The tools answered: .*rain in Paris.*; .*noon in UTC/)

      const content = [
        { type: 'image' as const, image: PIXEL, mediaType: 'image/png' },
        { type: 'text' as const, text: 'And?' }
      ]
      const seen = await generateText({ ...common, messages: [{ role: 'user', content }] })
      t.equal(seen.text, 'I see an image. You said: And?')
    })

    t.test(`${client}: errors of ${name} are typed, leaving a stream ends the call`, async t => {
      const limited = await failureOf(
        generateText({ model: modelOf(`${name}+status=429`), maxRetries: 0, prompt: 'Hello there' })
      )
      t.ok(APICallError.isInstance(limited))
      t.match(limited, { statusCode: 429, isRetryable: true })
      mock.reset()
      const leave = new AbortController()
      const stream = streamText({
        model: modelOf(`${name}+stall,after=6`),
        maxRetries: 0,
        prompt: 'one two three four five six seven',
        abortSignal: leave.signal,
        onError: () => undefined
      })
      for await (const _ of stream.textStream) leave.abort()
      await mock.until(([first]) => first?.outcome === 'aborted')
      t.equal(mock.requests().length, 1)
    })
  }
}

t.test('google: what Claude thinks in a stream goes back to it with its signature', async t => {
  const stream = streamText({
    model: google('anthropic/claude-sonnet-4-5'),
    providerOptions: { google: { thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } } },
    maxOutputTokens: 4001,
    prompt: 'call weather with {"city":"Paris"}',
    tools: { weather },
    stopWhen: stepCountIs(3)
  })
  t.match(await stream.text, /^The tools answered: .*rain in Paris/)
  const content = [{ type: 'thinking', thinking: /./, signature: /./ }, { type: 'tool_use' }]
  const asked = mock.requests().map(({ body }) => JSON.parse(body.toString()))
  t.match(asked.findLast(({ max_tokens }) => max_tokens === 4001)?.messages, [{}, { content }, {}])
})

t.test('embeddings', async t => {
  const values = ['one', 'two']
  const ours = await embedMany({ model: openai.embedding('gemini/gemini-embedding-001'), values })
  t.strictSame(ours.embeddings.length, 2)
  const theirs = await embedMany({ model: google.embedding('openai/text-embedding-3-small'), values })
  t.equal(theirs.embeddings[0]?.length, 1536)
})

t.test('an image is generated', async t => {
  const { images } = await generateImage({ model: openai.image('openai/gpt-image-1'), prompt: 'A cat' })
  t.ok((images[0]?.uint8Array.length ?? 0) > 0)
})

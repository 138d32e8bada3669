import { ChatAnthropic } from '@langchain/anthropic'
import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { AIMessage, type AIMessageChunk, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import t from 'tap'
import { z } from 'zod'
import { aiGateway, failureOf, MODELS } from './gateway.js'

t.setTimeout(120_000)

const { mock, url } = await aiGateway(t)

type Client = Pick<BaseChatModel, 'invoke' | 'stream'> & {
  bindTools(tools: unknown[]): Pick<BaseChatModel, 'invoke' | 'stream'>
  withStructuredOutput(schema: z.ZodType): { invoke(input: string): Promise<unknown> }
}

const CLIENTS: Readonly<Record<string, (model: string) => Client>> = {
  ChatOpenAI: model =>
    new ChatOpenAI({ model, apiKey: 'k', maxRetries: 0, configuration: { baseURL: `${url}/v1` } }) as unknown as Client,
  'ChatOpenAI by responses': model =>
    new ChatOpenAI({
      model,
      apiKey: 'k',
      maxRetries: 0,
      useResponsesApi: true,
      configuration: { baseURL: `${url}/v1` }
    }) as unknown as Client,
  ChatAnthropic: model =>
    new ChatAnthropic({ model, apiKey: 'k', maxRetries: 0, maxTokens: 500, anthropicApiUrl: url }) as unknown as Client
}

const weather = tool(({ city }: { city: string }) => `rain in ${city}`, {
  name: 'get_weather',
  description: 'The weather of a city',
  schema: z.object({ city: z.string() })
})

const time = tool(({ zone }: { zone: string }) => `noon in ${zone}`, {
  name: 'get_time',
  description: 'The time of a zone',
  schema: z.object({ zone: z.string() })
})
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

for (const [client, modelOf] of Object.entries(CLIENTS)) {
  for (const name of MODELS) {
    t.test(`${client} gets text, streams, tools and objects from ${name}`, async t => {
      const model = modelOf(name)
      const messages = [new SystemMessage('Be brief.'), new HumanMessage('Hello there')]
      const whole = await model.invoke(messages)
      t.equal(whole.text, 'You said: Hello there')
      t.match(whole, { usage_metadata: { input_tokens: Number, output_tokens: Number } })
      let text = ''
      let last: AIMessageChunk | undefined
      for await (const chunk of await model.stream(messages)) {
        text += chunk.text
        last = last === undefined ? chunk : last.concat(chunk)
      }
      t.equal(text, 'You said: Hello there')
      t.match(last, { usage_metadata: { input_tokens: Number, output_tokens: Number } })

      const bound = model.bindTools([weather])
      const question = new HumanMessage('call get_weather with {"city":"Paris"}')
      const called = await bound.invoke([question])
      t.ok(AIMessage.isInstance(called))
      const [call] = (called as AIMessage).tool_calls ?? []
      t.match(call, { name: 'get_weather', args: { city: 'Paris' } })
      const result = new ToolMessage({ content: 'rain in Paris', tool_call_id: call?.id ?? '', name: 'get_weather' })
      const after = await bound.invoke([question, called, result])
      t.match(after.text, /^The tools answered: .*rain in Paris/)

      const Weather = z.object({ city: z.string(), degrees: z.number() })
      if (client !== 'ChatAnthropic' || !name.startsWith('ollama/')) {
        // it holds to a schema by a tool that must be called
        t.match(await model.withStructuredOutput(Weather).invoke('The weather?'), { city: String, degrees: Number })
      }
    })

    t.test(`${client} gets two calls at once, whole and streamed, and shows an image, to ${name}`, async t => {
      const bound = modelOf(name).bindTools([weather, time])
      const question = new HumanMessage('call get_weather with {"city":"Paris"} and get_time with {"zone":"UTC"}')
      const told = [
        { name: 'get_weather', args: { city: 'Paris' } },
        { name: 'get_time', args: { zone: 'UTC' } }
      ]
      const called = (await bound.invoke([question])) as AIMessage
      t.match(called.tool_calls, told)
      let streamed: AIMessageChunk | undefined
      for await (const chunk of await bound.stream([question])) {
        streamed = streamed === undefined ? chunk : streamed.concat(chunk)
      }
      t.match(streamed?.tool_calls, told)
      t.equal(streamed?.tool_calls?.length, 2)
      const results = (called.tool_calls ?? []).map(({ id = '', name }, i) => {
        return new ToolMessage({ content: ['rain', 'noon'][i] ?? '', tool_call_id: id, name })
      })
      const after = await bound.invoke([question, called, ...results])
      t.match(after.text, /^The tools answered: .*rain.*; .*noon/)

      const url = `data:image/png;base64,${PIXEL}`
      const content = [
        { type: 'image_url' as const, image_url: { url } },
        { type: 'text' as const, text: 'And?' }
      ]
      t.equal((await modelOf(name).invoke([new HumanMessage({ content })])).text, 'I see an image. You said: And?')
    })

    t.test(`${client}: errors of ${name} have the status`, async t => {
      const failure = await failureOf(modelOf(`${name}+status=429`).invoke('Hello'))
      t.equal(failure.status, 429)
      t.equal((await failureOf(modelOf(`${name}+status=400`).invoke('Hello'))).status, 400)
    })

    t.test(`${client}: leaving a stream of ${name} ends the call of the provider`, async t => {
      mock.reset()
      for await (const { text } of await modelOf(`${name}+stall,after=6`).stream('one two three four five six seven')) {
        if (text !== '') break
      }
      await mock.until(([first]) => first?.outcome === 'aborted')
      t.equal(mock.requests().length, 1)
    })
  }
}

t.test('embeddings', async t => {
  const embeddings = new OpenAIEmbeddings({
    model: 'gemini/gemini-embedding-001',
    apiKey: 'k',
    configuration: { baseURL: `${url}/v1` }
  })
  t.equal((await embeddings.embedDocuments(['one', 'two'])).length, 2)
})

import { createOpenAI } from '@ai-sdk/openai'
import Anthropic from '@anthropic-ai/sdk'
import { BedrockRuntimeClient, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime'
import { GoogleGenAI } from '@google/genai'
import { ChatOpenAI } from '@langchain/openai'
import { Mistral } from '@mistralai/mistralai'
import { Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner } from '@openai/agents'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { streamText } from 'ai'
import { CohereClientV2 } from 'cohere-ai'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import t from 'tap'
import { LocalLedger } from '../../../core/ai/budgets/local-ledger.js'
import { rule } from '../../ai/budgets/parts.js'
import { aiGateway } from './gateway.js'

t.setTimeout(120_000)

/** Each official client begins a stream and goes away in the middle of it: the call of the provider ends, and what came is booked. */
const counted = (name: string, count: string) => ({ name, count, limit: 1_000_000, every: 'month' })
const budgets = [counted('in', 'inputTokens'), counted('out', 'outputTokens')]
const rules = [
  rule({ name: 'in', counted: 'inputTokens', limit: 1e9 }),
  rule({ name: 'out', counted: 'outputTokens', limit: 1e9 })
]
const ledger = new LocalLedger({ rules })
const { mock, url } = await aiGateway(t, { ai: { budgets, ledger: { file: false } } }, { ledger })
const TEXT = 'one two three four five six seven'
const messages = [{ role: 'user' as const, content: TEXT }]

const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0 })
const anthropic = new Anthropic({ apiKey: 'k', baseURL: url, maxRetries: 0 })
const google = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: url } })
const mistral = new Mistral({ apiKey: 'k', serverURL: url, retryConfig: { strategy: 'none' } })
const cohere = new CohereClientV2({ token: 'k', environment: url })
const vercel = createOpenAI({ apiKey: 'k', baseURL: `${url}/v1` })
const bedrock = new BedrockRuntimeClient({
  endpoint: url,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 's' },
  maxAttempts: 1,
  requestHandler: new NodeHttpHandler()
})
t.teardown(() => bedrock.destroy())
const runner = new Runner({ tracingDisabled: true })

/** @param leave - to be called when something has come, by those who cannot simply stop to read */
type Begin = (model: string, leave: AbortController) => Promise<AsyncIterable<unknown>>

const CLIENTS: Readonly<Record<string, Begin>> = {
  'openai, chat': (model, { signal }) => openai.chat.completions.create({ model, messages, stream: true }, { signal }),
  'openai, responses': (model, { signal }) =>
    openai.responses.create({ model, input: TEXT, stream: true, store: false }, { signal }),
  '@anthropic-ai/sdk': (model, { signal }) =>
    anthropic.messages.create({ model, max_tokens: 99, messages, stream: true }, { signal }),
  '@google/genai': (model, { signal }) =>
    google.models.generateContentStream({ model, contents: TEXT, config: { abortSignal: signal } }),
  '@mistralai/mistralai': (model, { signal }) => mistral.chat.stream({ model, messages }, { signal }),
  'cohere-ai': (model, { signal }) => cohere.chatStream({ model, messages }, { abortSignal: signal, maxRetries: 0 }),
  ollama: async (model, { signal }) => {
    const stream = await new Ollama({ host: url }).chat({ model, messages, stream: true })
    signal.addEventListener('abort', () => stream.abort())
    return stream
  },
  ai: async (model, { signal }) =>
    streamText({
      model: vercel.chat(model),
      prompt: TEXT,
      maxRetries: 0,
      abortSignal: signal,
      onError: () => undefined
    }).textStream,
  langchain: (model, { signal }) =>
    new ChatOpenAI({ model, apiKey: 'k', maxRetries: 0, configuration: { baseURL: `${url}/v1` } }).stream(TEXT, {
      signal
    }),
  '@openai/agents, chat': (model, { signal }) =>
    runner.run(new Agent({ name: 'a', model: new OpenAIChatCompletionsModel(openai as never, model) }), TEXT, {
      stream: true,
      signal
    }),
  '@openai/agents, responses': (model, { signal }) =>
    runner.run(
      new Agent({
        name: 'a',
        model: new OpenAIResponsesModel(openai as never, model),
        modelSettings: { store: false }
      }),
      TEXT,
      { stream: true, signal }
    ),
  'AWS Bedrock': async (modelId, { signal: abortSignal }) => {
    const command = new ConverseStreamCommand({ modelId, messages: [{ role: 'user', content: [{ text: TEXT }] }] })
    const { stream } = await bedrock.send(command, { abortSignal })
    if (stream === undefined) throw new Error('no stream')
    return stream
  }
}

const spent = (): { in: number; out: number } => {
  const found = ledger.report().map(({ rule, spent }) => [rule, spent] as const)
  return { in: 0, out: 0, ...Object.fromEntries(found) }
}
const reserved = () => ledger.report().reduce((sum, { reserved }) => sum + reserved, 0)

for (const [client, begin] of Object.entries(CLIENTS)) {
  t.test(`${client}: leaving a stream ends the call of the provider, and what it used is booked`, async t => {
    for (const model of ['openai/gpt-5', 'anthropic/claude-sonnet-4-5', 'gemini/gemini-2.5-pro']) {
      mock.reset()
      const before = spent()
      const leave = new AbortController()
      const reading = (async () => {
        for await (const _ of await begin(`${model}+stall,after=6`, leave)) {
          await mock.until(([first]) => first !== undefined)
          leave.abort()
        }
      })()
      await reading.catch(() => undefined)
      await mock.until(([first]) => first?.outcome === 'aborted')
      t.equal(mock.requests().length, 1)
      while (reserved() > 0 || spent().in === before.in) await new Promise(setImmediate)
      t.ok(spent().in > before.in, `${model}: the prompt`)
      t.ok(spent().out > before.out, `${model}: what came of the answer`)
    }
  })
}

t.test('who cancels before anything has come: the provider is told, and the prompt is booked', async t => {
  mock.reset()
  const before = spent()
  const leave = new AbortController()
  const asked = openai.chat.completions.create({ model: 'openai/gpt-5+stall', messages }, { signal: leave.signal })
  await mock.until(([first]) => first !== undefined)
  leave.abort()
  await t.rejects(asked)
  await mock.until(([first]) => first?.outcome === 'aborted')
  while (reserved() > 0 || spent().in === before.in) await new Promise(setImmediate)
  t.equal(spent().out, before.out)
})

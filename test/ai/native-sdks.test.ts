import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ApiError, FunctionCallingConfigMode, GoogleGenAI, Type } from '@google/genai'
import { CohereClientV2, CohereError } from 'cohere-ai'
import { Ollama } from 'ollama'
import t, { type Test } from 'tap'
import type { ChatRequest, ChatResponse } from '../../core/ai/chat.js'
import { cohere } from '../../core/ai/dialects/cohere/index.js'
import type { Dialect } from '../../core/ai/dialects/dialect.js'
import { gemini } from '../../core/ai/dialects/gemini/index.js'
import { geminiModels } from '../../core/ai/dialects/gemini/model-list.js'
import { ollamaTags } from '../../core/ai/dialects/ollama/tags.js'
import { ollamaChat } from '../../core/ai/dialects/ollama-chat/index.js'
import { ollamaGenerate } from '../../core/ai/dialects/ollama-generate/index.js'
import type { ChatEvent } from '../../core/ai/events.js'
import type { JsonObject } from '../../core/ai/members.js'
import { usageOf } from '../../core/ai/usage.js'
import { NO_HINTS, wishFor, written } from './support/replay.js'

const ANSWER: ChatResponse = {
  id: 'resp_1',
  model: 'some-model',
  created: 1_700_000_000,
  choices: [
    {
      index: 0,
      content: [
        { type: 'thinking', text: 'Let me see.', signature: 'signed elsewhere' },
        {
          type: 'text',
          text: 'It is 21 °C.',
          annotations: [{ type: 'url_citation', url: 'https://a.example/', start_index: 6, end_index: 8 }]
        },
        { type: 'tool_call', id: 'call_7', name: 'weather', arguments: '{"city":"Paris"}' }
      ],
      finish_reason: 'tool_calls'
    }
  ],
  usage: usageOf({ input: 12, output: 7, reasoning: 3, cacheRead: 4 })
}

const EVENTS: ChatEvent[] = [
  { type: 'start', id: 'resp_1', model: 'some-model', created: 1_700_000_000 },
  { type: 'thinking', choice: 0, text: 'Let me see.' },
  { type: 'text', choice: 0, text: 'It is ' },
  { type: 'text', choice: 0, text: '21 °C.' },
  { type: 'tool_call', choice: 0, call: 0, id: 'call_7', name: 'weather' },
  { type: 'arguments', choice: 0, call: 0, text: '{"city":' },
  { type: 'arguments', choice: 0, call: 0, text: '"Paris"}' },
  { type: 'finish', choice: 0, reason: 'tool_calls' },
  { type: 'usage', usage: usageOf({ input: 12, output: 7, reasoning: 3 }) },
  { type: 'end' }
]

interface Seen {
  path: string
  body: JsonObject
  chat?: ChatRequest
}

interface Served {
  readonly url: string
  readonly seen: Seen[]
}

t.test('@google/genai reads answers, calls, usage and citations', async t => {
  const { url, seen } = await serve(t, () => gemini)
  const ai = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: url } })
  const answer = await ai.models.generateContent({
    model: 'gemini-3-pro',
    contents: [
      { role: 'user', parts: [{ text: 'Weather?' }, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }] }
    ],
    config: {
      systemInstruction: 'Be brief.',
      temperature: 0.2,
      maxOutputTokens: 99,
      stopSequences: ['END'],
      thinkingConfig: { includeThoughts: true, thinkingBudget: 512 },
      tools: [
        {
          functionDeclarations: [
            {
              name: 'weather',
              parameters: {
                type: Type.OBJECT,
                properties: { city: { type: Type.STRING, nullable: true } },
                required: ['city']
              }
            }
          ]
        }
      ],
      toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['weather'] } }
    }
  })

  t.equal(answer.text, 'It is 21 °C.')
  t.match(answer.functionCalls, [{ id: 'call_7', name: 'weather', args: { city: 'Paris' } }])
  t.match(answer.usageMetadata, {
    promptTokenCount: 12,
    candidatesTokenCount: 4,
    thoughtsTokenCount: 3,
    cachedContentTokenCount: 4,
    totalTokenCount: 19
  })
  t.match(answer.candidates?.[0], {
    finishReason: 'STOP',
    groundingMetadata: { groundingChunks: [{ web: { uri: 'https://a.example/' } }] }
  })
  t.match(seen[0]?.chat, {
    model: 'gemini-3-pro',
    max_tokens: 99,
    stop: ['END'],
    reasoning: { budget_tokens: 512, summary: 'auto' },
    tool_choice: { name: 'weather' },
    tools: [{ name: 'weather', parameters: { type: 'object', properties: { city: { type: ['string', 'null'] } } } }],
    messages: [
      { role: 'system', content: [{ text: 'Be brief.' }] },
      {
        role: 'user',
        content: [{ text: 'Weather?' }, { type: 'image', source: { media_type: 'image/png', data: 'AAAA' } }]
      }
    ]
  })

  // What it answered goes back as it came: the thought is another provider's again, the result finds its call.
  const content = answer.candidates?.[0]?.content ?? {}
  await ai.models.generateContent({
    model: 'gemini-3-pro',
    contents: [
      { role: 'user', parts: [{ text: 'Weather?' }] },
      content,
      { role: 'user', parts: [{ functionResponse: { id: 'call_7', name: 'weather', response: { output: '21' } } }] }
    ]
  })
  t.match(seen[1]?.chat?.messages, [
    {},
    {
      role: 'assistant',
      content: [{ type: 'thinking', signature: 'signed elsewhere' }, { type: 'text' }, { id: 'call_7' }]
    },
    { role: 'tool', tool_call_id: 'call_7', content: [{ text: '21' }] }
  ])
})

t.test('@google/genai reads streams, and errors before and within them', async t => {
  const { url } = await serve(t, () => gemini)
  const ai = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: url } })
  let text = ''
  let calls: unknown[] = []
  let last: unknown
  for await (const chunk of await ai.models.generateContentStream({ model: 'm', contents: 'Weather?' })) {
    text +=
      chunk.candidates?.[0]?.content?.parts?.map(part => (part.thought === true ? '' : (part.text ?? ''))).join('') ??
      ''
    calls = calls.concat(chunk.functionCalls ?? [])
    last = chunk
  }
  t.equal(text, 'It is 21 °C.')
  t.match(calls, [{ id: 'call_7', args: { city: 'Paris' } }])
  t.match(last, {
    usageMetadata: { promptTokenCount: 12, totalTokenCount: 19 },
    candidates: [{ finishReason: 'STOP' }]
  })

  const refused = await ai.models.generateContent({ model: 'fail', contents: 'x' }).catch((error: unknown) => error)
  t.ok(refused instanceof ApiError && refused.status === 429 && refused.message.includes('RESOURCE_EXHAUSTED'))
  const broken = async () => {
    for await (const _ of await ai.models.generateContentStream({ model: 'break', contents: 'x' }));
  }
  await t.rejects(broken(), { name: 'ApiError', status: 503 })
})

t.test('@google/genai counts tokens, embeds and lists models', async t => {
  const { url, seen } = await serve(t, () => gemini)
  const ai = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: url } })
  const listed = await ai.models.list()
  t.match(listed.page, [{ name: 'models/some-model', displayName: 'Some model', inputTokenLimit: 9 }])
  t.equal((await ai.models.countTokens({ model: 'm', contents: 'How many?' })).totalTokens, 42)
  const embedded = await ai.models.embedContent({
    model: 'm',
    contents: ['a', 'b'],
    config: { taskType: 'RETRIEVAL_QUERY', outputDimensionality: 2 }
  })
  t.strictSame(
    embedded.embeddings?.map(each => each.values),
    [
      [0.5, 1],
      [0.5, 1]
    ]
  )
  t.match(gemini.embeddings?.readRequest(seen.at(-1)?.body ?? {}, NO_HINTS), {
    input: ['a', 'b'],
    task: 'retrieval_query',
    dimensions: 2
  })
})

t.test('cohere-ai reads answers, streams, embeddings, ranks and errors', async t => {
  const { url, seen } = await serve(t, () => cohere)
  const client = new CohereClientV2({ token: 'k', environment: url })
  const answer = await client.chat({
    model: 'command-a',
    messages: [{ role: 'user', content: 'Weather?' }],
    tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: {} } } }],
    stopSequences: ['END']
  })
  t.match(answer, {
    id: 'resp_1',
    finishReason: 'TOOL_CALL',
    message: {
      content: [{ type: 'thinking' }, { type: 'text', text: 'It is 21 °C.' }],
      toolCalls: [{ id: 'call_7', function: { name: 'weather', arguments: '{"city":"Paris"}' } }]
    },
    usage: { tokens: { inputTokens: 12, outputTokens: 7 } }
  })
  t.match(seen[0]?.chat, {
    model: 'command-a',
    stop: ['END'],
    messages: [{ role: 'user', content: [{ text: 'Weather?' }] }]
  })

  const stream = await client.chatStream({ model: 'command-a', messages: [{ role: 'user', content: 'Weather?' }] })
  const types: string[] = []
  let text = ''
  for await (const event of stream) {
    types.push(event.type)
    if (event.type === 'content-delta') text += event.delta?.message?.content?.text ?? ''
    if (event.type === 'message-end')
      t.match(event.delta, { finishReason: 'TOOL_CALL', usage: { tokens: { inputTokens: 12 } } })
  }
  t.equal(text, 'It is 21 °C.')
  t.strictSame(
    [...new Set(types)],
    [
      'message-start',
      'content-start',
      'content-delta',
      'content-end',
      'tool-call-start',
      'tool-call-delta',
      'tool-call-end',
      'message-end'
    ]
  )

  const embedded = await client.embed({
    model: 'e',
    texts: ['a', 'b'],
    inputType: 'search_query',
    embeddingTypes: ['float']
  })
  t.strictSame(embedded.embeddings.float, [
    [0.5, 1],
    [0.5, 1]
  ])
  const ranked = await client.rerank({ model: 'r', query: 'q', documents: ['a', 'b'] })
  t.match(ranked.results, [{ index: 1, relevanceScore: 0.9 }])
  const refused = await client.chat({ model: 'fail', messages: [] }, { maxRetries: 0 }).catch((error: unknown) => error)
  t.ok(refused instanceof CohereError && refused.statusCode === 429 && refused.message.includes('too fast'))
})

t.test('ollama reads answers, streams, embeddings, the list of models and errors', async t => {
  const { url, seen } = await serve(t, path => (path.endsWith('/generate') ? ollamaGenerate : ollamaChat))
  const client = new Ollama({ host: url })
  const answer = await client.chat({
    model: 'llama3.2',
    messages: [{ role: 'user', content: 'Weather?', images: ['iVBORw0KGgo='] }],
    options: { num_predict: 9, num_ctx: 4096 },
    think: true
  })
  t.match(answer, {
    model: 'some-model',
    done: true,
    done_reason: 'stop',
    prompt_eval_count: 12,
    eval_count: 7,
    message: {
      content: 'It is 21 °C.',
      thinking: 'Let me see.',
      tool_calls: [{ function: { name: 'weather', arguments: { city: 'Paris' } } }]
    }
  })
  t.ok(answer.eval_duration > 0 && answer.created_at)
  t.match(seen[0]?.chat, {
    stream: false,
    max_tokens: 9,
    messages: [{ content: [{ text: 'Weather?' }, { type: 'image', source: { media_type: 'image/png' } }] }]
  })
  t.strictSame([...(seen[0]?.chat?.extra ?? [])], [['options.num_ctx', 4096]])

  let text = ''
  let last: { done: boolean; eval_count: number } | undefined
  for await (const part of await client.chat({ model: 'm', messages: [], stream: true })) {
    text += part.message.content
    last = part
  }
  t.equal(text, 'It is 21 °C.')
  t.match(last, { done: true, eval_count: 7 })

  t.match(await client.generate({ model: 'm', prompt: 'Weather?', system: 'Be brief.' }), {
    response: 'It is 21 °C.',
    done: true
  })
  let generated = ''
  for await (const part of await client.generate({ model: 'm', prompt: 'x', stream: true })) generated += part.response
  t.equal(generated, 'It is 21 °C.')
  t.strictSame((await client.embed({ model: 'm', input: ['a', 'b'] })).embeddings, [
    [0.5, 1],
    [0.5, 1]
  ])
  t.match((await client.list()).models, [{ name: 'some-model' }, { name: 'other' }])
  await t.rejects(client.chat({ model: 'fail', messages: [] }), { name: 'ResponseError', message: 'too fast' })
  const broken = async () => {
    for await (const _ of await client.chat({ model: 'break', messages: [], stream: true }));
  }
  await t.rejects(broken(), { message: 'too much work' })
})

/** A server that answers everything by a dialect. */
async function serve(t: Test, dialectOf: (path: string) => Dialect): Promise<Served> {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '', 'http://x').pathname
    const body = await bodyOf(request)
    const dialect = dialectOf(path)
    seen.push({ path, body })
    const [model = '', method] = (path.split('/models/')[1] ?? '').split(':')
    const send = (status: number, type: string, bytes: string | Buffer) =>
      response.writeHead(status, { 'content-type': type }).end(bytes)
    const json = (value: unknown, status = 200) => send(status, 'application/json', JSON.stringify(value))
    if (model === 'fail' || body.model === 'fail') {
      const failure = dialect.writeFailure(
        { kind: 'rate_limit', status: 0, message: 'too fast', retryAfterMs: 1_500 },
        'r1'
      )
      return json(failure.body, failure.status)
    }
    if (path.endsWith('/v1beta/models'))
      return json(geminiModels([{ id: 'some-model', title: 'Some model', inputTokens: 9 }]))
    if (path.endsWith('/tags')) return json(ollamaTags([{ id: 'some-model' }, { id: 'other', created: 1 }]))
    if (/embed/i.test(path)) {
      const count = dialect.embeddings?.readRequest(body, NO_HINTS).input.length ?? 0
      const embeddings = Array.from({ length: count }, () => [0.5, 1])
      return json(dialect.embeddings?.writeResponse({ model: 'm', embeddings, usage: undefined }, wishFor('m', body)))
    }
    if (path.endsWith('/rerank')) {
      const ranked = {
        id: 'r',
        model: 'm',
        results: [{ index: 1, relevance_score: 0.9 }],
        usage: undefined,
        searchUnits: 1
      }
      return json(dialect.rerank?.writeResponse(ranked, wishFor('m', body)))
    }
    if (method === 'countTokens') return json(dialect.countTokens?.writeResponse(42))
    const chat = dialect.chat.readRequest(body, { ...NO_HINTS, model, stream: method?.startsWith('stream') })
    seen[seen.length - 1] = { path, body, chat }
    if (!chat.stream) return json(dialect.chat.writeResponse(ANSWER, wishFor('m')))
    const failed: ChatEvent = { type: 'failure', failure: { kind: 'overloaded', status: 0, message: 'too much work' } }
    const events = chat.model === 'break' ? [...EVENTS.slice(0, 3), failed, ...EVENTS.slice(-1)] : EVENTS
    return send(200, dialect.framing.contentType, written(dialect, events, wishFor('m')))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

async function bodyOf(request: IncomingMessage): Promise<JsonObject> {
  let text = ''
  for await (const piece of request) text += piece
  return text === '' ? {} : (JSON.parse(text) as JsonObject)
}

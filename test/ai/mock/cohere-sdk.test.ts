import { type Cohere, CohereClientV2 } from 'cohere-ai'
import t, { type Test } from 'tap'
import { mockProvider } from '../../support/mock.js'
import { post } from './post.js'

const MODEL = 'command-a-03-2025'

async function client(t: Test) {
  const mock = await mockProvider(t, { keys: ['secret'] })
  return { mock, cohere: new CohereClientV2({ token: 'secret', environment: mock.url, maxRetries: 0 }) }
}

const user = (content: string): Cohere.ChatMessageV2 => ({ role: 'user', content })
const ask = (content: string, rest: Partial<Cohere.V2ChatRequest> = {}) => ({
  model: MODEL,
  messages: [user(content)],
  ...rest
})

const tools: Cohere.ToolV2[] = ['get_weather', 'get_time'].map(name => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: { place: { type: 'string' } } } }
}))

async function events(cohere: CohereClientV2, request: Cohere.V2ChatStreamRequest) {
  const all: Cohere.V2ChatStreamResponse[] = []
  for await (const event of await cohere.chatStream(request)) all.push(event)
  return all
}

t.test('an answer, its end, and its usage', async t => {
  const { mock, cohere } = await client(t)
  const whole = await cohere.chat(ask('Hello there'))
  t.match(whole, {
    message: { role: 'assistant', content: [{ type: 'text', text: 'You said: Hello there' }] },
    finishReason: 'COMPLETE'
  })
  const { inputTokens: input, outputTokens: output } = whole.usage?.tokens ?? {}
  t.match(mock.requests()[0]?.bill, { input, output })
  t.strictSame(whole.usage?.billedUnits, whole.usage?.tokens)
})

t.test('a stream has the same text and usage, its events in order', async t => {
  const { cohere } = await client(t)
  const whole = await cohere.chat(ask('Hello there'))
  const all = await events(cohere, ask('Hello there'))
  const types = all.map(({ type }) => type).filter((type, i, list) => type !== list[i - 1])
  t.strictSame(types, ['message-start', 'content-start', 'content-delta', 'content-end', 'message-end'])
  const text = all.map(each => (each.type === 'content-delta' ? each.delta?.message?.content?.text : '')).join('')
  t.equal(text, 'You said: Hello there')
  const end = all.at(-1)
  t.strictSame(end?.type === 'message-end' && end.delta?.usage, whole.usage)
})

t.test('a limit and texts to stop at are honoured', async t => {
  const { cohere } = await client(t)
  t.match(await cohere.chat(ask('one two three', { maxTokens: 3 })), {
    finishReason: 'MAX_TOKENS',
    usage: { tokens: { outputTokens: 3 } }
  })
  t.match(await cohere.chat(ask('one two three', { stopSequences: ['three'] })), {
    finishReason: 'STOP_SEQUENCE',
    message: { content: [{ text: 'You said: one two ' }] }
  })
})

t.test('parallel calls after a plan, and their results', async t => {
  const { cohere } = await client(t)
  const question = user('call get_weather with {"place":"Paris"} and get_time')
  const { message, finishReason } = await cohere.chat({ ...ask(''), messages: [question], tools })
  t.equal(finishReason, 'TOOL_CALL')
  t.equal(message.toolPlan, 'I will use get_weather and get_time.')
  const calls = message.toolCalls ?? []
  t.match(calls, [{ function: { name: 'get_weather', arguments: '{"place":"Paris"}' } }, {}])
  const all = await events(cohere, { ...ask(''), messages: [question], tools })
  const plan = all.map(each => (each.type === 'tool-plan-delta' ? each.delta?.message?.toolPlan : '')).join('')
  t.equal(plan, message.toolPlan)
  t.equal(all.filter(({ type }) => type === 'tool-call-start').length, 2)
  const results = calls.map(({ id }): Cohere.ChatMessageV2 => ({ role: 'tool', toolCallId: id, content: `${id} done` }))
  const again = (given: Cohere.ChatMessageV2[]) => {
    const answer = { role: 'assistant' as const, toolCalls: calls, toolPlan: message.toolPlan ?? '' }
    return cohere.chat({ ...ask(''), tools, messages: [question, answer, ...given] })
  }
  t.match((await again(results)).message.content, [{ text: /^The tools answered: .* done; .* done$/ }])
  await t.rejects(again(results.slice(1)), { message: /not found|have no results/ })
  await t.rejects(again([...results, { role: 'tool', toolCallId: 'x', content: '' }]), {
    message: /tool call id \\"x\\" is not found/
  })
})

t.test('a model that reasons shows its thoughts', async t => {
  const { cohere } = await client(t)
  const request = ask('Why?', { model: 'command-a-reasoning-08-2025' })
  const { message } = await cohere.chat(request)
  t.match(message.content, [{ type: 'thinking', thinking: /Why/ }, { type: 'text' }])
  const starts = (await events(cohere, request)).filter(({ type }) => type === 'content-start')
  t.equal(starts.length, 2)
  t.equal((await cohere.chat({ ...request, thinking: { type: 'disabled' } })).message.content?.length, 1)
})

t.test('what Cohere refuses is refused', async t => {
  const { cohere } = await client(t)
  for (const [rest, message] of [
    [{ p: 1 }, /p must be between 0\.01 and 0\.99/],
    [{ k: 501 }, /k must be between 0 and 500/],
    [{ frequencyPenalty: -0.5 }, /frequency_penalty must be between 0 and 1/],
    [{ stopSequences: ['a', 'b', 'c', 'd', 'e', 'f'] }, /stop_sequences: 5 are the most/],
    [{ toolChoice: 'REQUIRED' as const }, /goes with tools/],
    [{ tools, responseFormat: { type: 'json_object' as const } }, /not supported together with tools/],
    [{ messages: [user('')] }, /all messages must have content/]
  ] as const) {
    await t.rejects(cohere.chat(ask('x', rest as Partial<Cohere.V2ChatRequest>)), { message })
  }
})

t.test('errors are those of the SDK, and end a stream', async t => {
  const { mock, cohere } = await client(t)
  await t.rejects(cohere.chat(ask('x', { model: 'm+status=429' })), { message: /Status code: 429/ })
  await t.rejects(cohere.chat(ask('x', { model: 'no-such-model' })), { message: /Status code: 404/ })
  const stranger = new CohereClientV2({ token: 'other', environment: mock.url, maxRetries: 0 })
  await t.rejects(stranger.chat(ask('x')), { message: /Status code: 401[\s\S]*invalid api token/ })
  const all = await events(cohere, ask('one two three', { model: 'm+error-in-stream=3' }))
  t.match(all.at(-1), { type: 'message-end', delta: { finishReason: 'ERROR', error: String } })
  t.equal(all.length, 4)
})

t.test('embeddings by type, and what is not embedded', async t => {
  const { mock, cohere } = await client(t)
  const request = { model: 'embed-v4.0', inputType: 'search_document' as const, texts: ['one', 'two'] }
  const { embeddings, meta } = await cohere.embed({
    ...request,
    outputDimension: 256,
    embeddingTypes: ['float', 'int8']
  })
  t.equal(embeddings.float?.length, 2)
  t.equal(embeddings.float?.[0]?.length, 256)
  t.ok(embeddings.int8?.[0]?.every(Number.isInteger))
  t.equal(meta?.billedUnits?.inputTokens, mock.requests()[0]?.bill?.input)
  await t.rejects(cohere.embed({ ...request, outputDimension: 64 }), { message: /Status code: 400/ })
  await t.rejects(cohere.embed({ ...request, texts: Array(97).fill('x') }), { message: /at most 96/ })
})

t.test('rerank takes texts, and bills a search', async t => {
  const { mock, cohere } = await client(t)
  const documents = ['bread and butter', 'the river and its mill', 'a mill at the river']
  const { results, meta } = await cohere.rerank({ model: 'rerank-v3.5', query: 'mill river', documents, topN: 2 })
  t.match(results, [{ index: 2 }, { index: 1 }])
  t.equal(meta?.billedUnits?.searchUnits, 1)
  t.equal(mock.requests()[0]?.bill?.searches, 1)
  const asked = { model: 'r', query: 'q', documents: [{ text: 'a' }] }
  t.match(await post(mock, '/v2/rerank', asked, { authorization: 'Bearer secret' }), { status: 400 })
})

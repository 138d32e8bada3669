import { Buffer } from 'node:buffer'
import {
  BedrockRuntimeClient,
  type ContentBlock,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  type ConverseStreamOutput,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  type Message,
  ThrottlingException
} from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import t, { type Test } from 'tap'
import { mockProvider } from '../../support/mock.js'

const ID = 'AKIDEXAMPLE'
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const MODEL = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0'

async function client(t: Test, recordings?: string) {
  const mock = await mockProvider(t, { keys: [`${ID}:${SECRET}`], ...(recordings !== undefined && { recordings }) })
  const sdk = new BedrockRuntimeClient({
    region: 'eu-west-1',
    endpoint: mock.url,
    credentials: { accessKeyId: ID, secretAccessKey: SECRET },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler()
  })
  t.teardown(() => sdk.destroy())
  return { mock, sdk }
}

const user = (...content: ContentBlock[]): Message => ({ role: 'user', content })
const ask = (text: string, rest: Partial<ConverseCommandInput> = {}): ConverseCommandInput => ({
  modelId: MODEL,
  messages: [user({ text })],
  ...rest
})

const toolConfig = {
  tools: ['get_weather', 'get_time'].map(name => ({
    toolSpec: { name, inputSchema: { json: { type: 'object', properties: { place: { type: 'string' } } } } }
  }))
}

async function eventsOf(sdk: BedrockRuntimeClient, input: ConverseCommandInput): Promise<ConverseStreamOutput[]> {
  const { stream } = await sdk.send(new ConverseStreamCommand(input))
  const events: ConverseStreamOutput[] = []
  for await (const event of stream ?? []) events.push(event)
  return events
}

t.test('an answer, its end, and a usage that a count before it agrees with', async t => {
  const { mock, sdk } = await client(t)
  const input = ask('Hello there', { system: [{ text: 'Be kind.' }] })
  const whole = await sdk.send(new ConverseCommand(input))
  t.match(whole, {
    output: { message: { role: 'assistant', content: [{ text: 'You said: Hello there' }] } },
    stopReason: 'end_turn',
    metrics: { latencyMs: Number }
  })
  const { messages, system } = input
  const counted = await sdk.send(new CountTokensCommand({ modelId: MODEL, input: { converse: { messages, system } } }))
  t.equal(whole.usage?.inputTokens, counted.inputTokens)
  t.match(mock.requests()[0]?.bill, { input: counted.inputTokens, output: whole.usage?.outputTokens })
})

t.test('a stream has the same text and usage, its events in order', async t => {
  const { sdk } = await client(t)
  const whole = await sdk.send(new ConverseCommand(ask('Hello there')))
  const events = await eventsOf(sdk, ask('Hello there'))
  const names = events.map(event => Object.keys(event)[0]).filter((name, i, all) => name !== all[i - 1])
  t.strictSame(names, ['messageStart', 'contentBlockDelta', 'contentBlockStop', 'messageStop', 'metadata'])
  const text = events.map(event => event.contentBlockDelta?.delta?.text ?? '').join('')
  t.equal(text, whole.output?.message?.content?.[0]?.text)
  t.strictSame(events.at(-1)?.metadata?.usage, whole.usage)
})

t.test('a limit and texts to stop at are honoured', async t => {
  const { sdk } = await client(t)
  const short = await sdk.send(new ConverseCommand(ask('one two three', { inferenceConfig: { maxTokens: 3 } })))
  t.match(short, { stopReason: 'max_tokens', usage: { outputTokens: 3 } })
  const stopped = ask('one two three', {
    inferenceConfig: { stopSequences: ['three'] },
    additionalModelResponseFieldPaths: ['/stop_sequence']
  })
  const whole = await sdk.send(new ConverseCommand(stopped))
  t.match(whole, { stopReason: 'stop_sequence', additionalModelResponseFields: { stop_sequence: 'three' } })
  const events = await eventsOf(sdk, stopped)
  t.match(events.find(event => event.messageStop)?.messageStop, { stopReason: 'stop_sequence' })
})

t.test('parallel calls, streamed, and their results', async t => {
  const { sdk } = await client(t)
  const question = user({ text: 'call get_weather with {"place":"Paris"} and get_time' })
  const events = await eventsOf(sdk, ask('', { messages: [question], toolConfig }))
  const calls = events.flatMap(({ contentBlockStart: begun }) => begun?.start?.toolUse ?? [])
  t.match(calls, [{ name: 'get_weather' }, { name: 'get_time' }])
  const input = events.flatMap(({ contentBlockDelta: delta }) =>
    delta?.contentBlockIndex === 0 ? (delta.delta?.toolUse?.input ?? '') : ''
  )
  t.equal(input.join(''), '{"place":"Paris"}')
  const { output } = await sdk.send(new ConverseCommand(ask('', { messages: [question], toolConfig })))
  const ids = output?.message?.content?.map(block => block.toolUse?.toolUseId) ?? []
  const results = ids.map(toolUseId => ({ toolResult: { toolUseId, content: [{ text: `${toolUseId} is done` }] } }))
  const again = (content: ContentBlock[]) =>
    sdk.send(
      new ConverseCommand(ask('', { toolConfig, messages: [question, output?.message as Message, user(...content)] }))
    )
  t.match((await again(results)).output?.message?.content, [{ text: /^The tools answered: .* is done; .* is done$/ }])
  await t.rejects(again(results.slice(1)), {
    name: 'ValidationException',
    message: `Expected toolResult blocks at messages.2.content for the following Ids: ${ids[0]}`
  })
})

t.test('reasoning is signed, and only what was signed is taken back', async t => {
  const { sdk } = await client(t)
  const thinking = { thinking: { type: 'enabled', budget_tokens: 1024 } }
  const input = ask('Why?', { additionalModelRequestFields: thinking })
  const { output } = await sdk.send(new ConverseCommand(input))
  const [thought] = output?.message?.content ?? []
  t.ok(thought?.reasoningContent?.reasoningText?.signature)
  const again = (reasoning: ContentBlock) =>
    sdk.send(
      new ConverseCommand({
        ...input,
        messages: [...(input.messages ?? []), { role: 'assistant', content: [reasoning] }, user({ text: 'And?' })]
      })
    )
  t.equal((await again(thought as ContentBlock)).stopReason, 'end_turn')
  const signature = thought?.reasoningContent?.reasoningText?.signature
  await t.rejects(again({ reasoningContent: { reasoningText: { text: 'Other.', signature } } }), /Invalid `signature`/)
})

t.test('a prefix before a cache point is written, then read; a model without a cache refuses it', async t => {
  const { sdk } = await client(t)
  const system = [{ text: 'A long story. '.repeat(50) }, { cachePoint: { type: 'default' as const } }]
  const first = (await sdk.send(new ConverseCommand(ask('One', { system })))).usage
  const second = (await sdk.send(new ConverseCommand(ask('Two', { system })))).usage
  t.ok((first?.cacheWriteInputTokens ?? 0) > 50)
  t.match(second, { cacheReadInputTokens: first?.cacheWriteInputTokens, cacheWriteInputTokens: 0 })
  await t.rejects(sdk.send(new ConverseCommand(ask('One', { system, modelId: 'meta.llama3-3-70b-instruct-v1:0' }))), {
    name: 'AccessDeniedException'
  })
})

t.test('an answer fits the schema it was asked for', async t => {
  const { sdk } = await client(t)
  const schema = JSON.stringify({ type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] })
  const outputConfig = { textFormat: { type: 'json_schema' as const, structure: { jsonSchema: { schema } } } }
  const { output } = await sdk.send(new ConverseCommand(ask('?', { outputConfig })))
  t.strictSame(JSON.parse(output?.message?.content?.[0]?.text ?? ''), { n: 1 })
})

t.test('what Converse refuses is refused', async t => {
  const { sdk } = await client(t)
  const said: Message = { role: 'assistant', content: [{ text: 'Hi' }] }
  const call: Message = { role: 'assistant', content: [{ toolUse: { toolUseId: 'a', name: 'f', input: {} } }] }
  const image = { image: { format: 'png' as const, source: { bytes: Buffer.from('x') } } }
  for (const [input, message] of [
    [ask('', { messages: [said] }), /must start with a user message/],
    [ask('', { messages: [user({ text: 'a' }), user({ text: 'b' })] }), /must alternate/],
    [ask(' '), /The text field in the ContentBlock object at messages\.0\.content\.0 is blank/],
    [ask('', { messages: [user()] }), /The content field in the Message object at messages\.0 is empty/],
    [ask('', { messages: [user({ text: 'a' }), call] }), /toolConfig field must be defined/],
    [ask('x', { inferenceConfig: { temperature: 1.5 } }), /inferenceConfig\.temperature/],
    [ask('', { messages: [user({ image: { ...image.image, format: 'bmp' as 'png' } })] }), /content\.0\.image\.format/]
  ] as const) {
    await t.rejects(sdk.send(new ConverseCommand(input)), { name: 'ValidationException', message })
  }
  const seen = await sdk.send(new ConverseCommand(ask('', { messages: [user(image, { text: 'And?' })] })))
  t.match(seen.output?.message?.content, [{ text: 'I see an image. You said: And?' }])
})

t.test('errors are exceptions, before a stream and within it', async t => {
  const { sdk } = await client(t)
  const asked = (fault: string) => ask('one two three four five', { modelId: `${MODEL}+${fault}` })
  await t.rejects(sdk.send(new ConverseCommand(asked('status=429'))), ThrottlingException)
  await t.rejects(sdk.send(new ConverseCommand(asked('context'))), { name: 'ValidationException', message: /too long/ })
  await t.rejects(eventsOf(sdk, asked('error-in-stream=3+error-status=429')), ThrottlingException)
  await t.rejects(eventsOf(sdk, asked('error-in-stream=3')), { name: 'InternalServerException' })
})

t.test('InvokeModel: Claude whole and streamed; what is not in its body there is refused', async t => {
  const { sdk } = await client(t)
  const body = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] }
  const send = (more: object) =>
    sdk.send(new InvokeModelCommand({ modelId: MODEL, body: JSON.stringify({ ...body, ...more }) }))
  t.match(JSON.parse(Buffer.from((await send({})).body).toString()), { content: [{ text: 'You said: Hi' }] })
  await t.rejects(send({ model: 'm' }), { name: 'ValidationException', message: /extraneous key \[model\]/ })
  await t.rejects(send({ anthropic_version: undefined }), { message: /required key \[anthropic_version\]/ })
  const streamed = await sdk.send(
    new InvokeModelWithResponseStreamCommand({ modelId: MODEL, body: JSON.stringify(body) })
  )
  const types: string[] = []
  for await (const { chunk } of streamed.body ?? [])
    types.push(JSON.parse(Buffer.from(chunk?.bytes ?? []).toString()).type)
  t.equal(types[0], 'message_start')
  t.strictSame(types.slice(-2), ['message_delta', 'message_stop'])
})

t.test('InvokeModel: embeddings of Titan and of Cohere, and its rerank', async t => {
  const { mock, sdk } = await client(t)
  const send = async (modelId: string, body: object) => {
    const { body: bytes } = await sdk.send(new InvokeModelCommand({ modelId, body: JSON.stringify(body) }))
    return JSON.parse(Buffer.from(bytes).toString())
  }
  const titan = await send('amazon.titan-embed-text-v2:0', { inputText: 'a mill at a river', dimensions: 256 })
  t.equal(titan.embedding.length, 256)
  t.equal(titan.inputTextTokenCount, mock.requests()[0]?.bill?.input)
  const texts = ['one', 'two']
  const embed = await send('cohere.embed-v4:0', { texts, input_type: 'search_query', embedding_types: ['float'] })
  t.equal(embed.embeddings.float.length, 2)
  const documents = ['bread and butter', 'a mill at the river']
  const rerank = { query: 'mill river', documents, top_n: 1, api_version: 2 }
  t.match(await send('cohere.rerank-v3-5:0', rerank), { results: [{ index: 1, relevance_score: Number }] })
  t.equal(mock.requests().at(-1)?.bill?.searches, 1)
})

t.test('a recording of a stream comes in its own framing', async t => {
  const { sdk } = await client(t)
  const name = 'bedrock/vercel__amazon-bedrock__amazon-bedrock-text.stream'
  const events = await eventsOf(sdk, ask('', { modelId: `replay:${name}`, messages: [user({ text: 'x' })] }))
  t.ok(events.some(event => event.messageStop))
  t.not(events.map(event => event.contentBlockDelta?.delta?.text ?? '').join(''), '')
})

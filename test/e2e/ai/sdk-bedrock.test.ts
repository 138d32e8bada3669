import { Buffer } from 'node:buffer'
import {
  BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  type ConverseStreamOutput,
  InvokeModelCommand,
  type InvokeModelCommandInput,
  InvokeModelWithResponseStreamCommand,
  type Message,
  ModelStreamErrorException,
  ThrottlingException,
  type ToolConfiguration,
  ValidationException
} from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import t, { type Test } from 'tap'
import { awsEventStream } from '../../../core/ai/frames/aws-event-stream.js'
import { startSluice } from '../../support/sluice.js'
import { recordingUpstream } from '../../support/upstream.js'
import { aiGateway, failureOf, lastBody, MODELS, sentHeader } from './gateway.js'

t.setTimeout(120_000)

const { mock, url } = await aiGateway(t)
const bedrock = new BedrockRuntimeClient({
  region: 'eu-west-1',
  endpoint: url,
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'of the client' },
  maxAttempts: 1,
  requestHandler: new NodeHttpHandler()
})
t.teardown(() => bedrock.destroy())

const user = (text: string): Message => ({ role: 'user', content: [{ text }] })
const CALLS = 'call get_weather with {"city":"Paris"} and get_time with {"zone":"UTC"}'
const toolConfig: ToolConfiguration = {
  tools: [
    {
      toolSpec: {
        name: 'get_weather',
        inputSchema: { json: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }
      }
    },
    {
      toolSpec: {
        name: 'get_time',
        inputSchema: { json: { type: 'object', properties: { zone: { type: 'string' } } } }
      }
    }
  ]
}
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64'
)

for (const modelId of MODELS) {
  t.test(`Converse: ${modelId} answers, whole and streamed, with usage`, async t => {
    const request: ConverseCommandInput = {
      modelId,
      system: [{ text: 'Be brief.' }],
      messages: [user('Hello there')],
      inferenceConfig: { maxTokens: 500 }
    }
    const whole = await bedrock.send(new ConverseCommand(request))
    t.strictSame(whole.output?.message?.content, [{ text: 'You said: Hello there' }])
    t.equal(whole.stopReason, 'end_turn')
    t.ok((whole.usage?.inputTokens ?? 0) > 0 && (whole.usage?.outputTokens ?? 0) > 0)
    t.type(whole.metrics?.latencyMs, 'number')

    const { stream = [] } = await bedrock.send(new ConverseStreamCommand(request))
    let text = ''
    let usage = {}
    const order: string[] = []
    for await (const event of stream as AsyncIterable<Record<string, never>>) {
      const [name = ''] = Object.keys(event)
      if (order.at(-1) !== name) order.push(name)
      text += (event as { contentBlockDelta?: { delta?: { text?: string } } }).contentBlockDelta?.delta?.text ?? ''
      usage = (event as { metadata?: { usage?: object } }).metadata?.usage ?? usage
    }
    t.equal(text, 'You said: Hello there')
    t.match(
      order.join(),
      /^messageStart,(?:contentBlockStart,)?contentBlockDelta,contentBlockStop,messageStop,metadata$/
    )
    t.match(usage, { inputTokens: whole.usage?.inputTokens, outputTokens: whole.usage?.outputTokens })
  })

  t.test(`Converse: ${modelId} calls two tools at once, reads their results, sees an image`, async t => {
    const messages = [user(CALLS)]
    const { output, stopReason } = await bedrock.send(new ConverseCommand({ modelId, messages, toolConfig }))
    t.equal(stopReason, 'tool_use')
    const uses = output?.message?.content?.flatMap(block => block.toolUse ?? []) ?? []
    t.match(uses, [
      { name: 'get_weather', input: { city: 'Paris' } },
      { name: 'get_time', input: { zone: 'UTC' } }
    ])
    const after = await bedrock.send(
      new ConverseCommand({
        modelId,
        toolConfig,
        messages: [
          ...messages,
          { role: 'assistant', content: output?.message?.content },
          {
            role: 'user',
            content: uses.map(({ toolUseId }, i) => {
              return { toolResult: { toolUseId, content: [{ text: ['rain', 'noon'][i] ?? '' }] } }
            })
          }
        ]
      })
    )
    t.match(after.output?.message?.content?.[0]?.text, /^The tools answered: .*rain.*; .*noon/)
    const seen = await bedrock.send(
      new ConverseCommand({
        modelId,
        messages: [
          { role: 'user', content: [{ image: { format: 'png', source: { bytes: PIXEL } } }, { text: 'And?' }] }
        ]
      })
    )
    t.equal(seen.output?.message?.content?.[0]?.text, 'I see an image. You said: And?')
  })

  t.test(`Converse: ${modelId} streams two calls at once, and keeps to a schema`, async t => {
    const { stream = [] } = await bedrock.send(
      new ConverseStreamCommand({ modelId, messages: [user(CALLS)], toolConfig })
    )
    const calls = new Map<number, { name: string; text: string }>()
    let stop: string | undefined
    for await (const { contentBlockStart: start, contentBlockDelta: more, messageStop } of stream as AsyncIterable<
      Partial<Pick<ConverseStreamOutput.ContentBlockStartMember, 'contentBlockStart'>> &
        Partial<Pick<ConverseStreamOutput.ContentBlockDeltaMember, 'contentBlockDelta'>> &
        Partial<Pick<ConverseStreamOutput.MessageStopMember, 'messageStop'>>
    >) {
      const name = start?.start?.toolUse?.name
      if (name !== undefined) calls.set(start?.contentBlockIndex ?? -1, { name, text: '' })
      const call = calls.get(more?.contentBlockIndex ?? -1)
      if (call !== undefined) call.text += more?.delta?.toolUse?.input ?? ''
      stop = messageStop?.stopReason ?? stop
    }
    t.equal(stop, 'tool_use')
    t.strictSame(
      [...calls.values()].map(({ name, text }) => [name, JSON.parse(text)]),
      [
        ['get_weather', { city: 'Paris' }],
        ['get_time', { zone: 'UTC' }]
      ]
    )
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
    const { output } = await bedrock.send(
      new ConverseCommand({
        modelId,
        messages: [user('The weather?')],
        outputConfig: {
          textFormat: {
            type: 'json_schema',
            structure: { jsonSchema: { name: 'weather', schema: JSON.stringify(schema) } }
          }
        }
      })
    )
    t.match(JSON.parse(output?.message?.content?.[0]?.text ?? ''), { city: String })
  })

  t.test(`Converse: errors of ${modelId} are the exceptions a program expects`, async t => {
    const ask = (fault: string) =>
      failureOf(bedrock.send(new ConverseCommand({ modelId: `${modelId}+${fault}`, messages: [user('x')] })))
    t.type(await ask('status=429'), ThrottlingException)
    t.type(await ask('status=400'), ValidationException)
    t.equal((await ask('status=503')).name, 'ServiceUnavailableException')
    const { stream = [] } = await bedrock.send(
      new ConverseStreamCommand({
        modelId: `${modelId}+error-in-stream=6,error-status=500`,
        messages: [user('one two three four five six seven')]
      })
    )
    const reading = (async () => {
      for await (const _ of stream);
    })()
    const failure = await failureOf(reading)
    t.match(failure.name, /^(?:ModelStreamError|InternalServer)Exception$/)
  })

  t.test(`InvokeModel: ${modelId} as Claude, whole and streamed`, async t => {
    const body = JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      anthropic_beta: ['context-1m-2025-08-07'],
      max_tokens: 500,
      messages: [{ role: 'user', content: 'Hello there' }]
    })
    const whole = await bedrock.send(new InvokeModelCommand({ modelId, body, contentType: 'application/json' }))
    const message = JSON.parse(Buffer.from(whole.body ?? []).toString())
    t.match(message, { type: 'message', content: [{ text: 'You said: Hello there' }], stop_reason: 'end_turn' })
    const streamed = await bedrock.send(new InvokeModelWithResponseStreamCommand({ modelId, body }))
    let text = ''
    const types = new Set<string>()
    for await (const { chunk } of streamed.body ?? []) {
      const event: { type: string; delta?: { text?: string } } = JSON.parse(Buffer.from(chunk?.bytes ?? []).toString())
      types.add(event.type)
      text += event.delta?.text ?? ''
    }
    t.equal(text, 'You said: Hello there')
    t.ok(types.has('message_start') && types.has('message_stop'))
  })
}

t.test('errors of InvokeModel are the exceptions a program expects, whoever has the model', async t => {
  const body = JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 500, messages: [] })
  for (const modelId of MODELS) {
    for (const send of [
      (input: InvokeModelCommandInput) => bedrock.send(new InvokeModelCommand(input)),
      (input: InvokeModelCommandInput) => bedrock.send(new InvokeModelWithResponseStreamCommand(input))
    ]) {
      const ask = (fault: string) => failureOf(send({ modelId: `${modelId}+${fault}`, body }))
      t.type(await ask('status=429'), ThrottlingException, modelId)
      t.type(await ask('status=400'), ValidationException, modelId)
      t.equal((await ask('status=503')).name, 'ServiceUnavailableException', modelId)
    }
  }
  const failure = await failureOf(bedrock.send(new InvokeModelCommand({ modelId: 'nothing', body })))
  t.equal(failure.name, 'ResourceNotFoundException', 'of the gateway itself too')
})

t.test("Anthropic's own API gets what it knows of a request for Bedrock", async t => {
  const body = JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    anthropic_beta: ['context-1m-2025-08-07'],
    max_tokens: 500,
    messages: [{ role: 'user', content: 'Hello there' }]
  })
  await bedrock.send(new InvokeModelCommand({ modelId: 'anthropic/claude-sonnet-4-5', body }))
  t.strictSame(lastBody(mock), {
    max_tokens: 500,
    messages: [{ role: 'user', content: 'Hello there' }],
    model: 'claude-sonnet-4-5'
  })
  t.equal(sentHeader(mock, 'anthropic-beta'), 'context-1m-2025-08-07')
  t.equal(sentHeader(mock, 'anthropic-version'), '2023-06-01')
})

t.test('an error within a stream of InvokeModel is an exception of the stream', async t => {
  const body = JSON.stringify({ max_tokens: 500, messages: [{ role: 'user', content: 'one two three four five six' }] })
  const modelId = 'anthropic/claude-sonnet-4-5+error-in-stream=6,error-status=500'
  const streamed = await bedrock.send(new InvokeModelWithResponseStreamCommand({ modelId, body }))
  const reading = (async () => {
    for await (const _ of streamed.body ?? []);
  })()
  t.type(await failureOf(reading), ModelStreamErrorException)
})

t.test('InvokeModel: embeddings of Titan’s and Cohere’s form, from Bedrock and from others', async t => {
  const invoke = async (modelId: string, body: object) => {
    const { body: bytes } = await bedrock.send(new InvokeModelCommand({ modelId, body: JSON.stringify(body) }))
    return JSON.parse(Buffer.from(bytes ?? []).toString())
  }
  const titan = { inputText: 'hi', dimensions: 256, normalize: true }
  const own = await invoke('bedrock/amazon.titan-embed-text-v2:0', titan)
  t.equal(own.embedding.length, 256)
  t.ok(own.embeddingsByType, 'as it came')
  t.strictSame(lastBody(mock), titan)
  const texts = { texts: ['a', 'b'], input_type: 'search_document' }
  t.equal((await invoke('bedrock/cohere.embed-english-v3', texts)).embeddings.length, 2)
  t.strictSame(lastBody(mock), texts)
  const elsewhere = await invoke('openai/text-embedding-3-small', { inputText: 'hi' })
  t.ok(elsewhere.embedding.length > 0 && elsewhere.inputTextTokenCount > 0)
  t.match(lastBody(mock), { model: 'text-embedding-3-small', input: 'hi' })
  const byType = await invoke('openai/text-embedding-3-small', { inputText: 'hi', embeddingTypes: ['float'] })
  t.strictSame(byType.embeddingsByType, { float: byType.embedding })
  const lists = await invoke('openai/text-embedding-3-small', texts)
  t.match(lists, { embeddings: [[Number], [Number]], response_type: 'embeddings_floats', texts: ['a', 'b'] })
  const one = { texts: ['a'], input_type: 'search_query', embedding_types: ['float'] }
  const typed = await invoke('openai/text-embedding-3-small', one)
  t.match(typed, { embeddings: { float: [[Number]] }, response_type: 'embeddings_by_type', texts: ['a'] })
})

const OWN = [
  ['meta.llama3-1-70b-instruct-v1:0', { prompt: 'hi', max_gen_len: 9 }],
  ['amazon.nova-pro-v1:0', { schemaVersion: 'messages-v1', messages: [{ role: 'user', content: [{ text: 'hi' }] }] }],
  ['amazon.titan-text-express-v1', { inputText: 'hi', textGenerationConfig: { maxTokenCount: 9 } }],
  ['mistral.pixtral-large-2502-v1:0', { messages: [{ role: 'user', content: 'hi' }], max_tokens: 9 }]
] as const

/** Bedrock with models whose bodies nobody knows. */
async function strangers(t: Test, route: object = {}) {
  const chunk = (members: object) =>
    awsEventStream.write({
      event: 'chunk',
      data: JSON.stringify({ bytes: Buffer.from(JSON.stringify(members)).toString('base64'), p: 'abc' })
    })
  const metrics = { inputTokenCount: 7, outputTokenCount: 3, invocationLatency: 5, firstByteLatency: 1 }
  const stream = Buffer.concat([
    chunk({ generation: 'Hel', stop_reason: null }),
    chunk({ generation: 'lo', stop_reason: 'stop', 'amazon-bedrock-invocationMetrics': metrics })
  ])
  const whole = Buffer.from('{ "generation" : "Hello", "message": "of the model", "error": {} }')
  const upstream = await recordingUpstream(t, ({ target }, response) => {
    const streamed = target.endsWith('stream')
    const type = streamed ? awsEventStream.contentType : 'application/json'
    const counts = { 'x-amzn-bedrock-input-token-count': '7', 'x-amzn-bedrock-output-token-count': '3' }
    response.writeHead(200, { 'content-type': type, ...(!streamed && counts) }).end(streamed ? stream : whole)
  })
  const baseUrl = `http://127.0.0.1:${upstream.port}`
  const providers = {
    bedrock: {
      provider: 'bedrock',
      baseUrl,
      region: 'eu-west-1',
      keys: [{ key: 'secret', parts: { accessKeyId: 'AKID' } }],
      models: OWN.map(([id]) => id)
    },
    openai: { provider: 'openai', baseUrl, keys: ['key'], models: ['gpt-5'] }
  }
  const budgets = [{ name: 'out', count: 'outputTokens', limit: 100, every: 'day' }]
  const sluice = await startSluice(t, {
    upstreams: {},
    routes: [{ name: 'ai', match: { path: '/*' }, ai: {}, ...route }],
    ai: {
      providers,
      budgets,
      ledger: { file: false },
      models: { tuned: { model: `bedrock/${OWN[0][0]}`, params: { temperature: 0 } } }
    }
  })
  const invoke = (model: string, method: string, body: string) =>
    fetch(`http://127.0.0.1:${sluice.port}/model/${encodeURIComponent(model)}/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-amzn-bedrock-guardrailidentifier': 'g1' },
      body
    })
  return { upstream, sluice, whole, stream, invoke }
}

t.test(
  'InvokeModel: a body of any model reaches Bedrock as it is, signed; so does the reply, and it is booked',
  async t => {
    const { upstream, sluice, whole, stream, invoke } = await strangers(t)
    for (const [model, body] of OWN) {
      const raw = JSON.stringify(body, null, 1)
      const got = await invoke(model, 'invoke', raw)
      t.equal(got.status, 200, model)
      t.strictSame(Buffer.from(await got.arrayBuffer()), whole, model)
      t.equal(got.headers.get('x-sluice-usage'), 'input=7, output=3, source=provider', model)
      const streamed = await invoke(model, 'invoke-with-response-stream', raw)
      t.equal(streamed.headers.get('content-type'), 'application/vnd.amazon.eventstream')
      t.strictSame(Buffer.from(await streamed.arrayBuffer()), stream, model)
      for (const [i, method] of ['invoke', 'invoke-with-response-stream'].entries()) {
        const sent = upstream.seen.at(i - 2)
        t.equal(sent?.body.toString(), raw, model)
        t.equal(sent?.target, `/model/${encodeURIComponent(model)}/${method}`, model)
        t.match(sent?.all('authorization')[0], /^AWS4-HMAC-SHA256 Credential=AKID/, model)
        t.strictSame(sent?.all('x-amzn-bedrock-guardrailidentifier'), ['g1'])
      }
      const known = model !== OWN[3][0]
      t.match((await sluice.access()).ai, { input: 7, output: 3, ...(known && { microDollars: Number }) }, model)
      t.match((await sluice.access()).ai, { input: 7, output: 3, stream: true }, model)
    }
  }
)

t.test('InvokeModel: budgets hold for bodies that nobody reads', async t => {
  const { sluice, invoke } = await strangers(t)
  const statuses: number[] = []
  for (let i = 0; i < 40; i++) {
    const got = await invoke(OWN[0][0], 'invoke', JSON.stringify(OWN[0][1]))
    statuses.push(got.status)
    if (got.status !== 200) t.match(await got.json(), { message: 'The limit of this period is used up.' })
    await sluice.access()
  }
  t.ok(statuses.includes(429) && statuses.indexOf(429) > 10, `after ${statuses.indexOf(429)}`)
})

t.test('InvokeModel: what cannot be read is refused where it would have to be, in Bedrock’s words', async t => {
  const { upstream, invoke } = await strangers(t)
  const body = JSON.stringify(OWN[0][1])
  const elsewhere = await invoke('openai/gpt-5', 'invoke', body)
  t.ok(elsewhere.status >= 400 && elsewhere.status < 500)
  t.match(await elsewhere.json(), { message: /only Bedrock itself can read this body/ })
  t.equal(elsewhere.headers.get('x-amzn-errortype'), 'ValidationException')
  const tuned = await invoke('tuned', 'invoke', body)
  t.equal(upstream.seen.at(-1)?.body.toString(), body, 'parameters have no place in it')
  t.equal(tuned.headers.get('x-sluice-dropped-params'), 'temperature')

  const policies = [{ plugin: 'ai-prompt-guard', settings: {} }]
  const guarded = await strangers(t, { policies })
  for (const method of ['invoke', 'invoke-with-response-stream']) {
    const got = await guarded.invoke(OWN[0][0], method, body)
    t.match(await got.json(), { message: /Policies of this route look at chats/ }, method)
  }
  t.equal(guarded.upstream.seen.length, 0, 'nothing gets past who has to see it')
})

t.test('leaving a stream ends the call of the provider', async t => {
  mock.reset()
  const leave = new AbortController()
  const { stream = [] } = await bedrock.send(
    new ConverseStreamCommand({
      modelId: 'openai/gpt-5+stall,after=6',
      messages: [user('one two three four five six seven')]
    }),
    { abortSignal: leave.signal }
  )
  const reading = (async () => {
    for await (const _ of stream) leave.abort()
  })()
  await reading.catch(() => undefined)
  await mock.until(([first]) => first?.outcome === 'aborted')
  t.equal(mock.requests().length, 1)
})

t.test('a model that nobody has', async t => {
  const failure = await failureOf(bedrock.send(new ConverseCommand({ modelId: 'nothing', messages: [user('x')] })))
  t.match(failure, { name: 'ResourceNotFoundException', message: /nothing/ })
})

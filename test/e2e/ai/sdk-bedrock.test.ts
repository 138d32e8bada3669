import { Buffer } from 'node:buffer'
import {
  BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
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
import t from 'tap'
import { aiGateway, failureOf, lastBody, MODELS, sentHeader } from './gateway.js'

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

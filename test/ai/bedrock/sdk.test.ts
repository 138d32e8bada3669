import { Buffer } from 'node:buffer'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  ThrottlingException
} from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import t, { type Test } from 'tap'
import { anthropic } from '../../../core/ai/dialects/anthropic/index.js'
import { converse } from '../../../core/ai/dialects/converse/index.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import { awsEventStream } from '../../../core/ai/frames/aws-event-stream.js'
import { awsInvoke } from '../../../core/ai/frames/aws-invoke.js'
import { signV4 } from '../../../core/ai/providers/sigv4.js'
import { usageOf } from '../../../core/ai/usage.js'

const WISH = { model: 'm', includeUsage: false, request: {} }
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' }
const MODEL = 'anthropic.claude-sonnet-4-5-20250929-v1:0'

interface Heard {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

interface Answer {
  readonly status?: number
  readonly type?: string
  readonly headers?: Record<string, string>
  readonly body: Buffer | string
}

/** The official client against a server that answers this, and what the server heard. */
async function client(t: Test, answer: Answer): Promise<{ sdk: BedrockRuntimeClient; heard: Heard[] }> {
  const heard: Heard[] = []
  const server = createServer(async (request, reply) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    const { method = '', url = '', headers } = request
    heard.push({ method, url, headers, body: Buffer.concat(pieces) })
    reply.writeHead(answer.status ?? 200, { 'content-type': answer.type ?? 'application/json', ...answer.headers })
    reply.end(answer.body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const sdk = new BedrockRuntimeClient({
    region: 'eu-west-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: KEYS,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler()
  })
  t.teardown(() => {
    sdk.destroy()
    server.closeAllConnections()
    server.close()
  })
  return { sdk, heard }
}

const ASK: ConverseCommandInput = { modelId: MODEL, messages: [{ role: 'user', content: [{ text: 'Hi' }] }] }

const ANSWER: ChatEvent[] = [
  { type: 'start', id: '', model: '', created: 0 },
  { type: 'thinking', choice: 0, text: 'Hm' },
  { type: 'signature', choice: 0, signature: 'sig' },
  { type: 'redacted_thinking', choice: 0, data: 'not base64!', id: 'rs_1' },
  { type: 'text', choice: 0, text: 'Hel' },
  { type: 'text', choice: 0, text: 'lo' },
  { type: 'annotation', choice: 0, annotation: { type: 'url_citation', url: 'https://a.example', title: 'A' } },
  { type: 'tool_call', choice: 0, call: 0, id: 'c0', name: 'f' },
  { type: 'arguments', choice: 0, call: 0, text: '{"a":' },
  { type: 'arguments', choice: 0, call: 0, text: '1}' },
  { type: 'tool_call', choice: 0, call: 1, id: 'c1', name: 'g', signature: 'thought' },
  { type: 'finish', choice: 0, reason: 'tool_calls' },
  { type: 'usage', usage: usageOf({ input: 30, cacheRead: 10, cacheWrite: 5, output: 7 }) },
  { type: 'end' }
]

function written(events: readonly ChatEvent[]): Buffer {
  const writer = converse.chat.streamWriter(WISH)
  return Buffer.concat(events.flatMap(event => writer.write(event)).map(frame => awsEventStream.write(frame)))
}

t.test("a stream as it is written is the official client's", async t => {
  const { sdk } = await client(t, { type: awsEventStream.contentType, body: written(ANSWER) })
  const { stream } = await sdk.send(new ConverseStreamCommand(ASK))
  const events: object[] = []
  for await (const event of stream ?? []) events.push(event)
  const deltas = events.flatMap(event => ('contentBlockDelta' in event ? [event.contentBlockDelta] : []))
  t.match(events[0], { messageStart: { role: 'assistant' } })
  t.match(deltas, [
    { contentBlockIndex: 0, delta: { reasoningContent: { text: 'Hm' } } },
    { contentBlockIndex: 0, delta: { reasoningContent: { signature: 'sig' } } },
    { contentBlockIndex: 1, delta: { reasoningContent: { redactedContent: Object } } },
    { contentBlockIndex: 2, delta: { text: 'Hel' } },
    { contentBlockIndex: 2, delta: { text: 'lo' } },
    { contentBlockIndex: 2, delta: { citation: { title: 'A', location: { web: { url: 'https://a.example' } } } } },
    { contentBlockIndex: 3, delta: { toolUse: { input: '{"a":' } } },
    { contentBlockIndex: 3, delta: { toolUse: { input: '1}' } } },
    { contentBlockIndex: 4, delta: { reasoningContent: { signature: 'sluice:call:thought' } } }
  ])
  t.match(events.slice(-2), [
    { messageStop: { stopReason: 'tool_use' } },
    {
      metadata: {
        usage: { inputTokens: 15, outputTokens: 7, totalTokens: 37, cacheReadInputTokens: 10, cacheWriteInputTokens: 5 }
      }
    }
  ])
  t.equal(events.filter(event => 'contentBlockStop' in event).length, 6)
})

t.test("a failure within a stream is the official client's exception", async t => {
  const failure = { kind: 'rate_limit' as const, status: 0, message: 'slow down' }
  const body = written([...ANSWER.slice(0, 2), { type: 'failure', failure }])
  const { sdk } = await client(t, { type: awsEventStream.contentType, body })
  const { stream } = await sdk.send(new ConverseStreamCommand(ASK))
  await t.rejects(
    async () => {
      for await (const event of stream ?? []) t.ok(event)
    },
    { name: 'ThrottlingException', message: 'slow down' }
  )
})

t.test("an error is the official client's exception, and read as what it was", async t => {
  const { status, body, headers } = converse.writeFailure({ kind: 'rate_limit', status: 0, message: 'slow' }, 'req')
  const named = { [headers[0] ?? '']: headers[1] ?? '', [headers[2] ?? '']: headers[3] ?? '' }
  const { sdk } = await client(t, { status, headers: named, body: JSON.stringify(body) })
  const error = await sdk.send(new ConverseCommand(ASK)).catch((thrown: unknown) => thrown)
  t.ok(error instanceof ThrottlingException)
  t.match(error, { message: 'slow', $metadata: { requestId: 'req', httpStatusCode: 429 } })
  t.match(converse.readFailure(status, body), { kind: 'rate_limit', message: 'slow' })
})

t.test('what the official client sends is read, its answer written, and its signature is the one we make', async t => {
  const reply = converse.chat.writeResponse(
    {
      id: '',
      model: '',
      created: 0,
      choices: [
        {
          index: 0,
          content: [
            { type: 'text', text: 'Hello' },
            { type: 'tool_call', id: 'c', name: 'f', arguments: '{"a":1}' }
          ],
          finish_reason: 'tool_calls'
        }
      ],
      usage: usageOf({ input: 3, output: 4 })
    },
    WISH
  )
  const { sdk, heard } = await client(t, { body: JSON.stringify(reply) })
  const answer = await sdk.send(
    new ConverseCommand({
      ...ASK,
      system: [{ text: 'Be kind.' }, { cachePoint: { type: 'default' } }],
      inferenceConfig: { maxTokens: 10, stopSequences: ['x'] },
      toolConfig: {
        tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }],
        toolChoice: { tool: { name: 'f' } }
      },
      messages: [
        {
          role: 'user',
          content: [{ text: 'Hi' }, { image: { format: 'png', source: { bytes: Buffer.from('png') } } }]
        },
        { role: 'assistant', content: [{ toolUse: { toolUseId: 't', name: 'f', input: { a: 1 } } }] },
        { role: 'user', content: [{ toolResult: { toolUseId: 't', content: [{ json: { b: 2 } }] } }] }
      ]
    })
  )
  t.match(answer, {
    output: {
      message: {
        role: 'assistant',
        content: [{ text: 'Hello' }, { toolUse: { toolUseId: 'c', name: 'f', input: { a: 1 } } }]
      }
    },
    stopReason: 'tool_use',
    usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 }
  })
  const [request] = heard
  t.equal(request?.url, `/model/${encodeURIComponent(MODEL)}/converse`)
  const chat = converse.chat.readRequest(JSON.parse(String(request?.body)), {
    model: MODEL,
    stream: false,
    headers: []
  })
  t.match(chat, {
    model: MODEL,
    max_tokens: 10,
    stop: ['x'],
    tool_choice: { name: 'f' },
    messages: [
      { role: 'system', content: [{ text: 'Be kind.', cache_control: { type: 'ephemeral' } }] },
      { role: 'user', content: [{ text: 'Hi' }, { type: 'image', source: { media_type: 'image/png', data: 'cG5n' } }] },
      { role: 'assistant', content: [{ type: 'tool_call', id: 't', arguments: '{"a":1}' }] },
      { role: 'tool', tool_call_id: 't', content: [{ text: '{"b":2}' }] }
    ]
  })
  t.strictSame([...chat.extra.keys()], [])
  t.equal(ours(request), request?.headers.authorization)
})

/** The signature we make of a request, over the headers that the client signed. */
function ours(request: Heard | undefined): string | undefined {
  const { method = '', url = '', headers = {}, body = '' } = request ?? {}
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? []
  const added = ['host', 'x-amz-date', 'x-amz-security-token']
  const list = names.filter(name => !added.includes(name)).flatMap(name => [name, String(headers[name])])
  const stamp = String(headers['x-amz-date']).replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z')
  const signed = { method, url: new URL(url, `http://${headers.host}`), headers: list, body }
  return signV4(signed, KEYS, 'eu-west-1', 'bedrock', Date.parse(stamp)).at(-1)
}

t.test("InvokeModel's answers and streams carry Claude's own", async t => {
  const writer = anthropic.chat.streamWriter(WISH)
  const body = Buffer.concat(ANSWER.flatMap(event => writer.write(event)).map(frame => awsInvoke.write(frame)))
  const streaming = await client(t, { type: awsInvoke.contentType, body })
  const ask = {
    modelId: MODEL,
    contentType: 'application/json',
    body: '{"anthropic_version":"bedrock-2023-05-31","messages":[]}'
  }
  const { body: stream } = await streaming.sdk.send(new InvokeModelWithResponseStreamCommand(ask))
  const types: string[] = []
  for await (const { chunk } of stream ?? []) types.push(JSON.parse(Buffer.from(chunk?.bytes ?? '').toString()).type)
  t.equal(types[0], 'message_start')
  t.equal(types.at(-1), 'message_stop')
  t.equal(streaming.heard[0]?.url, `/model/${encodeURIComponent(MODEL)}/invoke-with-response-stream`)
  const whole = await client(t, { body: '{"type":"message"}' })
  const { body: bytes } = await whole.sdk.send(new InvokeModelCommand(ask))
  t.equal(Buffer.from(bytes).toString(), '{"type":"message"}')
  t.equal(whole.heard[0]?.url, `/model/${encodeURIComponent(MODEL)}/invoke`)
  t.equal(ours(whole.heard[0]), whole.heard[0]?.headers.authorization)
})

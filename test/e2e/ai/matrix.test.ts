import { Buffer } from 'node:buffer'
import t from 'tap'
import type { ChatMessage, ChatRequest, ChatResponse } from '../../../core/ai/chat.js'
import type { DialectName } from '../../../core/ai/dialects/dialect.js'
import { dialects } from '../../../core/ai/dialects/index.js'
import { Fold } from '../../../core/ai/fold.js'
import { awsEventStream } from '../../../core/ai/frames/aws-event-stream.js'
import { aiGateway, lastBody, MODELS } from './gateway.js'

/** Every dialect of clients by every family of providers: the same conversation comes to the same answer. */

const { mock, url } = await aiGateway(t)

type Path = (model: string, stream: boolean) => string
const INBOUND: Readonly<Partial<Record<DialectName, Path>>> = {
  'openai-chat': () => '/v1/chat/completions',
  'openai-responses': () => '/v1/responses',
  anthropic: () => '/v1/messages',
  gemini: (model, stream) => `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  converse: (model, stream) => `/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`,
  cohere: () => '/v2/chat',
  'ollama-chat': () => '/api/chat'
}

/** GPT-5 takes no `stop`, which is part of the matrix. */
/** Says nothing of whose model it is: what clients of Converse write is not cut down to what one model takes. */
const PROFILE = 'arn:aws:bedrock:us-east-1:1:application-inference-profile/x'

const FAMILIES = MODELS.map(model => (model === 'openai/gpt-5' ? 'openai/gpt-4.1' : model))

const user = (text: string): ChatMessage => ({ role: 'user', content: [{ type: 'text', text }] })
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='
const TOOLS = [
  { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
  { name: 'get_time', parameters: { type: 'object', properties: { zone: { type: 'string' } } } }
]
const LONG_NAME = `mcp__weather.service__${'get_the_weather_'.repeat(6)}`
const call = (id: string, name: string, args: string) => {
  return { type: 'tool_call' as const, id, name, arguments: args }
}

interface Turn {
  readonly ask: Partial<ChatRequest> & Pick<ChatRequest, 'messages'>
  /** What is said and called, and why it ended. */
  readonly answer: {
    text?: string | RegExp
    calls?: [string, unknown][]
    finish: string
    json?: Record<string, string>
  }
  /** Dialects, families, and pairs of them, that have no such thing. */
  readonly not?: readonly string[]
}

const CONVERSATIONS: Readonly<Record<string, Turn>> = {
  'a text': { ask: { messages: [user('Hello there')] }, answer: { text: 'You said: Hello there', finish: 'stop' } },
  'a system prompt and several turns': {
    ask: {
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        user('One'),
        { role: 'assistant', content: [{ type: 'text', text: 'Two' }] },
        user('Three')
      ]
    },
    answer: { text: 'You said: Three', finish: 'stop' }
  },
  'two tools at once': {
    ask: {
      tools: TOOLS,
      messages: [user('call get_weather with {"city":"Paris"} and get_time with {"zone":"UTC"}')]
    },
    answer: {
      calls: [
        ['get_weather', { city: 'Paris' }],
        ['get_time', { zone: 'UTC' }]
      ],
      finish: 'tool_calls'
    }
  },
  'the results of two tools': {
    ask: {
      tools: TOOLS,
      messages: [
        user('The weather and the time?'),
        {
          role: 'assistant',
          content: [call('call_1', 'get_weather', '{"city":"Paris"}'), call('call_2', 'get_time', '{}')]
        },
        { role: 'tool', tool_call_id: 'call_1', name: 'get_weather', content: [{ type: 'text', text: 'rain' }] },
        { role: 'tool', tool_call_id: 'call_2', name: 'get_time', content: [{ type: 'text', text: 'noon' }] }
      ]
    },
    answer: { text: /^The tools answered: .*rain.*; .*noon/, finish: 'stop' }
  },
  'a tool that must be called': {
    ask: { tools: TOOLS, tool_choice: 'required', messages: [user('Hello')] },
    answer: { calls: [['get_weather', { city: 'city' }]], finish: 'tool_calls' },
    not: ['ollama-chat', 'ollama/llama3.2']
  },
  'a tool whose name most providers would refuse': {
    ask: {
      tools: [{ ...TOOLS[0], name: LONG_NAME }],
      tool_choice: 'required',
      messages: [
        user('The weather?'),
        { role: 'assistant', content: [call('call_1', LONG_NAME, '{"city":"Paris"}')] },
        { role: 'tool', tool_call_id: 'call_1', name: LONG_NAME, content: [{ type: 'text', text: 'rain' }] },
        user('Hello')
      ]
    },
    answer: { calls: [[LONG_NAME, { city: 'city' }]], finish: 'tool_calls' },
    // Bedrock's own clients hear of it from Bedrock.
    not: [
      'ollama-chat',
      'ollama/llama3.2',
      ...FAMILIES.flatMap(model => (model.startsWith('bedrock/') ? [`converse by ${model}`] : []))
    ]
  },
  'an answer after a schema': {
    ask: {
      messages: [user('The weather?')],
      response_format: {
        type: 'json_schema',
        name: 'weather',
        strict: true,
        schema: {
          type: 'object',
          properties: { city: { type: 'string' } },
          required: ['city'],
          additionalProperties: false
        }
      }
    },
    answer: { json: { city: 'city' }, finish: 'stop' },
    // Of a model that is no Claude these ask by a tool that must be called, and Ollama cannot be made to.
    not: ['anthropic by ollama/llama3.2', 'converse by ollama/llama3.2']
  },
  'an image': {
    ask: {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { kind: 'base64', media_type: 'image/png', data: PIXEL } },
            { type: 'text', text: 'And?' }
          ]
        }
      ]
    },
    answer: { text: 'I see an image. You said: And?', finish: 'stop' }
  },
  'a text to stop at': {
    ask: { stop: ['three'], messages: [user('one two three four')] },
    answer: { text: 'You said: one two ', finish: 'stop' },
    not: ['openai-responses', 'responses/gpt-5-pro']
  },
  'a limit': {
    ask: { max_tokens: 16, messages: [user('one two three '.repeat(20))] },
    answer: { finish: 'length' }
  }
}

for (const [inbound, path] of Object.entries(INBOUND) as [DialectName, Path][]) {
  const dialect = dialects.get(inbound)
  if (dialect === undefined) throw new Error(inbound)
  for (const model of FAMILIES) {
    t.test(`${inbound} by ${model}`, async t => {
      for (const [what, { ask, answer, not = [] }] of Object.entries(CONVERSATIONS)) {
        if ([inbound, model, `${inbound} by ${model}`].some(each => not.includes(each))) continue
        const usages: unknown[] = []
        for (const stream of [false, true]) {
          const chat: ChatRequest = {
            ...structuredClone(ask),
            model: inbound === 'converse' ? PROFILE : model,
            stream,
            defaultMaxTokens: 4096,
            extra: new Map()
          }
          const body = dialect.chat.writeRequest(chat, { drop: name => t.fail(`${what}: ${name} was dropped`) })
          if (inbound === 'openai-chat' && stream) body.stream_options = { include_usage: true }
          const reply = await fetch(url + path(model, stream), {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
            body: JSON.stringify(body)
          })
          const bytes = Buffer.from(await reply.arrayBuffer())
          const name = `${what}${stream ? ', streamed' : ''}`
          if (reply.status !== 200) {
            t.fail(`${name}: ${reply.status} ${bytes}`, { sent: lastBody(mock) })
            continue
          }
          const response = stream ? folded(inbound, bytes) : dialect.chat.readResponse(JSON.parse(bytes.toString()))
          t.match(canonical(response), answer, name)
          t.equal(reply.headers.get('x-sluice-dropped-params'), null, `${name}: nothing is lost`)
          const { input = 0, output = 0 } = response.usage ?? {}
          t.ok(input > 0 && output > 0, `${name}: usage`)
          t.match(mock.requests().at(-1)?.bill, { input, output }, `${name}: the usage is the provider's`)
          usages.push([input, output])
        }
        t.strictSame(usages[0], usages[1], `${what}: a stream costs the same`)
      }
    })
  }
}

t.test('a tool has one name wherever a provider is told of it', async t => {
  const reply = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({
      model: 'openai/gpt-4.1',
      max_tokens: 9,
      tools: [
        { name: LONG_NAME, input_schema: { type: 'object' } },
        { name: 'short', input_schema: { type: 'object' } }
      ],
      tool_choice: { type: 'tool', name: LONG_NAME },
      messages: [
        { role: 'user', content: 'The weather?' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: LONG_NAME, input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'rain' }] }
      ]
    })
  })
  t.match(await reply.json(), { content: [{ type: 'tool_use', name: LONG_NAME }] })
  const sent = lastBody(mock) as {
    tools: { function: { name: string } }[]
    tool_choice: { function: { name: string } }
    messages: { tool_calls?: { function: { name: string } }[] }[]
  }
  const [long, short] = sent.tools.map(tool => tool.function.name)
  t.match(long, /^mcp__weather_service__[a-zA-Z0-9_-]+_[0-9a-f]{8}$/)
  t.equal(long?.length, 64)
  t.equal(short, 'short')
  t.equal(sent.tool_choice.function.name, long)
  t.equal(sent.messages[1]?.tool_calls?.[0]?.function.name, long)
})

function folded(inbound: DialectName, bytes: Buffer): ChatResponse {
  const dialect = dialects.get(inbound)
  if (dialect === undefined) throw new Error(inbound)
  const frames = (inbound === 'converse' ? awsEventStream : dialect.framing).reader()
  const reader = dialect.chat.streamReader()
  const read = [...frames.feed(bytes), ...frames.end()].flatMap(frame => reader.read(frame))
  const fold = new Fold()
  for (const event of [...read, ...reader.end()]) fold.add(event)
  if (!fold.ended) throw new Error(`${inbound}: the stream has no end`)
  return fold.response()
}

function canonical({ choices: [choice] }: ChatResponse): object {
  const content = choice?.content ?? []
  const text = content.map(part => (part.type === 'text' ? part.text : '')).join('')
  const calls = content.flatMap(part => (part.type === 'tool_call' ? [[part.name, JSON.parse(part.arguments)]] : []))
  return { text, calls, finish: choice?.finish_reason, ...(text.startsWith('{') && { json: JSON.parse(text) }) }
}

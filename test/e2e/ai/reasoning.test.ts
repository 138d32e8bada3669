import { Buffer } from 'node:buffer'
import t from 'tap'
import type { AssistantPart, ChatMessage, ChatRequest, ChatResponse } from '../../../core/ai/chat.js'
import type { DialectName } from '../../../core/ai/dialects/dialect.js'
import { dialects } from '../../../core/ai/dialects/index.js'
import { Fold } from '../../../core/ai/fold.js'
import { awsEventStream } from '../../../core/ai/frames/aws-event-stream.js'
import { isObject, type JsonObject } from '../../../core/ai/members.js'
import { aiGateway } from './gateway.js'

/** Every dialect of clients by every family that thinks: a thought, a call, its result, and the answer after it. */

const { mock, url } = await aiGateway(t)

type Path = (model: string, stream: boolean) => string
const INBOUND: Readonly<Partial<Record<DialectName, Path>>> = {
  'openai-chat': () => '/v1/chat/completions',
  'openai-responses': () => '/v1/responses',
  anthropic: () => '/v1/messages',
  gemini: (model, stream) =>
    `/v1beta/models/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  converse: (model, stream) => `/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`,
  cohere: () => '/v2/chat',
  'ollama-chat': () => '/api/chat'
}

/** By model, what of its thinking is sent back to its provider; undefined: it takes none. */
const FAMILIES: Readonly<Record<string, RegExp | undefined>> = {
  'openai/gpt-5': undefined,
  'responses/gpt-5-pro': /"encrypted_content":"/,
  'anthropic/claude-sonnet-4-5': /"signature":"/,
  'gemini/gemini-2.5-pro': /"thoughtSignature":"/,
  'bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0': /"signature":"/,
  'bedrock/amazon.nova-2-lite-v1:0': /"signature":"/,
  'ollama/qwen3': undefined,
  'mistral/magistral-medium-2509': undefined
}

/** Their messages have no place for a signature. */
const UNSIGNED: readonly string[] = ['cohere', 'ollama-chat']

/** Without it a thought of OpenAI's is kept at OpenAI's, and has no signature. */
const ENCRYPTED = { store: false, include: ['reasoning.encrypted_content'] }

/** Clients of Converse ask OpenAI's models to think in the words that those have at Bedrock. */
const EFFORT = { additionalModelRequestFields: { reasoning_effort: 'medium' } }

/** These clients send back what they got, as it came: to their writers, which are those for providers, a signature is another's. */
const ECHOES: Readonly<Partial<Record<DialectName, (body: JsonObject, got: JsonObject) => void>>> = {
  'openai-responses': (body, { output }) => {
    const [question, ...rest] = objectsOf(body.input)
    const results = rest.filter(({ type }) => type === 'function_call_output')
    body.input = [question, ...objectsOf(output), ...results]
  },
  gemini: (body, { candidates }) => {
    const [question, , ...results] = objectsOf(body.contents)
    body.contents = [question, objectsOf(candidates)[0]?.content, ...results]
  },
  converse: (body, { output }) => {
    const [question, , ...results] = objectsOf(body.messages)
    body.messages = [question, isObject(output) ? output.message : undefined, ...results]
  }
}

const objectsOf = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : [])

const TOOLS = [
  { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }
]
const QUESTION: ChatMessage = {
  role: 'user',
  content: [{ type: 'text', text: 'call get_weather with {"city":"Paris"}' }]
}

for (const [inbound, path] of Object.entries(INBOUND) as [DialectName, Path][]) {
  const dialect = dialects.get(inbound)
  if (dialect === undefined) throw new Error(inbound)
  for (const [model, back] of Object.entries(FAMILIES)) {
    for (const stream of [false, true]) {
      t.test(`${inbound} by ${model}${stream ? ', streamed' : ''}`, async t => {
        let got: JsonObject | undefined
        const ask = async (messages: ChatMessage[]): Promise<AssistantPart[]> => {
          const chat: ChatRequest = {
            model,
            stream,
            messages,
            tools: TOOLS,
            max_tokens: 9000,
            defaultMaxTokens: 9000,
            reasoning: { effort: 'medium' },
            extra: new Map()
          }
          const body = dialect.chat.writeRequest(chat, { drop: () => undefined })
          if (got !== undefined) ECHOES[inbound]?.(body, got)
          if (inbound === 'openai-responses') Object.assign(body, ENCRYPTED)
          if (inbound === 'converse' && model.startsWith('responses/')) Object.assign(body, EFFORT)
          const reply = await fetch(url + path(model, stream), {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
            body: JSON.stringify(body)
          })
          const bytes = Buffer.from(await reply.arrayBuffer())
          if (reply.status !== 200) throw new Error(`${reply.status} ${bytes}`)
          const read = stream ? folded(inbound, bytes) : dialect.chat.readResponse(JSON.parse(bytes.toString()))
          got = stream
            ? dialect.chat.writeResponse(read, { model, includeUsage: true, request: {} })
            : JSON.parse(bytes.toString())
          return read.choices[0]?.content ?? []
        }
        const content = await ask([QUESTION])
        const calls = content.flatMap(part => (part.type === 'tool_call' ? [part] : []))
        t.match(calls, [{ name: 'get_weather' }])
        const results = calls.map((call): ChatMessage => {
          const rain = [{ type: 'text' as const, text: 'rain' }]
          return { role: 'tool', tool_call_id: call.id, name: call.name, content: rain }
        })
        const answer = await ask([QUESTION, { role: 'assistant', content }, ...results])
        t.match(answer.map(part => (part.type === 'text' ? part.text : '')).join(''), /rain/)
        const sent = mock.requests().at(-1)?.body.toString() ?? ''
        if (back !== undefined && !UNSIGNED.includes(inbound)) t.match(sent, back, 'the signature went back')
      })
    }
  }
}

function folded(inbound: DialectName, bytes: Buffer): ChatResponse {
  const dialect = dialects.get(inbound)
  if (dialect === undefined) throw new Error(inbound)
  const frames = (inbound === 'converse' ? awsEventStream : dialect.framing).reader()
  const reader = dialect.chat.streamReader()
  const fold = new Fold()
  const read = [...frames.feed(bytes), ...frames.end()].flatMap(frame => reader.read(frame))
  for (const event of [...read, ...reader.end()]) fold.add(event)
  return fold.response()
}

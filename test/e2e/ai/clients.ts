import { textOf } from '../../../core/ai/chat.js'
import type { Dialect, DialectName } from '../../../core/ai/dialects/dialect.js'
import { dialects } from '../../../core/ai/dialects/index.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import type { ProviderFailure } from '../../../core/ai/failure.js'

/** What a client of each dialect sends, and makes of what it gets. */
export const CLIENTS = ['openai-chat', 'openai-responses', 'anthropic', 'gemini'] as const
/** Those whose errors and streams have other forms: no `error` object, no SSE, no text. */
export const OTHER_CLIENTS = ['ollama-chat', 'cohere', 'converse'] as const
export type ClientName = (typeof CLIENTS)[number] | (typeof OTHER_CLIENTS)[number]

/** What came back, as a client of the dialect understands it. */
export interface Got {
  readonly status: number
  readonly headers: Headers
  /** Bytes that are no text are replaced in it. */
  readonly raw: string
  /** The text of the answer. */
  readonly text: string
  /** The error, in a reply or in a stream. */
  readonly failure: ProviderFailure | undefined
  /** Whether the dialect's own end of a stream was there; always for a reply that is whole. */
  readonly ended: boolean
  /** Whether the connection broke off. */
  readonly broken: boolean
}

export interface Wanted {
  readonly client: ClientName
  readonly model: string
  readonly stream: boolean
  readonly prompt?: string
  readonly more?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  /** What stands before the path of the API. */
  readonly root?: string
}

export function pathOf({ client, model, stream }: Wanted): string {
  switch (client) {
    case 'openai-chat':
      return '/v1/chat/completions'
    case 'openai-responses':
      return '/v1/responses'
    case 'anthropic':
      return '/v1/messages'
    case 'gemini': {
      const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
      return `/v1beta/models/${encodeURIComponent(model)}:${method}`
    }
    case 'ollama-chat':
      return '/api/chat'
    case 'cohere':
      return '/v2/chat'
    case 'converse':
      return `/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`
  }
}

export function bodyOf({ client, model, stream, prompt = 'How are you?', more }: Wanted): string {
  const messages = [{ role: 'user', content: prompt }]
  switch (client) {
    case 'openai-chat':
      return JSON.stringify({ model, messages, stream, ...more })
    case 'openai-responses':
      return JSON.stringify({ model, input: prompt, stream, ...more })
    case 'anthropic':
      return JSON.stringify({ model, max_tokens: 500, messages, stream, ...more })
    case 'gemini':
      return JSON.stringify({ contents: [{ role: 'user', parts: [{ text: prompt }] }], ...more })
    case 'ollama-chat':
    case 'cohere':
      return JSON.stringify({ model, messages, stream, ...more })
    case 'converse':
      return JSON.stringify({ messages: [{ role: 'user', content: [{ text: prompt }] }], ...more })
  }
}

/** Asks, and reads the reply to its end. */
export async function ask(port: number, wanted: Wanted): Promise<Got> {
  const response = await fetch(`http://127.0.0.1:${port}${wanted.root ?? ''}${pathOf(wanted)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...wanted.headers },
    body: bodyOf(wanted)
  })
  const { bytes, broken } = await wholeBody(response)
  const { status, headers } = response
  const raw = bytes.toString()
  const dialect = dialectOf(wanted.client)
  const streamed = headers.get('content-type')?.startsWith(dialect.framing.contentType) === true
  const read = streamed ? readStream(dialect, bytes) : readWhole(dialect, status, raw)
  return { status, headers, raw, broken, ...read }
}

async function wholeBody(response: Response): Promise<{ bytes: Buffer; broken: boolean }> {
  const pieces: Uint8Array[] = []
  let broken = false
  try {
    for await (const piece of response.body ?? []) pieces.push(piece)
  } catch {
    broken = true
  }
  return { bytes: Buffer.concat(pieces), broken }
}

type Read = Pick<Got, 'text' | 'failure' | 'ended'>

export function readWhole(dialect: Dialect, status: number, raw: string): Read {
  const json = JSON.parse(raw)
  if (status >= 400) return { text: '', failure: dialect.readFailure(status, json), ended: true }
  const failure = dialect.failureIn?.(json)
  const text = failure === undefined ? textOf(dialect.chat.readResponse(json).choices[0]?.content ?? []) : ''
  return { text, failure, ended: true }
}

export function readStream(dialect: Dialect, raw: string | Buffer): Read {
  const frames = dialect.framing.reader()
  const reader = dialect.chat.streamReader()
  const events: ChatEvent[] = []
  for (const frame of [...frames.feed(Buffer.from(raw)), ...frames.end()]) {
    try {
      events.push(...reader.read(frame))
    } catch {
      // Of a frame that is none nothing is understood.
    }
  }
  events.push(...reader.end())
  let text = ''
  let failure: ProviderFailure | undefined
  for (const event of events) {
    if (event.type === 'text') text += event.text
    if (event.type === 'failure') failure = event.failure
  }
  return { text, failure, ended: events.some(({ type }) => type === 'end') }
}

export function dialectOf(name: DialectName): Dialect {
  const dialect = dialects.get(name)
  if (dialect === undefined) throw new Error(`no dialect ${name}`)
  return dialect
}

/** What is wrong with an error as the dialect's official clients expect it; undefined: nothing. */
export function wrongError(client: ClientName, raw: string): string | undefined {
  const body = JSON.parse(raw)
  if (client === 'ollama-chat') return typeof body.error === 'string' && body.error !== '' ? undefined : raw
  if (client === 'cohere' || client === 'converse') {
    return typeof body.message === 'string' && body.message !== '' && body.error === undefined ? undefined : raw
  }
  const { error } = body
  if (typeof error !== 'object' || error === null) return `no error in ${raw}`
  if (typeof error.message !== 'string' || error.message === '') return `no message in ${raw}`
  if (client === 'gemini') return typeof error.code === 'number' && typeof error.status === 'string' ? undefined : raw
  if (client === 'anthropic') return body.type === 'error' && typeof error.type === 'string' ? undefined : raw
  return typeof error.type === 'string' && 'code' in error && 'param' in error ? undefined : raw
}

import type { Mock } from '../../../core/cli/mock/server.js'

export interface Got {
  readonly status: number
  readonly headers: Headers
  /** Of a binary stream each character is a byte. */
  readonly text: string
  /** The connection broke before the end. */
  readonly broken: boolean
}

/** Posts JSON, as curl would, and takes what comes until the end or until it breaks. */
export async function post(
  mock: Mock,
  path: string,
  body: unknown,
  headers: Record<string, string> = {}
): Promise<Got> {
  const response = await fetch(mock.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body)
  })
  return await taken(response)
}

/** All that comes of a reply. */
export async function taken(response: Response): Promise<Got> {
  const chunks: Uint8Array[] = []
  let broken = false
  try {
    for await (const chunk of response.body ?? []) chunks.push(chunk)
  } catch {
    broken = true
  }
  const { status, headers } = response
  const binary = headers.get('content-type') === 'application/vnd.amazon.eventstream'
  return { status, headers, text: Buffer.concat(chunks).toString(binary ? 'latin1' : 'utf8'), broken }
}

/** The events of a stream, each as it came. */
export function eventsOf(name: Dialect, text: string): string[] {
  if (name !== 'bedrock') return text.split(name === 'ollama' ? /(?<=\n)/ : /(?<=\n\n)/)
  const bytes = Buffer.from(text, 'latin1')
  const events: string[] = []
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) {
    events.push(text.slice(at, at + bytes.readUInt32BE(at)))
  }
  return events
}

/** A chat in each dialect: where it goes, what is sent, how it streams. */
export const DIALECTS = {
  openai: {
    path: () => '/v1/chat/completions',
    body: (model: string, stream: boolean) => ({ model, stream, messages: [{ role: 'user', content: 'Hello there' }] }),
    end: /data: \[DONE\]\n\n$/
  },
  completions: {
    path: () => '/v1/completions',
    body: (model: string, stream: boolean) => ({ model, stream, prompt: 'Hello there' }),
    end: /data: \[DONE\]\n\n$/
  },
  responses: {
    path: () => '/v1/responses',
    body: (model: string, stream: boolean) => ({ model, stream, input: 'Hello there' }),
    end: /event: response\.completed\ndata: .*\n\n$/
  },
  anthropic: {
    path: () => '/v1/messages?beta=true',
    body: (model: string, stream: boolean) => ({
      model,
      stream,
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Hello there' }]
    }),
    end: /event: message_stop\ndata: .*\n\n$/
  },
  gemini: {
    path: (model: string, stream: boolean) =>
      `/v1beta/models/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: () => ({ contents: [{ role: 'user', parts: [{ text: 'Hello there' }] }] }),
    end: /"finishReason":"STOP".*\n\n$/
  },
  ollama: {
    path: () => '/api/chat',
    body: (model: string, stream: boolean) => ({ model, stream, messages: [{ role: 'user', content: 'Hello there' }] }),
    end: /"done":true.*\n$/
  },
  bedrock: {
    path: (model: string, stream: boolean) =>
      `/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`,
    body: () => ({ messages: [{ role: 'user', content: [{ text: 'Hello there' }] }] }),
    end: /:event-type.{3}messageStop[\s\S]*:event-type.{3}metadata[\s\S]*"metrics":\{"latencyMs":5\}\}[\s\S]{4}$/
  },
  cohere: {
    path: () => '/v2/chat',
    body: (model: string, stream: boolean) => ({ model, stream, messages: [{ role: 'user', content: 'Hello there' }] }),
    end: /event: message-end\ndata: .*\n\n$/
  },
  mistral: {
    path: () => '/mistral/v1/chat/completions',
    body: (model: string, stream: boolean) => ({ model, stream, messages: [{ role: 'user', content: 'Hello there' }] }),
    end: /"usage":\{.*\n\ndata: \[DONE\]\n\n$/
  }
} as const

export type Dialect = keyof typeof DIALECTS
export const NAMES = Object.keys(DIALECTS) as Dialect[]

/** A chat of a dialect. */
export function chat(mock: Mock, name: Dialect, model: string, stream: boolean, headers: Record<string, string> = {}) {
  const { path, body } = DIALECTS[name]
  return post(mock, path(model, stream), body(model, stream), { 'anthropic-version': '2023-06-01', ...headers })
}

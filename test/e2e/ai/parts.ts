import { createHash } from 'node:crypto'
import type { Mock } from '../../../core/cli/mock/server.js'
import { type Got, taken } from '../../ai/mock/post.js'
import type { SluiceConfig } from '../../support/sluice.js'

/** An account at the mock for each dialect. */
export function accounts(mock: Mock) {
  return {
    main: { provider: 'openai', baseUrl: `${mock.url}/v1`, keys: ['sk-main-secret'] },
    claude: { provider: 'anthropic', baseUrl: `${mock.url}/v1`, keys: ['sk-claude-secret'] },
    google: { provider: 'gemini', baseUrl: mock.url, keys: ['sk-google-secret'] }
  }
}

/** Sluice before the mock: one AI route for everything. */
export function aiConfig(
  mock: Mock,
  {
    ai = {},
    route = {},
    policies = [],
    ...more
  }: { ai?: object; route?: object; policies?: unknown[]; [section: string]: unknown } = {}
): SluiceConfig {
  return {
    upstreams: {},
    ai: { providers: accounts(mock), ...ai },
    routes: [{ name: 'ai', match: { path: '/*' }, ai: route, policies }],
    ...more
  }
}

/** Callers that show their name as a key in `x-caller`; each may have tags. */
export function callers(who: Readonly<Record<string, Readonly<Record<string, string>>>>): unknown {
  const keys = Object.entries(who).map(([name, tags]) => {
    return { sha256: createHash('sha256').update(name).digest('hex'), consumer: name, tags }
  })
  return { plugin: 'auth-key', settings: { in: [{ header: 'x-caller' }], keys } }
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
export type Json = any

export interface Answer extends Got {
  /** undefined: it is no JSON. */
  readonly json: Json
}

/** Posts JSON and takes what comes. */
export async function ask(
  port: number,
  path: string,
  body: unknown,
  headers: Record<string, string> = {}
): Promise<Answer> {
  return answered(
    await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body)
    })
  )
}

export async function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET'
): Promise<Answer> {
  return answered(await fetch(`http://127.0.0.1:${port}${path}`, { method, headers }))
}

async function answered(response: Response): Promise<Answer> {
  const got = await taken(response)
  let json: unknown
  try {
    json = JSON.parse(got.text)
  } catch {
    json = undefined
  }
  return { ...got, json }
}

/** What in a stream of the Responses API its client cannot place: items that were never announced, and numbers that do not follow each other. */
export function unplaced(raw: string): string[] {
  const found: string[] = []
  const known = new Set<unknown>()
  let response: unknown
  let next = 0
  for (const [, data = ''] of raw.matchAll(/^data: (\{.*\})$/gm)) {
    const event: Json = JSON.parse(data)
    if (event.sequence_number !== next++) found.push(`${event.type}: number ${event.sequence_number}`)
    if (event.type === 'response.output_item.added') known.add(event.item.id)
    const named = [event.item_id, event.item?.id, ...(event.response?.output ?? []).map(({ id }: Json) => id)]
    for (const id of named) if (id !== undefined && !known.has(id)) found.push(`${event.type}: item ${id}`)
    response ??= event.response?.id
    if (event.response !== undefined && event.response.id !== response)
      found.push(`${event.type}: ${event.response.id}`)
  }
  return found
}

/** What is asked in each dialect, and what is seen of a stream of it. */
export const SPOKEN = {
  'openai-chat': {
    path: (_: string, __: boolean) => '/v1/chat/completions',
    body: (model: string, stream: boolean, text: string, most?: number) => ({
      model,
      stream,
      messages: [{ role: 'user', content: text }],
      ...(most !== undefined && { max_completion_tokens: most })
    }),
    length: /"finish_reason":"length"[\s\S]*data: \[DONE\]\n\n$/,
    native: 'main/gpt-5'
  },
  'openai-responses': {
    path: () => '/v1/responses',
    body: (model: string, stream: boolean, text: string, most?: number) => ({
      model,
      stream,
      input: text,
      ...(most !== undefined && { max_output_tokens: most })
    }),
    length: /event: response\.incomplete\ndata: .*"reason":"max_output_tokens".*\n\n$/,
    native: 'main/gpt-5'
  },
  anthropic: {
    path: () => '/v1/messages',
    body: (model: string, stream: boolean, text: string, most = 4_000) => ({
      model,
      stream,
      max_tokens: most,
      messages: [{ role: 'user', content: text }]
    }),
    length: /"stop_reason":"max_tokens"[\s\S]*event: message_stop\ndata: .*\n\n$/,
    native: 'claude/claude-haiku-4-5'
  },
  gemini: {
    path: (model: string, stream: boolean) =>
      `/v1beta/models/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: (_model: string, _stream: boolean, text: string, most?: number) => ({
      contents: [{ role: 'user', parts: [{ text }] }],
      ...(most !== undefined && { generationConfig: { maxOutputTokens: most } })
    }),
    length: /"finishReason":"MAX_TOKENS"/,
    native: 'google/gemini-2.5-flash'
  }
} as const

export type Spoken = keyof typeof SPOKEN
export const SPOKEN_NAMES = Object.keys(SPOKEN) as Spoken[]

/** A chat in a dialect. */
export function say(
  port: number,
  spoken: Spoken,
  {
    model = SPOKEN[spoken].native as string,
    text = 'Hello there',
    stream = false,
    most
  }: { model?: string; text?: string | undefined; stream?: boolean; most?: number | undefined } = {},
  headers: Record<string, string> = {}
): Promise<Answer> {
  const { path, body } = SPOKEN[spoken]
  return ask(port, path(model, stream), body(model, stream, text, most), {
    'anthropic-version': '2023-06-01',
    ...headers
  })
}

import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import type { ChatMessage, ChatRequest, ChatResponse, ToolCallPart } from '../../../core/ai/chat.js'
import { anthropic } from '../../../core/ai/dialects/anthropic/index.js'
import type { Dialect } from '../../../core/ai/dialects/dialect.js'
import { gemini } from '../../../core/ai/dialects/gemini/index.js'
import { openaiChat } from '../../../core/ai/dialects/openai-chat/index.js'
import { openaiResponses } from '../../../core/ai/dialects/openai-responses/index.js'
import { Fold } from '../../../core/ai/fold.js'
import type { Mock } from '../../../core/cli/mock/server.js'
import { buildPlugin } from '../../../core/cli/plugin/build.js'
import { mockProvider } from '../../support/mock.js'
import { type RunningSluice, startSluice } from '../../support/sluice.js'

/** A dialect as clients speak it: where they send what. */
export interface Client {
  readonly dialect: Dialect
  readonly headers: Readonly<Record<string, string>>
  path(model: string, stream: boolean): string
}

const fixed = (path: string) => () => path

export const CLIENTS: Readonly<Record<'openai' | 'anthropic' | 'gemini' | 'responses', Client>> = {
  openai: { dialect: openaiChat, headers: {}, path: fixed('/v1/chat/completions') },
  anthropic: { dialect: anthropic, headers: { 'anthropic-version': '2023-06-01' }, path: fixed('/v1/messages') },
  gemini: {
    dialect: gemini,
    headers: {},
    path: (model, stream) => {
      const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
      return `/v1beta/models/${encodeURIComponent(model)}:${method}`
    }
  },
  responses: { dialect: openaiResponses, headers: {}, path: fixed('/v1/responses') }
}

/** One model at each family of providers, by the account's name. */
export const MODELS = {
  openai: 'openai/gpt-4o',
  anthropic: 'anthropic/claude-sonnet-4-5',
  gemini: 'gemini/gemini-2.5-flash'
} as const

export interface Guarded {
  readonly sluice: RunningSluice
  readonly mock: Mock
  /** The bodies that providers got since the last call. */
  sent(): string[]
}

/** A gateway whose AI route has these policies, before a provider that is none. */
export async function guarded(t: Test, policies: readonly { plugin: string; settings?: unknown }[]): Promise<Guarded> {
  const plugins: Record<string, { path: string; grant: string }> = {}
  for (const { plugin } of policies) {
    const path = fileURLToPath(new URL(`../../../../plugins/${plugin}`, import.meta.url))
    await buildPlugin(path, { quiet: true })
    plugins[plugin] = { path, grant: 'asked' }
  }
  const mock = await mockProvider(t)
  const keys = ['test-key']
  const sluice = await startSluice(t, {
    upstreams: {},
    plugins,
    ai: {
      providers: {
        openai: { provider: 'openai', baseUrl: `${mock.url}/v1`, keys },
        anthropic: { provider: 'anthropic', baseUrl: `${mock.url}/v1`, keys },
        gemini: { provider: 'gemini', baseUrl: mock.url, keys }
      }
    },
    routes: [{ name: 'ai', match: { path: '/*' }, ai: {}, policies }]
  })
  let taken = 0
  const sent = (): string[] => {
    const all = mock.requests()
    const bodies = all.slice(taken).map(({ body }) => Buffer.from(body).toString())
    taken = all.length
    return bodies
  }
  return { sluice, mock, sent }
}

export interface Said {
  readonly status: number
  readonly text: string
  readonly calls: readonly ToolCallPart[]
  readonly finish: string | undefined
  /** As it was sent. */
  readonly raw: string
  /** The client saw the end of the stream, or got a whole answer. */
  readonly whole: boolean
}

/** Asks as a client of a dialect does, and reads the answer as one. */
export async function ask(
  { sluice }: Guarded,
  { dialect, headers, path }: Client,
  asked: Partial<ChatRequest> & { readonly model: string; readonly messages: ChatMessage[] }
): Promise<Said> {
  const chat: ChatRequest = { stream: false, max_tokens: 4_000, extra: new Map(), ...asked }
  const body = JSON.stringify(dialect.chat.writeRequest(structuredClone(chat), { drop: () => undefined }))
  const url = `http://127.0.0.1:${sluice.port}${path(chat.model, chat.stream)}`
  const reply = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
  const raw = await reply.text()
  const nothing = { status: reply.status, text: '', calls: [], finish: undefined, raw, whole: false }
  if (reply.status !== 200) return nothing
  if (!chat.stream) return { ...nothing, ...said(dialect.chat.readResponse(JSON.parse(raw))), whole: true }
  const fold = folded(dialect, raw)
  return { ...nothing, ...said(fold.response()), whole: fold.ended }
}

function folded(dialect: Dialect, raw: string): Fold {
  const frames = dialect.framing.reader()
  const reader = dialect.chat.streamReader()
  const fold = new Fold()
  const all = [...frames.feed(Buffer.from(raw)), ...frames.end()]
  for (const event of [...all.flatMap(frame => reader.read(frame)), ...reader.end()]) fold.add(event)
  return fold
}

function said({ choices }: ChatResponse): Pick<Said, 'text' | 'calls' | 'finish'> {
  const [choice] = choices
  const parts = choice?.content ?? []
  return {
    text: parts.map(part => (part.type === 'text' ? part.text : '')).join(''),
    calls: parts.flatMap(part => (part.type === 'tool_call' ? [part] : [])),
    finish: choice?.finish_reason
  }
}

export function user(text: string): ChatMessage {
  return { role: 'user', content: [{ type: 'text', text }] }
}

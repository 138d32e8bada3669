import type { Test } from 'tap'
import { type RunningSluice, startSluice } from '../../support/sluice.js'
import { httpUpstream, read } from '../../support/upstream.js'

export interface Scripted {
  readonly sluice: RunningSluice
  /** What the providers answer from now on: a whole answer, or the events of a stream. */
  says(answer: object | readonly object[] | string): void
  /** The keys that were shown to providers, and the paths that were asked, in order. */
  readonly asked: { key: string; path: string }[]
  post(route: string, path: string, body: object): Promise<Got>
}

export interface Got {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/**
 * AI routes by name, each with its policies, before providers that answer word for word what they are told to. The accounts are `openai` with two
 * keys, `anthropic` and `gemini`; the model `any` falls back from one to the next.
 */
export async function scripted(t: Test, routes: Readonly<Record<string, object>>): Promise<Scripted> {
  let answer: object | readonly object[] | string = {}
  const asked: { key: string; path: string }[] = []
  const { port } = await httpUpstream(t, (request, response) => {
    void read(request).then(() => {
      const { authorization, 'x-api-key': own, 'x-goog-api-key': google } = request.headers
      const key = String(authorization ?? own ?? google).replace('Bearer ', '')
      asked.push({ key, path: request.url ?? '' })
      const stream = typeof answer === 'string' || Array.isArray(answer)
      response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' })
      response.end(typeof answer === 'string' ? answer : Array.isArray(answer) ? sse(answer) : JSON.stringify(answer))
    })
  })
  const base = `http://127.0.0.1:${port}`
  const sluice = await startSluice(t, {
    upstreams: {},
    ai: {
      providers: {
        openai: { provider: 'openai', baseUrl: `${base}/v1`, keys: ['one', 'two'] },
        anthropic: { provider: 'anthropic', baseUrl: `${base}/v1`, keys: ['three'] },
        gemini: { provider: 'gemini', baseUrl: `${base}/v1beta`, keys: ['four'] }
      },
      models: {
        any: {
          strategy: 'fallback',
          targets: ['openai/gpt-5', 'anthropic/claude-sonnet-4-5', 'gemini/gemini-2.5-flash']
        }
      }
    },
    routes: Object.entries(routes).map(([name, route]) => {
      return { name, match: { path: `/${name}/*` }, stripPrefix: `/${name}`, ai: {}, ...route }
    })
  })
  return {
    sluice,
    asked,
    says: next => {
      answer = next
    },
    post: async (route, path, body) => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      const reply = await fetch(`http://127.0.0.1:${sluice.port}/${route}${path}`, init)
      return { status: reply.status, headers: reply.headers, text: await reply.text() }
    }
  }
}

/** Events as the dialects have them: with a name where they have a type. */
export function sse(events: readonly object[]): string {
  return events.map(event => `${nameOf(event)}data: ${JSON.stringify(event)}\n\n`).join('')
}

function nameOf(event: object): string {
  return 'type' in event ? `event: ${String(event.type)}\n` : ''
}

/** The events of a chat completion's stream, of one choice. */
export function chatStream(...deltas: readonly Record<string, unknown>[]): string {
  const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-5' }
  const chunks = deltas.map(({ finish_reason = null, logprobs, ...delta }) => {
    return { ...chunk, choices: [{ index: 0, delta, finish_reason, ...(logprobs !== undefined && { logprobs }) }] }
  })
  const usage = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 }
  return `${sse([...chunks, { ...chunk, choices: [], usage }])}data: [DONE]\n\n`
}

import { Buffer } from 'node:buffer'
import { Value } from 'typebox/value'
import type { Ask, Caller } from '../../../core/ai/cache/ask.js'
import { type CachePlan, planCache } from '../../../core/ai/cache/plan.js'
import type { ChatRequest, ChatResponse } from '../../../core/ai/chat.js'
import type { Dialect, DialectName, Wish } from '../../../core/ai/dialects/dialect.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import type { Framing } from '../../../core/ai/frames/frame.js'
import { ndjson } from '../../../core/ai/frames/ndjson.js'
import { sse } from '../../../core/ai/frames/sse.js'
import { type AiCacheRules, resolveRouteAiCache } from '../../../core/config/resolve-ai-cache.js'
import { RouteAiCache } from '../../../core/config/schema-ai-cache.js'

/** Two dialects that say the canonical shapes as they are, each under a name and with a framing of its own. */
export const TOYS: ReadonlyMap<DialectName, Dialect> = new Map([
  ['openai-chat', toy('openai-chat', sse)],
  ['ollama-chat', toy('ollama-chat', ndjson)]
])

function toy(name: DialectName, framing: Framing): Dialect {
  const never = (): never => {
    throw new Error('not asked for here')
  }
  return {
    name,
    framing,
    chat: {
      answerIn: ['text'],
      readRequest: never,
      writeRequest: never,
      readResponse: body => body[name] as ChatResponse,
      writeResponse: response => ({ [name]: response }),
      editResponse: never,
      streamReader: () => ({
        read: ({ data }) => {
          if (data === 'odd') throw new Error('what is that')
          return [JSON.parse(data) as ChatEvent]
        },
        end: () => []
      }),
      streamWriter: ({ includeUsage }) => ({
        write: event => (event.type === 'usage' && !includeUsage ? [] : [{ event: '', data: JSON.stringify(event) }])
      })
    },
    usage: never,
    streamWatch: never,
    readFailure: never,
    writeFailure: never
  }
}

export function frames(dialect: DialectName, events: readonly ChatEvent[]): Buffer[] {
  const { framing } = TOYS.get(dialect) as Dialect
  return events.map(event => framing.write({ event: '', data: JSON.stringify(event) }))
}

/** The stream of an answer. */
export function streamOf(...texts: string[]): ChatEvent[] {
  return [
    { type: 'start', id: 'id-1', model: 'm', created: 1 },
    ...texts.map(text => ({ type: 'text' as const, choice: 0, text })),
    { type: 'finish', choice: 0, reason: 'stop' },
    { type: 'end' }
  ]
}

export function responseOf(text: string, more: Partial<ChatResponse['choices'][0]> = {}): ChatResponse {
  const choice = { index: 0, content: [{ type: 'text' as const, text }], finish_reason: 'stop' as const, ...more }
  return { id: 'id-1', model: 'm', created: 1, choices: [choice], usage: undefined }
}

export function wholeOf(dialect: DialectName, response: ChatResponse): Buffer {
  return Buffer.from(JSON.stringify({ [dialect]: response }))
}

export function rulesOf(section: object = {}): AiCacheRules {
  return resolveRouteAiCache(Value.Parse(RouteAiCache, Value.Default(RouteAiCache, structuredClone(section))))
}

export function chatOf(text: string, more: Partial<ChatRequest> = {}): ChatRequest {
  const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }]
  return { model: 'm', messages, stream: false, extra: new Map(), ...more }
}

export function callerOf(more: Partial<Caller> = {}): Caller {
  const wish: Wish = { model: 'm', includeUsage: false, request: {} }
  return { dialect: 'openai-chat', stream: false, variant: '', wish, ...more }
}

/** A request whose body says what the canonical chat says. */
export function askOf(chat: ChatRequest, more: Partial<Ask> = {}): Ask {
  const { extra, ...members } = chat
  const body = { ...members, ...Object.fromEntries(extra) }
  const who = { tenant: 'acme', consumer: 'ann', credential: '' }
  return {
    route: 'chat',
    prompt: undefined,
    caller: callerOf(),
    model: chat.model,
    ruled: '',
    body,
    edited: undefined,
    chat,
    headers: [],
    query: '',
    forwarded: [],
    who,
    payer: who.consumer,
    regions: [],
    ...more
  }
}

export function planOf(ask: Ask, rules = rulesOf()): CachePlan {
  const plan = planCache(ask, rules)
  if ('bypass' in plan) throw new Error(`bypassed: ${plan.bypass}`)
  return plan
}

import { Buffer } from 'node:buffer'
import { isKeptElsewhere } from '../../ai/cache/cacheable.js'
import type { AnswerCall, ArrivingAnswer } from '../../ai/cache/call.js'
import { planCache } from '../../ai/cache/plan.js'
import type { ChatRequest, ChatResponse } from '../../ai/chat.js'
import { without } from '../../ai/providers/query.js'
import type { Reply } from '../../base/http.js'
import type { AiCacheRules } from '../../config/resolve-ai-cache.js'
import { Occupying } from '../occupying.js'
import type { AiCall } from './call.js'
import { embedding } from './embedding.js'
import { judgedReply } from './judged-reply.js'
import { payerOf, whoOf } from './owner.js'
import { AnswerRefused } from './refused.js'
import { firstAnswer } from './targets.js'
import { variantOf, wishOf } from './wish.js'

/** The answer to a chat from what the route keeps, from another client's call that is under way, or from a model. */
export async function cachedAnswer(call: AiCall, rules: AiCacheRules): Promise<Reply> {
  const { ai, asked, exchange, options, route, runtime } = call
  const { cache } = runtime.kept
  const wish = wishOf(call)
  const chat = readable(call)
  const { planned } = call
  const plan =
    chat === undefined
      ? { bypass: 'unread' }
      : planCache(
          {
            route: route.name,
            prompt: call.prompt,
            caller: { dialect: ai.dialect.name, stream: asked.stream, variant: variantOf(wish), wish },
            model: call.model,
            ruled: runtime.plan(planned).ruled(),
            body: asked.json,
            edited: call.edited && call.chat(true),
            chat,
            headers: exchange.request.headers,
            query: without(exchange.request.query, NOT_ASKED),
            forwarded: [...options.forwardHeaders].sort(),
            who: whoOf(exchange),
            payer: payerOf(exchange),
            regions: runtime.regions(planned)
          },
          rules
        )
  if ('bypass' in plan) {
    cache.bypassed(false)
    ai.cache = 'bypass'
    runtime.meter?.cached('bypass')
    return firstAnswer(call)
  }
  const embed = rules.semantic && ((text: string) => embedding(call, rules.semantic?.embedding ?? '', text))
  const { reply, leave } = cache.obtain(plan, { call: bounded => sharedCall(call, bounded), embed })
  exchange.call = { cancel: leave }
  let got: Awaited<typeof reply>
  try {
    got = await reply
  } catch (thrown) {
    if (!(thrown instanceof AnswerRefused)) throw thrown
    return { ...thrown.reply, headers: [...thrown.reply.headers] } // others who waited get it too
  }
  ai.cache = got.status
  runtime.meter?.cached(got.status)
  ai.account = got.facts.provider
  ai.target = got.facts.model
  ai.region = got.facts.region
  ai.dropped = got.facts.dropped
  ai.translated = got.facts.translated
  const old = got.status === 'hit' || got.status === 'semantic-hit'
  const headers = got.headers.filter((_, i) => {
    const name = got.headers[i - (i % 2)] ?? ''
    return name !== 'x-sluice-cache' && !(old && OF_THAT_TIME.test(name))
  })
  const answering = { account: { name: ai.account }, model: ai.target }
  return judgedReply(call, answering, { status: 200, headers, body: got.body })
}

/** Members of a query that say who asks, or how an answer is delivered. */
const NOT_ASKED: ReadonlySet<string> = new Set(['key', '$key', 'access_token', 'alt', '$alt', 'beta'])

/** The chat, where an answer to it may be one to others: undefined when only its provider knows what it refers to. */
function readable(call: AiCall): ChatRequest | undefined {
  const { ai, asked } = call
  if (ai.endpoint.framing !== 'dialect') return undefined
  if (ai.dialect.name === 'openai-responses' && isKeptElsewhere(asked.json)) return undefined
  return call.chat()
}

/** Headers about the call that once was, and what the account had left then. */
const OF_THAT_TIME = /request-?id$|ratelimit|^retry-after/

/** Whether a lower limit of tokens may have made the answer less than what was asked for: cut off, or thought about less. */
function lessFor(call: AiCall, { choices }: ChatResponse): boolean {
  const short = choices.some(({ finish_reason }) => finish_reason === 'length')
  return short || call.ai.dropped.length > 0 || call.chat().reasoning !== undefined
}

/** A call of a model that goes on when the client who began it is gone: others may wait for the same. */
function sharedCall(call: AiCall, bounded: () => void): AnswerCall {
  const sent = call.exchange.detached(call.exchange.request.headers)
  const own = call.on(sent)
  own.bounded = bounded
  own.shared = true
  return {
    answer: arriving(own),
    cancel: () => {
      sent.downstream.cut()
      sent.call?.cancel()
    }
  }
}

async function arriving(call: AiCall): Promise<ArrivingAnswer> {
  const { ai, asked, exchange } = call
  try {
    const { headers, body, status } = await firstAnswer(call)
    if (status !== 200) throw new AnswerRefused({ status, headers, body })
    if (Buffer.isBuffer(body)) exchange.held?.done()
    const variant = variantOf(wishOf(call))
    return {
      shape: { dialect: ai.dialect.name, stream: asked.stream, variant },
      headers: headers.filter((_, i) => headers[i - (i % 2)] !== 'content-type'),
      body: Buffer.isBuffer(body) ? body : new Occupying(body, exchange.held),
      facts: {
        provider: ai.account,
        model: ai.target,
        region: ai.region,
        dropped: ai.dropped,
        translated: ai.translated
      },
      usage: () => ai.usage,
      keep: response =>
        exchange.error === undefined &&
        !ai.cut &&
        !ai.endSupposed &&
        !(ai.lowered && lessFor(call, response)) &&
        call.fits?.(response) !== false
    }
  } catch (thrown) {
    exchange.held?.done()
    throw thrown
  }
}

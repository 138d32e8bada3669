import type { Wish } from '../../ai/dialects/dialect.js'
import { isMistrals } from '../../ai/mistral-client.js'
import type { AiCall } from './call.js'
import { asksUsage } from './prepare.js'

/** How the client of a call wants its answer. */
export function wishOf({ asked, exchange }: Pick<AiCall, 'asked' | 'exchange'>): Wish {
  const mistrals = isMistrals(exchange.request.headers)
  const includeUsage = asksUsage(asked.json) || mistrals
  return { model: asked.model, includeUsage, request: asked.json, ...(mistrals && { mistrals }) }
}

/** What tells answers in one dialect apart that are written in different ways. */
export function variantOf(wish: Wish): string {
  return `${wish.includeUsage ? 'usage' : ''}${wish.mistrals === true ? ' mistral' : ''}`
}

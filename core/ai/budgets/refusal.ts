import { dollars } from '../../base/dollars.js'
import { RetryLater } from '../../base/refusal.js'
import { rateLimitHeaders } from './headers.js'
import type { Refused } from './ledger.js'

/**
 * The error for what a budget refuses: money is a budget, the rest are limits. Retry-After says when there is room again.
 * @param now - milliseconds since 1970
 */
export function budgetError(refused: Refused, now: number): RetryLater {
  const { rule, counted, limit, spent, resetAt, retryAfterMs, standings } = refused
  const [used, most] = counted === 'microDollars' ? [`$${dollars(spent)}`, `$${dollars(limit)}`] : [spent, limit]
  const what = counted === 'microDollars' ? 'dollars' : counted
  const again = new Date(resetAt).toISOString()
  return new RetryLater(
    counted === 'microDollars' ? 'GW_AI_BUDGET_EXCEEDED' : 'GW_AI_LIMIT_EXCEEDED',
    `budget "${rule}": ${used} of ${most} used (${what}), room again at ${again}`,
    retryAfterMs,
    rateLimitHeaders(standings, now)
  )
}

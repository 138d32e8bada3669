import type { HeaderList } from '../../base/headers.js'
import type { Standing } from './ledger.js'
import { type Amounts, amountOf } from './rule.js'

const KINDS = [
  ['requests', ['requests']],
  ['tokens', ['tokens', 'inputTokens', 'outputTokens']]
] as const

/**
 * OpenAI's x-ratelimit-{limit,remaining,reset}-{requests,tokens}: of several rules the one with the least left. Money has no such header.
 * @param now - milliseconds since 1970
 */
export function rateLimitHeaders(standings: readonly Standing[], now: number): HeaderList {
  const headers: string[] = []
  for (const [kind, counted] of KINDS) {
    let least: Standing | undefined
    for (const standing of standings) {
      if (!counted.some(each => each === standing.counted)) continue
      if (least === undefined || standing.remaining < least.remaining) least = standing
    }
    if (least === undefined) continue
    headers.push(`x-ratelimit-limit-${kind}`, String(least.limit))
    headers.push(`x-ratelimit-remaining-${kind}`, String(least.remaining))
    headers.push(`x-ratelimit-reset-${kind}`, span(Math.max(0, least.resetAt - now)))
  }
  return headers
}

/** How rules stand when an exchange has used so much, and holds nothing any more: as far as is known without the others. */
export function standingsAfter(standings: readonly Standing[], used: Amounts): readonly Standing[] {
  return standings.map(standing => {
    const { counted, remaining, held } = standing
    if (counted === 'requests') return standing
    return { ...standing, remaining: Math.max(0, remaining + held - amountOf(counted, used)), held: 0 }
  })
}

/** As OpenAI writes them: "17ms", "1.5s", "6m0s", "1h0m0s". */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(3))}s`
  const seconds = Math.ceil(ms / 1_000)
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  return `${hours > 0 ? `${hours}h` : ''}${minutes}m${seconds % 60}s`
}

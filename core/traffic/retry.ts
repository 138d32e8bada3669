import { ReplayBody } from '../base/replay-body.js'
import type { Target } from '../upstream/target.js'
import { backoffMs } from './backoff.js'
import { retryAfterMs } from './retry-after.js'
import { type RetryReason, type RetryRules, retryReason } from './retry-rules.js'
import type { Trip } from './trip.js'
import type { Result } from './try.js'

/** What of a sending decides about its next try. */
export interface Retrying {
  readonly trip: Trip
  readonly tried: readonly unknown[]
  readonly deadline: number
  retries: number
}

/** Whether there is to be another try after `last`: how long to wait before it, milliseconds. Takes it from the budget. */
export function waitBeforeRetry(sending: Retrying, last: Result): number | undefined {
  const { plan, method, body } = sending.trip
  const { retry, breaker, budget, counts, clock } = plan
  if (retry === undefined || sending.retries >= retry.attempts) return undefined
  const reason = retryReason(retry, method, failureOf(last))
  if (reason === undefined || (body instanceof ReplayBody && !body.replayable)) return undefined
  const now = clock.now()
  if (breaker?.wouldAdmit(now) === false) return undefined
  const waitMs = waitFor(sending, retry, reason, last)
  if (waitMs === undefined || now + waitMs >= sending.deadline) return undefined
  // Nothing of it reached the upstream: another try is no extra work for it, and costs nothing.
  if (reason !== 'connect' && !budget.take(now)) {
    counts.exhausted++
    return undefined
  }
  sending.retries++
  counts.retried(reason)
  return waitMs
}

function failureOf({ sent, reply, error }: Result) {
  return { code: error?.code, status: reply?.status ?? 0, sent }
}

function waitFor(sending: Retrying, retry: RetryRules, reason: RetryReason, last: Result): number | undefined {
  const asked = last.reply === undefined ? undefined : retryAfterMs(last.reply.headers, Date.now())
  const honoured = retry.maxRetryAfterMs > 0 ? asked : undefined
  const itsOwn = reason === 'connect' || reason === 'reset' || honoured !== undefined
  // A target that was not asked yet has no need of a pause when the one before was only out of reach, or spoke for itself.
  if (itsOwn && hasFresh(sending)) return 0
  if (honoured !== undefined && honoured > retry.maxRetryAfterMs) return undefined
  return Math.max(honoured ?? 0, backoffMs(retry.backoff, sending.retries, Math.random()))
}

function hasFresh({ trip, tried }: Retrying): boolean {
  return trip.upstream.targets.some(target => isOpen(target) && !tried.includes(target))
}

/** Whether it may be chosen at all. */
function isOpen({ state, weight, drained }: Target): boolean {
  return state === 'healthy' && weight > 0 && drained === undefined
}

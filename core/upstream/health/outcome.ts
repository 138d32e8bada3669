import type { ErrorCode } from '../../base/errors.js'
import { hasStatus, type PassiveConfig } from '../../config/resolve-upstream.js'
import type { Outcome } from '../target.js'

const KIND: Partial<Record<ErrorCode, PassiveConfig['failures'][number]>> = {
  GW_UPSTREAM_REFUSED: 'refused',
  GW_UPSTREAM_TLS: 'refused',
  GW_UPSTREAM_RESET: 'reset',
  GW_UPSTREAM_TIMEOUT: 'timeout',
  GW_UPSTREAM_BAD_RESPONSE: 'bad-response'
}

/** Whether a try is none of its target's doing: the client went away, its request was at fault, the gateway ends. */
export function saysNothing({ status, code }: Outcome): boolean {
  return status === 0 && (code === undefined || KIND[code] === undefined)
}

/** Whether a try speaks against its target. */
export function failed({ status, code }: Outcome, { failures, statuses }: PassiveConfig): boolean {
  if (status > 0) return hasStatus(statuses, status)
  const kind = code && KIND[code]
  return kind !== undefined && failures.includes(kind)
}

/** Whether a try is no measure of how fast its target works: an error is often quicker than an answer. */
export function unanswered({ status }: Outcome): boolean {
  return status === 0 || status >= 500
}

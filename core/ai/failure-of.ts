import { ERRORS, type ErrorCode, type GatewayError } from '../base/errors.js'
import { Refusal, RetryLater } from '../base/refusal.js'
import { type FailureKind, kindOfStatus, type ProviderFailure } from './failure.js'

/** Codes whose status does not tell what a client of an AI API is to make of them. */
const KINDS: Partial<Record<ErrorCode, FailureKind>> = {
  GW_AI_BUDGET_EXCEEDED: 'credit',
  GW_UPSTREAM_TIMEOUT: 'timeout',
  GW_REQUEST_TIMEOUT: 'timeout',
  GW_AI_CREDENTIAL: 'server'
}

/**
 * An error of the gateway as what a dialect can say of it. The client is told the title of the code's row, and what a refusal says of the
 * request itself; never hosts, keys or plugins.
 */
export function failureOf(error: GatewayError): ProviderFailure {
  const { status, title } = ERRORS[error.code]
  const members = error instanceof Refusal ? error.members : {}
  const { param, detail } = members
  return {
    kind: KINDS[error.code] ?? kindOfStatus(status === 0 ? 500 : status),
    status: status === 0 ? 500 : status,
    message: typeof detail === 'string' ? detail : title,
    code: error.code,
    param: typeof param === 'string' ? param : undefined,
    retryAfterMs: error instanceof RetryLater ? error.afterMs : undefined
  }
}

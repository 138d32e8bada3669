import type { ErrorCode } from '../base/errors.js'
import type { BackoffOptions } from './backoff.js'

/** Names of what can go wrong with a try, apart from its status. */
export const RETRY_ERRORS = ['connect', 'reset', 'timeout', 'bad-response'] as const
export type RetryError = (typeof RETRY_ERRORS)[number]
/** Why a request is sent once more, as metrics say it. */
export type RetryReason = RetryError | 'status'

export interface RetryRules {
  /** Tries after the first one. */
  readonly attempts: number
  /** Methods whose requests may be sent twice. */
  readonly methods: ReadonlySet<string>
  readonly statuses: ReadonlySet<number>
  readonly errors: ReadonlySet<RetryError>
  readonly backoff: BackoffOptions
  /** Up to here a request body is kept while it is streamed, bytes. */
  readonly bodyBytes: number
  /** The longest Retry-After that is waited for; 0: they are ignored. */
  readonly maxRetryAfterMs: number
}

/** How a try failed. */
export interface Failure {
  /** undefined: there is a reply. */
  readonly code: ErrorCode | undefined
  /** 0: there is no reply. */
  readonly status: number
  /** Whether any of the request may have reached the upstream. */
  readonly sent: boolean
}

/**
 * Why the request may be sent again after this, if it may. What has certainly not been sent can be sent by any method; all else only by
 * methods whose requests may be repeated.
 */
export function retryReason(rules: RetryRules, method: string, failure: Failure): RetryReason | undefined {
  const { code, status, sent } = failure
  if (sent && !rules.methods.has(method)) return undefined
  if (code === undefined) return rules.statuses.has(status) ? 'status' : undefined
  const error = errorName(code, sent)
  return error !== undefined && rules.errors.has(error) ? error : undefined
}

function errorName(code: ErrorCode, sent: boolean): RetryError | undefined {
  switch (code) {
    case 'GW_UPSTREAM_REFUSED':
      // After the connection was there, what has no name of its own broke it off.
      return sent ? 'reset' : 'connect'
    case 'GW_UPSTREAM_RESET':
    case 'GW_UPSTREAM_TLS':
      return sent ? 'reset' : 'connect'
    case 'GW_UPSTREAM_TIMEOUT':
      return sent ? 'timeout' : 'connect'
    case 'GW_UPSTREAM_BAD_RESPONSE':
      return 'bad-response'
    default:
      return undefined // the client's fault, or ours: the next try would meet it too
  }
}

/** What went wrong at a provider, as far as it matters for what happens next. */
export type FailureKind =
  | 'invalid_request'
  | 'authentication'
  | 'permission'
  | 'not_found'
  /** The request is larger than the provider takes. */
  | 'too_large'
  /** More tokens than the model's window has. */
  | 'context_window'
  /** The provider will not answer this prompt, or not finish this answer. */
  | 'content_policy'
  | 'rate_limit'
  /** The account has no credit left: waiting does not help. */
  | 'credit'
  | 'overloaded'
  | 'timeout'
  | 'server'

/** An error of a provider in its own words, or one of ours on its way to be written in a dialect. */
export interface ProviderFailure {
  kind: FailureKind
  /** HTTP status; 0: it came within a stream, or there is none. */
  status: number
  message: string
  /** The provider's own words for it, where it has them. */
  type?: string | undefined
  code?: string | undefined
  /** The member of the request that is wrong. */
  param?: string | undefined
  /** How long to wait, milliseconds, where the body says so (a Retry-After header is read elsewhere). */
  retryAfterMs?: number | undefined
}

/** The kind that a status alone tells. */
export function kindOfStatus(status: number): FailureKind {
  switch (status) {
    case 401:
      return 'authentication'
    case 402:
      return 'credit'
    case 403:
      return 'permission'
    case 404:
      return 'not_found'
    case 408:
    case 504:
      return 'timeout'
    case 413:
      return 'too_large'
    case 429:
      return 'rate_limit'
    case 503:
    case 529:
      return 'overloaded'
    default:
      return status >= 500 ? 'server' : 'invalid_request'
  }
}

/** The status that a kind alone tells, for errors that came without one. */
export const STATUS_OF: Readonly<Record<FailureKind, number>> = {
  invalid_request: 400,
  authentication: 401,
  permission: 403,
  not_found: 404,
  too_large: 413,
  context_window: 400,
  content_policy: 400,
  rate_limit: 429,
  credit: 429,
  overloaded: 503,
  timeout: 504,
  server: 500
}

/** The status for clients of a dialect that has none of its own: 529 is Anthropic's alone. */
export function statusOf({ status, kind }: ProviderFailure): number {
  return status >= 400 && status < 600 && status !== 529 ? status : STATUS_OF[kind]
}

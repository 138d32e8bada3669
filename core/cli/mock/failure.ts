/** What a provider can refuse a request for. */
export type FailureKind =
  | 'invalid'
  | 'authentication'
  | 'permission'
  | 'not_found'
  | 'too_large'
  | 'context'
  | 'policy'
  | 'rate_limit'
  | 'overloaded'
  | 'timeout'
  | 'server'

/** A refusal, before a dialect has put it into its own words. */
export interface Failure {
  readonly status: number
  readonly kind: FailureKind
  readonly message: string
  /** The member of the request that is wrong. */
  readonly param?: string | undefined
  readonly code?: string | undefined
  /** Seconds. */
  readonly retryAfter?: string | undefined
}

/** Thrown by whoever reads a request. */
export class Refused extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message)
  }
}

/** @param param - the member that is wrong, "messages[1].content" */
export function invalid(message: string, param?: string, code?: string): Refused {
  return new Refused({ status: 400, kind: 'invalid', message, param, code })
}

export function notFound(message: string, param?: string, code?: string): Refused {
  return new Refused({ status: 404, kind: 'not_found', message, param, code })
}

/** The failure of a status that was asked for. */
export function failureOfStatus(status: number, retryAfter?: string): Failure {
  const kind = kindOf(status)
  return { status, kind, message: MESSAGES[kind], retryAfter }
}

function kindOf(status: number): FailureKind {
  switch (status) {
    case 401:
      return 'authentication'
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
      return status >= 500 ? 'server' : 'invalid'
  }
}

const MESSAGES: Readonly<Record<FailureKind, string>> = {
  invalid: 'The mock was asked to refuse this request.',
  authentication: 'Incorrect API key provided.',
  permission: 'You are not allowed to use this model.',
  not_found: 'The model does not exist or you do not have access to it.',
  too_large: 'Request exceeds the maximum size.',
  context: 'The prompt is longer than the context window.',
  policy: 'The request was rejected by the content policy.',
  rate_limit: 'Rate limit reached. Please try again later.',
  overloaded: 'Overloaded. Please try again later.',
  timeout: 'The request timed out.',
  server: 'The server had an error while processing your request.'
}

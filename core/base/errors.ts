/** Whose fault an error is: it decides who is told and which metric counts it. */
export type Blame = 'client' | 'upstream' | 'plugin' | 'gateway' | 'operator'

export interface ErrorSpec {
  /** HTTP status of the reply. 0: never sent to a client (start-up and command-line errors). */
  readonly status: number
  readonly blame: Blame
  /** Whether the same request, sent again, may succeed. */
  readonly retryable: boolean
  /** What a client is told: one sentence, no names of hosts, files or plugins. */
  readonly title: string
}

/** Every error Sluice can answer or exit with. The table in README.md is checked against this one, both ways. */
export const ERRORS = {
  GW_BAD_REQUEST: { status: 400, blame: 'client', retryable: false, title: 'The request is not well-formed HTTP.' },
  GW_VERSION_MISSING: {
    status: 400,
    blame: 'client',
    retryable: false,
    title: 'The request names no version of the API.'
  },
  GW_ROUTE_NOT_FOUND: { status: 404, blame: 'client', retryable: false, title: 'No route matches this request.' },
  GW_VERSION_UNKNOWN: {
    status: 404,
    blame: 'client',
    retryable: false,
    title: 'This version of the API does not exist.'
  },
  GW_METHOD_NOT_ALLOWED: {
    status: 405,
    blame: 'client',
    retryable: false,
    title: 'The route does not allow this method.'
  },
  GW_VERSION_NOT_ACCEPTABLE: {
    status: 406,
    blame: 'client',
    retryable: false,
    title: 'No version of the API is what Accept asks for.'
  },
  GW_REQUEST_TIMEOUT: {
    status: 408,
    blame: 'client',
    retryable: true,
    title: 'The request body did not arrive in time.'
  },
  GW_ROUTE_GONE: { status: 410, blame: 'client', retryable: false, title: 'This part of the API has gone away.' },
  GW_BODY_TOO_LARGE: { status: 413, blame: 'client', retryable: false, title: 'The request body is too large.' },
  GW_BODY_ENCODING: {
    status: 415,
    blame: 'client',
    retryable: false,
    title: 'The content coding of the request body cannot be read.'
  },
  GW_EXPECTATION_FAILED: {
    status: 417,
    blame: 'client',
    retryable: false,
    title: 'The expectation in the Expect header cannot be met.'
  },
  GW_WEBSOCKET_VERSION: {
    status: 426,
    blame: 'client',
    retryable: false,
    title: 'Only version 13 of the WebSocket protocol is spoken.'
  },
  GW_CONCURRENCY_EXCEEDED: {
    status: 429,
    blame: 'client',
    retryable: true,
    title: 'Too many requests of this consumer are under way.'
  },
  GW_HEADERS_TOO_LARGE: { status: 431, blame: 'client', retryable: false, title: 'The request headers are too large.' },
  GW_CLIENT_GONE: { status: 499, blame: 'client', retryable: true, title: 'The client closed the connection.' },
  GW_INTERNAL: { status: 500, blame: 'gateway', retryable: false, title: 'The gateway failed.' },
  GW_PLUGIN_FAILED: { status: 500, blame: 'plugin', retryable: false, title: 'A policy of this route failed.' },
  GW_PLUGIN_TIMEOUT: { status: 500, blame: 'plugin', retryable: false, title: 'A policy of this route took too long.' },
  GW_MESSAGE_TOO_LARGE: { status: 413, blame: 'client', retryable: false, title: 'A WebSocket message is too large.' },
  GW_MESSAGE_INVALID: {
    status: 400,
    blame: 'client',
    retryable: false,
    title: 'What came over the WebSocket is not well-formed.'
  },
  GW_METHOD_NOT_SUPPORTED: {
    status: 501,
    blame: 'client',
    retryable: false,
    title: 'The method is not supported.'
  },
  GW_UPSTREAM_BAD_RESPONSE: {
    status: 502,
    blame: 'upstream',
    retryable: true,
    title: 'The upstream sent a reply that cannot be used.'
  },
  GW_UPSTREAM_BODY_TOO_LARGE: {
    status: 502,
    blame: 'upstream',
    retryable: false,
    title: 'The reply is too large for the policies of this route.'
  },
  GW_UPSTREAM_REFUSED: { status: 502, blame: 'upstream', retryable: true, title: 'The upstream cannot be reached.' },
  GW_UPSTREAM_RESET: {
    status: 502,
    blame: 'upstream',
    retryable: true,
    title: 'The upstream broke off the connection.'
  },
  GW_UPSTREAM_TLS: {
    status: 502,
    blame: 'upstream',
    retryable: false,
    title: 'The upstream cannot be trusted, or does not trust the gateway.'
  },
  GW_OVERLOADED: { status: 503, blame: 'gateway', retryable: true, title: 'The gateway has too much work.' },
  GW_PLUGIN_SUSPENDED: {
    status: 503,
    blame: 'plugin',
    retryable: true,
    title: 'A policy of this route is out of service.'
  },
  GW_ROUTE_BROWNOUT: {
    status: 503,
    blame: 'client',
    retryable: true,
    title: 'This part of the API will go, and is off for a while.'
  },
  GW_SHUTTING_DOWN: { status: 503, blame: 'gateway', retryable: true, title: 'The gateway is shutting down.' },
  GW_TOO_MANY_CONNECTIONS: { status: 503, blame: 'gateway', retryable: true, title: 'Too many connections are open.' },
  GW_UPSTREAM_OPEN: {
    status: 503,
    blame: 'upstream',
    retryable: true,
    title: 'The upstream failed too often and is given a rest.'
  },
  GW_UPSTREAM_UNAVAILABLE: {
    status: 503,
    blame: 'upstream',
    retryable: true,
    title: 'No target of the upstream is in service.'
  },
  GW_UPSTREAM_TIMEOUT: {
    status: 504,
    blame: 'upstream',
    retryable: true,
    title: 'The upstream did not answer in time.'
  },
  GW_AI_REQUEST_INVALID: {
    status: 400,
    blame: 'client',
    retryable: false,
    title: 'The request is not what this AI endpoint takes.'
  },
  GW_AI_UNSUPPORTED: {
    status: 400,
    blame: 'client',
    retryable: false,
    title: 'No model behind this name can do what the request asks for.'
  },
  GW_PROMPT_VARIABLES: {
    status: 400,
    blame: 'client',
    retryable: false,
    title: 'The variables are not what the prompt takes.'
  },
  GW_AI_MODEL_FORBIDDEN: {
    status: 403,
    blame: 'client',
    retryable: false,
    title: 'This model is not open to the caller.'
  },
  GW_AI_ANSWER_REFUSED: {
    status: 403,
    blame: 'client',
    retryable: false,
    title: 'A policy of this route refused the answer.'
  },
  GW_AI_REGION_FORBIDDEN: {
    status: 403,
    blame: 'client',
    retryable: false,
    title: 'The model is not to be had in a region that is allowed.'
  },
  GW_AI_ENDPOINT_UNKNOWN: { status: 404, blame: 'client', retryable: false, title: 'There is no such AI endpoint.' },
  GW_AI_MODEL_UNKNOWN: { status: 404, blame: 'client', retryable: false, title: 'There is no model of this name.' },
  GW_FEEDBACK_UNKNOWN: {
    status: 404,
    blame: 'client',
    retryable: false,
    title: 'There is no completion of this id that could be rated.'
  },
  GW_PROMPT_UNKNOWN: { status: 404, blame: 'client', retryable: false, title: 'There is no prompt of this name.' },
  GW_AI_WEBSOCKET: {
    status: 426,
    blame: 'client',
    retryable: false,
    title: 'This AI endpoint is not served over WebSockets.'
  },
  GW_AI_BUDGET_EXCEEDED: { status: 429, blame: 'client', retryable: true, title: 'The budget is used up.' },
  GW_AI_LIMIT_EXCEEDED: {
    status: 429,
    blame: 'client',
    retryable: true,
    title: 'The limit of this period is used up.'
  },
  GW_AI_CREDENTIAL: {
    status: 500,
    blame: 'operator',
    retryable: false,
    title: 'The credential for the provider cannot be used.'
  },
  GW_AI_EVENT_TOO_LARGE: {
    status: 502,
    blame: 'upstream',
    retryable: false,
    title: 'An event of the stream is too large.'
  },
  GW_AI_PROVIDER_FAILED: { status: 502, blame: 'upstream', retryable: true, title: 'The AI provider failed.' },
  GW_AI_STREAM_LIMIT: {
    status: 502,
    blame: 'upstream',
    retryable: false,
    title: 'The stream went on for too long.'
  },
  GW_AI_NO_KEY: {
    status: 503,
    blame: 'upstream',
    retryable: true,
    title: 'No key for the provider is in service.'
  },
  GW_NOT_CACHED: {
    status: 504,
    blame: 'client',
    retryable: false,
    title: 'The reply is not stored, and no other was wanted.'
  },
  GW_CONFIG_INVALID: { status: 0, blame: 'operator', retryable: false, title: 'The configuration is not valid.' },
  GW_PLUGIN_INVALID: { status: 0, blame: 'operator', retryable: false, title: 'A plugin cannot be loaded.' },
  GW_CATALOG_INVALID: {
    status: 0,
    blame: 'operator',
    retryable: false,
    title: 'A catalog, or a plugin in it, cannot be used.'
  },
  GW_LISTEN_FAILED: { status: 0, blame: 'operator', retryable: false, title: 'The listener cannot be opened.' }
} as const satisfies Record<string, ErrorSpec>

export type ErrorCode = keyof typeof ERRORS
export const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[] // which keys it has, Object.keys does not say

/**
 * The one error type that crosses a floor. `message` is for the operator's log and may name hosts and plugins;
 * a client sees only the code, the status and the title of the row.
 */
export class GatewayError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'GatewayError'
    this.code = code
  }

  get spec(): ErrorSpec {
    return ERRORS[this.code]
  }
}

/** What was thrown, as an Error: anything can be. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

/** What was thrown, as a GatewayError: anything unexpected becomes GW_INTERNAL with the original as cause. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new GatewayError('GW_INTERNAL', message, { cause: thrown })
}

import type { HeaderList } from '../../../base/headers.js'
import { type FailureKind, kindOfStatus, type ProviderFailure, statusOf } from '../../failure.js'
import { isObject, type JsonObject } from '../../members.js'

/**
 * An error of the Responses API: the body of a reply that is one, the `error` event, or the `error` of a response that failed. xAI and other
 * speakers of the dialect have the message where OpenAI has an object.
 */
export function readFailure(status: number, body: unknown): ProviderFailure {
  const whole = isObject(body) ? body : {}
  const response = isObject(whole.response) ? whole.response : whole
  const error = isObject(response.error) ? response.error : response
  const message =
    text(error.message) ?? text(response.error) ?? text(error.detail) ?? text(body) ?? 'the provider failed'
  const code = text(error.code) ?? (typeof error.code === 'number' ? String(error.code) : undefined)
  const type = error === whole && whole.type === 'error' ? undefined : text(error.type)
  const retryAfterMs = waitOf(message)
  return {
    kind: kindOf(status, code, type, message),
    status,
    message: message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message,
    ...(type !== undefined && { type }),
    ...(code !== undefined && { code }),
    ...(text(error.param) !== undefined && { param: text(error.param) }),
    ...(retryAfterMs !== undefined && { retryAfterMs })
  }
}

export function writeFailure(
  failure: ProviderFailure,
  requestId: string
): { status: number; body: JsonObject; headers: HeaderList } {
  return {
    status: statusOf(failure),
    body: {
      error: {
        message: failure.message,
        type: TYPE_OF[failure.kind],
        param: failure.param ?? null,
        code: CODE_OF[failure.kind] ?? failure.code ?? null
      }
    },
    headers: requestId === '' ? [] : ['x-request-id', requestId]
  }
}

/**
 * As a response that failed says it: `code` is one of those that clients know (Codex waits for some and gives up at others). How long to wait
 * they read in the message, the only place there is.
 */
export function writeStreamError(failure: ProviderFailure): JsonObject {
  const { kind, message, retryAfterMs } = failure
  const wait = retryAfterMs !== undefined && waitOf(message) === undefined ? retryAfterMs / 1_000 : undefined
  return {
    code: CODE_OF[kind] ?? failure.code ?? 'server_error',
    message: wait === undefined ? message : `${message} Please try again in ${wait}s.`
  }
}

const MAX_MESSAGE = 2_000

const KIND_OF_CODE: Readonly<Record<string, FailureKind | undefined>> = {
  __proto__: undefined,
  context_length_exceeded: 'context_window',
  string_above_max_length: 'too_large',
  request_too_large: 'too_large',
  insufficient_quota: 'credit',
  billing_hard_limit_reached: 'credit',
  billing_not_active: 'credit',
  rate_limit_exceeded: 'rate_limit',
  rate_limit_error: 'rate_limit',
  tokens: 'rate_limit',
  requests: 'rate_limit',
  '429': 'rate_limit',
  too_many_requests: 'rate_limit',
  content_policy_violation: 'content_policy',
  content_filter: 'content_policy',
  ResponsibleAIPolicyViolation: 'content_policy',
  image_content_policy_violation: 'content_policy',
  bio_policy: 'content_policy',
  cyber_policy: 'content_policy',
  invalid_prompt: 'content_policy',
  invalid_api_key: 'authentication',
  authentication_error: 'authentication',
  permission_error: 'permission',
  model_not_found: 'not_found',
  not_found_error: 'not_found',
  DeploymentNotFound: 'not_found',
  previous_response_not_found: 'invalid_request',
  server_is_overloaded: 'overloaded',
  slow_down: 'overloaded',
  engine_overloaded: 'overloaded',
  overloaded_error: 'overloaded',
  timeout: 'timeout',
  server_error: 'server',
  internal_error: 'server',
  vector_store_timeout: 'server'
}

const TYPE_OF: Readonly<Record<FailureKind, string>> = {
  invalid_request: 'invalid_request_error',
  authentication: 'authentication_error',
  permission: 'permission_error',
  not_found: 'invalid_request_error',
  too_large: 'invalid_request_error',
  context_window: 'invalid_request_error',
  content_policy: 'invalid_request_error',
  rate_limit: 'rate_limit_error',
  credit: 'insufficient_quota',
  overloaded: 'server_error',
  timeout: 'server_error',
  server: 'server_error'
}

/** Codes that clients act upon. */
const CODE_OF: Readonly<Partial<Record<FailureKind, string>>> = {
  context_window: 'context_length_exceeded',
  content_policy: 'invalid_prompt',
  rate_limit: 'rate_limit_exceeded',
  credit: 'insufficient_quota',
  overloaded: 'server_is_overloaded'
}

function kindOf(status: number, code: string | undefined, type: string | undefined, message: string): FailureKind {
  const told = (code && KIND_OF_CODE[code]) || (type && KIND_OF_CODE[type])
  if (told && told !== 'server') return told
  if (/context (?:window|length)|maximum context/i.test(message)) return 'context_window'
  if (status !== 0) return kindOfStatus(status)
  if (/\boverloaded\b/i.test(message)) return 'overloaded'
  if (told) return told
  return type === 'invalid_request_error' || code?.startsWith('invalid_') ? 'invalid_request' : 'server'
}

/** "Please try again in 1.2s", "in 20ms", "in 1m3s". */
function waitOf(message: string): number | undefined {
  const found = /try again in (?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)(ms|s))?/i.exec(message)
  if (found === null || (found[1] === undefined && found[2] === undefined)) return undefined
  return Math.ceil(Number(found[1] ?? 0) * 60_000 + Number(found[2] ?? 0) * (found[3] === 'ms' ? 1 : 1_000))
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

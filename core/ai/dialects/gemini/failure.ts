import type { HeaderList } from '../../../base/headers.js'
import { type FailureKind, kindOfStatus, type ProviderFailure, statusOf } from '../../failure.js'
import { numberIn, objectIn, objectsIn, someText, textIn } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'

/**
 * Reads Google's errors (https://google.aip.dev/193): an object, or a list of one where the stream is a JSON array.
 * @param status - 0: it came within a stream, and the error says its own
 */
export function readFailure(status: number, body: unknown): ProviderFailure {
  const outer = objectsIn(body)[0]
  const error = objectIn(outer?.error)
  const said = status === 0 ? (numberIn(error.code) ?? 0) : status
  const message = someText(error.message) ?? someText(outer?.message) ?? (typeof body === 'string' ? body : '')
  const details = objectsIn(error.details)
  const reason = someText(detail(details, 'ErrorInfo').reason)
  return {
    kind: kindOf(said, textIn(error.status), message, reason, details),
    status,
    message: message === '' ? `status ${said} without a message` : message,
    type: someText(error.status),
    code: reason,
    param: someText(objectsIn(detail(details, 'BadRequest').fieldViolations)[0]?.field),
    retryAfterMs: duration(detail(details, 'RetryInfo').retryDelay)
  }
}

/** The error of a prompt that was refused: a reply or chunk of status 200 without candidates. */
export function blockedIn(body: JsonObject): ProviderFailure | undefined {
  const feedback = objectIn(body.promptFeedback)
  const reason = someText(feedback.blockReason)
  if (reason === undefined || objectsIn(body.candidates).length > 0) return undefined
  const message = someText(feedback.blockReasonMessage) ?? `the prompt was blocked: ${reason}`
  return { kind: 'content_policy', status: 0, message, type: BLOCKED, code: reason }
}

export function isBlocked({ type }: ProviderFailure): boolean {
  return type === BLOCKED
}

const BLOCKED = 'PROMPT_BLOCKED'

export function writeFailure(
  failure: ProviderFailure,
  requestId: string
): { status: number; body: JsonObject; headers: HeaderList } {
  const status = statusOf(failure)
  return { status, body: { error: errorOf(failure, status, requestId) }, headers: [] }
}

/** The `error` member, also of an error within a stream. */
export function errorOf(failure: ProviderFailure, status: number, requestId: string): JsonObject {
  const { code, param, retryAfterMs } = failure
  const details: JsonObject[] = []
  if (code !== undefined) details.push({ '@type': `${RPC}ErrorInfo`, reason: code, domain: 'sluice' })
  if (param !== undefined) {
    const fieldViolations = [{ field: param, description: failure.message }]
    details.push({ '@type': `${RPC}BadRequest`, fieldViolations })
  }
  if (retryAfterMs !== undefined) details.push({ '@type': `${RPC}RetryInfo`, retryDelay: `${retryAfterMs / 1_000}s` })
  if (requestId !== '') details.push({ '@type': `${RPC}RequestInfo`, requestId })
  return {
    code: status,
    message: failure.message,
    status: STATUS_NAMES[failure.kind],
    ...(details.length > 0 && { details })
  }
}

const RPC = 'type.googleapis.com/google.rpc.'

const STATUS_NAMES: Readonly<Record<FailureKind, string>> = {
  invalid_request: 'INVALID_ARGUMENT',
  authentication: 'UNAUTHENTICATED',
  permission: 'PERMISSION_DENIED',
  not_found: 'NOT_FOUND',
  too_large: 'INVALID_ARGUMENT',
  context_window: 'INVALID_ARGUMENT',
  content_policy: 'INVALID_ARGUMENT',
  rate_limit: 'RESOURCE_EXHAUSTED',
  credit: 'RESOURCE_EXHAUSTED',
  overloaded: 'UNAVAILABLE',
  timeout: 'DEADLINE_EXCEEDED',
  server: 'INTERNAL'
}

const KIND_OF_STATUS_NAME: Readonly<Record<string, FailureKind>> = {
  UNAUTHENTICATED: 'authentication',
  PERMISSION_DENIED: 'permission',
  NOT_FOUND: 'not_found',
  UNAVAILABLE: 'overloaded',
  DEADLINE_EXCEEDED: 'timeout',
  CANCELLED: 'timeout',
  INTERNAL: 'server',
  UNKNOWN: 'server',
  DATA_LOSS: 'server'
}

const WINDOW = /(input token count|token count).*exceeds|exceeds the maximum number of tokens|context (window|length)/i
const CREDIT = /prepayment|credits? (are|is) depleted|billing (account|is|has)|enable billing|\blimit: 0\b/i
const POLICY = /prompt could not be submitted|responsible ai practices|prohibited use policy/i
const KEY = /api key (not valid|not found|expired)|api[ _]key[ _]invalid/i

function kindOf(
  status: number,
  name: string,
  message: string,
  reason: string | undefined,
  details: readonly JsonObject[]
): FailureKind {
  if (reason === 'API_KEY_INVALID' || KEY.test(message)) return 'authentication'
  if (status === 413) return 'too_large'
  if (name === 'RESOURCE_EXHAUSTED' || status === 429) {
    return CREDIT.test(message) || perDay(details) ? 'credit' : 'rate_limit'
  }
  if (name === 'FAILED_PRECONDITION') {
    if (CREDIT.test(message)) return 'credit'
    return /location is not supported/i.test(message) ? 'permission' : 'invalid_request'
  }
  if (name === 'INVALID_ARGUMENT' || status === 400) {
    if (WINDOW.test(message)) return 'context_window'
    if (POLICY.test(message)) return 'content_policy'
    return /payload size exceeds/i.test(message) ? 'too_large' : 'invalid_request'
  }
  return KIND_OF_STATUS_NAME[name] ?? kindOfStatus(status === 0 ? 500 : status)
}

/** Whether a quota of the day is used up: waiting for the seconds that RetryInfo says does not help. */
function perDay(details: readonly JsonObject[]): boolean {
  return objectsIn(detail(details, 'QuotaFailure').violations).some(violation =>
    Object.values(violation).some(name => textIn(name).includes('PerDay'))
  )
}

function detail(details: readonly JsonObject[], name: string): JsonObject {
  return details.find(each => textIn(each['@type']).endsWith(`.${name}`)) ?? {}
}

/** Milliseconds of a google.protobuf.Duration: "34.4s", or its members. */
function duration(value: unknown): number | undefined {
  if (isObject(value)) {
    return Math.ceil((numberIn(value.seconds) ?? 0) * 1_000 + (numberIn(value.nanos) ?? 0) / 1_000_000)
  }
  const seconds = typeof value === 'string' && value.endsWith('s') ? numberIn(value.slice(0, -1)) : undefined
  return seconds === undefined ? undefined : Math.ceil(seconds * 1_000)
}

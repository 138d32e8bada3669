import type { HeaderList } from '../../../base/headers.js'
import { type FailureKind, kindOfStatus, type ProviderFailure, STATUS_OF } from '../../failure.js'
import { isObject, type JsonObject } from '../../members.js'
import { looseObject, looseText } from './loose.js'

/**
 * Reads an error: Anthropic's `{type: "error", error: {type, message}}` (docs.claude.com/en/api/errors), Bedrock's `{message}` and Vertex's
 * `{error: {code, message, status}}`, with whatever else a proxy in between may say.
 */
export function readFailure(status: number, body: unknown): ProviderFailure {
  if (!isObject(body)) {
    const text =
      typeof body === 'string' && body.trim() !== '' ? body.trim().slice(0, 500) : `the provider answered ${status}`
    return { kind: kindOfText(text, kindOfStatus(status)), status, message: text }
  }
  const error = looseObject(body.error)
  const type = looseText(error.type) || looseText(error.status)
  const message =
    looseText(error.message) || looseText(body.message) || looseText(body.Message) || looseText(body.error)
  const known = KIND_OF_TYPE.get(type) ?? (status === 0 ? 'server' : kindOfStatus(status))
  return {
    kind: kindOfText(message, known),
    status,
    message: message === '' ? `the provider answered ${status}` : message,
    type: type === '' ? undefined : type
  }
}

export function writeFailure(
  failure: ProviderFailure,
  requestId: string
): { status: number; body: JsonObject; headers: HeaderList } {
  const { kind } = failure
  const headers: HeaderList = requestId === '' ? [] : ['request-id', requestId]
  if (failure.retryAfterMs !== undefined) headers.push('retry-after', String(Math.ceil(failure.retryAfterMs / 1000)))
  const body: JsonObject = { type: 'error', error: { type: TYPE_OF_KIND[kind], message: messageOf(failure) } }
  if (requestId !== '') body.request_id = requestId
  return { status: statusOf(failure), body, headers }
}

const KIND_OF_TYPE: ReadonlyMap<string, FailureKind> = new Map<string, FailureKind>([
  ['invalid_request_error', 'invalid_request'],
  ['authentication_error', 'authentication'],
  ['billing_error', 'credit'],
  ['permission_error', 'permission'],
  ['not_found_error', 'not_found'],
  ['request_too_large', 'too_large'],
  ['rate_limit_error', 'rate_limit'],
  ['timeout_error', 'timeout'],
  ['api_error', 'server'],
  ['overloaded_error', 'overloaded'],
  ['RESOURCE_EXHAUSTED', 'rate_limit'],
  ['UNAVAILABLE', 'overloaded'],
  ['DEADLINE_EXCEEDED', 'timeout'],
  ['PERMISSION_DENIED', 'permission'],
  ['UNAUTHENTICATED', 'authentication'],
  ['NOT_FOUND', 'not_found'],
  ['INVALID_ARGUMENT', 'invalid_request']
])

const TYPE_OF_KIND: Readonly<Record<FailureKind, string>> = {
  invalid_request: 'invalid_request_error',
  authentication: 'authentication_error',
  permission: 'permission_error',
  not_found: 'not_found_error',
  too_large: 'request_too_large',
  context_window: 'invalid_request_error',
  content_policy: 'invalid_request_error',
  rate_limit: 'rate_limit_error',
  credit: 'billing_error',
  overloaded: 'overloaded_error',
  timeout: 'timeout_error',
  server: 'api_error'
}

const CONTEXT =
  /prompt is too long|input is too long|exceeds? (?:the )?(?:model'?s? )?(?:maximum )?context|context (?:window|limit|length)|too many (?:input )?tokens/i
const CREDIT = /credit balance|specified (?:api )?usage limits|out of credits?/i
const POLICY = /content filtering policy|content policy|blocked by|violat\w+ .*polic/i

/** What only the words tell: Anthropic says `invalid_request_error` for most of what a client, or its account, can do wrong. */
function kindOfText(message: string, kind: FailureKind): FailureKind {
  if (kind !== 'invalid_request' && kind !== 'rate_limit' && kind !== 'permission' && kind !== 'server') return kind
  if (CREDIT.test(message)) return 'credit'
  if (kind !== 'invalid_request') return kind
  if (CONTEXT.test(message)) return 'context_window'
  return POLICY.test(message) ? 'content_policy' : kind
}

/** Clients know a prompt that does not fit, and one that is against a policy, by Anthropic's words for it. */
function messageOf({ kind, message }: ProviderFailure): string {
  if (kind === 'content_policy' && !POLICY.test(message)) return `Blocked by content filtering policy: ${message}`
  return kind === 'context_window' && !/prompt is too long/i.test(message) ? `prompt is too long: ${message}` : message
}

function statusOf({ kind, status }: ProviderFailure): number {
  if (kind === 'overloaded') return 529
  if (status >= 400) return status
  return kind === 'credit' ? 402 : STATUS_OF[kind]
}

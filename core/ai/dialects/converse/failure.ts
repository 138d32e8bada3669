import type { HeaderList } from '../../../base/headers.js'
import { type FailureKind, kindOfStatus, type ProviderFailure, statusOf } from '../../failure.js'
import { isObject, type JsonObject } from '../../members.js'
import { looseText } from '../anthropic/loose.js'

/** Reads an error of Bedrock: `{message}`, with its exception in `__type` (or, within a stream, given as `type`). */
export function readFailure(status: number, body: unknown): ProviderFailure {
  const object = isObject(body) ? body : {}
  const type = looseText(object.__type).replace(/^.*#/, '')
  const text = typeof body === 'string' ? body.trim().slice(0, 500) : ''
  const message = looseText(object.message) || looseText(object.Message) || looseText(object.originalMessage) || text
  return failureOf(type, status, message)
}

/** @param exception - in either spelling: "ThrottlingException", "throttlingException" */
export function failureOf(exception: string, status: number, message: string): ProviderFailure {
  const known = KIND_OF_EXCEPTION.get(exception.toLowerCase()) ?? (status === 0 ? 'server' : kindOfStatus(status))
  return {
    kind: kindOfText(message, status === 424 ? 'server' : known),
    status,
    message: message === '' ? `the provider answered ${exception === '' ? status : exception}` : message,
    type: exception === '' ? undefined : exception
  }
}

export function writeFailure(
  failure: ProviderFailure,
  requestId: string
): { status: number; body: JsonObject; headers: HeaderList } {
  const headers: HeaderList = ['x-amzn-errortype', EXCEPTION_OF_KIND[failure.kind]]
  if (requestId !== '') headers.push('x-amzn-requestid', requestId)
  if (failure.retryAfterMs !== undefined) headers.push('retry-after', String(Math.ceil(failure.retryAfterMs / 1000)))
  const status = statusOf(failure)
  return { status, body: { message: failure.message }, headers }
}

/** Within a stream, where the names begin in lower case and only five are known. */
export function streamException(kind: FailureKind): string {
  switch (kind) {
    case 'rate_limit':
    case 'credit':
      return 'throttlingException'
    case 'overloaded':
      return 'serviceUnavailableException'
    case 'server':
      return 'internalServerException'
    case 'timeout':
      return 'modelStreamErrorException'
    default:
      return 'validationException'
  }
}

const KINDS: readonly (readonly [exception: string, kind: FailureKind])[] = [
  ['ValidationException', 'invalid_request'],
  ['AccessDeniedException', 'permission'],
  ['UnrecognizedClientException', 'authentication'],
  ['InvalidSignatureException', 'authentication'],
  ['ExpiredTokenException', 'authentication'],
  ['IncompleteSignatureException', 'authentication'],
  ['MissingAuthenticationTokenException', 'authentication'],
  ['ResourceNotFoundException', 'not_found'],
  ['ThrottlingException', 'rate_limit'],
  ['ServiceQuotaExceededException', 'rate_limit'],
  ['ModelNotReadyException', 'overloaded'],
  ['ServiceUnavailableException', 'overloaded'],
  ['ModelTimeoutException', 'timeout'],
  ['ModelErrorException', 'server'],
  ['ModelStreamErrorException', 'server'],
  ['InternalServerException', 'server']
]

const KIND_OF_EXCEPTION: ReadonlyMap<string, FailureKind> = new Map(
  KINDS.map(([name, kind]) => [name.toLowerCase(), kind])
)

const EXCEPTION_OF_KIND: Readonly<Record<FailureKind, string>> = {
  invalid_request: 'ValidationException',
  authentication: 'UnrecognizedClientException',
  permission: 'AccessDeniedException',
  not_found: 'ResourceNotFoundException',
  too_large: 'ValidationException',
  context_window: 'ValidationException',
  content_policy: 'ValidationException',
  rate_limit: 'ThrottlingException',
  credit: 'ServiceQuotaExceededException',
  overloaded: 'ServiceUnavailableException',
  timeout: 'ModelTimeoutException',
  server: 'InternalServerException'
}

const CONTEXT =
  /(?:input|prompt) is too long|too many (?:input )?tokens|context (?:window|length|limit)|maximum (?:number of )?(?:input )?tokens|exceeds the maximum/i
const POLICY = /content filter|blocked by|content policy|responsible ai/i

function kindOfText(message: string, kind: FailureKind): FailureKind {
  if (kind === 'permission' && /security token|signature|expired|api key/i.test(message)) return 'authentication'
  if (kind !== 'invalid_request') return kind
  if (CONTEXT.test(message)) return 'context_window'
  return POLICY.test(message) ? 'content_policy' : kind
}

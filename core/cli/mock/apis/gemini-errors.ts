import type { JsonObject } from '../../../ai/members.js'
import { data, type ErrorForm } from '../api.js'
import type { Failure, FailureKind } from '../failure.js'

const STATUS: Readonly<Record<FailureKind, string>> = {
  invalid: 'INVALID_ARGUMENT',
  context: 'INVALID_ARGUMENT',
  policy: 'INVALID_ARGUMENT',
  authentication: 'UNAUTHENTICATED',
  permission: 'PERMISSION_DENIED',
  not_found: 'NOT_FOUND',
  too_large: 'INVALID_ARGUMENT',
  rate_limit: 'RESOURCE_EXHAUSTED',
  overloaded: 'UNAVAILABLE',
  timeout: 'DEADLINE_EXCEEDED',
  server: 'INTERNAL'
}

function body({ kind, status, message, retryAfter }: Failure): JsonObject {
  const details: JsonObject[] = []
  if (kind === 'authentication') {
    details.push({
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com'
    })
  }
  if (kind === 'rate_limit' && retryAfter !== undefined) {
    details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfter}s` })
  }
  const error = { code: status, message: MESSAGES[kind] ?? message, status: STATUS[kind] }
  return { error: details.length > 0 ? { ...error, details } : error }
}

const MESSAGES: Readonly<Partial<Record<FailureKind, string>>> = {
  context: 'The input token count (1048580) exceeds the maximum number of tokens allowed (1048576).',
  policy: 'The prompt could not be submitted. It contains sensitive words that violate the Responsible AI practices.',
  authentication: 'API key not valid. Please pass a valid API key.'
}

/** `{"error":{"code","message","status"}}`, and the same as an event. */
export const geminiErrors: ErrorForm = { body, frame: failure => data(body(failure)) }

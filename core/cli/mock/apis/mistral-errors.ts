import type { JsonObject } from '../../../ai/members.js'
import { data, type ErrorForm } from '../api.js'
import type { Failure, FailureKind } from '../failure.js'

const TYPES: Readonly<Partial<Record<FailureKind, readonly [type: string, code: string, message?: string]>>> = {
  rate_limit: ['rate_limited', '1300', 'Rate limit exceeded'],
  context: [
    'invalid_request_prompt',
    '3051',
    'Prompt contains 131076 tokens and 0 draft tokens, too large for model with 131072 maximum context length'
  ],
  policy: ['invalid_request_error', '3000', 'The request was rejected by the content policy.'],
  not_found: ['invalid_model', '1500'],
  overloaded: ['internal_server_error', '1000', 'Service unavailable.'],
  server: ['internal_server_error', '1000', 'Service unavailable.']
}

function body(failure: Failure): JsonObject {
  if (failure.kind === 'authentication') return { detail: 'Unauthorized' }
  const [type, code, message = failure.message] = TYPES[failure.kind] ?? ['invalid_request_error', null]
  return { object: 'error', message, type, param: null, code: failure.code ?? code }
}

/** `{"object":"error","message","type","code"}`; within a stream it is told as vLLM does, with which many serve its models. */
export const mistralErrors: ErrorForm = { body, frame: failure => data({ error: body(failure) }) }

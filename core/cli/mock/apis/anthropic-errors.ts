import type { JsonObject } from '../../../ai/members.js'
import { type ErrorForm, event } from '../api.js'
import type { Failure } from '../failure.js'

function body({ kind, message }: Failure): JsonObject {
  const error = (type: string, text = message): JsonObject => ({
    type: 'error',
    error: { type, message: text },
    request_id: 'req_mock'
  })
  switch (kind) {
    case 'context':
      return error('invalid_request_error', 'prompt is too long: 200004 tokens > 200000 maximum')
    case 'policy':
      return error('invalid_request_error', 'Output blocked by content filtering policy')
    case 'authentication':
      return error('authentication_error', 'invalid x-api-key')
    case 'permission':
      return error('permission_error')
    case 'not_found':
      return error('not_found_error')
    case 'too_large':
      return error('request_too_large')
    case 'rate_limit':
      return error('rate_limit_error')
    case 'overloaded':
      return error('overloaded_error', 'Overloaded')
    case 'timeout':
      return error('timeout_error')
    case 'server':
      return error('api_error')
    case 'invalid':
      return error('invalid_request_error')
  }
}

/** `{"type":"error","error":{…}}`, and the same as an event `error`. */
export const anthropicErrors: ErrorForm = { body, frame: failure => event('error', body(failure)) }

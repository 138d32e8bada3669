import type { JsonObject } from '../../../ai/members.js'
import { data, type ErrorForm } from '../api.js'
import type { Failure } from '../failure.js'

function body({ kind, status, message, param, code }: Failure): JsonObject {
  const error = (type: string, ownCode: string | null, text = message): JsonObject => ({
    error: { message: text, type, param: param ?? null, code: code ?? ownCode }
  })
  switch (kind) {
    case 'context': {
      const text =
        "This model's maximum context length is 128000 tokens. " +
        'However, your messages resulted in 128004 tokens. Please reduce the length of the messages.'
      return {
        error: { message: text, type: 'invalid_request_error', param: 'messages', code: 'context_length_exceeded' }
      }
    }
    case 'policy': {
      const text = 'Invalid prompt: your prompt was flagged as potentially violating our usage policy.'
      return error('invalid_request_error', 'content_policy_violation', text)
    }
    case 'authentication':
      return error('invalid_request_error', 'invalid_api_key')
    case 'not_found':
      return error('invalid_request_error', 'model_not_found')
    case 'rate_limit':
      return error('requests', 'rate_limit_exceeded')
    case 'permission':
      return error('invalid_request_error', 'unsupported_country_region_territory')
    default:
      return error(status >= 500 ? 'server_error' : 'invalid_request_error', null)
  }
}

/** `{"error":{…}}`, and the same as an event. */
export const openaiErrors = { body, frame: (failure: Failure) => data(body(failure)) } satisfies ErrorForm

import { type ErrorForm, event } from '../api.js'
import type { Failure, FailureKind } from '../failure.js'

const MESSAGES: Readonly<Partial<Record<FailureKind, string>>> = {
  context: 'too many tokens: total number of tokens in the request cannot exceed 256000 - received 256004.',
  policy: 'blocked input: please adjust your prompt and try again.',
  authentication: 'invalid api token',
  rate_limit: 'You are past the per minute request limit, please wait and try again later.'
}

function text({ kind, message }: Failure): string {
  return MESSAGES[kind] ?? message
}

/** `{"id","message"}`; a stream that fails ends as others do, with a reason that is none. */
export const cohereErrors: ErrorForm = {
  body: failure => ({ id: 'mock', message: text(failure) }),
  frame: failure => {
    const reason = failure.kind === 'timeout' ? 'TIMEOUT' : 'ERROR'
    return event('message-end', { delta: { error: text(failure), finish_reason: reason } })
  }
}

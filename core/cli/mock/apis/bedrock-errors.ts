import type { ErrorForm } from '../api.js'
import type { Failure, FailureKind } from '../failure.js'
import { awsException } from './aws-events.js'

/** The exception, and the name of it that a stream knows. */
const EXCEPTIONS: Readonly<Record<FailureKind, readonly [string, string]>> = {
  invalid: ['ValidationException', 'validationException'],
  context: ['ValidationException', 'validationException'],
  policy: ['ValidationException', 'validationException'],
  too_large: ['ValidationException', 'validationException'],
  authentication: ['UnrecognizedClientException', 'validationException'],
  permission: ['AccessDeniedException', 'validationException'],
  not_found: ['ResourceNotFoundException', 'validationException'],
  rate_limit: ['ThrottlingException', 'throttlingException'],
  overloaded: ['ServiceUnavailableException', 'serviceUnavailableException'],
  timeout: ['ModelTimeoutException', 'modelTimeoutException'],
  server: ['InternalServerException', 'internalServerException']
}

const MESSAGES: Readonly<Partial<Record<FailureKind, string>>> = {
  context: 'Input is too long for requested model.',
  policy: 'The model returned the following errors: Output blocked by content filtering policy',
  permission: "You don't have access to the model with the specified model ID.",
  rate_limit: 'Too many requests, please wait before trying again.',
  overloaded: 'Bedrock is unable to process your request.',
  timeout: 'Model has timed out in processing the request. Try your request again.',
  server: 'The system encountered an unexpected error during processing. Try your request again.'
}

function body({ kind, message }: Failure) {
  return { message: MESSAGES[kind] ?? message }
}

/** `{"message"}` with the exception in a header; within a stream an exception is a message of its own kind. */
export const bedrockErrors: ErrorForm = {
  body,
  headers: ({ kind, code }) => ({ 'x-amzn-errortype': code ?? EXCEPTIONS[kind][0] }),
  frame: failure => awsException(EXCEPTIONS[failure.kind][1], body(failure)),
  strangers: 403
}

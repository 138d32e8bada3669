import type { HeaderList } from '../../../base/headers.js'
import { type FailureKind, kindOfStatus, type ProviderFailure, statusOf } from '../../failure.js'
import { objectIn, someText } from '../../lenient.js'
import type { JsonObject } from '../../members.js'

/** Reads `{"error": "…"}`; in a stream it is a line like the others. */
export function readFailure(status: number, body: unknown): ProviderFailure {
  const { error } = objectIn(body)
  const message =
    someText(error) ??
    someText(objectIn(error).message) ??
    (typeof body === 'string' && body !== '' ? body : `status ${status} without a message`)
  return { kind: kindOf(status, message), status, message }
}

export function writeFailure(
  failure: ProviderFailure,
  requestId: string
): { status: number; body: JsonObject; headers: HeaderList } {
  const status = statusOf(failure)
  return { status, body: { error: failure.message }, headers: ['x-request-id', requestId] }
}

function kindOf(status: number, message: string): FailureKind {
  if (/context (length|window|size)|exceeds.*context|input length exceeds/i.test(message)) return 'context_window'
  if (/server busy|maximum pending requests/i.test(message)) return 'overloaded'
  if (status === 0 && /not found/i.test(message)) return 'not_found'
  return kindOfStatus(status === 0 ? 500 : status)
}

import type { HeaderList } from '../../../base/headers.js'
import { type FailureKind, kindOfStatus, type ProviderFailure, statusOf } from '../../failure.js'
import { objectIn, someText } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'

/** Reads `{"message": …}`, and what Jina, Voyage and Together say instead. https://docs.cohere.com/reference/errors */
export function readFailure(status: number, body: unknown): ProviderFailure {
  const outer = objectIn(body)
  const error = objectIn(outer.error)
  const message =
    someText(outer.message) ??
    someText(error.message) ??
    someText(outer.detail) ??
    someText(outer.data) ??
    someText(outer.error) ??
    (typeof body === 'string' && body !== '' ? body : `status ${status} without a message`)
  return { kind: kindOf(status, message), status, message, type: someText(error.type), code: someText(error.code) }
}

/** The error of an answer that ended with one, though it came with status 200. */
export function failureIn(body: JsonObject): ProviderFailure | undefined {
  const error = isObject(body.error) ? someText(body.error.message) : someText(body.error)
  if (body.finish_reason === 'ERROR') {
    return { kind: 'server', status: 0, message: error ?? 'the generation failed', type: 'ERROR' }
  }
  if (body.finish_reason === 'TIMEOUT') {
    return { kind: 'timeout', status: 0, message: error ?? 'the generation took too long', type: 'TIMEOUT' }
  }
  return undefined
}

export function writeFailure(
  failure: ProviderFailure,
  requestId: string
): { status: number; body: JsonObject; headers: HeaderList } {
  const status = statusOf(failure)
  return { status, body: { id: requestId, message: failure.message }, headers: [] }
}

const BLOCKED = 498

function kindOf(status: number, message: string): FailureKind {
  if (status === BLOCKED || /blocked (input|output)|safety/i.test(message)) return 'content_policy'
  if (/too many tokens|context (length|window)|maximum.*tokens.*exceed/i.test(message)) return 'context_window'
  if (status === 429 && /per month|\/ ?month|monthly/i.test(message)) return 'credit'
  if (status === 499) return 'timeout'
  return kindOfStatus(status === 0 ? 500 : status)
}

import type { HeaderList } from '../../../base/headers.js'
import { type FailureKind, type ProviderFailure, statusOf } from '../../failure.js'
import type { JsonObject } from '../../members.js'

/** OpenAI's words for each kind. */
const WORDS: Readonly<Record<FailureKind, { readonly type: string; readonly code: string | null }>> = {
  invalid_request: { type: 'invalid_request_error', code: null },
  authentication: { type: 'invalid_request_error', code: 'invalid_api_key' },
  permission: { type: 'permission_error', code: null },
  not_found: { type: 'invalid_request_error', code: 'model_not_found' },
  too_large: { type: 'invalid_request_error', code: 'request_too_large' },
  context_window: { type: 'invalid_request_error', code: 'context_length_exceeded' },
  content_policy: { type: 'invalid_request_error', code: 'content_filter' },
  rate_limit: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  credit: { type: 'insufficient_quota', code: 'insufficient_quota' },
  overloaded: { type: 'server_error', code: 'overloaded' },
  timeout: { type: 'server_error', code: 'timeout' },
  server: { type: 'server_error', code: null }
}

/** Kinds whose code clients act on: it is OpenAI's, whatever the provider called it. */
const ACTED_ON: ReadonlySet<FailureKind> = new Set(['context_window', 'content_policy', 'rate_limit', 'credit'])

/** Codes of the gateway's own errors, which stay as they are documented. */
const OWN = /^GW_/

/** The body of an error reply, in OpenAI's envelope. */
export function writeFailure(failure: ProviderFailure): { status: number; body: JsonObject; headers: HeaderList } {
  return {
    status: statusOf(failure),
    body: { error: writeError(failure) },
    headers: waitHeaders(failure.retryAfterMs)
  }
}

/** What stands in `error`, also within a stream. */
export function writeError({ kind, message, code, param }: ProviderFailure): JsonObject {
  const words = WORDS[kind]
  const keeps = code !== undefined && (OWN.test(code) || !ACTED_ON.has(kind))
  return { message, type: words.type, param: param ?? null, code: keeps ? code : words.code }
}

/** OpenAI's clients read both. */
function waitHeaders(ms: number | undefined): HeaderList {
  if (ms === undefined) return []
  return ['retry-after', String(Math.max(1, Math.ceil(ms / 1_000))), 'retry-after-ms', String(Math.ceil(ms))]
}

import { GatewayError } from '../../base/errors.js'
import { RetryLater } from '../../base/refusal.js'
import type { FallbackKind } from '../../config/schema-ai-models.js'
import type { FailureKind, ProviderFailure } from '../failure.js'

/** An attempt that failed: in the provider's words, or in ours where there was no answer. */
export type Failed = ProviderFailure | GatewayError

/**
 * What a failure is as a reason to ask another target; undefined: it is none, the caller's request is what is wrong or the caller has gone. What is wrong
 * with an account of ours (its credential, its credit, a model it does not have) is an error like any other.
 */
export function fallbackKindOf(failed: Failed): FallbackKind | undefined {
  return failed instanceof GatewayError ? kindOfError(failed) : KINDS[failed.kind]
}

const KINDS: Readonly<Record<FailureKind, FallbackKind | undefined>> = {
  invalid_request: undefined,
  authentication: 'error',
  permission: 'error',
  not_found: 'error',
  // Limits in bytes are a matter of the provider, as windows are of the model.
  too_large: 'context-window',
  context_window: 'context-window',
  content_policy: 'content-policy',
  rate_limit: 'limit',
  credit: 'limit',
  overloaded: 'error',
  timeout: 'timeout',
  server: 'error'
}

function kindOfError({ code, spec }: GatewayError): FallbackKind | undefined {
  switch (code) {
    case 'GW_UPSTREAM_TIMEOUT':
      return 'timeout'
    case 'GW_AI_NO_KEY':
    // A budget may be for this account or model alone, and another may take less of it.
    case 'GW_AI_BUDGET_EXCEEDED':
    case 'GW_AI_LIMIT_EXCEEDED':
      return 'limit'
    // The account is what is full or of no use; another one may not be.
    case 'GW_OVERLOADED':
    case 'GW_AI_CREDENTIAL':
    case 'GW_AI_UNSUPPORTED':
      return 'error'
    // It was being answered: nobody else is asked then.
    case 'GW_AI_STREAM_LIMIT':
      return undefined
    default:
      return spec.blame === 'upstream' ? 'error' : undefined
  }
}

/** How long a failure asks to be waited for, milliseconds; undefined: it does not say. @param header - what a Retry-After said, milliseconds */
export function waitOf(failed: Failed, header?: number): number | undefined {
  if (failed instanceof RetryLater) return failed.afterMs
  const said = failed instanceof GatewayError ? undefined : failed.retryAfterMs
  // The longer one: whoever comes too soon is refused again, and some count that.
  if (said === undefined || header === undefined) return said ?? header
  return Math.max(said, header)
}

/**
 * Whether it is worth waiting for the same target instead of going to the next: only after a limit or overload that says when it is over, and soon.
 * @param longestMs - more than this is not waited
 * @returns how long, milliseconds; undefined: go on
 */
export function worthWaiting(failed: Failed, longestMs: number, header?: number): number | undefined {
  const kind = failed instanceof GatewayError ? undefined : failed.kind
  if (kind !== 'rate_limit' && kind !== 'overloaded') return undefined
  const wait = waitOf(failed, header)
  return wait !== undefined && wait <= longestMs ? wait : undefined
}

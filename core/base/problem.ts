import { ERRORS, type ErrorCode } from './errors.js'
import type { Reply } from './http.js'

/**
 * The reply to a failed exchange: RFC 9457 problem details. Tells the client the code, never hosts, files or plugins.
 * @param members - what more it is told
 */
export function problemReply(
  code: ErrorCode,
  exchangeId: string,
  members: Readonly<Record<string, unknown>> = {}
): Reply {
  const { status, title, retryable } = ERRORS[code]
  const body = Buffer.from(
    `${JSON.stringify({ type: `urn:sluice:error:${code}`, title, status, code, retryable, ...members, exchange: exchangeId })}\n`
  )
  return { status, headers: ['content-type', 'application/problem+json', 'cache-control', 'no-store'], body }
}

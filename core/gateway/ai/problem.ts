import { Buffer } from 'node:buffer'
import type { Dialect } from '../../ai/dialects/dialect.js'
import { type FailureKind, kindOfStatus, type ProviderFailure } from '../../ai/failure.js'
import { isObject, type JsonObject } from '../../ai/members.js'
import type { HeaderList } from '../../base/headers.js'
import { header } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import { problemReply } from '../../base/problem.js'

/** An error reply in a client's dialect. */
export function failureReply(dialect: Dialect, failure: ProviderFailure, requestId: string): Reply {
  const { status, body, headers } = dialect.writeFailure(failure, requestId)
  return {
    status,
    headers: [
      'content-type',
      'application/json',
      'cache-control',
      'no-store',
      ...headers,
      ...retryAfter(failure, headers)
    ],
    body: Buffer.from(`${JSON.stringify(body)}\n`)
  }
}

/** The same for a client that speaks no dialect: a problem document. */
export function failureProblem(failure: ProviderFailure, requestId: string): Reply {
  const { status, message } = failure
  const reply = problemReply('GW_AI_PROVIDER_FAILED', requestId, { status, detail: message })
  return { ...reply, status, headers: [...reply.headers, ...retryAfter(failure, [])] }
}

function retryAfter({ retryAfterMs }: ProviderFailure, headers: HeaderList): HeaderList {
  if (retryAfterMs === undefined || header(headers, 'retry-after') !== undefined) return []
  return ['retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1_000)))]
}

/**
 * A problem document, of the gateway or of a policy, as clients of the dialect expect errors. Other replies stay as they are.
 * Headers stay too: some say when to come again.
 */
export function inDialect(dialect: Dialect, reply: Reply, requestId: string): Reply {
  if (reply.status < 400 || !Buffer.isBuffer(reply.body)) return reply
  if (header(reply.headers, 'content-type')?.startsWith('application/problem+json') !== true) return reply
  const problem = parsed(reply.body)
  if (problem === undefined) return reply
  const own = failureReply(dialect, failureOfProblem(problem, reply.status), requestId)
  const kept: HeaderList = []
  for (let i = 0; i < reply.headers.length; i += 2) {
    const name = reply.headers[i] ?? ''
    if (name !== 'content-type' && header(own.headers, name) === undefined) kept.push(name, reply.headers[i + 1] ?? '')
  }
  return { ...own, status: reply.status, headers: [...own.headers, ...kept] }
}

function parsed(body: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body.toString())
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const KINDS: Readonly<Record<string, FailureKind>> = { GW_AI_BUDGET_EXCEEDED: 'credit' }

function failureOfProblem({ code, title, detail, param }: JsonObject, status: number): ProviderFailure {
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
  return {
    kind: KINDS[text(code) ?? ''] ?? kindOfStatus(status),
    status,
    message: text(detail) ?? text(title) ?? 'The request was refused.',
    code: text(code),
    param: text(param)
  }
}

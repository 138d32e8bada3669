import { Buffer } from 'node:buffer'
import { EMPTY_BODY } from '../base/body.js'
import { type HeaderList, header } from '../base/headers.js'
import type { Reply } from '../base/http.js'

/** google.rpc.Code: what the statuses of problem documents are in gRPC. */
const CODES: Readonly<Record<number, number>> = {
  401: 16, // UNAUTHENTICATED
  403: 7, // PERMISSION_DENIED
  404: 12, // UNIMPLEMENTED: no route is no method
  408: 4, // DEADLINE_EXCEEDED
  409: 10, // ABORTED
  410: 12,
  413: 8, // RESOURCE_EXHAUSTED
  429: 8,
  431: 8,
  499: 1, // CANCELLED
  501: 12,
  502: 14, // UNAVAILABLE
  503: 14,
  504: 4
}
const [INVALID_ARGUMENT, INTERNAL] = [3, 13]

/** Of the problem document: they say what a body is that is not sent. */
const OF_THE_BODY: ReadonlySet<string> = new Set(['content-type', 'content-language', 'content-encoding'])

/**
 * A problem document, of the gateway or of a policy, as a call of gRPC expects an error: "Trailers-Only" (gRPC over HTTP/2, "Responses"), which
 * is status 200, the code and the message in headers, and no body. Replies to other requests, and other replies, stay as they are.
 * Headers stay too: some say when to come again.
 */
export function inGrpc(requested: HeaderList, reply: Reply): Reply {
  const type = header(requested, 'content-type')
  if (type?.startsWith('application/grpc') !== true || !Buffer.isBuffer(reply.body)) return reply
  if (header(reply.headers, 'content-type')?.startsWith('application/problem+json') !== true) return reply
  const code = CODES[reply.status] ?? (reply.status < 500 ? INVALID_ARGUMENT : INTERNAL)
  const headers = ['content-type', type, 'grpc-status', String(code), 'grpc-message', messageOf(reply.body)]
  for (let i = 0; i < reply.headers.length; i += 2) {
    const name = reply.headers[i] ?? ''
    if (!OF_THE_BODY.has(name)) headers.push(name, reply.headers[i + 1] ?? '')
  }
  return { status: 200, headers, body: EMPTY_BODY }
}

/** What the document says, percent-encoded as gRPC has it: all but printable ASCII, and the percent sign. */
function messageOf(body: Buffer): string {
  const { title, detail, code } = members(body)
  const said = [detail ?? title, code].filter(text => typeof text === 'string')
  return said.join(' ').replace(/[^ -$&-~]/gu, encodeURIComponent)
}

function members(body: Buffer): Record<string, unknown> {
  try {
    return { ...JSON.parse(body.toString()) }
  } catch {
    return {}
  }
}

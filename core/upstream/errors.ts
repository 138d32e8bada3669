import { type ErrorCode, GatewayError } from '../base/errors.js'

/** undici's and Node's codes, and what each means for the exchange. */
const CODES: Record<string, ErrorCode> = {
  UND_ERR_CONNECT_TIMEOUT: 'GW_UPSTREAM_TIMEOUT',
  UND_ERR_HEADERS_TIMEOUT: 'GW_UPSTREAM_TIMEOUT',
  UND_ERR_BODY_TIMEOUT: 'GW_UPSTREAM_TIMEOUT',
  UND_ERR_HEADERS_OVERFLOW: 'GW_UPSTREAM_BAD_RESPONSE',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'GW_UPSTREAM_BAD_RESPONSE',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'GW_BAD_REQUEST',
  UND_ERR_SOCKET: 'GW_UPSTREAM_RESET',
  UND_ERR_INFO: 'GW_UPSTREAM_RESET',
  UND_ERR_ABORTED: 'GW_UPSTREAM_RESET',
  UND_ERR_CLOSED: 'GW_SHUTTING_DOWN',
  UND_ERR_DESTROYED: 'GW_SHUTTING_DOWN',
  ECONNRESET: 'GW_UPSTREAM_RESET',
  EPIPE: 'GW_UPSTREAM_RESET',
  ETIMEDOUT: 'GW_UPSTREAM_TIMEOUT'
}

/** What undici reported, as an error of the table, with the target's name for the operator. */
export function upstreamError(target: string, thrown: Error, cancelled: boolean): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  if (cancelled) return new GatewayError('GW_CLIENT_GONE', `${target}: cancelled, the client is gone`)
  const raw: unknown = 'code' in thrown ? thrown.code : undefined
  const code = typeof raw === 'string' ? raw : ''
  const known = thrown.name === 'HTTPParserError' ? 'GW_UPSTREAM_BAD_RESPONSE' : table(code)
  return new GatewayError(known, `${target}: ${thrown.message || code}`, { cause: thrown })
}

function table(code: string): ErrorCode {
  return CODES[code] ?? 'GW_UPSTREAM_REFUSED' // ECONNREFUSED, EHOSTUNREACH, ENOTFOUND, TLS failures …
}

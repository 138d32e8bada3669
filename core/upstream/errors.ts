import { type ErrorCode, GatewayError } from '../base/errors.js'

/** Our own codes and Node's, and what each means for the exchange. */
const CODES: Record<string, ErrorCode> = {
  SLUICE_BAD_REPLY: 'GW_UPSTREAM_BAD_RESPONSE',
  SLUICE_BROKEN_OFF: 'GW_UPSTREAM_RESET',
  ECONNRESET: 'GW_UPSTREAM_RESET',
  EPIPE: 'GW_UPSTREAM_RESET',
  ERR_HTTP2_STREAM_ERROR: 'GW_UPSTREAM_RESET',
  ERR_HTTP2_STREAM_CANCEL: 'GW_UPSTREAM_RESET',
  ERR_HTTP2_SESSION_ERROR: 'GW_UPSTREAM_RESET',
  ERR_HTTP2_GOAWAY_SESSION: 'GW_UPSTREAM_RESET',
  ERR_HTTP2_INVALID_SESSION: 'GW_UPSTREAM_RESET',
  ERR_HTTP2_ERROR: 'GW_UPSTREAM_BAD_RESPONSE',
  ETIMEDOUT: 'GW_UPSTREAM_TIMEOUT'
}

/** What a client reported, as an error of the table, with the target's name for the operator. */
export function upstreamError(target: string, thrown: Error, cancelled: boolean): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  if (cancelled) return new GatewayError('GW_CLIENT_GONE', `${target}: cancelled, the client is gone`)
  const raw: unknown = 'code' in thrown ? thrown.code : undefined
  const code = typeof raw === 'string' ? raw : ''
  const known = table(code)
  return new GatewayError(known, `${target}: ${thrown.message || code}`, { cause: thrown })
}

function table(code: string): ErrorCode {
  // ECONNREFUSED, EHOSTUNREACH, ENOTFOUND …
  return CODES[code] ?? (isTls(code) ? 'GW_UPSTREAM_TLS' : 'GW_UPSTREAM_REFUSED')
}

/** OpenSSL's words for what is wrong with a certificate, Node's for a handshake that failed, and ours. */
function isTls(code: string): boolean {
  return TLS_CODES.test(code)
}

const TLS_CODES =
  /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$|SLUICE_TLS_|CERT_|CRL_|UNABLE_TO_|ERROR_IN_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH$|INVALID_|PATH_LENGTH_|SUBJECT_ISSUER_|AKID_|KEYUSAGE_|UNSUPPORTED_|APPLICATION_VERIFICATION$)/

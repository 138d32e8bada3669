import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import type { UpstreamTlsFiles } from '../config/tls-files.js'

/** The server is not one that may be spoken to, though its certificate may be valid. */
export class UntrustedServer extends Error {
  readonly code = 'SLUICE_TLS_UNTRUSTED'
}

export type TlsOptions = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'minVersion' | 'rejectUnauthorized' | 'servername'
>

/** What `tls.connect` is told. */
export function tlsOptions(tls: UpstreamTlsFiles | undefined): TlsOptions {
  if (tls === undefined) return {}
  const { ca, cert, key, serverName, verify, minVersion } = tls
  return {
    rejectUnauthorized: verify,
    minVersion: minVersion === 1.3 ? 'TLSv1.3' : 'TLSv1.2',
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(serverName !== undefined && { servername: serverName })
  }
}

/** The name to ask for and to find in the certificate. SNI takes no addresses (RFC 6066 §3). */
export function serverNameFor(host: string, tls: UpstreamTlsFiles | undefined): string {
  return tls?.serverName ?? (isIP(host) === 0 ? host : '')
}

/** What is wrong with the key of a server's certificate: it is none of those pinned. */
export function wrongPin(socket: TLSSocket, { pins }: UpstreamTlsFiles): UntrustedServer | undefined {
  if (pins.length === 0) return undefined
  const key = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' })
  const pin = key === undefined ? '' : createHash('sha256').update(key).digest('base64')
  return pins.includes(pin) ? undefined : new UntrustedServer(`its public key (sha256/${pin}) is none of those pinned`)
}

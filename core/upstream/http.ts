import type { LookupFunction } from 'node:net'
import type { UpstreamTlsFiles } from '../config/tls-files.js'
import type { HttpClient } from './http-client.js'
import { leanClient } from './lean/client.js'
import { undiciClient } from './undici.js'

export type { Cancellable, HttpClient, HttpTimeouts, OutgoingRequest, Reach } from './http-client.js'
export { wireHeaders } from './undici.js'

/**
 * A keep-alive pool of HTTP/1.1 connections to `origin` (scheme, host and port).
 * @param lookup - finds the addresses of its host, instead of the system's resolver
 * @param tls - how an https origin is spoken to; left out: as Node does by default
 */
export function httpClient(
  origin: string,
  connections: number,
  connectTimeoutMs: number,
  lookup?: LookupFunction,
  tls?: UpstreamTlsFiles
): HttpClient {
  if (process.env.SLUICE_UNDICI) return undiciClient(origin, connections, connectTimeoutMs, lookup, tls)
  return leanClient(origin, { connections, connectTimeoutMs, lookup, tls })
}

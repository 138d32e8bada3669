import type { LookupFunction } from 'node:net'
import type { UpstreamTlsFiles } from '../config/tls-files.js'
import type { HttpClient } from './http-client.js'
import { leanClient } from './lean/client.js'

export {
  type Asker,
  type Cancellable,
  type HttpClient,
  type HttpTimeouts,
  type OutgoingRequest,
  type Reach,
  sendBy
} from './http-client.js'

/**
 * A keep-alive pool of HTTP/1.1 connections to `origin` (scheme, host and port). Whoever speaks HTTP/1.1 to anybody does it by this;
 * another client is exchanged here.
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
  return leanClient(origin, { connections, connectTimeoutMs, lookup, tls })
}

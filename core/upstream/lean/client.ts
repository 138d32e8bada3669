import type { LookupFunction } from 'node:net'
import { toGatewayError } from '../../base/errors.js'
import type { UpstreamTlsFiles } from '../../config/tls-files.js'
import type { HttpClient } from '../http-client.js'
import { LeanCall } from './call.js'
import { opener } from './open-socket.js'
import { Pool } from './pool.js'
import { keptSections, requestHead } from './request-head.js'

export interface LeanOptions {
  readonly connections: number
  readonly connectTimeoutMs: number
  readonly tls?: UpstreamTlsFiles | undefined
  readonly lookup?: LookupFunction | undefined
}

/** HTTP/1.1 to one origin on plain sockets, and nothing a gateway does not need of it: RATIONALE.md says why. */
export function leanClient(origin: string, options: LeanOptions): HttpClient {
  const { connections, connectTimeoutMs, tls, lookup } = options
  const url = new URL(origin)
  const pool = new Pool(origin, opener(url, lookup, tls), connections, connectTimeoutMs)
  const { host } = url
  const kept = keptSections()
  return {
    send: (request, timeouts, onStart) =>
      new Promise((resolve, reject) => {
        try {
          const head = requestHead(request, host, kept)
          const call = new LeanCall(origin, head, request.body, request.method === 'HEAD', timeouts, resolve, reject)
          call.onHints = request.onHints
          onStart(call)
          pool.send(call)
        } catch (thrown) {
          reject(toGatewayError(thrown))
        }
      }),
    close: () => pool.close(),
    reach: { origin, lookup, tls }
  }
}

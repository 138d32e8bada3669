import type { LookupFunction } from 'node:net'
import { toGatewayError } from '../../base/errors.js'
import type { UpstreamTlsFiles } from '../../config/tls-files.js'
import type { HttpClient } from '../http-client.js'
import { LeanCall } from './call.js'
import { opener } from './open-socket.js'
import { Pool } from './pool.js'
import { keptSections, type RequestHead, requestHead } from './request-head.js'

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
    ask: (request, timeouts, asker) => {
      let head: RequestHead
      try {
        head = requestHead(request, host, kept)
      } catch (thrown) {
        asker.failed(toGatewayError(thrown))
        return
      }
      const call = new LeanCall(origin, head, request.body, request.method === 'HEAD', timeouts, asker)
      call.onHints = request.onHints
      asker.started(call)
      pool.send(call)
    },
    close: () => pool.close(),
    reach: { origin, lookup, tls }
  }
}

import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTcp, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls, TLSSocket } from 'node:tls'
import { header } from '../base/headers.js'
import type { UpstreamTlsFiles } from '../config/tls-files.js'
import { upstreamError } from './errors.js'
import type { HttpClient } from './http.js'
import { Http2Call } from './http2-call.js'
import { Lane } from './http2-lane.js'
import { serverNameFor, tlsOptions, UntrustedServer, wrongPin } from './tls.js'

export interface Http2Options {
  readonly connections: number
  readonly connectTimeoutMs: number
  readonly tls?: UpstreamTlsFiles | undefined
  readonly lookup?: LookupFunction | undefined
  /** A connection is dead that sends nothing for so long, though it was asked to. Left out: 15 s. */
  readonly silentMs?: number
}

/** As Go's client has it: a server may well stand still for a moment. */
const SILENT_MS = 15_000

/** Of a connection, bytes: many of its streams may be paused, with their 64 KB each, before others are held up. */
const WINDOW_BYTES = 2_097_152

/** HTTP/2 to one target, by Node's own client: RATIONALE.md says why not undici's. */
export function http2Client(origin: string, options: Http2Options): HttpClient {
  const lanes = new Set<Lane>()
  let opening: Promise<Lane> | undefined
  let closed = false

  const open = async (): Promise<Lane> => {
    const socket = await openSocket(new URL(origin), options)
    const session = connectHttp2(origin, { createConnection: () => socket, settings: { enablePush: false } })
    const lane = new Lane(session, socket, options.silentMs ?? SILENT_MS)
    session.on('close', () => lanes.delete(lane))
    await once(session, 'connect') // from here on each stream has its id at once
    session.setLocalWindowSize(WINDOW_BYTES)
    if (closed) session.destroy()
    else lanes.add(lane)
    return lane
  }

  /** The connection with the most room; a new one when all are full and there may be one more. */
  const shared = (): Lane | Promise<Lane> => {
    let best: Lane | undefined
    let count = 0
    for (const lane of lanes) {
      if (!lane.open) continue
      count++
      if (best === undefined || lane.streams < best.streams) best = lane
    }
    if (best !== undefined && (best.hasRoom || count >= options.connections)) return best
    opening ??= open().finally(() => {
      opening = undefined
    })
    return opening
  }

  return {
    ask: (request, timeouts, asker) => {
      const alone = header(request.headers, 'connection') === 'close'
      const begin = (lane: Lane): void => {
        call.begin(lane)
        if (alone) lane.retire()
      }
      const enter = (): void => {
        const lane = alone ? open() : shared()
        if (lane instanceof Promise) lane.then(begin, thrown => call.fail(thrown))
        else begin(lane)
      }
      const call = new Http2Call(origin, request, timeouts, enter, asker)
      asker.started(call)
      enter()
    },
    close: async () => {
      closed = true
      for (const { session } of lanes) session.destroy()
    },
    reach: { origin, lookup: options.lookup, tls: options.tls }
  }
}

/** @throws GatewayError GW_UPSTREAM_* */
function openSocket(url: URL, options: Http2Options): Promise<Socket> {
  const { tls, lookup, connectTimeoutMs } = options
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const secure = url.protocol === 'https:'
  const place = { host, port: Number(url.port) || (secure ? 443 : 80), ...(lookup !== undefined && { lookup }) }
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(upstreamError(url.origin, error, false))
    }
    const ready = (): void => {
      const wrong = socket instanceof TLSSocket ? wrongServer(socket, tls) : undefined
      if (wrong !== undefined) {
        refuse(wrong)
        return
      }
      clearTimeout(timer)
      socket.off('error', refuse)
      resolve(socket)
    }
    const socket: Socket = secure
      ? connectTls({
          ...place,
          ...tlsOptions(tls),
          servername: serverNameFor(host, tls),
          ALPNProtocols: ['h2']
        }).once('secureConnect', ready)
      : connectTcp(place).once('connect', ready)
    const timer = setTimeout(
      () => refuse(Object.assign(new Error(`no connection within ${connectTimeoutMs} ms`), { code: 'ETIMEDOUT' })),
      connectTimeoutMs
    )
    socket.once('error', refuse).setNoDelay(true).setKeepAlive(true, 60_000)
  })
}

function wrongServer(socket: TLSSocket, tls: UpstreamTlsFiles | undefined): Error | undefined {
  if (socket.alpnProtocol !== 'h2') return new UntrustedServer('it does not speak HTTP/2 (ALPN)')
  return tls && wrongPin(socket, tls)
}

import { once } from 'node:events'
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { connect as connectTcp, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls, TLSSocket } from 'node:tls'
import { header } from '../base/headers.js'
import type { Reply } from '../base/http.js'
import type { UpstreamTlsFiles } from '../config/tls-files.js'
import { upstreamError } from './errors.js'
import type { HttpClient } from './http.js'
import { Http2Call } from './http2-call.js'
import { serverNameFor, tlsOptions, UntrustedServer, wrongPin } from './tls.js'

export interface Http2Options {
  readonly connections: number
  readonly connectTimeoutMs: number
  readonly tls?: UpstreamTlsFiles | undefined
  readonly lookup?: LookupFunction | undefined
}

/** A connection without streams is closed after this. */
const IDLE_MS = 30_000
/** Streams of one connection, where the server allows more: a lost packet holds up all of them. */
const MAX_STREAMS = 100

/** Of a connection, bytes: many of its streams may be paused, with their 64 KB each, before others are held up. */
const WINDOW_BYTES = 2_097_152

interface Lane {
  readonly session: ClientHttp2Session
  streams: number
}

/** HTTP/2 to one target, by Node's own client: RATIONALE.md says why not undici's. */
export function http2Client(origin: string, options: Http2Options): HttpClient {
  const lanes = new Set<Lane>()
  let opening: Promise<Lane> | undefined
  let closed = false

  const open = async (): Promise<Lane> => {
    const socket = await openSocket(new URL(origin), options)
    const session = connectHttp2(origin, { createConnection: () => socket, settings: { enablePush: false } })
    const lane: Lane = { session, streams: 0 }
    const leave = (): void => void lanes.delete(lane)
    session.on('error', leave) // its streams are told, each by itself
    session.on('goaway', leave)
    session.on('close', leave)
    session.setTimeout(IDLE_MS, () => lane.streams === 0 && session.close())
    await once(session, 'connect')
    session.setLocalWindowSize(WINDOW_BYTES)
    if (closed) session.destroy()
    return lane
  }

  const openShared = async (): Promise<Lane> => {
    const lane = await open()
    if (!lane.session.destroyed) lanes.add(lane)
    return lane
  }

  /** The connection with the most room; a new one when all are full and there may be one more. */
  const lane = (): Lane | Promise<Lane> => {
    let best: Lane | undefined
    for (const each of lanes) if (best === undefined || each.streams < best.streams) best = each
    if (best !== undefined && (hasRoom(best) || lanes.size >= options.connections)) return best
    opening ??= openShared().finally(() => {
      opening = undefined
    })
    return opening
  }

  return {
    send: (request, timeouts, onStart) =>
      new Promise<Reply>((resolve, reject) => {
        const call = new Http2Call(origin, timeouts, resolve, reject)
        onStart(call)
        const begin = (taken: Lane): void => {
          taken.streams++
          call.begin(taken.session, request, () => {
            taken.streams--
            if (alone) taken.session.close()
          })
        }
        const alone = header(request.headers, 'connection') === 'close'
        const taken = alone ? open() : lane()
        if (taken instanceof Promise) taken.then(begin, thrown => call.fail(thrown))
        else begin(taken)
      }),
    close: async () => {
      closed = true
      for (const { session } of lanes) session.destroy()
    },
    reach: { lookup: options.lookup, tls: options.tls }
  }
}

function hasRoom({ session, streams }: Lane): boolean {
  return streams < Math.min(MAX_STREAMS, session.remoteSettings?.maxConcurrentStreams ?? MAX_STREAMS)
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

import { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { type RawData, WebSocket } from 'ws'
import { GatewayError, toError } from '../base/errors.js'
import type { HeaderList } from '../base/headers.js'
import { CLOSE, type MessageSocket, type SocketListener } from '../base/websocket.js'
import {
  AwaitedAnswer,
  handshakeError,
  namedHeaders,
  type Progress,
  type Refused,
  repliedHeaders,
  sendWhenConnected
} from './handshake.js'
import type { Cancellable, HttpTimeouts, OutgoingRequest, Reach } from './http.js'
import { tlsOptions } from './tls.js'

/** The upstream's answer to a handshake: a socket that is open, or the reply with which it refused. */
export type HandshakeAnswer =
  | { readonly kind: 'open'; readonly headers: HeaderList; readonly protocol: string; readonly socket: WsSocket }
  | Refused

export interface HandshakeRequest extends Omit<OutgoingRequest, 'method' | 'body'> {
  /** The subprotocols the client offers, as one header value; empty: none. */
  readonly protocols: string
  /** Largest message the upstream may send, bytes. */
  readonly messageBytes: number
}

/**
 * Opens a WebSocket to an origin (http: or https:). A connection of its own: it is none of the pool's. No extension
 * is offered, so nothing is compressed.
 * @param onStart - gets the call before anything is sent, to end it early
 * @throws GatewayError GW_UPSTREAM_* or GW_CLIENT_GONE after a cancel
 */
export function openWebSocket(
  { origin, lookup, tls }: Reach,
  request: HandshakeRequest,
  timeouts: HttpTimeouts,
  onStart: (call: Cancellable) => void
): Promise<HandshakeAnswer> {
  return new Promise((resolve, reject) => {
    let protocol = ''
    const progress: Progress = { sent: false }
    const socket = new WebSocket(origin.replace(/^http/, 'ws'), {
      headers: handshakeHeaders(request),
      maxPayload: request.messageBytes,
      perMessageDeflate: false,
      autoPong: false,
      followRedirects: false,
      ...tlsOptions(tls),
      ...(lookup !== undefined && { lookup }),
      // As it is, not as a URL parser would write it.
      finishRequest: sent => {
        sent.path = request.target
        sendWhenConnected(sent, tls, progress, () => sent.end())
      }
    })
    const answer = new AwaitedAnswer(origin, 'the WebSocket handshake', timeouts, onStart, reject, progress, () =>
      socket.terminate()
    )
    socket.on('error', error => answer.fail(handshakeError(origin, error)))
    socket.on('unexpected-response', (_, reply) => resolve(answer.refused(reply, headersOf(reply))))
    let headers: HeaderList = []
    socket.on('upgrade', reply => {
      headers = headersOf(reply)
      try {
        protocol = chosenProtocol(reply, request.protocols, origin)
      } catch (thrown) {
        answer.fail(toError(thrown))
      }
    })
    socket.on('open', () => {
      answer.came()
      const opened = new WsSocket(socket)
      onStart({ cancel: () => opened.terminate() })
      resolve({ kind: 'open', headers, protocol, socket: opened })
    })
  })
}

/** ws writes Connection, Upgrade, the key and the version. */
function handshakeHeaders({ headers, protocols }: HandshakeRequest): Record<string, string[]> {
  const named = namedHeaders(headers)
  if (protocols !== '') named['sec-websocket-protocol'] = [protocols]
  return named
}

/**
 * What the upstream chose among the client's protocols (RFC 6455 §4.2.2: one of them, or none). ws would take an
 * upstream that chooses none for one that fails, so the protocol is read here and hidden from it.
 * @throws GatewayError GW_UPSTREAM_BAD_RESPONSE for one that was not offered
 */
function chosenProtocol(reply: IncomingMessage, offered: string, origin: string): string {
  const chosen = reply.headers['sec-websocket-protocol']
  if (chosen === undefined) return ''
  delete reply.headers['sec-websocket-protocol']
  if (offered.split(',').some(each => each.trim() === chosen)) return chosen
  throw new GatewayError('GW_UPSTREAM_BAD_RESPONSE', `${origin}: chose a WebSocket protocol nobody offered`)
}

/** Written by the handshake of each side for itself. */
const OF_HANDSHAKE = /^(?:upgrade|connection|sec-websocket-(?:accept|protocol|extensions))$/

function headersOf(reply: IncomingMessage): HeaderList {
  const list = repliedHeaders(reply)
  return reply.statusCode === 101 ? list.filter((_, i) => !OF_HANDSHAKE.test(list[i - (i % 2)] ?? '')) : list
}

/** An end of a relayed WebSocket for which ws speaks: the upstream's, or that of a client of Node's listeners. */
export class WsSocket implements MessageSocket {
  /** The code for what the upstream did wrong, when it did. */
  private wrong: number | undefined
  private listener: SocketListener | undefined
  private over: Parameters<SocketListener['closed']> | undefined

  constructor(private readonly socket: WebSocket) {
    socket.pause() // until somebody listens
    socket.removeAllListeners('error')
    socket.on('error', error => {
      this.wrong ??= faultCode(error)
    })
    socket.on('close', (code, reason) => {
      this.over = [this.wrong ?? code, reason.toString(), this.wrong !== undefined]
      this.listener?.closed(...this.over)
    })
  }

  get buffered(): number {
    return this.socket.bufferedAmount
  }

  start(listener: SocketListener): void {
    const { socket, over } = this
    this.listener = listener
    if (over !== undefined) {
      listener.closed(...over)
      return
    }
    socket.on('message', (data, binary) => listener.message(bytesOf(data), binary))
    socket.on('ping', data => listener.ping(data))
    socket.on('pong', data => listener.pong(data))
    socket.resume()
  }

  send(data: Buffer, binary: boolean): void {
    this.socket.send(data, { binary }, this.sent)
  }

  ping(data: Buffer): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.ping(data, undefined, this.sent)
  }

  pong(data: Buffer): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.pong(data, undefined, this.sent)
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  close(code: number, reason: string): void {
    this.socket.resume() // or its answer is never read
    if (code === CLOSE.noCode) this.socket.close()
    else this.socket.close(code, reason)
  }

  terminate(): void {
    this.socket.terminate()
  }

  /** One function for every message. An error is told by `close` too. */
  private readonly sent = (): void => this.listener?.drained()
}

function faultCode(error: Error): number | undefined {
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return CLOSE.tooLarge
  if (code === 'WS_ERR_INVALID_UTF8') return CLOSE.badText
  return code.startsWith('WS_ERR_') ? CLOSE.protocolError : undefined
}

/** ws hands messages over as one Buffer unless it is told otherwise. */
function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}

import { Buffer } from 'node:buffer'
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import { header } from '../../base/headers.js'
import type { MessageSocket } from '../../base/websocket.js'
import { WsSocket } from '../../upstream/websocket.js'
import type { OpenClient } from '../websocket-responder.js'
import { readHandshake } from '../websockets.js'
import { readHead1, wire1 } from './http1.js'
import type { Wire } from './responder.js'

/** What a client has sent before it has its answer, bytes: beyond that it is not read, and not seen to leave. */
const EARLY_BYTES = 65_536

/**
 * A request of HTTP/1.1. When its head is read, Node asks `upgrade` whether the connection leaves HTTP, and a server
 * that listens for "upgrade" says yes to every protocol. Here only an opening handshake does that no reply stands
 * before: all else is a request.
 */
export class Request1 extends IncomingMessage {
  private asked?: boolean
  /** Decided once: Node asks several times. */
  private leaves?: boolean

  get upgrade(): boolean {
    if (this.asked !== true) return false
    this.leaves ??= this.method === 'CONNECT' || (isHandshake(this) && isFree(this.socket))
    return this.leaves
  }

  set upgrade(asked: boolean) {
    this.asked = asked
  }
}

/** Node's types do not know where the reply is kept that a connection is for. */
function isFree(socket: Socket): boolean {
  return (Reflect.get(socket, '_httpMessage') ?? undefined) === undefined
}

function isHandshake(request: IncomingMessage): boolean {
  if (request.httpVersion !== '1.1') return false
  const head = readHead1(request, 'http')
  const length = header(head.headers, 'content-length') ?? '0'
  const bodiless = length === '0' && header(head.headers, 'transfer-encoding') === undefined
  return bodiless && readHandshake(head) !== undefined
}

/**
 * The connection of an opening handshake, which Node's server has let go of: it becomes a WebSocket, or gets a plain
 * reply and goes back to the server.
 */
export class Opening {
  /** For a plain reply. */
  readonly wire: Wire
  private readonly response: ServerResponse
  private readonly early: Buffer[] = []
  private earlyBytes = 0
  /** The connection ends with the reply. */
  private last: boolean

  /** @param giveBack - serves the requests that follow on the connection */
  constructor(
    private readonly request: IncomingMessage,
    head: Buffer,
    private readonly giveBack: () => void
  ) {
    const { socket } = request
    const response = new ServerResponse(request)
    this.response = response
    this.last = /\bclose\b/i.test(request.headers.connection ?? '')
    response.shouldKeepAlive = !this.last
    response.assignSocket(socket)
    response.on('finish', () => this.answered())
    const wire = wire1(response, false)
    this.wire = {
      ...wire,
      head: (reply, length, options) => {
        this.last ||= options.close
        wire.head(reply, length, options)
      }
    }
    if (head.length > 0) this.keep(head)
    socket.removeAllListeners('timeout') // Node's server does not take its own back
    socket.on('error', ignored).on('drain', this.drained).on('data', this.keep)
  }

  /** Completes the handshake. Once. */
  readonly open: OpenClient = ({ headers }, { protocol, limits }) => {
    const { request, response, early } = this
    const { socket } = request
    if (!socket.readable || !socket.writable) return undefined // ws would close it, and tell nobody
    this.release()
    response.detachSocket(socket)
    // A message between the limit and its double is told 1009 by the relay, which says more.
    const maxPayload = 2 * limits.messageBytes
    const server = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload })
    server.on('headers', lines => {
      for (let i = 0; i + 1 < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`)
      if (protocol !== '') lines.push(`sec-websocket-protocol: ${protocol}`)
    })
    // ws looks at these once more: it knows no list, and would choose a protocol itself.
    request.headers.upgrade = 'websocket'
    delete request.headers['sec-websocket-protocol']
    let client: MessageSocket | undefined
    server.handleUpgrade(request, socket, Buffer.concat(early), opened => {
      client = new WsSocket(opened)
    })
    return client
  }

  private readonly keep = (chunk: Buffer): void => {
    this.early.push(chunk)
    this.earlyBytes += chunk.length
    if (this.earlyBytes > EARLY_BYTES) this.request.socket.pause()
  }

  private readonly drained = (): void => {
    this.response.emit('drain')
  }

  /** A plain reply is out. */
  private answered(): void {
    const { response, request, early } = this
    const { socket } = request
    response.detachSocket(socket)
    response.emit('close')
    if (this.last) {
      socket.end(() => socket.destroy())
      return
    }
    setImmediate(() => {
      this.release()
      if (socket.destroyed) return
      if (early.length > 0) socket.unshift(Buffer.concat(early))
      this.giveBack()
      socket.resume()
    })
  }

  private release(): void {
    this.request.socket.off('error', ignored).off('drain', this.drained).off('data', this.keep)
  }
}

/** "close" follows. */
function ignored(): void {}

import { Buffer } from 'node:buffer'
import { type IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { WebSocketServer } from 'ws'
import { toLatin1 } from '../../base/header-text.js'
import type { MessageSocket } from '../../base/websocket.js'
import { WsSocket } from '../../upstream/websocket.js'
import type { OpenClient, Openers, OpenTunnel } from '../upgrade-responder.js'
import { wire1 } from './http1.js'
import type { Link } from './link.js'
import type { Wire } from './wire.js'

/** What a client has sent before it has its answer, bytes: beyond that it is not read, and not seen to leave. */
const EARLY_BYTES = 65_536

/**
 * The connection of a request that may leave HTTP, which Node's server has let go of: it becomes a WebSocket or a tunnel,
 * or gets a plain reply and goes back to the server.
 */
export class Opening implements Openers {
  /** For a plain reply. */
  readonly wire: Wire
  private readonly first: FirstBytes
  private readonly response: ServerResponse
  private readonly early: Buffer[] = []
  private earlyBytes = 0
  /** The connection ends with the reply. */
  private last: boolean

  /** @param giveBack - serves the requests that follow on the connection */
  constructor(
    private readonly request: IncomingMessage,
    head: Buffer,
    link: Link,
    private readonly giveBack: () => void
  ) {
    const { socket } = request
    const response = new ServerResponse(request)
    this.first = new FirstBytes(Number(request.headers['content-length'] ?? 0))
    this.response = response
    this.last = /\bclose\b/i.test(request.headers.connection ?? '')
    response.shouldKeepAlive = !this.last
    response.assignSocket(socket)
    response.on('finish', () => this.answered())
    const wire = wire1(response, link, /\btrailers\b/i.test(String(request.headers.te ?? '')))
    this.wire = {
      ...wire,
      head: (reply, length, options) => {
        this.last ||= options.close
        wire.head(reply, length, options)
      }
    }
    if (head.length > 0) this.keep(head)
    socket.removeAllListeners('timeout') // Node's server does not take its own back
    socket.on('error', ignored).on('drain', this.drained).on('data', this.keep).on('close', this.gone)
  }

  /** The body of the request. */
  get body(): Readable {
    return this.first
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

  /** Passes the bytes of the connection on from here, as they are. Once. */
  readonly openTunnel: OpenTunnel = ({ headers }, { protocol }) => {
    const { request, response, early, first } = this
    const { socket } = request
    // A policy may have put another body in the place of one that still comes.
    if (!socket.readable || !socket.writable || !first.complete) return undefined
    this.release()
    response.detachSocket(socket)
    socket.pause()
    if (early.length > 0) socket.unshift(Buffer.concat(early))
    socket.allowHalfOpen = true // the end of what it says is not the end of what it hears
    const lines = ['HTTP/1.1 101 Switching Protocols', 'connection: Upgrade', `upgrade: ${protocol}`]
    for (let i = 0; i + 1 < headers.length; i += 2) lines.push(`${headers[i]}: ${toLatin1(headers[i + 1] ?? '')}`)
    socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
    return socket
  }

  private readonly keep = (bytes: Buffer): void => {
    const chunk = this.first.behind(bytes)
    if (chunk.length === 0) return
    this.early.push(chunk)
    this.earlyBytes += chunk.length
    if (this.earlyBytes > EARLY_BYTES) this.request.socket.pause()
  }

  private readonly drained = (): void => {
    this.response.emit('drain')
  }

  private readonly gone = (): void => {
    this.first.destroy()
  }

  /** A plain reply is out. */
  private answered(): void {
    const { response, request, first } = this
    const { socket } = request
    response.detachSocket(socket)
    response.emit('close')
    if (this.last) {
      socket.end(() => socket.destroy())
      return
    }
    // What is left of the body is thrown away; the next request is behind it.
    if (first.complete) setImmediate(this.handBack)
    else first.once('end', this.handBack)
  }

  private readonly handBack = (): void => {
    const { early } = this
    const { socket } = this.request
    this.release()
    if (socket.destroyed) return
    if (early.length > 0) socket.unshift(Buffer.concat(early))
    this.giveBack()
    socket.resume()
  }

  private release(): void {
    const { socket } = this.request
    socket.off('error', ignored).off('drain', this.drained).off('data', this.keep).off('close', this.gone)
  }
}

/** The first bytes behind a head: a body that is small enough to be kept. */
class FirstBytes extends Readable {
  constructor(private missing: number) {
    super()
    if (missing === 0) this.push(null)
  }

  get complete(): boolean {
    return this.missing === 0
  }

  /** Takes what is of the body. @returns what is behind it */
  behind(bytes: Buffer): Buffer {
    if (this.missing === 0) return bytes
    const mine = bytes.subarray(0, this.missing)
    this.missing -= mine.length
    this.push(mine)
    if (this.missing === 0) this.push(null)
    return bytes.subarray(mine.length)
  }

  override _read(): void {} // they come when they come
}

/** "close" follows. */
function ignored(): void {}

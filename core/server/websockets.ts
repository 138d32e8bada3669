import type { HttpRequest, HttpResponse, TemplatedApp, us_socket_context_t, WebSocketBehavior } from 'uWebSockets.js'
import { OpenSockets } from './open-sockets.js'
import type { ClientData } from './websocket-client.js'

/**
 * The largest message uWebSockets.js takes is a property of all sockets of one "context": there is one for each of
 * these sizes. A message between a route's limit and the size is told 1009 by us; beyond it the connection is cut.
 */
const SIZES = [18, 20, 22, 24, 26, 28].map(bits => 2 ** bits)

/** uWebSockets.js's contexts for sockets, the smallest first. */
export class SocketContexts {
  readonly contexts: (us_socket_context_t | undefined)[] = []

  /** The smallest one that takes messages of twice that size. */
  roomFor(messageBytes: number): us_socket_context_t {
    const context = this.contexts[SIZES.findIndex(size => size >= 2 * messageBytes)]
    if (context === undefined) throw new RangeError(`no context for messages of ${messageBytes} bytes`)
    return context
  }
}

export type AcceptHandshake = (response: HttpResponse, request: HttpRequest, contexts: SocketContexts) => void

/** The WebSockets of a listener of uWebSockets.js. */
export class WebSockets extends OpenSockets {
  /** @param onClosed - hears of each connection that has become a WebSocket and ends */
  constructor(private readonly onClosed: () => void) {
    super()
  }

  /**
   * Has `app` hand over opening handshakes; for each app once, before it listens. A handshake is offered to each
   * context in turn: all but the last only note where they are.
   */
  register(app: TemplatedApp, accept: AcceptHandshake): void {
    const known = new SocketContexts()
    for (const [i, size] of SIZES.entries()) {
      // Any name that begins with a star is a pattern of its own that takes every path.
      app.ws<ClientData>(`/*${i}`, {
        ...this.behavior,
        maxPayloadLength: size,
        upgrade: (response, request, context) => {
          known.contexts[i] = context
          if (i === SIZES.length - 1) accept(response, request, known)
          else request.setYield(true)
        }
      })
    }
  }

  /** No clocks of uWebSockets.js: the relay has those of its route. Nothing is compressed. */
  private readonly behavior: WebSocketBehavior<ClientData> = {
    idleTimeout: 0,
    maxLifetime: 0,
    maxBackpressure: 0,
    sendPingsAutomatically: false,
    open: socket => socket.getUserData().client.onOpen(socket),
    message: (socket, data, binary) => socket.getUserData().client.onMessage(data, binary),
    ping: (socket, data) => socket.getUserData().client.onPing(data),
    pong: (socket, data) => socket.getUserData().client.onPong(data),
    drain: socket => socket.getUserData().client.onDrain(),
    close: (socket, code, message) => {
      this.onClosed()
      socket.getUserData().client.onClose(code, message)
    }
  }
}

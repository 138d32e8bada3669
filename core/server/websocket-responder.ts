import type { HttpResponse } from 'uWebSockets.js'
import type { Reply } from '../base/http.js'
import type { Handshake, Upgraded } from '../base/websocket.js'
import type { Downstream, Sent } from '../gateway/exchange.js'
import { Responder, type ResponderHooks } from './responder.js'
import { type ClientData, ClientSocket } from './websocket-client.js'
import { Relay } from './websocket-relay.js'
import type { SocketContexts, WebSockets } from './websockets.js'

/** Answers a WebSocket handshake: with a reply like any other, or with the WebSocket and all that goes over it. */
export class WebSocketResponder implements Downstream {
  private readonly plain: Responder
  private relay: Relay | undefined
  private over = false

  constructor(
    private readonly response: HttpResponse,
    private readonly handshake: Handshake,
    private readonly contexts: SocketContexts,
    private readonly hooks: ResponderHooks,
    private readonly sockets: WebSockets,
    /** The request's body: what comes over the socket is counted there. */
    private readonly incoming: { received: number }
  ) {
    this.plain = new Responder(response, false, hooks)
  }

  get done(): boolean {
    return this.relay === undefined ? this.plain.done : this.over
  }

  get started(): boolean {
    return this.relay !== undefined || this.plain.started
  }

  send(reply: Reply, last: boolean): Sent | Promise<Sent> {
    const { upgraded, status } = reply
    if (upgraded === undefined) return this.plain.send(reply, last)
    if (status === 101 && !this.plain.done) return this.upgrade(reply, upgraded)
    upgraded.socket.terminate() // a policy said otherwise, or there is nobody any more
    return this.plain.send(reply, last)
  }

  cut(): void {
    if (this.relay === undefined) this.plain.cut()
    else this.relay.terminate()
  }

  private upgrade({ headers }: Reply, upgraded: Upgraded): Promise<Sent> {
    const { response, sockets } = this
    const client = new ClientSocket(response)
    const data: ClientData = { client }
    const context = this.contexts.roomFor(upgraded.limits.messageBytes)
    response.cork(() => {
      response.writeStatus('101 Switching Protocols')
      for (let i = 0; i + 1 < headers.length; i += 2) response.writeHeader(headers[i] ?? '', headers[i + 1] ?? '')
      response.upgrade(data, this.handshake.key, upgraded.protocol, '', context)
    })
    return new Promise(resolve => {
      const relay = new Relay(client, upgraded, sent => {
        this.over = true
        sockets.delete(relay)
        this.incoming.received = upgraded.counts.bytesIn
        resolve(sent)
      })
      this.relay = relay
      sockets.add(relay)
      relay.start()
      if (this.hooks.closing) relay.goAway()
    })
  }
}

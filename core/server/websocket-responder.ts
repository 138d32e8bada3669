import type { Reply } from '../base/http.js'
import type { MessageSocket, Upgraded } from '../base/websocket.js'
import type { Downstream, Sent } from '../gateway/exchange.js'
import type { OpenSockets } from './open-sockets.js'
import type { ResponderHooks } from './responder.js'
import { Relay } from './websocket-relay.js'

/** Tells the client that its connection is a WebSocket now. @returns its end; undefined: the client is gone */
export type OpenClient = (reply: Reply, upgraded: Upgraded) => MessageSocket | undefined

/** Answers a WebSocket handshake: with a reply like any other, or with the WebSocket and all that goes over it. */
export class WebSocketResponder implements Downstream {
  private relay: Relay | undefined
  private over = false

  constructor(
    private readonly plain: Downstream,
    private readonly open: OpenClient,
    private readonly hooks: ResponderHooks,
    private readonly sockets: OpenSockets,
    /** The request's body: what comes over the socket is counted there. */
    private readonly incoming: { received: number }
  ) {}

  get done(): boolean {
    return this.relay === undefined ? this.plain.done : this.over
  }

  get started(): boolean {
    return this.relay !== undefined || this.plain.started
  }

  send(reply: Reply, last: boolean): Sent | Promise<Sent> {
    const { upgraded, status } = reply
    if (upgraded === undefined) return this.plain.send(reply, last)
    const client = status === 101 && !this.plain.done ? this.open(reply, upgraded) : undefined
    if (client !== undefined) return this.join(client, upgraded)
    upgraded.socket.terminate()
    if (status !== 101) return this.plain.send(reply, last) // a policy said otherwise
    this.plain.cut() // there is nobody any more
    return { bytes: 0, cutShort: 'client-gone' }
  }

  cut(): void {
    if (this.relay === undefined) this.plain.cut()
    else this.relay.terminate()
  }

  private join(client: MessageSocket, upgraded: Upgraded): Promise<Sent> {
    const { sockets } = this
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

import type { Socket } from 'node:net'
import type { Reply } from '../base/http.js'
import type { TunnelUpgrade, Upgraded } from '../base/upgrade.js'
import type { MessageSocket, SocketUpgrade } from '../base/websocket.js'
import type { Downstream, Sent } from '../gateway/exchange.js'
import type { OpenSockets, Relaying } from './open-sockets.js'
import type { ResponderHooks } from './responder.js'
import { TunnelRelay } from './tunnel-relay.js'
import { Relay } from './websocket-relay.js'

/** Tells the client that its connection is a WebSocket now. @returns its end; undefined: the client is gone */
export type OpenClient = (reply: Reply, upgraded: SocketUpgrade) => MessageSocket | undefined

/** Tells the client that its connection speaks another protocol now. @returns its end; undefined: the client is gone */
export type OpenTunnel = (reply: Reply, upgraded: TunnelUpgrade) => Socket | undefined

/** What the client's connection can become. */
export interface Openers {
  readonly open: OpenClient
  /** Undefined: there is no way to the bytes of the connection. No tunnel is asked for then. */
  readonly openTunnel?: OpenTunnel | undefined
}

/** Answers a request that may leave HTTP: with a reply like any other, or with what the connection becomes and all that goes over it. */
export class UpgradeResponder implements Downstream {
  private relay: Relaying | undefined
  private over = false

  constructor(
    private readonly plain: Downstream,
    private readonly openers: Openers,
    private readonly hooks: ResponderHooks,
    private readonly sockets: OpenSockets,
    /** The request's body: what comes over the connection afterwards is counted there. */
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
    const join = status === 101 && !this.plain.done ? this.joining(reply, upgraded) : undefined
    if (join !== undefined) return this.join(upgraded, join)
    upgraded.cancel()
    if (status !== 101) return this.plain.send(reply, last) // a policy said otherwise
    this.plain.cut() // there is nobody any more
    return { bytes: 0, cutShort: 'client-gone' }
  }

  cut(): void {
    if (this.relay === undefined) this.plain.cut()
    else this.relay.terminate()
  }

  /** Tells the client. @returns what makes the two ends one; undefined: the client is gone */
  private joining(reply: Reply, upgraded: Upgraded): ((over: (sent: Sent) => void) => Relaying) | undefined {
    if (upgraded.kind === 'websocket') {
      const client = this.openers.open(reply, upgraded)
      return client && (over => new Relay(client, upgraded, over))
    }
    const client = this.openers.openTunnel?.(reply, upgraded)
    return client && (over => new TunnelRelay(client, upgraded, over))
  }

  private join({ counts }: Upgraded, between: (over: (sent: Sent) => void) => Relaying): Promise<Sent> {
    const { sockets, incoming } = this
    return new Promise(resolve => {
      const relay = between(sent => {
        this.over = true
        sockets.delete(relay)
        incoming.received += counts.bytesIn
        resolve(sent)
      })
      this.relay = relay
      sockets.add(relay)
      relay.start()
      if (this.hooks.leaving) relay.goAway()
    })
  }
}

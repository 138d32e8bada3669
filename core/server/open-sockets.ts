import type { Relay } from './websocket-relay.js'

/** The WebSockets of a listener. */
export class OpenSockets {
  private readonly open = new Set<Relay>()

  add(relay: Relay): void {
    this.open.add(relay)
  }

  delete(relay: Relay): void {
    this.open.delete(relay)
  }

  /** Everyone is told that the gateway shuts down. */
  goAway(): void {
    for (const relay of this.open) relay.goAway()
  }

  /** Ends those that are left. */
  close(): void {
    for (const relay of this.open) relay.terminate()
  }
}

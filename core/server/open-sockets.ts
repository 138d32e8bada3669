/** Two ends that are joined: WebSockets, or a tunnel. */
export interface Relaying {
  start(): void
  /** The gateway shuts down: both sides are told, as far as their protocol can say so. */
  goAway(): void
  /** Ends both connections at once. */
  terminate(): void
}

/** The connections of a listener that have left HTTP. */
export class OpenSockets {
  private readonly open = new Set<Relaying>()

  add(relay: Relaying): void {
    this.open.add(relay)
  }

  delete(relay: Relaying): void {
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

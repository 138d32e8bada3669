import type { HttpResponse } from 'uWebSockets.js'
import { addressText } from './address.js'

/**
 * Who is at the other end. Asking uWebSockets.js is a system call for every request, and it has no place to keep the
 * answer with a connection. Behind one load balancer every open connection comes from one address: then it is asked
 * only when a connection opens.
 */
export class Peers {
  /** Connections that are open. */
  connections = 0
  /** The address all of them come from; undefined when they come from several. */
  private only: string | undefined

  /** A connection was opened (1) or closed (-1). */
  changed(response: HttpResponse, change: number): void {
    this.connections += change
    if (change < 0) return
    const peer = addressText(response.getRemoteAddress())
    if (this.connections === 1) this.only = peer
    else if (this.only !== peer) this.only = undefined
  }

  /** A connection that had become a WebSocket was closed: uWebSockets.js does not tell of it. */
  left(): void {
    this.connections--
  }

  /** The address of the connection that `response` is for. */
  of(response: HttpResponse): string {
    return this.only ?? addressText(response.getRemoteAddress())
  }
}

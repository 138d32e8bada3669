import type { SocketCounts } from '../base/websocket.js'
import type { MetricsRegistry } from './registry.js'

type Cells = SocketCounts & { open: number }

/**
 * What goes over relayed WebSockets, by route. It lives as long as the process, and counts while sockets are open: one
 * may live for days.
 */
export class SocketMeter {
  private readonly routes = new Map<string, Cells>()

  constructor(registry: MetricsRegistry) {
    registry.gauge('gateway_open_websockets', 'WebSockets that are open.', () =>
      [...this.routes].map(([route, { open }]) => ({ labels: { route }, value: open }))
    )
    const both = (read: (cells: Cells) => readonly [number, number]) => () =>
      [...this.routes].flatMap(([route, cells]) => {
        const [fromClient, toClient] = read(cells)
        return [
          { labels: { route, direction: 'in' }, value: fromClient },
          { labels: { route, direction: 'out' }, value: toClient }
        ]
      })
    registry.counter(
      'gateway_websocket_messages_total',
      'Messages over WebSockets, "in" from clients, "out" to them.',
      both(({ messagesIn, messagesOut }) => [messagesIn, messagesOut])
    )
    registry.counter(
      'gateway_websocket_bytes_total',
      'Bytes of messages over WebSockets.',
      both(({ bytesIn, bytesOut }) => [bytesIn, bytesOut])
    )
  }

  /** Where the sockets of a route count. */
  of(route: string): Cells {
    let cells = this.routes.get(route)
    if (cells === undefined) {
      cells = { open: 0, messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0 }
      this.routes.set(route, cells)
    }
    return cells
  }
}

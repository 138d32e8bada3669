import type { SocketCounts } from '../base/websocket.js'
import type { MetricsRegistry } from './registry.js'
import { RouteCells } from './route-cells.js'

type Cells = SocketCounts & { open: number }

/** What goes over relayed WebSockets, by route. Counted while sockets are open: one may live for days. */
export class SocketMeter {
  private readonly cells = new RouteCells<Cells>(() => ({
    open: 0,
    messagesIn: 0,
    messagesOut: 0,
    bytesIn: 0,
    bytesOut: 0
  }))

  constructor(registry: MetricsRegistry) {
    const { cells } = this
    registry.gauge('gateway_open_websockets', 'WebSockets that are open.', cells.open)
    registry.counter(
      'gateway_websocket_messages_total',
      'Messages over WebSockets, "in" from clients, "out" to them.',
      cells.both(({ messagesIn, messagesOut }) => [messagesIn, messagesOut])
    )
    registry.counter(
      'gateway_websocket_bytes_total',
      'Bytes of messages over WebSockets.',
      cells.both(({ bytesIn, bytesOut }) => [bytesIn, bytesOut])
    )
  }

  /** Where the sockets of a route count. */
  of(route: string): Cells {
    return this.cells.of(route)
  }
}

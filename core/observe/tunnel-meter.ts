import type { TunnelCounts } from '../base/upgrade.js'
import type { MetricsRegistry } from './registry.js'
import { RouteCells } from './route-cells.js'

type Cells = TunnelCounts & { open: number }

/** What goes through tunnels, by route: counted while they are open. */
export class TunnelMeter {
  private readonly cells = new RouteCells<Cells>(() => ({ open: 0, bytesIn: 0, bytesOut: 0 }))

  constructor(registry: MetricsRegistry) {
    const { cells } = this
    registry.gauge('gateway_open_tunnels', 'Tunnels that are open.', cells.open)
    registry.counter(
      'gateway_tunnel_bytes_total',
      'Bytes through tunnels, "in" from clients, "out" to them.',
      cells.both(({ bytesIn, bytesOut }) => [bytesIn, bytesOut])
    )
  }

  /** Where the tunnels of a route count. */
  of(route: string): Cells {
    return this.cells.of(route)
  }
}

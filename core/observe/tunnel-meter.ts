import type { TunnelCounts } from '../base/upgrade.js'
import type { MetricsRegistry } from './registry.js'

type Cells = TunnelCounts & { open: number }

/** What goes through tunnels, by route: as long as the process lives, and while they are open. */
export class TunnelMeter {
  private readonly routes = new Map<string, Cells>()

  constructor(registry: MetricsRegistry) {
    registry.gauge('gateway_open_tunnels', 'Tunnels that are open.', () =>
      [...this.routes].map(([route, { open }]) => ({ labels: { route }, value: open }))
    )
    registry.counter('gateway_tunnel_bytes_total', 'Bytes through tunnels, "in" from clients, "out" to them.', () =>
      [...this.routes].flatMap(([route, { bytesIn, bytesOut }]) => [
        { labels: { route, direction: 'in' }, value: bytesIn },
        { labels: { route, direction: 'out' }, value: bytesOut }
      ])
    )
  }

  /** Where the tunnels of a route count. */
  of(route: string): Cells {
    let cells = this.routes.get(route)
    if (cells === undefined) {
      cells = { open: 0, bytesIn: 0, bytesOut: 0 }
      this.routes.set(route, cells)
    }
    return cells
  }
}

import type { ErrorCode } from '../base/errors.js'
import { Buckets } from './buckets.js'
import type { LoggedExchange } from './exchange-log.js'
import { Outcomes } from './outcomes.js'
import type { MetricsRegistry } from './registry.js'

interface RouteCells {
  readonly outcomes: Outcomes
  readonly seconds: Buckets
  bytesIn: number
  bytesOut: number
}

interface UpstreamCells {
  readonly outcomes: Outcomes
  readonly seconds: Buckets
}

/**
 * What exchanges came to, by route and by upstream. It lives as long as the process: a new snapshot goes on counting where the
 * last one was. Names come from the configuration, so there are as many series as it has routes and upstreams.
 */
export class ExchangeMeter {
  private readonly routes = new Map<string, RouteCells>()
  private readonly upstreams = new Map<string, UpstreamCells>()

  constructor(registry: MetricsRegistry) {
    const routes = <T>(read: (cells: RouteCells, labels: { route: string }) => T) =>
      [...this.routes].map(([route, cells]) => read(cells, { route }))
    const upstreams = <T>(read: (cells: UpstreamCells, labels: { upstream: string }) => T) =>
      [...this.upstreams].map(([upstream, cells]) => read(cells, { upstream }))
    registry.counter(
      'gateway_requests_total',
      'Exchanges by route, status and error code; no route: none matched.',
      () => routes(({ outcomes }, labels) => outcomes.readings(labels)).flat()
    )
    registry.histogram('gateway_request_seconds', 'From the head of the request to the end of the reply.', () =>
      routes(({ seconds }, labels) => ({ labels, ...reading(seconds) }))
    )
    registry.counter('gateway_request_body_bytes_total', 'Bytes of request bodies received.', () =>
      routes(({ bytesIn }, labels) => ({ labels, value: bytesIn }))
    )
    registry.counter('gateway_response_body_bytes_total', 'Bytes of reply bodies sent.', () =>
      routes(({ bytesOut }, labels) => ({ labels, value: bytesOut }))
    )
    registry.counter('gateway_upstream_requests_total', 'Requests sent upstream, by status and error code.', () =>
      upstreams(({ outcomes }, labels) => outcomes.readings(labels)).flat()
    )
    registry.histogram(
      'gateway_upstream_seconds',
      'From sending a request on, or the last byte of its body where that came later, to the head of the reply or the error.',
      () => upstreams(({ seconds }, labels) => ({ labels, ...reading(seconds) }))
    )
  }

  /** An exchange is over. */
  exchange(exchange: LoggedExchange): void {
    const { cutShort } = exchange
    const cells = this.route(exchange.route?.name ?? '')
    const error = exchange.error?.code ?? (cutShort === 'client-gone' ? 'GW_CLIENT_GONE' : cutShort?.code)
    cells.outcomes.count(exchange.status, error)
    cells.seconds.observe((performance.now() - exchange.startedAt) / 1_000)
    cells.bytesIn += exchange.incoming.received
    cells.bytesOut += exchange.bytesOut
  }

  /** An upstream has answered, or failed to. @param status - 0: there is no reply */
  upstream(name: string, status: number, error: ErrorCode | undefined, ms: number): void {
    let cells = this.upstreams.get(name)
    if (cells === undefined) {
      cells = { outcomes: new Outcomes(), seconds: new Buckets() }
      this.upstreams.set(name, cells)
    }
    cells.outcomes.count(status, error)
    cells.seconds.observe(ms / 1_000)
  }

  private route(name: string): RouteCells {
    let cells = this.routes.get(name)
    if (cells === undefined) {
      cells = { outcomes: new Outcomes(), seconds: new Buckets(), bytesIn: 0, bytesOut: 0 }
      this.routes.set(name, cells)
    }
    return cells
  }
}

function reading({ bounds, counts, sum }: Buckets) {
  return { bounds, counts, sum }
}

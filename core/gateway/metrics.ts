import { UnpricedMeter } from '../ai/pricing.js'
import { AiMeter } from '../observe/ai-meter.js'
import { ExchangeMeter } from '../observe/exchange-meter.js'
import { MetricsRegistry } from '../observe/registry.js'
import { ResilienceMeter } from '../observe/resilience-meter.js'
import { SocketMeter } from '../observe/socket-meter.js'
import { TunnelMeter } from '../observe/tunnel-meter.js'
import { DeprecationReport } from './deprecation-report.js'
import { PluginMetrics } from './plugin-metrics.js'

/** All that is counted, for the life of the process. There is one when somebody can scrape it, and else none. */
export interface Metrics {
  readonly registry: MetricsRegistry
  readonly exchanges: ExchangeMeter
  readonly plugins: PluginMetrics
  readonly deprecations: DeprecationReport
  readonly sockets: SocketMeter
  readonly tunnels: TunnelMeter
  readonly resilience: ResilienceMeter
  readonly unpriced: UnpricedMeter
  readonly ai: AiMeter
}

/** @param process - whether what Node knows of the process is among it */
export function createMetrics(process = true): Metrics {
  const registry = new MetricsRegistry()
  if (process) registry.process()
  const deprecations = new DeprecationReport()
  deprecations.exposeTo(registry)
  return {
    registry,
    exchanges: new ExchangeMeter(registry),
    plugins: new PluginMetrics(registry),
    sockets: new SocketMeter(registry),
    tunnels: new TunnelMeter(registry),
    deprecations,
    resilience: new ResilienceMeter(registry),
    unpriced: new UnpricedMeter(registry),
    ai: new AiMeter(registry)
  }
}

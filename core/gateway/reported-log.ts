import type { ExchangeLog } from '../observe/exchange-log.js'
import type { DeprecatedRoute, DeprecationReport } from './deprecation-report.js'

/** A log that tells the report of every exchange on a deprecated route, once it is over and its consumer is known. */
export function reportedLog(
  log: ExchangeLog,
  routes: readonly DeprecatedRoute[],
  report: DeprecationReport
): ExchangeLog {
  const names = new Set(routes.map(({ name }) => name))
  return {
    ...log,
    exchange: exchange => {
      const { route, error, consumer } = exchange
      if (route !== undefined && names.has(route.name)) {
        report.count(route.name, consumer, error?.code === 'GW_ROUTE_GONE' || error?.code === 'GW_ROUTE_BROWNOUT')
      }
      log.exchange(exchange)
    }
  }
}

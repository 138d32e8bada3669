import { dollars } from '../../base/dollars.js'
import type { Logger } from '../../observe/log.js'
import type { MetricsRegistry } from '../../observe/registry.js'
import type { Passed } from '../budgets/local-ledger.js'
import type { Delivery, Webhook } from './webhook.js'

/** What came of alerts, by kind: logged, delivered, failed, dropped, kept. */
export class AlertMeter {
  private readonly counts = new Map<string, number>()

  constructor(registry?: MetricsRegistry) {
    registry?.counter('gateway_ai_budget_alerts_total', 'Alerts of budgets, by what came of them.', () =>
      [...this.counts].map(([outcome, value]) => ({ labels: { outcome }, value }))
    )
  }

  count(outcome: 'logged' | Delivery): void {
    this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + 1)
  }
}

/** Tells operators of thresholds: a line of the log, and a message to the webhook where there is one. For `LedgerOptions.passed`. */
export function budgetAlerts(log: Logger, meter: AlertMeter, webhook: Webhook): (passed: Passed) => void {
  return passed => {
    const data = alertData(passed)
    log.warn(data, 'budget threshold passed')
    meter.count('logged')
    webhook.send({ type: 'budget.threshold', timestamp: new Date(passed.at).toISOString(), data })
  }
}

/** For `WebhookOptions.ended`. */
export function deliveryLog(log: Logger, meter: AlertMeter): (delivery: Delivery, id: string, reason: string) => void {
  return (delivery, id, reason) => {
    meter.count(delivery)
    if (delivery === 'kept') log.info({ id, delivery, reason }, 'a budget alert is sent after the next start')
    else if (delivery !== 'delivered') log.error({ id, delivery, reason }, 'a budget alert did not reach its webhook')
  }
}

/** What an alert says. Money is in micro-dollars, and in dollars for people. */
function alertData({ rule, dimensions, threshold, spent, resetAt }: Passed): object {
  const { name, counted, limit, period, enforced } = rule
  return {
    budget: name,
    threshold,
    counted,
    period: period.name,
    dimensions,
    spent,
    limit,
    ...(counted === 'microDollars' && { spentDollars: dollars(spent), limitDollars: dollars(limit) }),
    enforced,
    resetsAt: new Date(resetAt).toISOString()
  }
}

import type { AiConfig } from '../../config/resolve-ai.js'
import type { Logger } from '../../observe/log.js'
import { AlertMeter, budgetAlerts, deliveryLog } from '../alerts/alerts.js'
import { signingKey } from '../alerts/signature.js'
import { Webhook } from '../alerts/webhook.js'
import type { AccountReport, Answer, Ask, Ledger, Standing } from './ledger.js'
import { LocalLedger } from './local-ledger.js'
import { type OpenLedger, openLedger } from './open.js'
import type { Amounts, Dimensions } from './rule.js'
import { budgetRules } from './rules.js'

/** The ledger of the process, whichever configuration counts: what was spent outlives every snapshot. */
export class KeptLedger implements Ledger {
  private open: OpenLedger
  private file: string | undefined
  private readonly webhook: Webhook
  private readonly passed: Parameters<typeof openLedger>[3]

  constructor(
    private readonly log: Logger,
    meter = new AlertMeter()
  ) {
    this.webhook = new Webhook({ outbox: () => this.open.outbox, ended: deliveryLog(log, meter) })
    this.passed = budgetAlerts(log, meter, this.webhook)
    const ledger = new LocalLedger({ rules: [], passed: this.passed })
    this.open = { ledger, outbox: undefined, close: async () => undefined }
  }

  /**
   * Goes on by the budgets of a configuration. What was spent under a budget that keeps its name and period stays. Where there are no
   * more budgets the file stays open: what is under way is booked in it. Where they come back in another file, what was spent and what is
   * under way goes along.
   * @throws GatewayError GW_CONFIG_INVALID when its file cannot be opened: then everything stays as it was
   */
  async use({ budgets, alerts, ledger }: Pick<AiConfig, 'budgets' | 'alerts' | 'ledger'>): Promise<void> {
    const file = budgets.length === 0 ? this.file : ledger.file
    const next = file === this.file ? undefined : await openLedger(budgets, ledger, this.log, this.passed)
    const { webhook } = alerts
    const key = webhook && signingKey(webhook.secret)
    this.webhook.direct(webhook && key && { url: webhook.url, key })
    if (next === undefined) return this.open.ledger.use(budgetRules(budgets))
    this.file = file
    await this.moveTo(next)
  }

  /** Alerts that wait move with what was spent, and those are sent that wait there. */
  private async moveTo(next: OpenLedger): Promise<void> {
    const last = this.open
    const found = [...(next.outbox?.letters ?? [])]
    for (const letter of this.webhook.pending) {
      next.outbox?.keep(letter)
      last.outbox?.done(letter)
    }
    next.ledger.takeOver(last.ledger)
    this.open = next
    this.webhook.resume(found)
    await last.close()
  }

  reserve(ask: Ask): Answer {
    return this.open.ledger.reserve(ask)
  }

  cutAt(id: string, produced: number): number {
    return this.open.ledger.cutAt(id, produced)
  }

  defer(id: string): void {
    this.open.ledger.defer(id)
  }

  settle(id: string, actual: Amounts): void {
    this.open.ledger.settle(id, actual)
  }

  release(id: string): void {
    this.open.ledger.release(id)
  }

  standings(dimensions: Dimensions): readonly Standing[] {
    return this.open.ledger.standings(dimensions)
  }

  report(): readonly AccountReport[] {
    return this.open.ledger.report()
  }

  async close(): Promise<void> {
    await this.webhook.close()
    await this.open.close()
  }
}

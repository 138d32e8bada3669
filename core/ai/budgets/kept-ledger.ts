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
  private webhook: Webhook | undefined
  private address = ''
  private readonly passed: Parameters<typeof openLedger>[3]

  constructor(
    private readonly log: Logger,
    private readonly meter = new AlertMeter()
  ) {
    this.passed = budgetAlerts(log, meter, () => this.webhook)
    this.open = { ledger: new LocalLedger({ rules: [], passed: this.passed }), close: async () => undefined }
  }

  /**
   * Goes on by the budgets of a configuration. What was spent under a budget that keeps its name and period stays.
   * @throws GatewayError GW_CONFIG_INVALID when its file cannot be opened: then everything stays as it was
   */
  async use({ budgets, alerts, ledger }: Pick<AiConfig, 'budgets' | 'alerts' | 'ledger'>): Promise<void> {
    const file = budgets.length === 0 ? undefined : ledger.file
    if (file === this.file) this.open.ledger.use(budgetRules(budgets))
    else {
      const next = await openLedger(budgets, ledger, this.log, this.passed)
      await this.open.close()
      this.open = next
      this.file = file
    }
    const { webhook } = alerts
    const address = webhook === undefined ? '' : JSON.stringify(webhook)
    if (address === this.address) return
    this.webhook?.close()
    this.address = address
    const key = webhook && signingKey(webhook.secret)
    this.webhook = webhook && key && new Webhook({ url: webhook.url, key, ended: deliveryLog(this.log, this.meter) })
  }

  reserve(ask: Ask): Answer {
    return this.open.ledger.reserve(ask)
  }

  cutAt(id: string, produced: number): number {
    return this.open.ledger.cutAt(id, produced)
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
    this.webhook?.close()
    await this.open.close()
  }
}

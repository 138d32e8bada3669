import { GatewayError } from '../../base/errors.js'
import type { BudgetConfig, LedgerConfig } from '../../config/resolve-ai-budgets.js'
import type { Logger } from '../../observe/log.js'
import type { Outbox } from '../alerts/outbox.js'
import { Journal } from './journal.js'
import { LocalLedger, type Passed } from './local-ledger.js'
import { budgetRules } from './rules.js'

/**
 * A ledger for the life of the process; `ledger.use(budgetRules(…))` when the budgets change. One that was opened without budgets has no file:
 * when the first come, it is to be opened again.
 */
export interface OpenLedger {
  readonly ledger: LocalLedger
  /** Undefined: what is spent is in memory alone, and so are alerts. */
  readonly outbox: Outbox | undefined
  /** Writes what is left to write. */
  close(): Promise<void>
}

/**
 * Opens the ledger of a configuration. Without budgets nothing is read or written.
 * @param passed - see `budgetAlerts`
 * @throws GatewayError GW_CONFIG_INVALID when its file cannot be read or written
 */
export async function openLedger(
  budgets: readonly BudgetConfig[],
  { file, syncMs }: LedgerConfig,
  log: Logger,
  passed: (threshold: Passed) => void
): Promise<OpenLedger> {
  const rules = budgetRules(budgets)
  if (file === undefined || rules.length === 0) {
    return { ledger: new LocalLedger({ rules, passed }), outbox: undefined, close: async () => undefined }
  }
  const onError = (error: Error) => log.error({ file, err: error }, 'what was spent cannot be written')
  const journal = await Journal.open({ file, syncMs, onError }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new GatewayError('GW_CONFIG_INVALID', `ai.ledger.file: ${file} cannot be opened: ${reason}`, { cause })
  })
  return { ledger: new LocalLedger({ rules, passed, journal }), outbox: journal, close: () => journal.close() }
}

import type { Ask } from '../../../core/ai/budgets/ledger.js'
import { type LedgerOptions, LocalLedger } from '../../../core/ai/budgets/local-ledger.js'
import { calendar } from '../../../core/ai/budgets/period.js'
import type { Amounts, BudgetRule } from '../../../core/ai/budgets/rule.js'

/** A Wednesday noon. */
export const NOON = Date.UTC(2026, 10, 25, 12)

export function rule(more: Partial<BudgetRule> = {}): BudgetRule {
  return {
    name: 'r',
    per: [],
    when: [],
    counted: 'tokens',
    limit: 1_000,
    period: calendar('hour'),
    thresholds: [],
    enforced: true,
    ...more
  }
}

export function ask(more: Partial<Ask> = {}): Ask {
  return { dimensions: {}, input: 100, output: 100, inputMicroDollars: 0, outputRate: 0, ...more }
}

export function used(more: Partial<Amounts> = {}): Amounts {
  return { requests: 1, input: 0, output: 0, microDollars: 0, ...more }
}

/** A ledger with a clock of its own, which `pass` moves on. */
export function ledgerOf(rules: readonly BudgetRule[], more: Partial<LedgerOptions> = {}) {
  let now = NOON
  const ledger = new LocalLedger({ rules, now: () => now, ...more })
  return {
    ledger,
    now: () => now,
    pass: (ms: number) => {
      now += ms
    },
    /** The id of what was granted. */
    take: (what: Ask) => {
      const answer = ledger.reserve(what)
      if (!answer.granted) throw new Error(`${answer.rule} refused`)
      return answer
    },
    spent: () => ledger.report().map(({ spent }) => spent),
    reserved: () => ledger.report().map(({ reserved }) => reserved)
  }
}

import type { BudgetConfig, PeriodConfig } from '../../config/resolve-ai-budgets.js'
import { calendar, type Period, rolling } from './period.js'
import { type BudgetRule, DIMENSIONS } from './rule.js'

/** Budgets as the ledger takes them. */
export function budgetRules(budgets: readonly BudgetConfig[]): BudgetRule[] {
  return budgets.map(({ period, when, ...budget }) => ({
    ...budget,
    period: periodOf(period),
    when: when.flatMap(({ dimension: name, among }) => {
      const dimension = DIMENSIONS.find(each => each === name)
      return dimension === undefined ? [] : [{ dimension, among: among.map(pattern) }]
    })
  }))
}

function periodOf(period: PeriodConfig): Period {
  return period.kind === 'calendar' ? calendar(period.unit) : rolling(period.ms, period.text)
}

/** "gpt-*" → a pattern of whole names; a "*" is anything. */
function pattern(name: string): RegExp {
  const parts = name.split('*').map(part => part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's')
}

import { resolve } from 'node:path'
import { millionths } from '../base/dollars.js'
import { milliseconds } from '../base/units.js'
import { parseSpan } from './dates.js'
import type { AiAlerts, AiBudgets, AiLedger } from './schema-ai-budgets.js'

/** A budget, compiled as far as the configuration goes. */
export interface BudgetConfig {
  readonly name: string
  readonly per: Readonly<AiBudgets[number]['per']>
  readonly when: readonly { readonly dimension: string; readonly among: readonly string[] }[]
  readonly counted: 'requests' | 'tokens' | 'inputTokens' | 'outputTokens' | 'microDollars'
  /** Of money in micro-dollars. */
  readonly limit: number
  readonly period: PeriodConfig
  /** Per cent, ascending. */
  readonly thresholds: readonly number[]
  readonly enforced: boolean
}

export type PeriodConfig =
  | { readonly kind: 'calendar'; readonly unit: 'minute' | 'hour' | 'day' | 'week' | 'month' }
  | { readonly kind: 'rolling'; readonly ms: number; readonly text: string }

export interface AlertsConfig {
  readonly webhook: { readonly url: string; readonly secret: string } | undefined
}

export interface LedgerConfig {
  /** Absolute; undefined: in memory alone. */
  readonly file: string | undefined
  readonly syncMs: number
}

/** @param alerts - of all budgets, for those that name none */
export function resolveAiBudgets(budgets: AiBudgets, alerts: AiAlerts): BudgetConfig[] {
  return budgets.map(budget => ({
    name: budget.name,
    per: budget.per,
    when: Object.entries(budget.when ?? {}).flatMap(([dimension, among]) =>
      among === undefined ? [] : [{ dimension, among }]
    ),
    counted: budget.count === 'dollars' ? 'microDollars' : budget.count,
    limit: limitOf(budget.count, budget.limit),
    period: periodOf(budget.every),
    thresholds: [...(budget.alerts ?? alerts.thresholds)].sort((a, b) => a - b),
    enforced: budget.enforce
  }))
}

export function resolveAiAlerts({ webhook }: AiAlerts): AlertsConfig {
  return { webhook }
}

/** @param folder - of the configuration file */
export function resolveAiLedger({ file, sync }: AiLedger, folder: string): LedgerConfig {
  return { file: file === false ? undefined : resolve(folder, file), syncMs: milliseconds(sync) }
}

function limitOf(count: string, limit: number | string): number {
  return count === 'dollars' ? (millionths(limit) ?? 0) : Number(limit)
}

function periodOf(every: AiBudgets[number]['every']): PeriodConfig {
  if (typeof every === 'string') return { kind: 'calendar', unit: every }
  return { kind: 'rolling', ms: parseSpan(every.rolling) ?? 0, text: every.rolling }
}

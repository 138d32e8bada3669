import { bytes } from '../base/units.js'
import {
  type AlertsConfig,
  type BudgetConfig,
  type LedgerConfig,
  resolveAiAlerts,
  resolveAiBudgets,
  resolveAiLedger
} from './resolve-ai-budgets.js'
import { type CatalogConfig, resolveAiCatalog } from './resolve-ai-catalog.js'
import { type AiModelConfig, type AiRegionsConfig, resolveAiModels, resolveAiRegions } from './resolve-ai-models.js'
import { type AiProviderConfig, resolveAiProviders } from './resolve-ai-providers.js'
import type { UpstreamTimeouts } from './resolve-timeouts.js'
import type { Ai } from './schema-ai.js'

export interface AiConfig {
  readonly providers: readonly AiProviderConfig[]
  readonly models: readonly AiModelConfig[]
  readonly regions: AiRegionsConfig
  readonly catalog: CatalogConfig
  readonly budgets: readonly BudgetConfig[]
  readonly alerts: AlertsConfig
  readonly ledger: LedgerConfig
  /** Bytes that stored answers may take. */
  readonly cacheBytes: number
}

/**
 * @param towards - timeouts where an account says nothing of its own
 * @throws ConfigError with everything that is wrong with the catalog's file
 */
export function resolveAi(section: Ai, towards: UpstreamTimeouts, folder: string): AiConfig {
  return {
    providers: resolveAiProviders(section.providers, towards, folder),
    models: resolveAiModels(section.models),
    regions: resolveAiRegions(section.regions),
    catalog: resolveAiCatalog(section.catalog, folder),
    budgets: resolveAiBudgets(section.budgets, section.alerts),
    alerts: resolveAiAlerts(section.alerts),
    ledger: resolveAiLedger(section.ledger, folder),
    cacheBytes: bytes(section.cache.bytes)
  }
}

import Type, { type Static } from 'typebox'
import { AiAlerts, AiBudgets, AiLedger } from './schema-ai-budgets.js'
import { AiCacheMemory } from './schema-ai-cache.js'
import { AiCatalog } from './schema-ai-catalog.js'
import { AiModels } from './schema-ai-models.js'
import { AiProviders } from './schema-ai-providers.js'
import { AiRegions } from './schema-ai-regions.js'

/** What AI routes share. */
export const Ai = Type.Object(
  {
    providers: AiProviders,
    models: AiModels,
    regions: AiRegions,
    catalog: AiCatalog,
    budgets: AiBudgets,
    alerts: AiAlerts,
    ledger: AiLedger,
    cache: AiCacheMemory
  },
  {
    additionalProperties: false,
    default: {},
    description: 'Accounts at AI providers and the models behind names. Routes with an ai section use them.'
  }
)
export type Ai = Static<typeof Ai>

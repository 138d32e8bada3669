import { type AiModelConfig, type AiRegionsConfig, resolveAiModels, resolveAiRegions } from './resolve-ai-models.js'
import { type AiProviderConfig, resolveAiProviders } from './resolve-ai-providers.js'
import type { UpstreamTimeouts } from './resolve-timeouts.js'
import type { Ai } from './schema-ai.js'

export interface AiConfig {
  readonly providers: readonly AiProviderConfig[]
  readonly models: readonly AiModelConfig[]
  readonly regions: AiRegionsConfig
}

/** @param towards - timeouts where an account says nothing of its own */
export function resolveAi(section: Ai, towards: UpstreamTimeouts, folder: string): AiConfig {
  return {
    providers: resolveAiProviders(section.providers, towards, folder),
    models: resolveAiModels(section.models),
    regions: resolveAiRegions(section.regions)
  }
}

import { providers } from '../../ai/providers/index.js'
import type { ProviderFacts } from '../../config/cross-check-ai.js'

/** What configurations are checked against: the providers there are. */
export function providerFacts(): ProviderFacts[] {
  return providers.map(({ name, baseUrl, required, optional, credentialParts = [], keyless = false }) => {
    return { name, needsBaseUrl: baseUrl === undefined, required, optional, credentialParts, keyless }
  })
}

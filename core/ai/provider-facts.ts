import type { ProviderFacts } from '../config/cross-check-ai.js'
import type { Provider } from './providers/provider.js'

/** What the configuration of an account is checked against. */
export function factsOf(provider: Provider): ProviderFacts {
  const { name, baseUrl, required, optional, credentialParts = [], keyless = false } = provider
  return { name, needsBaseUrl: baseUrl === undefined, required, optional, credentialParts, keyless }
}

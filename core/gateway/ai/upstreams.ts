import type { Config, UpstreamConfig } from '../../config/resolve.js'
import { plainUpstreamPolicy } from '../../config/resolve-upstream.js'
import { baseUrlOf, providerOf, upstreamOf } from './accounts.js'

/**
 * The configuration with an upstream for each AI account: connections, timeouts, retries, breakers and limits are those of any other.
 * @throws GatewayError GW_CONFIG_INVALID for an account without a URL
 */
export function withAiUpstreams(config: Config): Config {
  const accounts = config.ai.providers.map((account): UpstreamConfig => {
    const { origin } = new URL(baseUrlOf(account, providerOf(account)))
    return {
      name: upstreamOf(account.name),
      ...plainUpstreamPolicy(origin),
      preserveHost: false,
      connections: account.connections,
      http2: account.http2,
      tls: account.tls,
      timeouts: account.timeouts,
      resilience: account.resilience
    }
  })
  return accounts.length === 0 ? config : { ...config, upstreams: [...config.upstreams, ...accounts] }
}

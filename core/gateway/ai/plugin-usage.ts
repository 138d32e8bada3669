import type { Usage } from '../../ai/usage.js'
import type { PluginUsage } from '../../plugin-host/abi.js'

/** What an exchange used, in the words of policy.proto. */
export function usageForPlugins(usage: Usage, microDollars = 0): PluginUsage {
  return {
    inputTokens: usage.input,
    outputTokens: usage.output,
    cacheReadTokens: usage.cacheRead,
    cacheWriteTokens: usage.cacheWrite + usage.cacheWriteLong,
    reasoningTokens: usage.reasoning,
    costMicroDollars: microDollars,
    estimated: usage.source === 'estimated'
  }
}

import type { DiscoverConfig } from '../../config/resolve-upstream.js'
import { type Discovery, type DiscoveryOptions, refreshing } from './discovery.js'
import { dnsLookup } from './dns.js'
import { fileWatch } from './file.js'

/** Begins to look for targets. What goes wrong is told to `onFailed`; a file is read before this returns. */
export function startDiscovery(config: DiscoverConfig, options: DiscoveryOptions): Discovery {
  return config.kind === 'file' ? fileWatch(config.file, options) : dnsWatch(config, options)
}

function dnsWatch(config: Exclude<DiscoverConfig, { kind: 'file' }>, options: DiscoveryOptions): Discovery {
  const { lookup, cancel } = dnsLookup(config)
  const stop = refreshing(lookup, config, options)
  return {
    close: () => {
      stop()
      cancel()
    }
  }
}

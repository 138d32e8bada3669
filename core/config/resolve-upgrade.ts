import { milliseconds } from '../base/units.js'
import type { UpgradeRules } from '../base/upgrade.js'
import type { Upgrade } from './schema-upgrade.js'

export function resolveUpgrade({ protocols, idle, lifetime }: Upgrade): UpgradeRules {
  return {
    protocols: new Set(protocols.map(name => name.toLowerCase())),
    idleMs: milliseconds(idle),
    lifetimeMs: lifetime === undefined ? undefined : milliseconds(lifetime)
  }
}

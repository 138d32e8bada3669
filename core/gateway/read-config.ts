import { factsOf } from '../ai/provider-facts.js'
import { providers } from '../ai/providers/index.js'
import { type Loaded, loadConfig, problemAt } from '../config/load.js'
import type { PluginPlaces } from '../config/plugin-places.js'
import { ConfigError } from '../config/problems.js'
import { builtinPlugins } from '../plugin-host/catalog/builtins.js'
import { readLock } from '../plugin-host/catalog/lock.js'
import { installedPlugins } from '../plugin-host/catalog/locked.js'
import { unknownAiNames } from './ai/config-names.js'
import type { Finding } from './plan.js'

/**
 * Reads a configuration file and the lock file; plugins and their settings are not looked at yet.
 * @throws ConfigError
 */
export function readConfig(file: string): Loaded {
  const builtins = builtinPlugins()
  const installed = ({ lock }: PluginPlaces) => installedPlugins(readLock(lock.file, lock.required), builtins)
  const loaded = loadConfig(file, { builtins, installed, providers: providers.map(factsOf) })
  const unknown = unknownAiNames(loaded)
  if (unknown.length > 0) throw located(loaded, unknown)
  return loaded
}

/** What showed when a snapshot was opened, with its place in the file. */
export function located(loaded: Loaded, problems: readonly Finding[]): ConfigError {
  return new ConfigError(problems.map(({ path, message }) => problemAt(loaded, path, message)))
}

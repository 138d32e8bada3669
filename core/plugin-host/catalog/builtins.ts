import { readdirSync } from 'node:fs'
import { BUILTIN_PLUGINS } from '../../base/paths.js'

/** The names of the plugins that come with Sluice. */
export function builtinPlugins(): string[] {
  return readdirSync(BUILTIN_PLUGINS, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => entry.name)
}

import { existsSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { BUILTIN_PLUGINS } from '../../base/paths.js'
import { parseCatalog, wrongCatalog } from '../../config/catalog-location.js'
import { loadPluginPlaces } from '../../config/load.js'
import { type PluginPlaces, type PluginUse, pluginPlaces } from '../../config/plugin-places.js'
import { builtinPlugins } from '../../plugin-host/catalog/builtins.js'
import type { CatalogEntry, ForeignEntry } from '../../plugin-host/catalog/format.js'
import { type LockedPlugin, readLock } from '../../plugin-host/catalog/lock.js'
import { openSource, readCatalog } from '../../plugin-host/catalog/open.js'
import type { CatalogSource } from '../../plugin-host/catalog/source.js'

/** What `sluice plugins` is told on the command line. */
export interface PluginsOptions {
  readonly config?: string | undefined
  readonly catalogs?: readonly string[] | undefined
  readonly yes?: boolean | undefined
}

/** A catalog that was read. */
export interface OpenCatalog {
  readonly source: CatalogSource
  /** The one that comes with Sluice. */
  readonly own: boolean
  readonly entries: readonly CatalogEntry[]
  readonly foreign: readonly ForeignEntry[]
}

/** What the commands of `sluice plugins` work on. */
export interface PluginsContext {
  readonly pluginsDir: string
  readonly lockFile: string
  /** The configuration, if there is one, and where it names plugins. */
  readonly config: string | undefined
  readonly uses: readonly PluginUse[]
  readonly builtins: readonly string[]
  readonly locked: ReadonlyMap<string, LockedPlugin>
  /** Reads the catalogs, in the order in which they count. @throws GatewayError GW_CATALOG_INVALID */
  catalogs(): Promise<OpenCatalog[]>
}

const USUAL_CONFIG = 'sluice.yaml'

/** @throws ConfigError when the configuration or the lock file cannot be read */
export function pluginsContext(options: PluginsOptions): PluginsContext {
  const config = options.config ?? (existsSync(USUAL_CONFIG) ? USUAL_CONFIG : undefined)
  const places: PluginPlaces & { uses: readonly PluginUse[] } =
    config === undefined ? { ...pluginPlaces({}, process.cwd()), uses: [] } : loadPluginPlaces(config)
  return {
    pluginsDir: places.pluginsDir,
    lockFile: places.lock.file,
    config,
    uses: places.uses,
    builtins: builtinPlugins(),
    locked: readLock(places.lock.file)?.plugins ?? new Map(),
    catalogs: () => openCatalogs(options.catalogs, places)
  }
}

/** The catalog as the lock file names it: a folder relative to the lock file, so that both can move together. */
export function sourceName({ name }: CatalogSource, lockFile: string): string {
  if (wrongCatalog(name) === undefined && parseCatalog(name, '/').kind === 'url') return name
  return relative(resolve(lockFile, '..'), name).split(sep).join('/') || '.'
}

async function openCatalogs(named: readonly string[] | undefined, places: PluginPlaces): Promise<OpenCatalog[]> {
  const locations = named === undefined ? places.catalogs : named
  const folder = named === undefined ? places.folder : process.cwd()
  const sources = locations.map(location => ({ source: openSource(location, folder), own: false }))
  // Its plugins need no installation; it is for looking around.
  if (named === undefined) sources.push({ source: openSource(BUILTIN_PLUGINS, '/'), own: true })
  return Promise.all(sources.map(async each => ({ ...each, ...(await readCatalog(each.source)) })))
}

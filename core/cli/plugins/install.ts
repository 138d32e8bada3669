import { resolve } from 'node:path'
import { GatewayError } from '../../base/errors.js'
import { BUILTIN_PLUGINS } from '../../base/paths.js'
import { nearest } from '../../config/suggest.js'
import { damage } from '../../plugin-host/catalog/damage.js'
import { fetchPlugin } from '../../plugin-host/catalog/fetch.js'
import { type CatalogEntry, plain } from '../../plugin-host/catalog/format.js'
import { installPlugin, lockedPlugin } from '../../plugin-host/catalog/install.js'
import type { LockedPlugin } from '../../plugin-host/catalog/lock.js'
import { permissionGrowth } from '../../plugin-host/catalog/permission-words.js'
import { compareVersions } from '../../plugin-host/catalog/versions.js'
import { confirm } from './confirm.js'
import { type PluginsContext, sourceName } from './context.js'
import { type Found, findPlugin, parseWanted } from './find.js'
import { permissionLines } from './info.js'

/**
 * `sluice plugins install ID[@VERSION]`: fetches, checks, shows what it asks for, asks, and only then writes.
 * @throws GatewayError GW_CATALOG_INVALID, GW_PLUGIN_INVALID
 */
export async function install(context: PluginsContext, wanted: string, yes: boolean): Promise<number> {
  const { id, version } = parseWanted(wanted)
  if (context.builtins.includes(id)) {
    throw invalid(`${id} comes with Sluice and needs no installation; another plugin cannot have its name`)
  }
  if (resolve(context.pluginsDir) === resolve(BUILTIN_PLUGINS)) {
    throw invalid(`${context.pluginsDir} is where the plugins are that come with Sluice; expected another pluginsDir`)
  }
  const found = findPlugin(wanted, await context.catalogs())
  const { entry, catalog } = found
  const before = context.locked.get(id)
  if (before !== undefined && version === undefined && compareVersions(entry.version, before.version) < 0) {
    throw invalid(
      `${id} ${before.version} is installed, ${catalog.source.name} has ${entry.version} at most; say ${id}@${entry.version} to go back`
    )
  }
  if (before !== undefined && (await isInstalled(entry, before, context))) {
    process.stdout.write(`${id} ${entry.version} is installed already\n`)
    return 0
  }
  const fetched = await fetchPlugin(catalog.source, entry)
  process.stdout.write(`${announcement(found, before, context).join('\n')}\n`)
  if (!yes && !(await agreed(id))) {
    process.stdout.write('not installed\n')
    return 1
  }
  const locked = lockedPlugin(fetched, sourceName(catalog.source, context.lockFile))
  installPlugin(fetched, locked, before, context)
  process.stdout.write(`${id} ${entry.version} is installed; policies can use it: { plugin: ${id} }\n`)
  return 0
}

async function isInstalled(
  entry: CatalogEntry,
  before: LockedPlugin,
  { pluginsDir }: PluginsContext
): Promise<boolean> {
  if (before.version !== entry.version || !sameContent(entry, before)) return false
  return (await damage(pluginsDir, before)) === undefined
}

function sameContent({ module, manifest }: CatalogEntry, before: LockedPlugin): boolean {
  return module.sha256 === before.sha256 && manifest.sha256 === before.manifestSha256
}

function announcement({ entry, catalog }: Found, before: LockedPlugin | undefined, context: PluginsContext): string[] {
  const { id, version, kind, module } = entry
  return [
    `${id} ${version} (${kind}, ${module.size} bytes) of ${catalog.source.name}`,
    plain(entry.description),
    ...permissionLines(entry),
    ...(before === undefined ? [] : changes(entry, before, sourceName(catalog.source, context.lockFile))),
    ...doubts(entry, catalog.source.name, context.builtins)
  ]
}

function changes(entry: CatalogEntry, before: LockedPlugin, source: string): string[] {
  const grown = permissionGrowth(before.permissions, entry.permissions ?? {})
  const way = compareVersions(entry.version, before.version)
  const lines = [`${way < 0 ? 'It replaces the newer' : 'It replaces'} ${before.version}.`]
  if (way === 0 && !sameContent(entry, before)) lines.push('WARNING: that is the same version with other content.')
  if (before.source !== source) lines.push(`WARNING: that came from ${plain(before.source)}.`)
  if (grown.length === 0) return [...lines, `It asks for nothing that ${before.version} was not granted.`]
  return [...lines, `WARNING: ${before.version} was not granted to:`, ...grown.map(each => `  + ${plain(each)}`)]
}

function doubts({ id }: CatalogEntry, source: string, builtins: readonly string[]): string[] {
  const near = nearest(id, builtins)
  return [
    ...(near === undefined ? [] : [`WARNING: ${id} is not ${near}, which comes with Sluice.`]),
    ...(isOpenToAll(source) ? ['WARNING: the catalog came without encryption: others may have changed it.'] : [])
  ]
}

/** Plain HTTP from another machine. */
function isOpenToAll(source: string): boolean {
  return /^http:/.test(source) && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(source).hostname)
}

async function agreed(id: string): Promise<boolean> {
  const answer = await confirm('Install it and grant that?', { input: process.stdin, output: process.stdout })
  if (answer !== undefined) return answer
  throw invalid(`${id} was not installed: there is no terminal to ask on; expected --yes`)
}

function invalid(message: string): GatewayError {
  return new GatewayError('GW_CATALOG_INVALID', message)
}

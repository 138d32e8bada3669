import { type CatalogEntry, plain } from '../../plugin-host/catalog/format.js'
import { permissionWords } from '../../plugin-host/catalog/permission-words.js'
import type { PluginsContext } from './context.js'
import { findPlugin } from './find.js'
import { installedState } from './list.js'

/** `sluice plugins info ID[@VERSION]`: all the catalog says, permissions in words. */
export async function info(context: PluginsContext, wanted: string): Promise<number> {
  const { entry, catalog, versions } = findPlugin(wanted, await context.catalogs())
  const state = catalog.own ? 'built-in' : ((await installedState(entry.id, context)) ?? 'not installed')
  const facts: [string, string][] = [
    ['kind', entry.kind],
    ['state', state],
    ['catalog', catalog.source.name],
    ['versions', versions.join(', ')],
    ['abi', String(entry.abi)],
    ['hooks', entry.hooks.join(', ')],
    ['module', `${entry.module.path}, ${entry.module.size} bytes`],
    ['sha256', entry.module.sha256],
    ['manifest', `${entry.manifest.path}, ${entry.manifest.size} bytes`],
    ['sha256', entry.manifest.sha256]
  ]
  process.stdout.write(
    [
      `${entry.id} ${entry.version}`,
      plain(entry.description),
      '',
      ...facts.map(([name, value]) => `${name.padEnd(9)} ${value}`),
      '',
      ...permissionLines(entry),
      '',
      ...settingsLines(entry),
      ''
    ].join('\n')
  )
  return 0
}

/** What a plugin may do, a line each. */
export function permissionLines({ permissions = {} }: CatalogEntry): string[] {
  const words = permissionWords(permissions)
  if (words.length === 0) return ['It asks for no permissions.']
  return ['It asks to:', ...words.map(each => `  - ${plain(each)}`)]
}

function settingsLines({ settings }: CatalogEntry): string[] {
  if (settings === undefined) return ['It takes no settings.']
  return ['Its settings (JSON Schema):', ...JSON.stringify(settings, undefined, 2).split('\n').map(plain)]
}

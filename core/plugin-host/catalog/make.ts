import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { GatewayError } from '../../base/errors.js'
import { DEFAULT_LIMITS } from '../../base/manifest.js'
import { compileModule, modulePath, parseManifest, sha256 } from '../load.js'
import { folderSource } from './folder-source.js'
import { type CatalogEntry, FILE_CAPS, formatCatalog, parseCatalogText } from './format.js'
import type { CatalogSource } from './source.js'

/**
 * The text of the catalog of the plugins in `folder`, one folder each, as it would lie at `file`. Each is checked as the
 * gateway does. The same plugins make the same text: there is no time and no machine in it.
 * @throws GatewayError GW_CATALOG_INVALID or GW_PLUGIN_INVALID
 */
export async function makeCatalog(folder: string, file: string): Promise<string> {
  const base = dirname(resolve(file))
  const source = folderSource(base)
  const folders = pluginFolders(folder)
  const entries: CatalogEntry[] = []
  for (const name of folders) entries.push(await entryOf(base, join(resolve(folder), name), source))
  const text = formatCatalog(entries)
  parseCatalogText(text, file) // what nobody could read is not written: a version that is there twice
  return text
}

function pluginFolders(folder: string): string[] {
  if (existsSync(join(folder, 'plugin.json'))) {
    throw invalid(`${folder} is a plugin itself; expected the folder that holds the plugins' folders`)
  }
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (thrown) {
    throw invalid(`${folder} cannot be read: ${thrown instanceof Error ? thrown.message : thrown}`)
  }
  const found = names.filter(name => existsSync(join(folder, name, 'plugin.json'))).sort()
  if (found.length === 0) throw invalid(`${folder} holds no plugin; expected folders with a plugin.json`)
  return found
}

async function entryOf(base: string, folder: string, source: CatalogSource): Promise<CatalogEntry> {
  const path = below(base, join(folder, 'plugin.json'))
  const manifestBytes = await source.read(path, FILE_CAPS.manifest)
  const manifest = parseManifest(manifestBytes, join(folder, 'plugin.json'))
  const module = join(folder, modulePath(manifest))
  if (!existsSync(module))
    throw invalid(`${module}: there is no such file; build it with: sluice plugin build ${folder}`)
  const moduleBytes = await source.read(below(base, module), FILE_CAPS.module)
  const pages = manifest.limits?.memoryPages ?? DEFAULT_LIMITS.memoryPages
  await compileModule(manifest, moduleBytes, `plugin ${manifest.name} (${module})`, pages)
  const { name: id, version, abi, kind, description, hooks, permissions, settings } = manifest
  return {
    id,
    version,
    abi,
    kind,
    description,
    hooks,
    ...(permissions && { permissions }),
    ...(settings && { settings }),
    manifest: { path, size: manifestBytes.length, sha256: sha256(manifestBytes) },
    module: { path: below(base, module), size: moduleBytes.length, sha256: sha256(moduleBytes) }
  }
}

/** As a catalog writes it. */
function below(base: string, file: string): string {
  const path = relative(base, file).split(sep).join('/')
  if (path.startsWith('../'))
    throw invalid(`${file} does not lie below ${base}; expected the catalog above its plugins`)
  return path
}

function invalid(message: string): GatewayError {
  return new GatewayError('GW_CATALOG_INVALID', message)
}

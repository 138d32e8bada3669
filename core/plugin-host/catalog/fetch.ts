import { isDeepStrictEqual } from 'node:util'
import { GatewayError } from '../../base/errors.js'
import { DEFAULT_LIMITS, type Manifest } from '../../base/manifest.js'
import { compileModule, modulePath, parseManifest, sha256 } from '../load.js'
import { type CatalogEntry, type CatalogFile, SAFE_PATH } from './format.js'
import type { CatalogSource } from './source.js'

/** A plugin as it came from a catalog, every check passed. */
export interface FetchedPlugin {
  readonly entry: CatalogEntry
  readonly manifest: Manifest
  readonly manifestBytes: Buffer
  readonly moduleBytes: Buffer
  /** Where the module lies in the plugin's folder. */
  readonly modulePath: string
}

/**
 * Fetches the files of a plugin and checks them as far as possible without running anything: sizes, digests, that the
 * manifest says what the catalog says, and that the host can load the module.
 * @throws GatewayError GW_CATALOG_INVALID or GW_PLUGIN_INVALID
 */
export async function fetchPlugin(source: CatalogSource, entry: CatalogEntry): Promise<FetchedPlugin> {
  const what = `${entry.id}@${entry.version} of ${source.name}`
  const manifestBytes = await fetchFile(source, entry.manifest, what)
  const manifest = parseManifest(manifestBytes, `${what}: ${entry.manifest.path}`)
  const different = differences(manifest, entry)
  if (different.length > 0) {
    throw invalid(`${what}: its manifest and the catalog disagree about ${different.join(', ')}; expected the same`)
  }
  const path = modulePath(manifest)
  // It is written where the manifest says, so that must be in the plugin's own folder.
  if (!new RegExp(SAFE_PATH).test(path)) {
    throw invalid(`${what}: its manifest has the module ${JSON.stringify(path)}; expected a path in its folder`)
  }
  const moduleBytes = await fetchFile(source, entry.module, what)
  await compileModule(
    manifest,
    moduleBytes,
    `plugin ${what}`,
    manifest.limits?.memoryPages ?? DEFAULT_LIMITS.memoryPages
  )
  return { entry, manifest, manifestBytes, moduleBytes, modulePath: path }
}

async function fetchFile(source: CatalogSource, file: CatalogFile, what: string): Promise<Buffer> {
  const bytes = await source.read(file.path, file.size)
  if (bytes.length !== file.size) {
    throw invalid(`${what}: ${file.path} has ${bytes.length} bytes; expected ${file.size}, as the catalog says`)
  }
  const found = sha256(bytes)
  if (found !== file.sha256) {
    throw invalid(`${what}: ${file.path} has the SHA-256 ${found}; expected ${file.sha256}, as the catalog says`)
  }
  return bytes
}

function differences(manifest: Manifest, entry: CatalogEntry): string[] {
  const pairs: Record<string, [unknown, unknown]> = {
    id: [manifest.name, entry.id],
    version: [manifest.version, entry.version],
    abi: [manifest.abi, entry.abi],
    kind: [manifest.kind, entry.kind],
    description: [manifest.description, entry.description],
    hooks: [manifest.hooks, entry.hooks],
    permissions: [manifest.permissions ?? {}, entry.permissions ?? {}],
    settings: [manifest.settings, entry.settings]
  }
  return Object.keys(pairs).filter(name => !isDeepStrictEqual(pairs[name]?.[0], pairs[name]?.[1]))
}

function invalid(message: string): GatewayError {
  return new GatewayError('GW_CATALOG_INVALID', message)
}

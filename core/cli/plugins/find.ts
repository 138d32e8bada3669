import { GatewayError } from '../../base/errors.js'
import { didYouMean } from '../../config/suggest.js'
import type { CatalogEntry } from '../../plugin-host/catalog/format.js'
import { compareVersions, isPreview } from '../../plugin-host/catalog/versions.js'
import type { OpenCatalog } from './context.js'

/** A plugin of a catalog. */
export interface Found {
  readonly entry: CatalogEntry
  readonly catalog: OpenCatalog
  /** Every version this catalog has, the oldest first. */
  readonly versions: readonly string[]
}

/** `my-policy` or `my-policy@1.2.0`. */
export function parseWanted(text: string): { readonly id: string; readonly version: string | undefined } {
  const at = text.indexOf('@')
  return at < 0 ? { id: text, version: undefined } : { id: text.slice(0, at), version: text.slice(at + 1) }
}

/**
 * The wanted version of a plugin, else its newest. The first catalog that has the plugin counts, whatever version: one
 * further down cannot put a higher one in its place.
 * @throws GatewayError GW_CATALOG_INVALID
 */
export function findPlugin(text: string, catalogs: readonly OpenCatalog[]): Found {
  const { id, version } = parseWanted(text)
  const catalog = catalogs.find(each => [...each.entries, ...each.foreign].some(entry => entry.id === id))
  if (catalog === undefined) {
    const names = catalogs.map(({ source }) => source.name).join(', ')
    const known = new Set(catalogs.flatMap(({ entries }) => entries.map(entry => entry.id)))
    throw invalid(`there is no plugin ${JSON.stringify(id)} in ${names}${didYouMean(id, known)}`)
  }
  const candidates = catalog.entries.filter(entry => entry.id === id)
  const versions = candidates.map(entry => entry.version)
  const entry = version === undefined ? newest(candidates) : candidates.find(candidate => candidate.version === version)
  if (entry !== undefined) return { entry, catalog, versions }
  const foreign = catalog.foreign.find(each => each.id === id && (version === undefined || each.version === version))
  if (foreign !== undefined) {
    throw invalid(`${id}@${foreign.version} is made for ABI ${foreign.abi}; this Sluice runs plugins of ABI 1`)
  }
  throw invalid(`${catalog.source.name} has no ${id}@${version}; expected one of ${versions.join(', ')}`)
}

/** The newest of some versions; a preview only when there is nothing else. */
export function newest(entries: readonly CatalogEntry[]): CatalogEntry | undefined {
  const released = entries.filter(({ version }) => !isPreview(version))
  const choice = released.length > 0 ? released : entries
  return choice.reduce<CatalogEntry | undefined>(
    (best, entry) => (best === undefined || compareVersions(entry.version, best.version) > 0 ? entry : best),
    undefined
  )
}

function invalid(message: string): GatewayError {
  return new GatewayError('GW_CATALOG_INVALID', message)
}

import { resolve } from 'node:path'
import { GatewayError } from '../../base/errors.js'
import { parseCatalog, wrongCatalog } from '../../config/catalog-location.js'
import { folderSource } from './folder-source.js'
import { type Catalog, FILE_CAPS, parseCatalogText } from './format.js'
import { httpSource } from './http-source.js'
import type { CatalogSource } from './source.js'

export interface SourceOptions {
  /** Time for one file, milliseconds. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 60_000

/** The catalog in a folder or at an http(s) address. @throws GatewayError GW_CATALOG_INVALID when it is neither */
export function openSource(location: string, folder: string, options: SourceOptions = {}): CatalogSource {
  const wrong = wrongCatalog(location)
  if (wrong !== undefined)
    throw new GatewayError('GW_CATALOG_INVALID', `the catalog ${JSON.stringify(location)} ${wrong}`)
  const place = parseCatalog(location, folder)
  if (place.kind === 'url') return httpSource(new URL(place.url), options.timeoutMs ?? TIMEOUT_MS)
  return folderSource(resolve(place.path))
}

/** @throws GatewayError GW_CATALOG_INVALID with everything that is wrong in it */
export async function readCatalog(source: CatalogSource): Promise<Catalog> {
  const bytes = await source.read(source.index, FILE_CAPS.catalog)
  return parseCatalogText(bytes.toString('utf8'), source.name)
}

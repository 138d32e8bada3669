import { resolve } from 'node:path'

/** Where a catalog is: a folder (or the file itself) on this machine, or an address. */
export type CatalogLocation =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string }

/** What begins like a URL; one letter is a drive, not a scheme. */
const SCHEME = /^[a-z][a-z0-9+.-]+:/i

/** Why a text cannot be the location of a catalog, or nothing. */
export function wrongCatalog(text: string): string | undefined {
  if (text === '') return 'is empty; expected a folder or an http(s) address'
  if (!SCHEME.test(text)) return undefined
  const wrong = 'is no place of a catalog; expected a folder or an address that begins with https:// or http://'
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return wrong
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') {
    return 'holds a user name or password, which would end up in the lock file; expected an address without'
  }
  return url.search === '' && url.hash === '' ? undefined : 'has a "?" or "#"; expected an address without'
}

/** The location a text names, if `wrongCatalog` has nothing against it. Relative folders start at `folder`. */
export function parseCatalog(text: string, folder: string): CatalogLocation {
  return SCHEME.test(text) ? { kind: 'url', url: new URL(text).href } : { kind: 'folder', path: resolve(folder, text) }
}

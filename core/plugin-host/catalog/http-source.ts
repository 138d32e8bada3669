import { GatewayError } from '../../base/errors.js'
import { CATALOG_FILE } from './format.js'
import type { CatalogSource } from './source.js'

const MAX_REDIRECTS = 5
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308]

/**
 * A catalog at an address; `url` is its folder, or the catalog's file in it. `timeoutMs` is for one file, redirects included.
 *
 * The catalog itself comes from that origin and no other: it is what operators trust, and what the lock file names as the
 * source. Other files may come from another host that keeps them, as the catalog has their digests.
 */
export function httpSource(url: URL, timeoutMs: number): CatalogSource {
  const isFile = url.pathname.endsWith('.json')
  const folder = new URL(isFile || url.pathname.endsWith('/') ? '.' : `${url.pathname}/`, url)
  const index = isFile ? url.pathname.slice(url.pathname.lastIndexOf('/') + 1) : CATALOG_FILE
  return {
    name: url.href,
    index,
    read: async (path, maxBytes) => {
      const next = path === index ? redirectedWithin : redirected
      return download(within(folder, path), maxBytes, timeoutMs, next)
    }
  }
}

/** Paths of a catalog are checked when it is read; this holds whatever they are. */
function within(folder: URL, path: string): URL {
  const url = new URL(path, folder)
  if (url.origin !== folder.origin || !url.pathname.startsWith(folder.pathname)) {
    throw invalid(url, 'leads out of the folder of the catalog')
  }
  return url
}

async function download(
  url: URL,
  maxBytes: number,
  timeoutMs: number,
  next: (from: URL, location: string | null) => URL
): Promise<Buffer> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    let at = url
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      // A coding would let a few bytes become many; the limit counts what comes out all the same.
      const reply = await fetch(at, { redirect: 'manual', signal, headers: { 'accept-encoding': 'identity' } })
      if (!REDIRECTS.includes(reply.status)) return await bodyOf(reply, at, maxBytes)
      await reply.body?.cancel()
      at = next(at, reply.headers.get('location'))
    }
    throw invalid(url, `leads on more than ${MAX_REDIRECTS} times`)
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown
    const late = thrown instanceof Error && thrown.name === 'TimeoutError'
    throw invalid(url, late ? `did not come within ${timeoutMs} ms` : `cannot be read: ${reason(thrown)}`, thrown)
  }
}

function redirectedWithin(from: URL, location: string | null): URL {
  const to = redirected(from, location)
  if (to.origin === from.origin) return to
  throw invalid(
    from,
    `leads on to another origin (${to.origin}); expected ${from.origin}, or name the other as the catalog`
  )
}

/** Another host may be meant to keep the files; another scheme may not, but for http to https. */
function redirected(from: URL, location: string | null): URL {
  if (location === null || !URL.canParse(location, from.href)) throw invalid(from, 'leads on to nowhere')
  const to = new URL(location, from)
  const allowed = to.protocol === from.protocol || (from.protocol === 'http:' && to.protocol === 'https:')
  if (!allowed) throw invalid(from, `leads on to another scheme (${to.protocol}); expected ${from.protocol}`)
  return to
}

async function bodyOf(reply: Response, url: URL, maxBytes: number): Promise<Buffer> {
  if (reply.status !== 200) {
    await reply.body?.cancel()
    throw invalid(url, `was answered with ${reply.status}; expected 200`)
  }
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of reply.body ?? []) {
    bytes += part.length
    // Leaving the loop cancels the rest.
    if (bytes > maxBytes) throw invalid(url, `has more than ${maxBytes} bytes; expected at most those`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function reason(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const { cause } = thrown
  return cause instanceof Error ? cause.message || cause.name : thrown.message
}

function invalid(url: URL, message: string, cause?: unknown): GatewayError {
  return new GatewayError('GW_CATALOG_INVALID', `${url.href}: ${message}`, { cause })
}

/** Cache directives of a request or a reply (RFC 9111 §5.2). Times are seconds. */
export interface Directives {
  noStore: boolean
  /** Without a list of fields: the whole reply. */
  noCache: boolean
  private: boolean
  public: boolean
  mustRevalidate: boolean
  proxyRevalidate: boolean
  mustUnderstand: boolean
  onlyIfCached: boolean
  maxAge: number | undefined
  sMaxAge: number | undefined
  staleWhileRevalidate: number | undefined
  staleIfError: number | undefined
  /** Infinity: however stale. */
  maxStale: number | undefined
  minFresh: number | undefined
  /** Fields that `no-cache` or `private` name: they are not stored, the rest may be. */
  withoutFields: string[]
}

/** RFC 9111 §1.2.2: what is larger than this means this. */
const MAX_SECONDS = 2_147_483_648

export function noDirectives(): Directives {
  return {
    noStore: false,
    noCache: false,
    private: false,
    public: false,
    mustRevalidate: false,
    proxyRevalidate: false,
    mustUnderstand: false,
    onlyIfCached: false,
    maxAge: undefined,
    sMaxAge: undefined,
    staleWhileRevalidate: undefined,
    staleIfError: undefined,
    maxStale: undefined,
    minFresh: undefined,
    withoutFields: []
  }
}

// A name, then maybe "=" and a token or a quoted string; what fits neither is skipped to the next comma.
const DIRECTIVE = /([^\s,="]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^,"]*)))?[^,]*/g

/** Reads a Cache-Control value. Lenient where RFC 9111 §4.2.1 says so: an invalid time is 0, of two times the shorter counts. */
export function parseDirectives(text: string): Directives {
  const found = noDirectives()
  for (const [, name = '', quoted, plain] of text.matchAll(DIRECTIVE)) {
    add(found, name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain?.trimEnd())
  }
  return found
}

/** @param value - undefined: there is none */
function add(found: Directives, name: string, value: string | undefined): void {
  switch (name) {
    case 'no-store':
      found.noStore = true
      break
    case 'no-cache':
    case 'private':
      if (value === undefined || value === '') found[name === 'private' ? 'private' : 'noCache'] = true
      else found.withoutFields.push(...fieldNames(value))
      break
    case 'public':
      found.public = true
      break
    case 'must-revalidate':
      found.mustRevalidate = true
      break
    case 'proxy-revalidate':
      found.proxyRevalidate = true
      break
    case 'must-understand':
      found.mustUnderstand = true
      break
    case 'only-if-cached':
      found.onlyIfCached = true
      break
    case 'max-age':
      found.maxAge = shorter(found.maxAge, value)
      break
    case 's-maxage':
      found.sMaxAge = shorter(found.sMaxAge, value)
      break
    case 'stale-while-revalidate':
      found.staleWhileRevalidate = shorter(found.staleWhileRevalidate, value)
      break
    case 'stale-if-error':
      found.staleIfError = shorter(found.staleIfError, value)
      break
    case 'max-stale':
      found.maxStale = value === undefined ? Number.POSITIVE_INFINITY : seconds(value)
      break
    case 'min-fresh':
      found.minFresh = seconds(value)
      break
  }
}

export function fieldNames(list: string): string[] {
  return list
    .toLowerCase()
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
}

function shorter(known: number | undefined, value: string | undefined): number {
  const given = seconds(value)
  return known === undefined ? given : Math.min(known, given)
}

function seconds(value: string | undefined): number {
  return value !== undefined && /^[0-9]+$/.test(value) ? Math.min(Number(value), MAX_SECONDS) : 0
}

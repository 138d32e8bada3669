import type { HeaderList } from '../../base/headers.js'
import type { KeyRules } from '../../config/resolve-cache.js'
import type { RequestFacts } from './assess.js'
import type { Forwarded } from './cache-status.js'
import type { Entry } from './entry.js'
import type { CacheRequest } from './request.js'
import type { EntryStore } from './store.js'

/** A request for which there is nothing stored that can be used as it is. */
export interface Ask {
  readonly request: CacheRequest
  readonly facts: RequestFacts
  /** For its consumer alone. */
  readonly own: string
  /** For everybody; undefined where nothing is. */
  readonly public: string | undefined
  /** What is stored, to be validated. */
  readonly entry: Entry | undefined
  readonly fwd: Forwarded
}

/** Whom a certificate shows is told to the upstream in this header, among others, where the listener is asked to. */
const CERTIFICATE = 'x-client-cert-fingerprint'

export function factsOf({ headers, consumer }: CacheRequest, key: KeyRules): RequestFacts {
  let authorized = false
  let cookies = false
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] === 'authorization') authorized ||= !key.headers.includes('authorization')
    // A credential too, as far as the upstream is concerned; that of a consumer is in the key with it.
    else if (headers[i] === CERTIFICATE && consumer === '') authorized ||= !key.headers.includes(CERTIFICATE)
    else if (headers[i] === 'cookie') cookies = key.cookies === undefined && !key.headers.includes('cookie')
  }
  return { authorized, cookies }
}

/** What is stored for a request: its consumer's own before what is for everybody. @returns the reason, when there is nothing */
export function lookUp(
  store: EntryStore,
  [own, shared]: readonly [string, string | undefined],
  headers: HeaderList,
  facts: RequestFacts
): Entry | Forwarded {
  let found = store.find(own, headers)
  if (shared !== undefined && typeof found !== 'object') found = store.find(shared, headers) ?? found
  if (found === undefined) return 'uri-miss'
  if (found === 'no-variant') return 'vary-miss'
  // What a request like this could not have stored must not answer it either.
  return allows(found, facts) ? found : 'request'
}

/** Whether a stored reply may answer a request with these credentials (RFC 9111 §3.5, the other way round too). */
export function allows({ found }: Entry, { authorized, cookies }: RequestFacts): boolean {
  return (!authorized || found.forAuthorized) && (!cookies || found.explicit)
}

import type { BodySource } from './body.js'
import type { HeaderList } from './headers.js'
import type { Upgraded } from './upgrade.js'

/** The head of a request as it came in, or as the policies left it. */
export interface RequestHead {
  method: string
  scheme: 'http' | 'https'
  /** Authority as the client sent it. */
  host: string
  /** Without the query; percent-encoding untouched. */
  path: string
  /** Without the "?"; empty when there is none. */
  query: string
  headers: HeaderList
  /** Stands for its headers as they came: where it is the same, so were they. Undefined: nothing does. */
  readonly known?: object | undefined
}

/** A response on its way to the client: from an upstream, a policy or the gateway itself. */
export interface Reply {
  status: number
  headers: HeaderList
  body: BodySource | Buffer
  /** With status 101: the upstream's end of what the connection becomes, open. */
  upgraded?: Upgraded | undefined
  /** What came after a body that is no longer the source it was; else the source has them. */
  trailers?: HeaderList | undefined
}

/** Reason phrases by status; a client must not depend on them (RFC 9112 §4), but people read them. */
export { STATUS_CODES } from 'node:http'

/**
 * The path with its percent-encoding in normal form (RFC 3986 §6.2.2): what need not be encoded is not, hex digits are
 * upper case. Paths that differ only in this are the same.
 */
export function normalPercents(path: string): string {
  return path.includes('%') ? path.replace(/%[0-9A-Fa-f]{2}/g, normalPercent) : path
}

function normalPercent(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16))
  return /[A-Za-z0-9._~-]/.test(character) ? character : encoded.toUpperCase()
}

/** Whether RFC 9110 §6.4.1 forbids content in a response with this status. */
export function forbidsBody(status: number): boolean {
  return status < 200 || status === 204 || status === 304
}

/**
 * The Content-Length of a reply that has no body on the wire: of HEAD that of a GET (RFC 9110 §9.3.2). 304 may tell it, and 0 is what
 * it has when nobody knows; 204 must not (§8.6).
 */
export function toldLength(status: number, length: number | undefined): number | undefined {
  return status === 204 || status < 200 || (status === 304 && length === 0) ? undefined : length
}

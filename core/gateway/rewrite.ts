import { GatewayError } from '../base/errors.js'
import type { HeaderList } from '../base/headers.js'
import type { RequestHead } from '../base/http.js'
import { hasDotSegment, isPath } from '../base/request-target.js'
import type { QueryChanges, RewriteConfig } from '../config/resolve-actions.js'
import type { MatchConfig } from '../config/resolve-match.js'
import type { TemplatePart } from '../config/template.js'
import { decoded } from './conditions.js'
import { fill, tailOf, type Values } from './template.js'

/** What of an exchange decides where it goes. */
export interface Routed {
  readonly request: RequestHead
  readonly params: HeaderList
  /** The path the route was found by, whatever policies made of it. */
  readonly routedPath: string
}

/** What goes upstream instead of what the client sent. */
export interface Rewrite {
  /** undefined: the path stays. */
  readonly path: readonly TemplatePart[] | undefined
  /** The Host header; undefined: as the upstream says. */
  readonly host: string | undefined
  /** undefined: the query stays. */
  readonly query: QueryChanges | undefined
  /** Segments of the route's path before its "*". */
  readonly segments: number
}

export function compileRewrite({ path, host, query }: RewriteConfig, match: MatchConfig): Rewrite {
  return { path, host, query, segments: segmentsBefore(match) }
}

/** How many segments come before the "*" of a path. */
export function segmentsBefore({ path = '' }: Pick<MatchConfig, 'path'>): number {
  return path.split('/').length - 2
}

/**
 * The target of the request line that goes upstream.
 * @throws GatewayError GW_BAD_REQUEST when parameters make a path that must not be sent
 */
export function wireTarget(
  exchange: Routed,
  route: { readonly stripPrefix: string; readonly rewrite?: Rewrite | undefined }
): string {
  const { path, query } = exchange.request
  if (route.rewrite !== undefined) return rewritten(exchange, route.rewrite, route.stripPrefix)
  return joined(stripped(path, route.stripPrefix), query)
}

function rewritten(exchange: Routed, { path: template, query: changes, segments }: Rewrite, prefix: string): string {
  const { path, query } = exchange.request
  const values = valuesOf(exchange, segments)
  // A policy that wrote a path has the last word.
  const own = template !== undefined && path === exchange.routedPath
  const target = own ? checked(fill(template, values, 'path')) : stripped(path, prefix)
  return joined(target, changes === undefined ? query : changed(query, changes, values))
}

/** What the places of a route's templates are filled with. */
export function valuesOf({ params, routedPath }: Routed, segments: number, host = ''): Values {
  return { params, tail: tailOf(routedPath, segments), host }
}

/** Pieces that are harmless alone may make a dot segment together. */
function checked(path: string): string {
  if (isPath(path) && !hasDotSegment(path)) return path
  throw new GatewayError('GW_BAD_REQUEST', `the path's parameters make ${path}, which must not be sent on`)
}

/** What is left behind the segments of a prefix. Empty segments do not count, as in the router, and what is left begins with one "/". */
function stripped(path: string, prefix: string): string {
  if (prefix === '') return path === '' ? '/' : path
  let at = 0
  for (let i = 0; i < prefix.length; i++) {
    if (path.charCodeAt(at) !== prefix.charCodeAt(i)) return path
    at = prefix.charCodeAt(i) === SLASH ? pastSlashes(path, at) : at + 1
  }
  if (at === path.length) return '/'
  // "//x" would be a host to whoever reads it as a reference.
  return path.charCodeAt(at) === SLASH ? path.slice(pastSlashes(path, at) - 1) : path
}

const SLASH = 0x2f

function pastSlashes(path: string, from: number): number {
  let at = from
  while (path.charCodeAt(at) === SLASH) at++
  return at
}

function joined(path: string, query: string): string {
  return query === '' ? path : `${path}?${query}`
}

/** What is not changed stays as the client wrote it, in its place. */
function changed(query: string, { remove, set, add }: QueryChanges, values: Values): string {
  const gone = new Set([...remove, ...set.map(({ name }) => name)])
  const kept = query.split('&').filter(pair => pair !== '' && !gone.has(nameOf(pair)))
  const written = [...set, ...add].map(
    ({ name, value }) => `${encodeName(name)}=${fill(literals(value), values, 'query')}`
  )
  return [...kept, ...written].join('&')
}

function nameOf(pair: string): string {
  const at = pair.indexOf('=')
  return decoded(at === -1 ? pair : pair.slice(0, at))
}

/** The text of a value is plain text in the configuration, and percent-encoded on the wire. */
function literals(parts: readonly TemplatePart[]): TemplatePart[] {
  return parts.map(part => (typeof part === 'string' ? encodeName(part) : part))
}

function encodeName(text: string): string {
  return encodeURIComponent(text).replace(/'/g, '%27')
}

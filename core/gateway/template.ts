import { type HeaderList, header } from '../base/headers.js'
import type { TemplatePart } from '../config/template.js'

/** Where the text of a place ends up: it must not become anything else there. */
export type Position = 'path' | 'query' | 'host'

/** What fills the places of a template. */
export interface Values {
  /** Of the route's path: name, value, …; percent-encoded as in the path. */
  readonly params: HeaderList
  /** What the "*" at the end of the path stood for. */
  readonly tail: string
  /** The name the client asked for. */
  readonly host: string
}

export function fill(parts: readonly TemplatePart[], values: Values, position: Position): string {
  let text = ''
  for (const part of parts)
    text += typeof part === 'string' ? part : encoded(valueAt(part.param, values, position), position)
  return position === 'path' ? text.replace(/\/{2,}/g, '/') : text
}

function valueAt(name: string, { params, tail, host }: Values, position: Position): string {
  if (position === 'host') return host
  return name === '*' ? tail : (header(params, name) ?? '')
}

/**
 * Values come from a path, so in a path they may stand as they are, "/" of a group included (empty segments go: a path
 * that began with "//" would be another host to a browser). In a query, whatever has a meaning there is encoded.
 */
function encoded(value: string, position: Position): string {
  // A group may have cut a percent-encoding in two.
  const whole = value.includes('%') ? value.replace(/%(?![0-9A-Fa-f]{2})/g, '%25') : value
  return position === 'query' ? whole.replace(/[^A-Za-z0-9._~%-]/g, percent) : whole
}

function percent(character: string): string {
  return encodeURIComponent(character).replace(/[!'()*]/g, each => `%${each.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** What is left of a path behind so many segments, without the "/" before it. Empty segments do not count, as in the router. */
export function tailOf(path: string, segments: number): string {
  let at = 1
  let left = segments
  while (left > 0) {
    const slash = path.indexOf('/', at)
    if (slash === -1) return ''
    if (slash > at) left--
    at = slash + 1
  }
  return path.slice(at)
}

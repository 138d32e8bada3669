import type { FixedReply, Redirect, Rewrite } from './schema-actions.js'
import { parseTemplate, splitTarget, type TemplatePart } from './template.js'

export interface RewriteConfig {
  readonly path: readonly TemplatePart[] | undefined
  readonly host: string | undefined
  readonly query: QueryChanges | undefined
}

/** In this order: what goes, what takes the place of others, what comes to them. */
export interface QueryChanges {
  readonly remove: readonly string[]
  readonly set: readonly QueryChange[]
  readonly add: readonly QueryChange[]
}

export interface QueryChange {
  readonly name: string
  readonly value: readonly TemplatePart[]
}

export interface RedirectConfig {
  readonly status: number
  /** Scheme and authority; empty for a path of the same host. Its only place is {host}. */
  readonly origin: readonly TemplatePart[]
  readonly path: readonly TemplatePart[]
  /** With its "?"; empty when there is none. */
  readonly query: readonly TemplatePart[]
  /** With its "#"; empty when there is none. */
  readonly fragment: readonly TemplatePart[]
  readonly keepQuery: boolean
}

export interface ReplyConfig {
  readonly status: number
  /** Name in small letters, value. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

export function resolveRewrite({ path, host, query }: Rewrite): RewriteConfig {
  const changes = (values: Readonly<Record<string, string>>): QueryChange[] =>
    Object.entries(values).map(([name, value]) => ({ name, value: parseTemplate(value) }))
  return {
    path: path === undefined ? undefined : parseTemplate(path),
    host,
    query: query && { remove: query.remove, set: changes(query.set), add: changes(query.add) }
  }
}

export function resolveRedirect({ to, status, keepQuery }: Redirect): RedirectConfig {
  const { origin, rest } = splitTarget(to) ?? { origin: '', rest: '/' }
  const [, path = '/', query = '', fragment = ''] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(rest) ?? []
  return {
    status,
    origin: parseTemplate(origin),
    path: parseTemplate(path),
    query: parseTemplate(query),
    fragment: parseTemplate(fragment),
    keepQuery
  }
}

export function resolveReply({ status, headers, body, json }: FixedReply): ReplyConfig {
  const list = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  const typed = list.some(([name]) => name === 'content-type')
  const text = json === undefined ? (body ?? '') : JSON.stringify(json)
  const type = json === undefined ? 'text/plain; charset=utf-8' : 'application/json'
  return { status, headers: typed || text === '' ? list : [...list, ['content-type', type] as const], body: text }
}

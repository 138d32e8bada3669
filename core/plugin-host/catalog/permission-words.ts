import type { Permissions } from '../../base/manifest.js'
import { allows, nameSet } from '../permissions.js'

/** One thing a plugin may do, in words, and whether some permissions include it. */
interface Permission {
  readonly words: string
  includedIn(permissions: Permissions): boolean
}

/** What permissions allow, a line each; empty when it is nothing. */
export function permissionWords(permissions: Permissions): string[] {
  return permissionsOf(permissions).map(({ words }) => words)
}

/** What `after` allows and `before` did not. */
export function permissionGrowth(before: Permissions, after: Permissions): string[] {
  return permissionsOf(after)
    .filter(permission => !permission.includedIn(before))
    .map(({ words }) => words)
}

function permissionsOf(permissions: Permissions): Permission[] {
  return [
    ...headers(permissions, 'requestHeaders', 'request'),
    ...headers(permissions, 'responseHeaders', 'response'),
    ...content(permissions, 'requestBody', 'the request body'),
    ...content(permissions, 'responseBody', 'the response body'),
    ...content(permissions, 'prompt', 'what models are asked'),
    ...content(permissions, 'answer', 'what models answer'),
    ...flag(permissions, 'rewrite', 'change the method, path and query of the request, and the status of the response'),
    ...route(permissions),
    ...flag(permissions, 'consumer', 'say who is calling'),
    ...flag(permissions, 'log', 'write log lines'),
    ...flag(permissions, 'counters', 'use counters and token buckets'),
    ...callouts(permissions),
    ...listed(permissions, 'secrets', entry => `read ${named('the secret', entry)}`),
    ...flag(permissions, 'kv', 'keep values under keys, in this process'),
    ...flag(permissions, 'store', 'keep values in the store'),
    ...listed(permissions, 'bag', entry => `read what other policies leave as ${entry}`)
  ]
}

function headers(permissions: Permissions, key: 'requestHeaders' | 'responseHeaders', what: string): Permission[] {
  return (['read', 'write'] as const).flatMap(how =>
    (permissions[key]?.[how] ?? []).map(entry => ({
      words: `${how} ${header(entry, what)}`,
      includedIn: (other: Permissions) => {
        const entries = other[key]?.[how] ?? []
        // A name in the settings can be any, hidden ones too: only the same entry includes it.
        return entry === '*' || entry.startsWith('$') ? entries.includes(entry) : allows(nameSet(entries, {}), entry)
      }
    }))
  )
}

function header(entry: string, what: string): string {
  if (entry === '*') return `all ${what} headers but those with credentials`
  if (entry.startsWith('$')) return `the ${what} headers that its settings name at ${entry.slice(1)}`
  return `the ${what} header ${entry}`
}

const LEVELS = ['none', 'read', 'write'] as const

function content(
  permissions: Permissions,
  key: 'requestBody' | 'responseBody' | 'prompt' | 'answer',
  what: string
): Permission[] {
  const level = permissions[key] ?? 'none'
  if (level === 'none') return []
  const words = level === 'read' ? `read ${what}` : `read and replace ${what}`
  return [{ words, includedIn: other => LEVELS.indexOf(other[key] ?? 'none') >= LEVELS.indexOf(level) }]
}

function flag(
  permissions: Permissions,
  key: 'rewrite' | 'consumer' | 'log' | 'counters' | 'store' | 'kv',
  words: string
): Permission[] {
  return permissions[key] === true ? [{ words, includedIn: other => other[key] === true }] : []
}

function route({ route: asked = false }: Permissions): Permission[] {
  if (asked === false) return []
  if (asked === true) return [{ words: 'send requests to any upstream', includedIn: other => other.route === true }]
  return asked.map(entry => ({
    words: entry.startsWith('$')
      ? `send requests to the upstreams that its settings name at ${entry.slice(1)}`
      : `send requests to the upstream ${entry}`,
    includedIn: ({ route: other = false }) => other === true || (other !== false && other.includes(entry))
  }))
}

function callouts(permissions: Permissions): Permission[] {
  const words = (entry: string): string =>
    entry.includes('://')
      ? `send HTTP requests of its own to ${entry}`
      : `send HTTP requests of its own to ${named('the upstream', entry)}`
  return listed(permissions, 'callouts', words)
}

function listed(
  permissions: Permissions,
  key: 'callouts' | 'secrets' | 'bag',
  words: (entry: string) => string
): Permission[] {
  return (permissions[key] ?? []).map(entry => ({
    words: words(entry),
    includedIn: other => other[key]?.includes(entry) === true
  }))
}

function named(what: string, entry: string): string {
  return entry.startsWith('$') ? `what its settings name at ${entry.slice(1)}` : `${what} ${entry}`
}

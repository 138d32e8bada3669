import { normalHost } from './hosts.js'
import type { Condition, Match } from './schema-match.js'

/** What a named part of a request must be like. `text` is empty for "present" and "absent". */
export interface MatchCondition {
  readonly of: 'header' | 'query' | 'cookie'
  /** Headers in small letters. */
  readonly name: string
  readonly must: 'value' | 'prefix' | 'regex' | 'present' | 'absent'
  readonly text: string
}

/** Where a request says which version it wants. */
export interface VersionSource {
  readonly kind: 'header' | 'query' | 'mediaType' | 'path'
  /** The header in small letters, the query or path parameter, the media type. */
  readonly name: string
}

export interface VersionMatch {
  /** Without the "v" in front of its number. */
  readonly name: string
  readonly by: VersionSource
  readonly default: boolean
}

export interface MatchConfig {
  readonly hosts: readonly string[]
  readonly methods: readonly string[]
  /** Either this or `pathRegex`. */
  readonly path: string | undefined
  readonly pathRegex: string | undefined
  readonly conditions: readonly MatchCondition[]
  readonly version: VersionMatch | undefined
  readonly priority: number
  /** undefined: the route shares with no other. */
  readonly weight: number | undefined
}

export function resolveMatch(match: Match): MatchConfig {
  const { hosts, methods, path, pathRegex, priority, weight } = match
  return {
    hosts: hosts.map(normalHost),
    methods,
    path,
    pathRegex,
    conditions: [
      ...match.headers.map(each => condition('header', each)),
      ...match.query.map(each => condition('query', each)),
      ...match.cookies.map(each => condition('cookie', each))
    ],
    version: match.version && {
      name: plainVersion(match.version.name),
      by: versionSource(match.version.by),
      default: match.version.default
    },
    priority,
    weight
  }
}

function condition(of: MatchCondition['of'], each: Condition): MatchCondition {
  const name = of === 'header' ? each.name.toLowerCase() : each.name
  if (each.value !== undefined) return { of, name, must: 'value', text: each.value }
  if (each.prefix !== undefined) return { of, name, must: 'prefix', text: each.prefix }
  if (each.regex !== undefined) return { of, name, must: 'regex', text: each.regex }
  return { of, name, must: each.present === false ? 'absent' : 'present', text: '' }
}

function versionSource(by: NonNullable<Match['version']>['by']): VersionSource {
  if (by.header !== undefined) return { kind: 'header', name: by.header.toLowerCase() }
  if (by.query !== undefined) return { kind: 'query', name: by.query }
  if (by.mediaType !== undefined) return { kind: 'mediaType', name: by.mediaType }
  return { kind: 'path', name: by.path ?? '' }
}

/** A version in lower case, without the "v" in front of its number: "V2", "v2" and "2" are one. */
export function plainVersion(name: string): string {
  const lower = name.toLowerCase()
  return /^v[0-9]/.test(lower) ? lower.slice(1) : lower
}

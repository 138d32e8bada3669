import { EMPTY_BODY } from '../../core/base/body.js'
import type { CacheRules, KeyRules } from '../../core/config/resolve-cache.js'
import type { Assessment } from '../../core/traffic/cache/assess.js'
import { Entry } from '../../core/traffic/cache/entry.js'
import type { CacheRequest } from '../../core/traffic/cache/request.js'

/** Parts of the cache as tests want them: what a configuration with no settings makes, and what differs. */

export function keyRules(more: Partial<KeyRules> = {}): KeyRules {
  return {
    queryOnly: undefined,
    queryIgnore: new Set(),
    sortQuery: false,
    headers: [],
    cookies: undefined,
    shareAcrossConsumers: false,
    ...more
  }
}

export function cacheRules(more: Partial<CacheRules> = {}): CacheRules {
  return {
    store: true,
    ttlMs: undefined,
    notFoundTtlMs: undefined,
    heuristic: false,
    staleWhileRevalidateMs: 0,
    staleIfErrorMs: 0,
    entryBytes: 1_048_576,
    clientControl: true,
    coalesce: true,
    coalesceWaitMs: 10_000,
    stripSurrogate: false,
    cacheStatus: true,
    key: keyRules(),
    ...more
  }
}

export function cacheRequest(more: Partial<CacheRequest> = {}): CacheRequest {
  return {
    method: 'GET',
    scheme: 'http',
    host: 'a.test',
    path: '/a',
    asked: more.path ?? '/a',
    query: '',
    headers: [],
    upstream: 'main',
    consumer: '',
    forwarded: '',
    content: false,
    ...more
  }
}

export function assessment(more: Partial<Assessment> = {}): Assessment {
  return {
    lifetimeMs: 60_000,
    initialAgeMs: 0,
    receivedAt: 0,
    explicit: true,
    noCache: false,
    strict: false,
    staleWhileRevalidateMs: 0,
    staleIfErrorMs: 0,
    public: false,
    forAuthorized: false,
    vary: [],
    withoutFields: [],
    ...more
  }
}

export interface EntryParts {
  readonly key?: string
  readonly route?: string
  readonly places?: readonly string[]
  readonly query?: string
  readonly selected?: readonly string[]
  readonly headers?: string[]
  readonly body?: Buffer
  readonly found?: Partial<Assessment>
}

export function entry(parts: EntryParts = {}): Entry {
  const {
    key = 'k',
    route = 'r',
    places = ['a.test/a'],
    query = '',
    selected = [],
    headers = [],
    body = EMPTY_BODY
  } = parts
  const slot = { key, route, places, query, selected, rules: keyRules() }
  return new Entry(slot, 200, headers, body, assessment(parts.found), false)
}

import { createHash } from 'node:crypto'
import type { RouteConfig } from '../config/resolve.js'
import type { CacheRules } from '../config/resolve-cache.js'
import type { HttpCache } from '../traffic/cache/http-cache.js'
import { RouteCache } from '../traffic/cache/route-cache.js'

/** The cache of a route that has one. */
export function openCache(route: RouteConfig, cache: HttpCache): RouteCache | undefined {
  return route.cache && new RouteCache(cache, route.cache, route.name, scopeOf(route))
}

/**
 * The route's name, and what decides which replies its keys stand for, for how long and with which headers: when that changes in a reload,
 * what is stored is not found any more. All else about the route is not in it: a canary's new weight must not empty the cache.
 */
function scopeOf(route: RouteConfig): string {
  const { name, upstream, stripPrefix, rewrite, cache } = route
  const { weight, priority, ...match } = route.match
  const decides = { name, match, upstream, stripPrefix, rewrite }
  const text = JSON.stringify([decides, cache && storing(cache)], (_, value) =>
    value instanceof Set ? [...value].sort() : value
  )
  return `${route.name} ${createHash('sha256').update(text).digest('base64').slice(0, 12)}`
}

/** What of the rules is about replies that are stored already; the others are about each request. */
function storing({ store, entryBytes, clientControl, coalesce, coalesceWaitMs, cacheStatus, ...rules }: CacheRules) {
  return rules
}

import { parsePattern, shapeOf } from '../config/path-pattern.js'
import type { Path } from '../config/problems.js'
import type { Config, RouteConfig } from '../config/resolve.js'

/** Something at its path in the configuration that may be served, though hardly as it is meant. */
interface Idle {
  readonly path: Path
  readonly message: string
}

/** What gets no request by its weight, and what has no effect. No errors: a side that waits for its turn is written just like that. */
export function idleSettings(config: Config): Idle[] {
  return [...weightlessUpstreams(config), ...weightlessRoutes(config), ...loneHedges(config)]
}

function weightlessUpstreams({ upstreams }: Config): Idle[] {
  const message = 'all have weight 0: none gets a request until one has another weight, here or by POST /upstreams'
  return upstreams.flatMap(({ name, targets, discover }) =>
    discover === undefined && targets.every(({ weight }) => weight === 0)
      ? [{ path: ['upstreams', name, 'targets'], message }]
      : []
  )
}

function weightlessRoutes({ routes }: Config): Idle[] {
  const shared = new Set(routes.filter(({ match }) => match.weight !== 0).map(matchKey))
  const message = 'is 0, and no route with the same match has another: none of them gets a request'
  return routes.flatMap((route, index) =>
    route.match.weight !== 0 || shared.has(matchKey(route))
      ? []
      : [{ path: ['routes', index, 'match', 'weight'], message }]
  )
}

/** Equal for routes that may share requests. Hosts and methods need only overlap for that, so they are left out. */
function matchKey({ match: { path, pathRegex, priority, conditions } }: RouteConfig): string {
  const pattern = path === undefined ? undefined : parsePattern(path)
  const what = conditions.map(each => JSON.stringify(each)).sort()
  return JSON.stringify([pattern && shapeOf(pattern), pathRegex, priority, what])
}

/** A second try goes to another target. Policies may choose another upstream, so nothing is known of routes that have any. */
function loneHedges({ upstreams, routes }: Config): Idle[] {
  const lone = new Set(
    upstreams.flatMap(({ name, targets, discover }) => (discover === undefined && targets.length === 1 ? [name] : []))
  )
  return routes.flatMap(({ upstream, resilience, policies }, index) =>
    resilience.hedge !== undefined && lone.has(upstream) && policies.length === 0
      ? [
          {
            path: ['routes', index, 'hedge'],
            message: `has no effect: a second try goes to another target, and ${upstream} has one`
          }
        ]
      : []
  )
}

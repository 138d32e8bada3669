import { GatewayError } from '../base/errors.js'
import { hostName } from '../base/host-name.js'
import { Refusal } from '../base/refusal.js'
import { type LeafMatch, type Matched, Misses, type Wanted } from './leaf.js'
import { MethodNotAllowed, unknownVersion } from './refusals.js'
import { RouteTable } from './route-table.js'

/** What a route listens to. */
export interface RouteMatch extends LeafMatch {
  /** Host names, lower case: exact, or "*.example.com" for any name below. Empty: every host. */
  readonly hosts: readonly string[]
  /** "/exact", "/with/{param}", "/prefix/*". */
  readonly path?: string | undefined
  /** Instead of `path`: fits the whole path. */
  readonly pathRegex?: string | undefined
  readonly priority?: number
}

/**
 * Finds routes by priority, host, path, conditions and method. Of those that fit, the ones of the highest priority; of
 * these the most specific host (exact, then the longest wildcard, then none); within it, at each segment of the path a
 * literal wins over a parameter, and both over a wildcard; a regular expression over a pattern that ends in a wildcard.
 * On one path, the route with more conditions, then the one that names the method, then the first. A route that does not
 * take the method, or whose conditions are not met, lets the next best have the request; but where a path has routes for
 * other versions only than the one that is asked for by header, query or media type, the request is refused: whatever a
 * less specific route would answer is not what was asked for.
 *
 * Most upstreams read "//" as "/" and "%61" as "a". Whoever could write a path that routes see differently would get
 * around the policies of a route: empty segments inside a path do not count here, for patterns and regular expressions
 * alike, and paths arrive in normal form.
 */
export class Router<R> {
  /** Highest priority first; most configurations have one. */
  private readonly tiers: Tier<R>[]

  /** @param random - draws among routes with weights: from 0 up to 1 */
  constructor(
    routes: Iterable<{ readonly match: RouteMatch; readonly route: R }>,
    private readonly random: () => number = Math.random
  ) {
    const tiers = new Map<number, Tier<R>>()
    for (const { match, route } of routes) {
      if (match.weight === 0) continue // it has no share
      const { priority = 0 } = match
      const tier = tiers.get(priority) ?? new Tier<R>()
      tiers.set(priority, tier)
      tier.add(match, route)
    }
    this.tiers = [...tiers].sort(([a], [b]) => b - a).map(([, tier]) => tier)
  }

  /** @throws GatewayError GW_ROUTE_NOT_FOUND, or Refusal: MethodNotAllowed, GW_VERSION_* */
  match(host: string, wanted: Wanted): Matched<R> {
    for (const tier of this.tiers) {
      for (const table of tier.tables(host)) {
        const found = table.find(wanted, this.random)
        if (found instanceof Refusal) throw found
        if (found !== undefined) return found
      }
    }
    throw this.refusal(host, wanted)
  }

  /** Says what would do: a method, where only the method does not fit, else a version, where only the version does not. */
  private refusal(host: string, wanted: Wanted): GatewayError {
    const misses = new Misses()
    for (const tier of this.tiers) for (const table of tier.tables(host)) table.explain(wanted, misses)
    if (misses.allowed.size > 0) return new MethodNotAllowed(wanted.method, [...misses.allowed])
    return (
      unknownVersion(misses.versions, misses.named) ??
      new GatewayError('GW_ROUTE_NOT_FOUND', `no route for ${wanted.method} ${host}${wanted.path}`)
    )
  }
}

/** The routes of one priority. */
class Tier<R> {
  private readonly exactHosts = new Map<string, RouteTable<R>>()
  /** Suffixes that begin with ".", longest first. */
  private readonly wildcardHosts: { readonly suffix: string; readonly table: RouteTable<R> }[] = []
  private readonly anyHost = new RouteTable<R>()
  private readonly onlyTable = [this.anyHost]
  private byHost = false

  add(match: RouteMatch, route: R): void {
    if (match.hosts.length === 0) this.anyHost.add(match, route)
    for (const host of match.hosts) this.tableFor(host).add(match, route)
  }

  /** The tables that may have a route for a host, most specific first. */
  tables(host: string): readonly RouteTable<R>[] {
    if (!this.byHost) return this.onlyTable
    const name = hostName(host)
    const tables: RouteTable<R>[] = []
    const exact = this.exactHosts.get(name)
    if (exact !== undefined) tables.push(exact)
    for (const { suffix, table } of this.wildcardHosts) {
      if (name.length > suffix.length && name.endsWith(suffix)) tables.push(table)
    }
    tables.push(this.anyHost)
    return tables
  }

  private tableFor(host: string): RouteTable<R> {
    this.byHost = true
    if (!host.startsWith('*.')) {
      const table = this.exactHosts.get(host) ?? new RouteTable<R>()
      this.exactHosts.set(host, table)
      return table
    }
    const suffix = host.slice(1)
    const known = this.wildcardHosts.find(entry => entry.suffix === suffix)
    if (known !== undefined) return known.table
    const table = new RouteTable<R>()
    this.wildcardHosts.push({ suffix, table })
    this.wildcardHosts.sort((a, b) => b.suffix.length - a.suffix.length)
    return table
  }
}

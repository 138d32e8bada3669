import type { Labels, Reading } from '../../observe/registry.js'

/** What the cache did for a request. */
export const OUTCOMES = ['hit', 'stale', 'validated', 'miss', 'collapsed', 'bypass'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** How often, by route. Routes come from the configuration: there are as many series as it has. */
export class CacheCounts {
  private readonly routes = new Map<string, Record<Outcome, number>>()

  /** The figures of a route, to be counted in. */
  of(route: string): Record<Outcome, number> {
    let counts = this.routes.get(route)
    if (counts === undefined) {
      counts = { hit: 0, stale: 0, validated: 0, miss: 0, collapsed: 0, bypass: 0 }
      this.routes.set(route, counts)
    }
    return counts
  }

  *readings(): Iterable<Reading> {
    for (const [route, counts] of this.routes) {
      for (const outcome of OUTCOMES) {
        const labels: Labels = { route, outcome }
        yield { labels, value: counts[outcome] }
      }
    }
  }
}

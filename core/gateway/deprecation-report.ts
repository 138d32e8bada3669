import type { DeprecationConfig } from '../config/resolve-deprecation.js'
import type { MetricsRegistry } from '../observe/registry.js'
import { standingAt } from './deprecation.js'

/** Consumers that are told apart on each route; whoever comes later is one of the others. */
export const MAX_CONSUMERS = 1_000

/** Calls of one consumer, or of several together. It can go from thread to thread, as all of DeprecatedCalls. */
export interface Calls {
  /** Calls that the policies let through and the route answered as ever, whatever it said. */
  served: number
  /** Calls that the policies let through in brown-outs and after the end. */
  refused: number
  /** Milliseconds since 1970; 0: never. */
  lastSeen: number
}

export interface RouteCalls {
  /** By name; the empty name is that of callers nobody knows. */
  readonly consumers: ReadonlyMap<string, Readonly<Calls>>
  /** Consumers beyond the bound. */
  readonly others: Readonly<Calls>
}

/** By route. */
export type DeprecatedCalls = ReadonlyMap<string, RouteCalls>

/** What the operators read. */
export interface DeprecationPage {
  readonly routes: readonly {
    readonly route: string
    readonly since: string
    readonly sunset: string | null
    readonly goneFrom: string | null
    readonly state: 'serves' | 'brownout' | 'gone'
    readonly served: number
    readonly refused: number
    readonly lastSeen: string | null
    /** Those who call most first; `consumer` is null for callers nobody knows. */
    readonly consumers: readonly ConsumerLine[]
    readonly others: Omit<ConsumerLine, 'consumer'>
  }[]
}

interface ConsumerLine {
  readonly consumer: string | null
  readonly served: number
  readonly refused: number
  readonly lastSeen: string | null
}

/** A deprecated route, as a snapshot has it. */
export interface DeprecatedRoute {
  readonly name: string
  readonly deprecation: DeprecationConfig
}

interface Cells {
  readonly consumers: Map<string, Calls>
  readonly others: Calls
}

/**
 * Who still calls the routes that will go away. What a policy answers (no key, too many requests, a browser's preflight) is no call
 * of the route: it counts where the policies have let it through. It outlives snapshots; what it holds is bounded by the deprecated routes
 * there are and MAX_CONSUMERS for each.
 */
export class DeprecationReport {
  private readonly cells = new Map<string, Cells>()
  /** One snapshot's, or for the time of a change two: the newest comes last. */
  private readonly declared = new Set<readonly DeprecatedRoute[]>()

  /** @param now - milliseconds since 1970 */
  constructor(private readonly now: () => number = () => Date.now()) {}

  /** Shows these routes from now on, called or not. @returns the end of it; calls of routes nobody declares are forgotten */
  declare(routes: readonly DeprecatedRoute[]): () => void {
    this.declared.add(routes)
    return () => {
      this.declared.delete(routes)
      const names = new Set([...this.declared].flat().map(({ name }) => name))
      for (const name of this.cells.keys()) if (!names.has(name)) this.cells.delete(name)
    }
  }

  count(route: string, consumer: string, refused: boolean): void {
    let cells = this.cells.get(route)
    if (cells === undefined) {
      cells = { consumers: new Map(), others: none() }
      this.cells.set(route, cells)
    }
    let calls = cells.consumers.get(consumer)
    if (calls === undefined) {
      calls = cells.consumers.size < MAX_CONSUMERS ? none() : cells.others
      if (calls !== cells.others) cells.consumers.set(consumer, calls)
    }
    if (refused) calls.refused++
    else calls.served++
    calls.lastSeen = this.now()
  }

  /** What was counted, to be merged with that of other threads. */
  calls(): DeprecatedCalls {
    return this.cells
  }

  /** @param calls - those of all threads; left out, what was counted here */
  page(calls: DeprecatedCalls = this.calls()): DeprecationPage {
    const routes = new Map([...this.declared].flat().map(route => [route.name, route]))
    return { routes: [...routes.values()].map(route => this.line(route, calls.get(route.name) ?? NOBODY)) }
  }

  /** Names no consumers: there may be any number of them. */
  exposeTo(registry: MetricsRegistry): void {
    registry.counter(
      'gateway_deprecated_requests_total',
      'Requests that policies let through to deprecated routes, by what became of them.',
      () =>
        [...this.cells].flatMap(([route, calls]) => {
          const { served, refused } = sumOf(calls)
          return [
            { labels: { route, outcome: 'served' }, value: served },
            { labels: { route, outcome: 'refused' }, value: refused }
          ]
        })
    )
  }

  private line({ name, deprecation }: DeprecatedRoute, calls: RouteCalls): DeprecationPage['routes'][number] {
    const { since, sunset, goneFrom } = deprecation
    const consumers = [...calls.consumers].sort(
      ([, a], [, b]) => b.served + b.refused - (a.served + a.refused) || b.lastSeen - a.lastSeen
    )
    return {
      route: name,
      since: new Date(since).toISOString(),
      sunset: shownDate(sunset),
      goneFrom: shownDate(goneFrom),
      state: standingAt(deprecation, this.now()).kind,
      ...shownCalls(sumOf(calls)),
      consumers: consumers.map(([consumer, each]) => ({
        consumer: consumer === '' ? null : consumer,
        ...shownCalls(each)
      })),
      others: shownCalls(calls.others)
    }
  }
}

/** What two threads counted, as if one had: those with most calls keep their names. */
export function mergeCalls(a: DeprecatedCalls, b: DeprecatedCalls): DeprecatedCalls {
  const names = new Set([...a.keys(), ...b.keys()])
  return new Map([...names].map(name => [name, mergeRoute(a.get(name) ?? NOBODY, b.get(name) ?? NOBODY)]))
}

function mergeRoute(a: RouteCalls, b: RouteCalls): RouteCalls {
  const all = [...new Set([...a.consumers.keys(), ...b.consumers.keys()])]
    .map(name => [name, plus(a.consumers.get(name) ?? none(), b.consumers.get(name) ?? none())] as const)
    .sort(([, x], [, y]) => y.served + y.refused - (x.served + x.refused))
  const beyond = all.slice(MAX_CONSUMERS).map(([, calls]) => calls)
  return {
    consumers: new Map(all.slice(0, MAX_CONSUMERS)),
    others: [...beyond, b.others].reduce(plus, a.others)
  }
}

const NOBODY: RouteCalls = { consumers: new Map(), others: none() }

function none(): Calls {
  return { served: 0, refused: 0, lastSeen: 0 }
}

function plus(a: Calls, b: Calls): Calls {
  return { served: a.served + b.served, refused: a.refused + b.refused, lastSeen: Math.max(a.lastSeen, b.lastSeen) }
}

function sumOf({ consumers, others }: RouteCalls): Calls {
  return [...consumers.values()].reduce(plus, others)
}

function shownCalls({ served, refused, lastSeen }: Calls): Omit<ConsumerLine, 'consumer'> {
  return { served, refused, lastSeen: lastSeen === 0 ? null : new Date(lastSeen).toISOString() }
}

function shownDate(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}

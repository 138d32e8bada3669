import type { UpstreamCounts } from './counts.js'
import type { TargetState } from './target.js'

/** How a target is doing, for operators. */
export interface TargetReport {
  readonly url: string
  /** The name it was found by, where that is not its address. */
  readonly host?: string
  readonly weight: number
  /** What the configuration or the discovery says, where an operator said otherwise since. */
  readonly configuredWeight?: number
  /** What counts now: less while it starts slowly. */
  readonly effectiveWeight: number
  readonly priority: number
  readonly state: TargetState
  /** When that began, ISO 8601. */
  readonly since: string
  /** Why it is not healthy. */
  readonly reason?: string
  readonly inFlight: number
  /** Average time to a reply's head, milliseconds; errors count as at least a second. null: not measured. */
  readonly ewmaMs: number | null
  /** Where event loops do not agree: how many have it in which state. */
  readonly states?: Readonly<Partial<Record<TargetState, number>>>
}

/** How an upstream is doing. */
export interface UpstreamReport {
  readonly name: string
  readonly balance: string
  /** No target is healthy. */
  readonly panic: boolean
  readonly targets: readonly TargetReport[]
  readonly ejections: UpstreamCounts['ejections']
  readonly probes: UpstreamCounts['probes']
  readonly lookups: UpstreamCounts['lookups']
  /** Why the last look for targets failed. */
  readonly lookupError?: string
}

/** What a snapshot's upstreams say of themselves. */
export function upstreamReport(snapshot: {
  readonly upstreams: ReadonlyMap<string, { report(): UpstreamReport }>
}): UpstreamReport[] {
  return [...snapshot.upstreams.values()].map(upstream => upstream.report())
}

/**
 * The reports of several event loops as one. Requests and counts add up; a target is in the worst state any of them has it in, with
 * `states` where they differ.
 */
export function mergeReports(list: readonly (readonly UpstreamReport[])[]): UpstreamReport[] {
  const byName = groups(list.flat(), ({ name }) => name)
  return [...byName.values()].map(reports => {
    const [first, ...others] = reports
    return others.reduce(mergeTwo, { ...first, targets: mergeTargets(reports.flatMap(({ targets }) => targets)) })
  })
}

type Filled<T> = readonly [T, ...T[]]

function mergeTwo(a: UpstreamReport, b: UpstreamReport): UpstreamReport {
  const lookupError = a.lookupError ?? b.lookupError
  return {
    name: a.name,
    balance: a.balance,
    panic: a.panic || b.panic,
    targets: a.targets,
    ejections: {
      consecutive: a.ejections.consecutive + b.ejections.consecutive,
      rate: a.ejections.rate + b.ejections.rate,
      latency: a.ejections.latency + b.ejections.latency
    },
    probes: { passed: a.probes.passed + b.probes.passed, failed: a.probes.failed + b.probes.failed },
    lookups: { found: a.lookups.found + b.lookups.found, failed: a.lookups.failed + b.lookups.failed },
    ...(lookupError !== undefined && { lookupError })
  }
}

/** Worst first. */
const STATES: readonly TargetState[] = ['draining', 'unhealthy', 'ejected', 'healthy']

function mergeTargets(targets: readonly TargetReport[]): TargetReport[] {
  const byAddress = groups(targets, ({ url, host }) => `${url} ${host ?? ''}`)
  return [...byAddress.values()].map(reports => {
    const states = groups(reports, ({ state }) => state)
    const worst = STATES.flatMap(state => states.get(state) ?? [])[0] ?? reports[0]
    const measured = reports.flatMap(({ ewmaMs }) => ewmaMs ?? [])
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)
    return {
      ...worst,
      inFlight: sum(reports.map(({ inFlight }) => inFlight)),
      effectiveWeight: round(sum(reports.map(({ effectiveWeight }) => effectiveWeight)) / reports.length),
      ewmaMs: measured.length === 0 ? null : round(sum(measured) / measured.length),
      ...(states.size > 1 && {
        states: Object.fromEntries([...states].map(([state, those]) => [state, those.length]))
      })
    }
  })
}

export function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}

function groups<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, Filled<T>> {
  const found = new Map<K, Filled<T>>()
  for (const item of items) {
    const key = keyOf(item)
    const group = found.get(key)
    found.set(key, group === undefined ? [item] : [...group, item])
  }
  return found
}

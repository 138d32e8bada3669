import type { MetricsRegistry, Reading } from './registry.js'

/** What was done so that requests to one upstream succeed, or do not overload it. */
export class ResilienceCounts {
  /** Retries by their reason. */
  readonly retries = new Map<string, number>()
  /** Retries that there was no budget for. */
  exhausted = 0
  hedges = 0
  hedgesWon = 0
  /** How often its breaker opened. */
  opened = 0
  /** Exchanges that were not let in: by class, and by reason. */
  readonly shed = new Map<string, Map<string, number>>()

  retried(reason: string): void {
    this.retries.set(reason, (this.retries.get(reason) ?? 0) + 1)
  }

  turnedAway(priority: string, reason: string): void {
    let reasons = this.shed.get(priority)
    if (reasons === undefined) {
      reasons = new Map()
      this.shed.set(priority, reasons)
    }
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
}

/** What there is of one upstream now. Two snapshots may share it: it is read once then. */
export interface ResilienceState {
  readonly upstream: string
  readonly breaker: { readonly state: string } | undefined
  readonly bulkhead: { readonly inside: number; readonly queued: Readonly<Record<string, number>> } | undefined
}

const STATES = ['closed', 'half-open', 'open'] as const

/** The counts of every upstream for the life of the process, and the present states of the snapshots that are in use. */
export class ResilienceMeter {
  private readonly counts = new Map<string, ResilienceCounts>()
  private readonly refused = new Map<string, number>()
  private states: (() => readonly ResilienceState[])[] = []

  constructor(registry: MetricsRegistry) {
    const each = (read: (counts: ResilienceCounts, labels: { upstream: string }) => Reading[]) => () =>
      [...this.counts].flatMap(([upstream, counts]) => read(counts, { upstream }))
    registry.counter(
      'gateway_upstream_retries_total',
      'Requests that were sent once more, by reason.',
      each(({ retries }, labels) => [...retries].map(([reason, value]) => ({ labels: { ...labels, reason }, value })))
    )
    registry.counter(
      'gateway_upstream_unbudgeted_retries_total',
      'Retries that were left out because there had been too many.',
      each(({ exhausted: value }, labels) => [{ labels, value }])
    )
    registry.counter(
      'gateway_upstream_hedges_total',
      'Second tries beside a slow first one, by which of the two was taken.',
      each(({ hedges, hedgesWon }, labels) => [
        { labels: { ...labels, won: 'true' }, value: hedgesWon },
        { labels: { ...labels, won: 'false' }, value: hedges - hedgesWon }
      ])
    )
    registry.counter(
      'gateway_upstream_breaker_openings_total',
      'How often the circuit breaker of an upstream opened.',
      each(({ opened: value }, labels) => [{ labels, value }])
    )
    registry.counter(
      'gateway_upstream_refused_exchanges_total',
      'Exchanges that were not let in by the concurrency limits of an upstream.',
      each(({ shed }, labels) =>
        [...shed].flatMap(([priority, reasons]) =>
          [...reasons].map(([reason, value]) => ({ labels: { ...labels, priority, reason }, value }))
        )
      )
    )
    registry.counter('gateway_refused_exchanges_total', 'Exchanges refused because the event loop was late.', () =>
      [...this.refused].map(([priority, value]) => ({ labels: { priority }, value }))
    )
    this.gauges(registry)
  }

  of(upstream: string): ResilienceCounts {
    let counts = this.counts.get(upstream)
    if (counts === undefined) {
      counts = new ResilienceCounts()
      this.counts.set(upstream, counts)
    }
    return counts
  }

  /** An exchange was refused because of the load on the whole gateway. */
  refuse(priority: string): void {
    this.refused.set(priority, (this.refused.get(priority) ?? 0) + 1)
  }

  /** States to show as long as they are in use. @returns what ends that */
  show(states: () => readonly ResilienceState[]): () => void {
    this.states.push(states)
    return () => {
      this.states = this.states.filter(each => each !== states)
    }
  }

  private gauges(registry: MetricsRegistry): void {
    registry.gauge(
      'gateway_upstream_breaker_state',
      'The state of the circuit breaker has the value 1; of several event loops, each state that one of them has.',
      () =>
        [...this.newest().values()].flatMap(({ upstream, breaker }) =>
          breaker === undefined
            ? []
            : STATES.map(state => ({ labels: { upstream, state }, value: Number(breaker.state === state) }))
        ),
      'max'
    )
    registry.gauge('gateway_upstream_active_exchanges', 'Exchanges let in by the concurrency limit, under way.', () =>
      this.sums().map(({ upstream, inside }) => ({ labels: { upstream }, value: inside }))
    )
    registry.gauge('gateway_upstream_waiting_exchanges', 'Exchanges that wait to be let in, by class.', () =>
      this.sums().flatMap(({ upstream, queued }) =>
        [...queued].map(([priority, value]) => ({ labels: { upstream, priority }, value }))
      )
    )
  }

  /** Of a breaker that an old snapshot still has, only the newest one counts. */
  private newest(): Map<string, ResilienceState> {
    return new Map(this.states.flatMap(read => read()).map(state => [state.upstream, state]))
  }

  /** What an old snapshot still has under way counts too. */
  private sums(): { upstream: string; inside: number; queued: Map<string, number> }[] {
    const seen = new Set<object>()
    const sums = new Map<string, { upstream: string; inside: number; queued: Map<string, number> }>()
    for (const { upstream, bulkhead } of this.states.flatMap(read => read())) {
      if (bulkhead === undefined || seen.has(bulkhead)) continue
      seen.add(bulkhead)
      const sum = sums.get(upstream) ?? { upstream, inside: 0, queued: new Map<string, number>() }
      sum.inside += bulkhead.inside
      for (const [priority, value] of Object.entries(bulkhead.queued)) {
        sum.queued.set(priority, (sum.queued.get(priority) ?? 0) + value)
      }
      sums.set(upstream, sum)
    }
    return [...sums.values()]
  }
}

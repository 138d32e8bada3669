import type { ErrorCode } from '../base/errors.js'
import type { Ejections } from './health/ejections.js'
import type { HttpClient } from './http.js'
import { PeakAverage } from './peak-average.js'

/** What one try came to, as a target's health and a balancer see it. */
export interface Outcome {
  /** 0: there is no reply. */
  readonly status: number
  /** Why there is none. */
  readonly code: ErrorCode | undefined
  /** From sending the request to the head of the reply, or to the error. */
  readonly ms: number
  /** There was neither: another target, which was asked later, has answered before it. It took longer than `ms`. */
  readonly overtaken?: boolean
}

/** "healthy" takes requests; "unhealthy": its probes fail; "ejected": its requests failed; "draining": it is to go. */
export type TargetState = 'healthy' | 'unhealthy' | 'ejected' | 'draining'

/** A reason with the moment it began, milliseconds of the clock. */
export interface Mark {
  readonly since: number
  readonly reason: string
}

/** What an operator may change of a target. */
export interface TargetChange {
  /** null: what the configuration says again. */
  readonly weight?: number | null | undefined
  /** true: it gets no new requests; false: it does again. */
  readonly drain?: boolean | undefined
}

/**
 * One address of an upstream: the client that reaches it, and what is known of how it is doing. It outlives a snapshot when the
 * next one has the same target.
 */
export class Target {
  /** Requests under way: sent, and their replies not yet over. */
  inFlight = 0
  /** Its share of the requests, as configured or discovered, or as an operator said since. */
  weight = 1
  priority = 0
  /** The weight that counts now: less than `weight` while it starts slowly. */
  effectiveWeight = 1
  /** Set while it grows into its weight: when that began. */
  startedSlowly: number | undefined
  /** Set while its probes fail. */
  failing: Mark | undefined
  /** Set while it is ejected. */
  ejected: Mark | undefined
  /** While it is ejected: until when, milliseconds of the clock. */
  ejectedUntil: number | undefined
  /** Set while an operator, or the discovery, has it drained. */
  drained: Mark | undefined
  /** When it last became healthy. */
  healthySince: number
  /** The weight of the configuration or the discovery. */
  configuredWeight: number | undefined
  /** What an operator set at run time: it stays until the configured weight changes. */
  weightOverride: number | undefined
  /** Whether any probe has passed or failed yet. */
  probed = false
  readonly latency = new PeakAverage()
  /** What is remembered of its failures; undefined: nobody watches it. */
  ejections: Ejections | undefined
  /** Hears what tries came to; undefined: nobody asks, and `report` costs nothing. */
  onReport: ((target: Target, outcome: Outcome) => void) | undefined
  /** Hears that the last request under way is over; undefined: nobody waits for it. */
  onIdle: (() => void) | undefined
  /** Hear of every change of its state. */
  readonly watchers = new Set<() => void>()

  constructor(
    /** Origin: scheme, host and port; the host is the address when it was discovered by name. */
    readonly url: string,
    readonly client: HttpClient,
    now = 0
  ) {
    this.healthySince = now
  }

  /** Takes over what its configuration says; an operator's weight stays while the configured one does. */
  configure({ weight, priority }: { readonly weight: number; readonly priority: number }): void {
    if (this.configuredWeight !== undefined && this.configuredWeight !== weight) this.weightOverride = undefined
    this.configuredWeight = weight
    this.weight = this.weightOverride ?? weight
    this.priority = priority
  }

  /** Takes over what is known of how the same address is doing, from a target with another client. */
  adopt(from: Target): void {
    const { failing, ejected, ejectedUntil, drained, healthySince, weightOverride, configuredWeight, probed } = from
    const { ejections, startedSlowly } = from
    Object.assign(this, { failing, ejected, ejectedUntil, drained, healthySince, weightOverride, configuredWeight })
    Object.assign(this, { probed, ejections, startedSlowly })
    this.latency.value = from.latency.value
  }

  /** A request is about to be sent to it. Once for each try, with one `done` to it. */
  begin(): void {
    this.inFlight++
  }

  /** A try has its reply's head, failed, or was given up: overtaken, or nobody waits for it any more. */
  report(outcome: Outcome): void {
    if (this.onReport !== undefined) this.onReport(this, outcome)
  }

  /** The try is over, its reply's body too. */
  done(): void {
    if (--this.inFlight === 0 && this.onIdle !== undefined) this.onIdle()
  }

  get state(): TargetState {
    if (this.drained !== undefined) return 'draining'
    if (this.failing !== undefined) return 'unhealthy'
    return this.ejected === undefined ? 'healthy' : 'ejected'
  }

  /** Since when it is in its state, and why. */
  get mark(): Mark {
    return this.drained ?? this.failing ?? this.ejected ?? { since: this.healthySince, reason: '' }
  }

  /** Changes what is known of it and tells everybody who watches. */
  change(
    what: Partial<Pick<Target, 'failing' | 'ejected' | 'drained' | 'weight' | 'weightOverride'>>,
    now: number
  ): void {
    const before = this.state
    Object.assign(this, what)
    if (before !== 'healthy' && this.state === 'healthy') {
      this.healthySince = now
      this.startedSlowly = now
    }
    for (const tell of this.watchers) tell()
  }
}

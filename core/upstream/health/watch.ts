import type { UpstreamPolicy } from '../../config/resolve-upstream.js'
import type { Clock } from '../clock.js'
import type { Outcome, Target } from '../target.js'
import { type EjectionReason, Ejections } from './ejections.js'
import { latencyOutliers } from './latency.js'
import { failed, saysNothing, unanswered } from './outcome.js'

/** What an error counts as in a target's average time: a target that refuses at once must not look like the fastest. */
const UNANSWERED_MS = 1_000

export interface WatchOptions {
  readonly policy: UpstreamPolicy
  readonly clock: Clock
  /** Those of the upstream now, without those being drained. */
  readonly members: () => readonly Target[]
  readonly onEjected: (target: Target, reason: EjectionReason, ms: number) => void
  readonly onReturned: (target: Target) => void
}

/**
 * Watches what becomes of the requests to the targets of one upstream and ejects those that fail, but never so many that more than
 * `maxEjected` of them would be out of service.
 */
export class Watch {
  private readonly returns = new Map<Target, () => void>()
  private stopComparing: (() => void) | undefined

  constructor(private readonly options: WatchOptions) {}

  /** Begins to watch a target, or goes on where another upstream's watch stopped. */
  join(target: Target): void {
    const { passive } = this.options.policy.health
    target.onReport = this.report
    if (passive === undefined) return
    const before = target.ejections
    target.ejections = new Ejections(passive)
    if (before !== undefined) target.ejections.adopt(before)
    if (target.ejected !== undefined && !this.returns.has(target)) {
      this.returnAfter(target, Math.max(0, (target.ejectedUntil ?? 0) - this.options.clock.now()))
    }
  }

  leave(target: Target): void {
    this.returns.get(target)?.()
    this.returns.delete(target)
    if (target.onReport === this.report) target.onReport = undefined
  }

  /** Compares response times from now on, where that is asked for. */
  start(): void {
    const latency = this.options.policy.health.passive?.latency
    if (latency === undefined || this.stopComparing !== undefined) return
    this.stopComparing = this.options.clock.after(latency.windowMs, () => {
      this.stopComparing = undefined
      this.compare(latency)
      this.start()
    })
  }

  stop(): void {
    this.stopComparing?.()
    this.stopComparing = undefined
  }

  close(): void {
    this.stop()
    for (const target of [...this.returns.keys()]) this.leave(target)
  }

  private readonly report = (target: Target, outcome: Outcome): void => {
    const { policy, clock } = this.options
    const now = clock.now()
    const { decayMs } = policy.balance
    if (saysNothing(outcome)) {
      // But that it took longer than this, or one that never answers would look like one that nobody asked.
      if (outcome.ms > target.latency.read(now, decayMs)) target.latency.add(outcome.ms, now, decayMs)
      if (outcome.overtaken === true) target.ejections?.overtaken(outcome.ms)
      return
    }
    const ms = unanswered(outcome) ? Math.max(outcome.ms, UNANSWERED_MS) : outcome.ms
    target.latency.add(ms, now, decayMs)
    const { passive } = policy.health
    const { ejections } = target
    if (passive === undefined || ejections === undefined || target.ejected !== undefined) return
    const reason = ejections.add(failed(outcome, passive), outcome.ms, now)
    if (reason !== undefined) this.eject(target, reason)
  }

  private compare(latency: NonNullable<NonNullable<UpstreamPolicy['health']['passive']>['latency']>): void {
    const members = this.options.members().filter(({ state }) => state === 'healthy')
    const slow = latencyOutliers(
      members.map(({ ejections }) => ejections?.samples ?? []),
      latency
    )
    for (const { ejections } of members) if (ejections !== undefined) ejections.samples = []
    for (const index of slow) {
      const target = members[index]
      if (target !== undefined) this.eject(target, 'latency')
    }
  }

  private eject(target: Target, reason: EjectionReason): void {
    const { policy, clock, members, onEjected } = this.options
    const all = members()
    const out = all.filter(({ state }) => state !== 'healthy').length
    const allowed = Math.floor(all.length * (policy.health.passive?.maxEjected ?? 0) + 1e-9)
    const { ejections } = target
    if (ejections === undefined || out + 1 > allowed) return
    const now = clock.now()
    const ms = ejections.eject(now)
    target.ejectedUntil = now + ms
    this.returnAfter(target, ms)
    onEjected(target, reason, ms)
    target.change({ ejected: { since: now, reason: WORDS[reason] } }, now)
  }

  private returnAfter(target: Target, ms: number): void {
    this.returns.get(target)?.()
    const cancel = this.options.clock.after(ms, () => {
      this.returns.delete(target)
      const now = this.options.clock.now()
      target.ejections?.returned(now)
      this.options.onReturned(target)
      target.change({ ejected: undefined }, now)
    })
    this.returns.set(target, cancel)
  }
}

const WORDS: Readonly<Record<EjectionReason, string>> = {
  consecutive: 'too many failures in a row',
  rate: 'too large a share of failures',
  latency: 'much slower than the others'
}

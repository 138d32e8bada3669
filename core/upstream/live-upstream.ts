import type { KeyFrom, UpstreamPolicy } from '../config/resolve-upstream.js'
import type { Discovery } from './discovery/discovery.js'
import { startDiscovery } from './discovery/start.js'
import { httpProbe, tcpProbe } from './health/probe.js'
import { Prober } from './health/prober.js'
import { Watch } from './health/watch.js'
import type { HttpClient } from './http.js'
import type { Keeper, KeptTargets } from './kept-targets.js'
import { type Member, Members } from './members.js'
import { round, type TargetReport, type UpstreamReport } from './report.js'
import { Selection } from './selection.js'
import { specOf, type TargetSpec } from './spec.js'
import type { Target, TargetChange } from './target.js'
import type { Wanted } from './wanted.js'

export interface LiveOptions {
  readonly name: string
  readonly policy: UpstreamPolicy
  readonly preserveHost: boolean
  readonly kept: KeptTargets
  /** Everything that makes a client what it is, beside its target. */
  readonly clientKey: string
  /** @param connections - left out: as many as are configured */
  readonly openClient: (spec: TargetSpec, connections?: number) => HttpClient
  readonly log?: {
    info(fields: object, message: string): void
    warn(fields: object, message: string): void
  }
}

/** How long a snapshot waits for the first answer of a discovery. */
const FIRST_FOUND_MS = 5_000

/** An upstream with all that goes on around its targets: who is in it, who is well, who is chosen. */
export class LiveUpstream implements Keeper {
  readonly name: string
  readonly preserveHost: boolean
  readonly keyFrom: KeyFrom | undefined
  readonly ready: Promise<void>
  private readonly members: Members
  private readonly selection: Selection
  private readonly watch: Watch
  private readonly prober: Prober | undefined
  private discovery: Discovery | undefined
  private lookupError: string | undefined
  private firstFound = (): void => undefined

  constructor(private readonly options: LiveOptions) {
    const { name, policy, preserveHost, kept } = options
    const { clock, random } = kept
    this.name = name
    this.preserveHost = preserveHost
    this.keyFrom = policy.balance.kind === 'consistent-hash' ? policy.balance.key : undefined
    this.members = new Members(options, () => this.selection.refresh())
    this.selection = new Selection(policy, { clock, random }, () => this.members.targets, this.onPanic)
    this.watch = new Watch({
      policy,
      clock,
      members: () => this.members.targets.filter(({ drained, weight }) => drained === undefined && weight > 0),
      onEjected: (target, reason, ms) => {
        kept.countsOf(name).ejections[reason]++
        this.warn('a target is ejected', { target: target.url, reason, ms })
      },
      onReturned: target => this.info('a target is back after its ejection', { target: target.url })
    })
    this.prober = kept.live ? this.openProber() : undefined
    this.members.apply(this.specs())
    this.ready = this.found()
    kept.enter(name, this)
  }

  get targets(): readonly Target[] {
    return this.members.targets
  }

  pick(wanted: Wanted): Target | undefined {
    return this.selection.single ?? this.selection.pick(wanted)
  }

  lead(): void {
    this.members.lead()
    this.watch.start()
    this.attend()
    const { policy, kept } = this.options
    if (policy.discover === undefined || !kept.live) return
    this.discovery = startDiscovery(policy.discover, {
      clock: kept.clock,
      onFound: targets => this.onFound(targets),
      onFailed: reason => this.onLookupFailed(reason)
    })
  }

  rest(): void {
    this.members.rest()
    this.discovery?.close()
    this.discovery = undefined
    this.prober?.close()
    this.watch.stop()
  }

  report(): UpstreamReport {
    const { name, options, lookupError } = this
    const { ejections, probes, lookups } = options.kept.countsOf(name)
    return {
      name,
      balance: options.policy.balance.kind,
      panic: this.selection.panicking,
      targets: [...this.members.all, ...this.members.leaving].map(member => this.targetReport(member)),
      ejections: { ...ejections },
      probes: { ...probes },
      lookups: { ...lookups },
      ...(lookupError !== undefined && { lookupError })
    }
  }

  change(url: string, { weight, drain }: TargetChange): boolean {
    const found = this.members.targets.filter(target => target.url === url)
    const now = this.options.kept.clock.now()
    for (const target of found) {
      if (weight !== undefined) {
        target.change({ weight: weight ?? target.configuredWeight ?? 1, weightOverride: weight ?? undefined }, now)
      }
      if (drain !== undefined) {
        target.change({ drained: drain ? { since: now, reason: 'drained by an operator' } : undefined }, now)
      }
      this.info('a target is changed by an operator', { target: url, weight, drain })
    }
    return found.length > 0
  }

  async close(): Promise<void> {
    this.options.kept.leave(this.name, this)
    this.watch.close()
    this.prober?.close()
    this.selection.close()
    this.firstFound()
    await this.members.close()
  }

  /** What is configured, with what was found last. */
  private specs(found = this.options.kept.lastFound(this.name, this.discoveryKey())): TargetSpec[] {
    return [...this.options.policy.targets.map(specOf), ...(found ?? [])]
  }

  private discoveryKey(): string {
    return JSON.stringify(this.options.policy.discover ?? 'none')
  }

  /** Until there is something to send to, or nobody knows what. */
  private found(): Promise<void> {
    const { policy, kept } = this.options
    if (policy.discover === undefined || !kept.live || this.members.targets.length > 0) return Promise.resolve()
    return new Promise(resolve => {
      // The real clock: nothing that is tested depends on it, and whoever waits here must not wait for good.
      const timer = setTimeout(resolve, FIRST_FOUND_MS)
      this.firstFound = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  private onFound(found: readonly TargetSpec[]): void {
    const { kept } = this.options
    kept.countsOf(this.name).lookups.found++
    this.lookupError = undefined
    kept.found(this.name, this.discoveryKey(), found)
    const { added, removed } = this.members.apply(this.specs(found))
    for (const target of removed) {
      this.watch.leave(target)
      this.prober?.leave(target)
    }
    if (added.length + removed.length > 0) {
      const urls = (targets: readonly Target[]) => targets.map(({ url }) => url)
      this.info('the targets are others now', { added: urls(added), removed: urls(removed) })
    }
    this.attend()
    this.firstFound()
  }

  private onLookupFailed(reason: string): void {
    this.options.kept.countsOf(this.name).lookups.failed++
    if (reason !== this.lookupError) {
      this.warn('no targets were found; those from before stay', { reason, targets: this.members.targets.length })
    }
    this.lookupError = reason
    this.firstFound()
  }

  /** Has every member looked after that is not yet. */
  private attend(): void {
    const { policy } = this.options
    const { targets } = this.members
    const { passive } = policy.health
    // One target alone is never ejected, unless its operator says that all may be: then nobody has to watch it.
    const ejects = passive !== undefined && Math.floor(targets.length * passive.maxEjected) > 0
    if (ejects || (targets.length > 1 && policy.balance.kind === 'peak-ewma')) {
      for (const target of targets) this.watch.join(target)
    } else this.forget('ejected')
    if (policy.health.active === undefined) this.forget('failing')
    for (const target of targets) this.prober?.join(target)
  }

  /** Takes a verdict back which nobody is there any more to revise: the snapshot before had another configuration. */
  private forget(verdict: 'ejected' | 'failing'): void {
    for (const target of this.members.targets) {
      if (target[verdict] !== undefined) target.change({ [verdict]: undefined }, this.options.kept.clock.now())
    }
  }

  private openProber(): Prober | undefined {
    const { name, policy, kept, openClient } = this.options
    const { active } = policy.health
    if (active === undefined) return undefined
    return new Prober({
      probe: active,
      clock: kept.clock,
      random: kept.random,
      open: target => {
        const { http, timeoutMs } = active
        if (http === undefined) return { run: tcpProbe(target.url, timeoutMs, kept.clock), close: () => undefined }
        const client = openClient(this.members.specOf(target), 1)
        return { run: httpProbe(client, http, timeoutMs, kept.clock), close: () => void client.close() }
      },
      onProbe: passed => {
        kept.countsOf(name).probes[passed ? 'passed' : 'failed']++
      },
      onChange: ({ url: target }, reason) => {
        if (reason === undefined) this.info('a target is healthy again', { target })
        else this.warn('a target is unhealthy', { target, reason })
      }
    })
  }

  private targetReport({ target, spec }: Member): TargetReport {
    const { since, reason } = target.mark
    const { weight, configuredWeight, latency } = target
    return {
      url: target.url,
      ...(spec.origin !== spec.url && { host: new URL(spec.origin).host }),
      weight,
      ...(configuredWeight !== undefined && configuredWeight !== weight && { configuredWeight }),
      effectiveWeight: round(target.effectiveWeight),
      priority: target.priority,
      state: target.state,
      since: this.options.kept.dateOf(since).toISOString(),
      ...(reason !== '' && { reason }),
      inFlight: target.inFlight,
      ewmaMs: latency.value === undefined ? null : round(latency.value)
    }
  }

  private readonly onPanic = (panicking: boolean): void => {
    const { panic } = this.options.policy
    if (panicking) this.warn('no target is healthy', { panic })
    else this.info('there are healthy targets again', {})
  }

  private info(message: string, fields: object): void {
    this.options.log?.info({ upstream: this.name, ...fields }, message)
  }

  private warn(message: string, fields: object): void {
    this.options.log?.warn({ upstream: this.name, ...fields }, message)
  }
}

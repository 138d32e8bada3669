import type { Ledger } from '../../ai/budgets/ledger.js'
import type { AccountKeys } from '../../ai/keys/report.js'
import { GatewayError } from '../../base/errors.js'
import type { ListenConfig } from '../../config/resolve-listen.js'
import { AiKept } from '../../gateway/ai/kept.js'
import type { AiMemory } from '../../gateway/ai/memory.js'
import { openSnapshot, type Surroundings } from '../../gateway/build.js'
import type { DeprecatedCalls } from '../../gateway/deprecation-report.js'
import { createMetrics, type Metrics } from '../../gateway/metrics.js'
import type { Plan } from '../../gateway/plan.js'
import type { Snapshot } from '../../gateway/snapshot.js'
import type { Logger } from '../../observe/log.js'
import type { MetricsPart } from '../../observe/registry.js'
import type { OnRefused } from '../../server/entry.js'
import { Listeners } from '../../server/listeners.js'
import { OpenConnections } from '../../server/open-connections.js'
import type { Store } from '../../store/store.js'
import type { BulkheadCalls } from '../../traffic/bulkheads.js'
import { HttpCache, type Purge } from '../../traffic/cache/http-cache.js'
import { cacheMetrics } from '../../traffic/cache/metrics.js'
import type { UpstreamReport as GuardReport } from '../../traffic/report.js'
import { KeptTargets } from '../../upstream/kept-targets.js'
import { targetMetrics } from '../../upstream/metrics.js'
import { type UpstreamReport, upstreamReport } from '../../upstream/report.js'
import type { TargetChange } from '../../upstream/target.js'

/** What an event loop is given for its life. */
export interface LoopOptions {
  /** Of the loops of this process; the first calls on_tick. */
  readonly index: number
  /** Event loops there are: each has its share of what is limited for all. */
  readonly count: number
  readonly log: Logger
  /** Whether somebody can ask for metrics. */
  readonly counted: boolean
  /** The counters and buckets of all plugins. */
  readonly shared: SharedArrayBuffer
  /** How many connections are open at all loops. */
  readonly connections: SharedArrayBuffer
  /** Where plugins keep values, when that is this process. */
  readonly memory: Store
  /** What was spent, which belongs to the main thread. */
  readonly ledger: Ledger
  /** What AI requests refer to, which belongs to the main thread. */
  readonly aiMemory: AiMemory
  /** Lets exchanges in to upstreams for all loops, in the main thread; undefined: this is the only loop. */
  readonly bulkheads?: BulkheadCalls | undefined
  /** Takes what is stored at these places out of the other loops' caches; undefined: there are none. */
  readonly invalidateOthers?: ((places: readonly string[]) => Promise<void>) | undefined
}

/** An event loop, in this thread or another. */
export interface EventLoop {
  /**
   * Opens the next snapshot; nothing is served under it before `swap`.
   * @param pluginThreads - this loop's share of them
   * @throws NotReady
   */
  open(plan: Plan, pluginThreads: number): Promise<void>
  /** What `open` opened is not wanted after all. */
  discard(): Promise<void>
  /** New exchanges begin under what `open` opened; those under way finish as they began. */
  swap(): Promise<void>
  /**
   * @param shared - other loops listen on the ports too
   * @returns how clients write them
   * @throws GatewayError GW_LISTEN_FAILED
   */
  listen(listen: readonly ListenConfig[], shared: boolean): Promise<readonly string[]>
  /** Says that the loop turns. */
  ping(): Promise<void>
  measured(): Promise<MetricsPart>
  /** Calls of deprecated routes that this loop saw. */
  deprecatedCalls(): Promise<DeprecatedCalls>
  /** How this loop's targets are doing. */
  upstreams(): Promise<readonly UpstreamReport[]>
  changeTarget(upstream: string, url: string, change: TargetChange): Promise<void>
  /** How this loop's breakers, limits and retry budgets are doing. */
  resilience(): Promise<readonly GuardReport[]>
  /** Takes stored replies and answers of models out. @returns how many @throws RangeError for a URL that is none */
  purge(what: Purge, soft: boolean): Promise<number>
  /** Another loop saw something change at these places: what is stored of them is out of date here too. */
  invalidate(places: readonly string[]): Promise<void>
  /** How the keys of AI accounts are doing in this loop. */
  aiKeys(): Promise<readonly AccountKeys[]>
  /** The page of them, with the calls that all loops saw. */
  deprecations(calls: DeprecatedCalls): Promise<object>
  /** Connections begin to end, and all are still taken. @param overMs - until `drain` */
  depart(overMs: number): Promise<void>
  /** Takes no new connections, ends the open ones with the exchange they have. @returns exchanges cut off at the deadline */
  drain(deadlineMs: number): Promise<number>
}

/**
 * One event loop that serves: its snapshot, its plugin threads, its connections. It has them to itself; what all loops
 * share is in shared memory or belongs to the main thread.
 */
export class Loop implements EventLoop {
  private readonly metrics: Metrics | undefined
  private current: Snapshot | undefined
  private next:
    | {
        readonly snapshot: Snapshot
        readonly logLevel: string
        readonly cacheBytes: number
        readonly aiCacheBytes: number
        readonly listen: readonly ListenConfig[]
      }
    | undefined
  private listener: Listeners | undefined
  /** As the listeners were opened: with the ports they have. */
  private places: readonly ListenConfig[] = []
  /** Connections that were refused before HTTP, by reason. */
  private readonly refused = new Map<string, number>()
  private readonly targets = new KeptTargets()
  private cache: HttpCache | undefined
  private readonly aiKept: AiKept
  /** It drains: what is opened now would never be closed. */
  private draining = false
  /** Snapshots whose last exchanges are still under way. */
  private readonly ending = new Set<Promise<void>>()

  constructor(private readonly options: LoopOptions) {
    const troubled = (thrown: unknown): void => options.log.warn({ err: thrown }, 'no vector for the AI cache')
    this.aiKept = new AiKept(troubled, options.aiMemory)
    if (!options.counted) return
    this.metrics = createMetrics(options.index === 0)
    const { registry } = this.metrics
    registry.gauge('gateway_open_connections', 'Connections of clients that are open.', () => [
      { labels: {}, value: this.listener?.connections ?? 0 }
    ])
    registry.gauge('gateway_active_exchanges', 'Exchanges under way.', () => [
      { labels: {}, value: this.listener?.active ?? 0 }
    ])
    registry.counter('gateway_refused_connections_total', 'Connections that were refused before HTTP.', () =>
      [...this.refused].map(([reason, value]) => ({ labels: { reason }, value }))
    )
    targetMetrics(registry, () => this.reports())
  }

  async open(plan: Plan, pluginThreads: number): Promise<void> {
    await this.refuseWhenDraining()
    const { log, shared, memory, ledger, index, count, bulkheads } = this.options
    const bytes = Math.floor(plan.config.cache.bytes / count)
    const inMemory = plan.config.store.kind === 'memory'
    const surroundings: Surroundings = {
      log,
      metrics: this.metrics,
      shared,
      pluginThreads,
      ticks: index === 0,
      former: this.current,
      targets: this.targets,
      cache: this.keptCache(bytes),
      ledger,
      aiKept: this.aiKept,
      bulkheads,
      ...(inMemory && { store: memory })
    }
    const snapshot = await openSnapshot(plan, surroundings)
    this.next = {
      snapshot,
      logLevel: plan.config.log.level,
      cacheBytes: bytes,
      aiCacheBytes: Math.floor(plan.config.ai.cacheBytes / count),
      listen: plan.config.listen
    }
    await this.refuseWhenDraining()
  }

  async discard(): Promise<void> {
    const { next } = this
    this.next = undefined
    await next?.snapshot.close()
  }

  async swap(): Promise<void> {
    await this.refuseWhenDraining()
    const { next, current, listener } = this
    if (next === undefined) throw new Error('no snapshot was opened')
    this.next = undefined
    this.current = next.snapshot
    this.options.log.level = next.logLevel
    this.cache?.store.resize(next.cacheBytes)
    this.aiKept.cache.store.resize(next.aiCacheBytes)
    if (current === undefined || listener === undefined) return
    const ended = listener.swap(next.snapshot).then(() => current.close())
    this.ending.add(ended)
    void ended.then(() => this.ending.delete(ended))
    await this.reloadTls(listener, next.listen)
  }

  /** A reload may be under way when the process is told to end. */
  private async refuseWhenDraining(): Promise<void> {
    if (!this.draining) return
    await this.discard()
    throw new GatewayError('GW_SHUTTING_DOWN', 'it is draining')
  }

  /** New certificates, on the ports there are. They were read when the plan was made; should one be gone by now, the old ones serve on. */
  private async reloadTls(listener: Listeners, listen: readonly ListenConfig[]): Promise<void> {
    const mine = this.places.flatMap(place => {
      const next = listen.find(({ at }) => at.join() === place.at.join())
      return next === undefined ? [] : [{ ...next, port: place.port }]
    })
    try {
      await listener.reloadTls(mine)
    } catch (thrown) {
      this.options.log.error({ err: thrown }, 'certificates cannot be read')
    }
  }

  async listen(listen: readonly ListenConfig[], shared: boolean): Promise<readonly string[]> {
    if (this.current === undefined) throw new Error('no snapshot is served')
    this.places = listen
    const onRefused: OnRefused = (kind, peer, reason) => {
      this.refused.set(kind, (this.refused.get(kind) ?? 0) + 1)
      // Anybody can fail a handshake; a certificate or a header that is refused is somebody's mistake.
      const level = kind === 'certificate' || kind === 'proxy-header' ? 'info' : 'debug'
      this.options.log[level]({ kind, peer }, reason)
    }
    const connections = new OpenConnections(this.options.connections)
    this.listener = await Listeners.open(this.current, listen, { onRefused, shared, connections })
    return this.listener.urls
  }

  async ping(): Promise<void> {}

  async measured(): Promise<MetricsPart> {
    return this.metrics?.registry.part() ?? []
  }

  async upstreams(): Promise<readonly UpstreamReport[]> {
    return this.reports()
  }

  async resilience(): Promise<readonly GuardReport[]> {
    return this.current?.resilience.report() ?? []
  }

  async purge(what: Purge, soft: boolean): Promise<number> {
    const replies = this.cache?.purge(what, soft) ?? 0
    // Answers of models have neither URL nor tags, and there is nothing that a stale one would do for.
    if (!('all' in what) && !('route' in what)) return replies
    return replies + this.aiKept.cache.purge('route' in what ? what.route : undefined)
  }

  async invalidate(places: readonly string[]): Promise<void> {
    this.cache?.takeOut(places)
  }

  async changeTarget(upstream: string, url: string, change: TargetChange): Promise<void> {
    this.current?.upstreams.get(upstream)?.change(url, change)
  }

  async deprecatedCalls(): Promise<DeprecatedCalls> {
    return this.metrics?.deprecations.calls() ?? new Map()
  }

  async aiKeys(): Promise<readonly AccountKeys[]> {
    return this.current?.ai?.keys() ?? []
  }

  async deprecations(calls: DeprecatedCalls): Promise<object> {
    return this.metrics?.deprecations.page(calls) ?? {}
  }

  async depart(overMs: number): Promise<void> {
    this.listener?.depart(overMs)
  }

  async drain(deadlineMs: number): Promise<number> {
    this.draining = true
    const cutOff = (await this.listener?.drain(deadlineMs)) ?? 0
    await Promise.all(this.ending)
    await this.discard()
    await this.current?.close()
    this.options.log.flush()
    return cutOff
  }

  /** What it stores outlives every snapshot. */
  private keptCache(bytes: number): HttpCache {
    if (this.cache === undefined) {
      this.cache = new HttpCache({ bytes, tellOthers: this.options.invalidateOthers })
      if (this.metrics !== undefined) cacheMetrics(this.metrics.registry, this.cache)
    }
    return this.cache
  }

  private reports(): readonly UpstreamReport[] {
    return this.current === undefined ? [] : upstreamReport(this.current)
  }
}

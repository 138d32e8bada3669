import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Ledger } from '../ai/budgets/ledger.js'
import { openPrompts } from '../ai/prompts/library.js'
import { normalPercents } from '../base/http.js'
import type { Loaded } from '../config/load.js'
import { type Config, type RouteConfig, timeoutsFor } from '../config/resolve.js'
import { type ExchangeLog, exchangeLog } from '../observe/exchange-log.js'
import { limitLines } from '../observe/line-limit.js'
import type { Logger } from '../observe/log.js'
import { meteredLog, type PluginCounts } from '../observe/metered-log.js'
import type { Binding } from '../plugin-host/binding.js'
import { Breaker } from '../plugin-host/breaker.js'
import type { PluginPool } from '../plugin-host/pool.js'
import { openStore } from '../store/open.js'
import type { Store } from '../store/store.js'
import type { BulkheadCalls } from '../traffic/bulkheads.js'
import { HttpCache } from '../traffic/cache/http-cache.js'
import { guardedLookup } from '../upstream/guard.js'
import { httpClient } from '../upstream/http.js'
import { KeptTargets } from '../upstream/kept-targets.js'
import type { Upstream } from '../upstream/upstream.js'
import type { AiKept } from './ai/kept.js'
import { openAi } from './ai/open-runtime.js'
import { Background } from './background.js'
import { blockList } from './block-list.js'
import type { DeprecatedRoute } from './deprecation-report.js'
import { Effects, type EffectTargets } from './effects.js'
import type { Metrics } from './metrics.js'
import { openCache } from './open-cache.js'
import { openRecorder } from './open-recorder.js'
import { openRepeats } from './open-repeats.js'
import { openUpstreams } from './open-upstreams.js'
import { makePlan, NotReady, type Plan } from './plan.js'
import { PluginThreads } from './plugin-threads.js'
import { located } from './read-config.js'
import { openResilience, type Resilience } from './resilience.js'
import { routeParts } from './route-parts.js'
import { Router } from './router.js'
import type { PolicyHost, Route, Snapshot } from './snapshot.js'
import { startTicks } from './ticks.js'
import { timingNames } from './timing.js'
import { phasesOf } from './view.js'

/** What a snapshot is opened in. */
export interface Surroundings {
  readonly log: Logger
  /** Where everything is counted; left out, nothing is. */
  readonly metrics?: Metrics | undefined
  /** The counters and buckets of all plugins, which outlive every snapshot; left out: new ones. */
  readonly shared?: SharedArrayBuffer | undefined
  /** Where plugins keep values between exchanges, instead of the store of the configuration. */
  readonly store?: Store
  /** Threads that run plugins, instead of those of the configuration. */
  readonly pluginThreads?: number
  /** False: another event loop calls on_tick. */
  readonly ticks?: boolean
  /** Stored replies, which outlive every snapshot; left out, this one begins without. */
  readonly cache?: HttpCache
  /** What AI traffic leaves behind, which outlives every snapshot. */
  readonly aiKept?: AiKept
  /** What was spent; left out, budgets begin anew. */
  readonly ledger?: Ledger
  /** The targets of the snapshots before; left out, this one begins anew. */
  readonly targets?: KeptTargets
  /** Lets exchanges in to upstreams for all event loops; left out: this is the only one. */
  readonly bulkheads?: BulkheadCalls | undefined
  /** The snapshot that this one follows: its plugin threads, breakers, limits and key sets go on where nothing about them changed. */
  readonly former?: Pick<Snapshot, 'threads' | 'resilience' | 'effects'> | undefined
}

/**
 * Compiles a configuration into a snapshot.
 * @param plan - of this configuration, when it is made already
 * @throws ConfigError with everything that is wrong
 */
export async function buildSnapshot(loaded: Loaded, surroundings: Surroundings, plan?: Plan): Promise<Snapshot> {
  try {
    return await openSnapshot(plan ?? (await makePlan(loaded)), surroundings)
  } catch (thrown) {
    throw thrown instanceof NotReady ? located(loaded, thrown.problems) : thrown
  }
}

/**
 * Opens a plan: runs each binding's initialisation on the plugin threads, opens no port and no connection.
 * @throws NotReady with everything that is wrong
 */
export async function openSnapshot(plan: Plan, surroundings: Surroundings): Promise<Snapshot> {
  const { config, bindings } = plan
  const { log, metrics, pluginThreads = config.pluginThreads } = surroundings
  const recorder = openRecorder(config, bindings.all, log)
  const options = { threads: pluginThreads, shared: surroundings.shared, metrics }
  const threads = await PluginThreads.open(plan, options, surroundings.former?.threads)
  const { pool: plugins, counts } = threads
  const upstreams = await openUpstreams(config, surroundings.targets ?? new KeptTargets(), log)
  const targets = await openTargets(plan, upstreams, surroundings)
  const { cache = new HttpCache({ bytes: config.cache.bytes }) } = surroundings
  const lines = snapshotLog(config, log, counts, metrics)
  const undeclare = metrics?.deprecations.declare(deprecatedRoutes(config))
  const background = new Background()
  const { former, bulkheads } = surroundings
  const effects = new Effects(targets, LOOP_ID, background, former?.effects.jwks)
  const host: PolicyHost = { plugins, log: lines, effects, recorder }
  const breakers = openBreakers(config, bindings, threads.breakers, lines)
  const resilience = openResilience(config, log, metrics?.resilience, former?.resilience, undefined, bulkheads)
  const ai = openAi(config, {
    log,
    resilience,
    ledger: surroundings.ledger,
    kept: surroundings.aiKept,
    unpriced: metrics?.unpriced,
    meter: metrics?.ai,
    prompts: config.prompts === undefined ? new Map() : openPrompts(config.prompts, '').prompts
  })
  const routes = []
  for (const [i, route] of config.routes.entries()) {
    if (i % ROUTES_AT_ONCE === 0) await setImmediate() // what is served meanwhile takes its turn
    const policies = narrowed(bindings.routes[i], plugins)
    routes.push({ config: route, ...compileRoute(route, config, policies, breakers, resilience, cache, metrics) })
  }
  const stopTicks = surroundings.ticks === false ? () => undefined : startTicks(bindings.all, host)
  const trust = {
    recorder,
    trustedProxies: blockList(config.trustedProxies),
    certificateHeaders: config.listen.some(({ tls }) => tls?.clientAuth?.headers === true)
  }
  return {
    router: new Router(routes),
    repeats: openRepeats(routes, trust),
    ...trust,
    upstreams,
    ...host,
    background,
    limits: config.limits,
    requestMs: config.timeouts.requestMs,
    replyMs: config.timeouts.replyMs,
    shedder: resilience.shedder,
    resilience,
    meter: metrics?.exchanges,
    threads,
    webSockets: config.routes.some(({ webSocket }) => webSocket !== undefined),
    sockets: metrics?.sockets,
    tunnels: metrics?.tunnels,
    ai,
    close: async () => {
      stopTicks()
      resilience.close()
      ai?.close()
      await background.end()
      await threads.release()
      undeclare?.()
      await Promise.all([...upstreams.values(), ...targets.origins.values(), targets.store].map(each => each.close()))
    }
  }
}

/** Routes that are compiled in one turn of the event loop. */
const ROUTES_AT_ONCE = 10

function snapshotLog(config: Config, log: Logger, counts: PluginCounts, metrics?: Metrics): ExchangeLog {
  const lines = limitLines(exchangeLog(log, config.log.access), log, {
    perSecond: config.log.pluginLines,
    onDropped: where => counts.droppedLine(where)
  })
  if (metrics === undefined) return lines
  return meteredLog(lines, metrics.exchanges, counts)
}

function deprecatedRoutes({ routes }: Config): DeprecatedRoute[] {
  return routes.flatMap(({ name, deprecation }) => (deprecation === undefined ? [] : [{ name, deprecation }]))
}

/** Names this process in the callouts it sends (RFC 8586): nobody else can say it. */
const LOOP_ID = `sluice-${randomBytes(9).toString('hex')}`
/** Connections of callouts to each origin. */
const CALLOUT_CONNECTIONS = 32
const CALLOUT_CONNECT_MS = 5_000

/** What the effects of the plugins go to. Nothing connects before it is used. */
async function openTargets(
  { config, bindings }: Plan,
  upstreams: ReadonlyMap<string, Upstream>,
  { log, store }: Surroundings
): Promise<EffectTargets> {
  const lookup = guardedLookup(blockList(config.callouts.allowNetworks))
  const origins = new Set(bindings.all.flatMap(({ grants }) => [...grants.callouts.origins]))
  const clients = [...origins].map(origin => {
    return [origin, httpClient(origin, CALLOUT_CONNECTIONS, CALLOUT_CONNECT_MS, lookup)] as const
  })
  const secrets = config.secrets.map(secret => {
    const read = 'file' in secret ? async () => (await readFile(secret.file, 'utf8')).trim() : async () => secret.text
    return [secret.name, read] as const
  })
  const opened =
    store ?? (await openStore(config.store, error => log.warn({ err: error }, 'the store cannot be reached')))
  return { upstreams, origins: new Map(clients), secrets: new Map(secrets), store: opened }
}

/** The policies with what they read, now that they were told their settings. */
function narrowed(policies: readonly Binding[] = [], { inputs }: PluginPool): Binding[] {
  return policies.map(binding => ({ ...binding, input: inputs.get(binding.index) ?? binding.input }))
}

/** One breaker for each binding: where the plugin threads are those of the snapshot before, and its settings too, the breaker is. */
function openBreakers(
  config: Config,
  bindings: Plan['bindings'],
  kept: PluginThreads['breakers'],
  log: ExchangeLog
): (binding: Binding) => Breaker {
  for (const [r, bound] of bindings.routes.entries()) {
    for (const [p, binding] of bound.entries()) {
      const options = config.routes[r]?.policies[p]?.breaker ?? NEVER
      if (isDeepStrictEqual(kept.get(binding.index)?.options, options)) continue
      kept.set(binding.index, new Breaker(options, (state, reason) => log.breaker(binding, state, reason)))
    }
  }
  return binding => kept.get(binding.index) ?? new Breaker(NEVER, () => undefined)
}

const NEVER = { failures: Number.POSITIVE_INFINITY, windowMs: 0, openMs: 0 }

function compileRoute(
  route: RouteConfig,
  config: Config,
  policies: readonly Binding[],
  breakerOf: (binding: Binding) => Breaker,
  resilience: Resilience,
  cache: HttpCache,
  metrics: Metrics | undefined
): { match: RouteConfig['match']; route: Route } {
  const timeouts = config.upstreams.map(upstream => {
    const { headersMs, idleMs } = timeoutsFor(route, upstream)
    return [upstream.name, { connect: upstream.timeouts.connectMs, headers: headersMs, idle: idleMs }] as const
  })
  const compiled = {
    name: route.name,
    upstream: route.upstream,
    stripPrefix: normalPercents(route.stripPrefix ?? ''),
    access: route.accessLog,
    requestMs: route.requestMs,
    ...routeParts(route, metrics?.deprecations),
    limits: route.limits,
    policies,
    phases: phasesOf(policies, breakerOf),
    timeouts: new Map(timeouts),
    ...resilience.of(route),
    timing: route.serverTiming ? timingNames(policies) : undefined,
    webSocket: route.webSocket,
    upgrade: route.upgrade,
    cache: openCache(route, cache),
    ai: route.ai
  }
  return { match: route.match, route: { ...compiled, straight: isStraight(compiled) } }
}

function isStraight({ ownReply, cache, ai, timing, policies }: Omit<Route, 'straight'>): boolean {
  return (ownReply ?? cache ?? ai ?? timing) === undefined && policies.length === 0
}

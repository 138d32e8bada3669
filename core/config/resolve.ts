import { resolve as resolvePath } from 'node:path'
import type { Failure, Isolation, Limits, Permissions } from '../base/manifest.js'
import { bytes, milliseconds } from '../base/units.js'
import type { UpgradeRules } from '../base/upgrade.js'
import type { SocketLimits } from '../base/websocket.js'
import { type Network, parseNetwork } from './networks.js'
import { type PluginPlaces, pluginPlaces } from './plugin-places.js'
import {
  type RedirectConfig,
  type ReplyConfig,
  type RewriteConfig,
  resolveRedirect,
  resolveReply,
  resolveRewrite
} from './resolve-actions.js'
import { type AiConfig, resolveAi } from './resolve-ai.js'
import { type PromptsConfig, resolvePrompts } from './resolve-ai-prompts.js'
import { type RouteAiConfig, resolveRouteAi } from './resolve-ai-route.js'
import { type CacheRules, resolveRouteCache } from './resolve-cache.js'
import { type DeprecationConfig, resolveDeprecation } from './resolve-deprecation.js'
import { type ListenConfig, resolveListen, resolveUpstreamTls, type UpstreamTlsConfig } from './resolve-listen.js'
import { type MatchConfig, resolveMatch } from './resolve-match.js'
import { type RecordConfig, resolveRecord } from './resolve-record.js'
import {
  type RouteResilience,
  resolveLoadShedding,
  routeResilience,
  type UpstreamResilience,
  upstreamResilience
} from './resolve-resilience.js'
import { limitsOf, type RouteTimeouts, type UpstreamTimeouts, upstreamTimeouts } from './resolve-timeouts.js'
import { resolveUpgrade } from './resolve-upgrade.js'
import { resolveUpstreamPolicy, type UpstreamPolicy } from './resolve-upstream.js'
import { resolveWebSocket } from './resolve-websocket.js'
import type { ConfigFile } from './schema.js'
import type { Route } from './schema-route.js'
import type { Upstream } from './schema-upstream.js'

export type { RouteTimeouts, UpstreamTimeouts } from './resolve-timeouts.js'

/** The configuration as the rest of Sluice sees it: every default filled in, durations in ms, sizes in bytes, frozen. */
export interface Config {
  /** At least one. */
  readonly listen: readonly ListenConfig[]
  /** undefined: there is none. */
  readonly admin: ConfigFile['admin']
  readonly trustedProxies: readonly Network[]
  readonly limits: ConfigLimits
  readonly timeouts: ConfigTimeouts
  readonly cache: { readonly bytes: number }
  readonly log: ConfigFile['log']
  /** Event loops. */
  readonly threads: number
  /** Whether a change of its files is looked for. */
  readonly watch: boolean
  readonly pluginThreads: number
  /** Only what the file lists; built-in and installed plugins without an entry are not here. */
  readonly plugins: readonly PluginConfig[]
  readonly callouts: { readonly allowNetworks: readonly Network[] }
  readonly secrets: readonly SecretConfig[]
  readonly store: { readonly kind: 'memory' } | { readonly kind: 'redis'; readonly url: string }
  readonly places: PluginPlaces
  /** undefined: nothing is recorded. */
  readonly record: RecordConfig | undefined
  /** undefined: nothing is refused for the load. */
  readonly loadShedding: { readonly delayMs: number } | undefined
  readonly ai: AiConfig
  /** undefined: there are none. */
  readonly prompts: PromptsConfig | undefined
  readonly upstreams: readonly UpstreamConfig[]
  readonly routes: readonly RouteConfig[]
}

/** A secret: its text, or the file that has it. */
export type SecretConfig = { readonly name: string } & ({ readonly text: string } | { readonly file: string })

export interface BreakerConfig {
  readonly failures: number
  readonly windowMs: number
  readonly openMs: number
}

export interface ConfigLimits extends RouteLimits {
  readonly headerBytes: number
  readonly headers: number
  readonly connections: number
}

export interface RouteLimits {
  readonly bodyBytes: number
  /** Never more than bodyBytes. */
  readonly bufferedBodyBytes: number
}

export interface ConfigTimeouts extends UpstreamTimeouts {
  readonly requestMs: number
  readonly replyMs: number
  readonly drainMs: number
  readonly drainDelayMs: number
}

export interface PluginConfig {
  readonly name: string
  /** Absolute path of the folder; undefined: the built-in or installed plugin of that name. */
  readonly path: string | undefined
  readonly grant: 'asked' | Permissions
  /** Caps: the lower of these and the manifest's count. */
  readonly limits: Limits
}

export interface UpstreamConfig extends UpstreamPolicy {
  readonly name: string
  readonly preserveHost: boolean
  /** To each target. */
  readonly connections: number
  readonly http2: boolean
  /** undefined: as Node does by default. */
  readonly tls: UpstreamTlsConfig | undefined
  readonly timeouts: UpstreamTimeouts
  readonly resilience: UpstreamResilience
}

export interface RouteConfig {
  readonly name: string
  readonly match: MatchConfig
  /** Empty: the route has `ai`, `redirect` or `reply`. */
  readonly upstream: string
  /** undefined: it serves no AI traffic. */
  readonly ai: RouteAiConfig | undefined
  readonly redirect: RedirectConfig | undefined
  readonly reply: ReplyConfig | undefined
  readonly stripPrefix: string | undefined
  readonly rewrite: RewriteConfig | undefined
  readonly deprecation: DeprecationConfig | undefined
  readonly limits: RouteLimits
  /** With the route's own upstream; where a policy chose another one, `timeoutsFor` says. */
  readonly timeouts: RouteTimeouts
  /** What the route itself asks for. */
  readonly ownTimeouts: Partial<RouteTimeouts>
  /** Milliseconds a client may send nothing of its body; undefined: as timeouts.request says. */
  readonly requestMs: number | undefined
  /** undefined: as log.access says. */
  readonly accessLog: boolean | undefined
  readonly resilience: RouteResilience
  /** undefined: nothing is stored. */
  readonly cache: CacheRules | undefined
  readonly serverTiming: boolean
  /** undefined: WebSockets are not relayed. */
  readonly webSocket: SocketLimits | undefined
  /** undefined: connections leave HTTP for nothing else. */
  readonly upgrade: UpgradeRules | undefined
  readonly policies: readonly PolicyConfig[]
}

export interface PolicyConfig {
  readonly plugin: string
  readonly settings: Readonly<Record<string, unknown>>
  /** undefined: as the manifest says. */
  readonly failure: Failure | undefined
  /** Caps: the lowest of these, the plugin entry's and the manifest's count. */
  readonly limits: Limits
  /** undefined: as the manifest says. */
  readonly isolation: Isolation | undefined
  readonly breaker: BreakerConfig
}

/** Timeouts of an exchange on this route with this upstream: the route's own, else the upstream's. */
export function timeoutsFor(route: RouteConfig, upstream: UpstreamConfig): RouteTimeouts {
  return { ...ofRoute(upstream.timeouts), ...route.ownTimeouts }
}

/** Models think before they answer: less than ten minutes is no sign of trouble, unless the account says otherwise. */
const AI_HEADERS_MS = 600_000

/** A checked file in its resolved form. `folder` is the file's: relative paths start there. */
export function resolveConfig(file: ConfigFile, folder: string, cores: number): Config {
  const towards = {
    connectMs: milliseconds(file.timeouts.connect),
    headersMs: milliseconds(file.timeouts.headers),
    idleMs: milliseconds(file.timeouts.idle),
    ...limitsOf(file.timeouts)
  }
  const timeouts = {
    ...towards,
    requestMs: milliseconds(file.timeouts.request),
    replyMs: milliseconds(file.timeouts.reply),
    drainMs: milliseconds(file.timeouts.drain),
    drainDelayMs: milliseconds(file.timeouts.drainDelay)
  }
  const trustedProxies = file.trustedProxies.flatMap(text => parseNetwork(text) ?? [])
  const body = bodyLimits(file.limits.bodyBytes, file.limits.bufferedBodyBytes)
  const { headers, connections } = file.limits
  const upstreams = Object.entries(file.upstreams).map(([name, entry]) => upstream(name, entry, towards, folder))
  return {
    listen: resolveListen(file.listen, trustedProxies, folder),
    admin: file.admin,
    trustedProxies,
    limits: { headerBytes: bytes(file.limits.headerBytes), headers, connections, ...body },
    timeouts,
    cache: { bytes: bytes(file.cache.bytes) },
    log: file.log,
    threads: file.threads === 'auto' ? Math.min(cores, 64) : file.threads,
    watch: file.watch,
    pluginThreads: file.pluginThreads === 'auto' ? Math.min(Math.max(cores - 1, 1), 64) : file.pluginThreads,
    plugins: Object.entries(file.plugins).map(([name, { path, grant, limits }]) => ({
      name,
      path: path === undefined ? undefined : resolvePath(folder, path),
      // Least privilege: a plugin from outside gets nothing unless the operator says so.
      grant: grant ?? (path === undefined ? 'asked' : {}),
      limits: limits ?? {}
    })),
    callouts: { allowNetworks: file.callouts.allowNetworks.flatMap(text => parseNetwork(text) ?? []) },
    secrets: Object.entries(file.secrets).map(([name, secret]) =>
      typeof secret === 'string' ? { name, text: secret } : { name, file: resolvePath(folder, secret.file) }
    ),
    store: file.store === 'memory' ? { kind: 'memory' } : { kind: 'redis', url: file.store.redis },
    places: pluginPlaces(file, folder),
    record: file.record && resolveRecord(file.record, folder),
    loadShedding: file.loadShedding && resolveLoadShedding(file.loadShedding),
    ai: resolveAi(
      file.ai,
      {
        ...towards,
        headersMs: Math.max(towards.headersMs, AI_HEADERS_MS),
        idleMs: Math.max(towards.idleMs, AI_HEADERS_MS)
      },
      folder
    ),
    prompts: file.prompts && resolvePrompts(file.prompts, folder),
    upstreams,
    routes: file.routes.map(entry =>
      route(entry, file, upstreams.find(({ name }) => name === entry.upstream)?.timeouts ?? towards)
    )
  }
}

function upstream(name: string, entry: Upstream, global: UpstreamTimeouts, folder: string): UpstreamConfig {
  return {
    name,
    ...resolveUpstreamPolicy(entry, folder),
    preserveHost: entry.preserveHost,
    connections: entry.connections,
    http2: entry.http2,
    tls: entry.tls && resolveUpstreamTls(entry.tls, folder),
    timeouts: upstreamTimeouts(entry.timeouts, global),
    resilience: upstreamResilience(entry)
  }
}

function route(entry: Route, file: ConfigFile, timeouts: UpstreamTimeouts): RouteConfig {
  const { headers, idle, request } = entry.timeouts ?? {}
  const ownTimeouts = {
    ...(headers !== undefined && { headersMs: milliseconds(headers) }),
    ...(idle !== undefined && { idleMs: milliseconds(idle) }),
    ...limitsOf(entry.timeouts)
  }
  const { bodyBytes = file.limits.bodyBytes, bufferedBodyBytes = file.limits.bufferedBodyBytes } = entry.limits ?? {}
  return {
    name: entry.name,
    match: resolveMatch(entry.match),
    upstream: entry.upstream ?? '',
    ai: entry.ai && resolveRouteAi(entry.ai),
    redirect: entry.redirect && resolveRedirect(entry.redirect),
    reply: entry.reply && resolveReply(entry.reply),
    stripPrefix: entry.stripPrefix,
    rewrite: entry.rewrite && resolveRewrite(entry.rewrite),
    deprecation: entry.deprecation && resolveDeprecation(entry.deprecation),
    limits: bodyLimits(bodyBytes, bufferedBodyBytes),
    timeouts: { ...ofRoute(timeouts), ...ownTimeouts },
    ownTimeouts,
    requestMs: request === undefined ? undefined : milliseconds(request),
    accessLog: entry.accessLog,
    resilience: routeResilience(entry),
    cache: entry.cache && resolveRouteCache(entry.cache),
    serverTiming: entry.serverTiming,
    webSocket: entry.websocket && resolveWebSocket(entry.websocket),
    upgrade: entry.upgrade && resolveUpgrade(entry.upgrade),
    policies: entry.policies.map(({ plugin, settings, failure, limits = {}, isolation, breaker }) => ({
      plugin,
      settings,
      failure,
      limits,
      isolation,
      breaker: {
        failures: breaker?.failures ?? 5,
        windowMs: milliseconds(breaker?.window ?? '10s'),
        openMs: milliseconds(breaker?.open ?? '10s')
      }
    }))
  }
}

/** Of an upstream's timeouts those that a route can change. */
function ofRoute({ connectMs: _, ...timeouts }: UpstreamTimeouts): RouteTimeouts {
  return timeouts
}

function bodyLimits(body: string, buffered: string): RouteLimits {
  return { bodyBytes: bytes(body), bufferedBodyBytes: Math.min(bytes(buffered), bytes(body)) }
}

import { readdirSync } from 'node:fs'
import { BlockList } from 'node:net'
import { BUILTIN_PLUGINS } from '../base/paths.js'
import { type Loaded, loadConfig, problemAt } from '../config/load.js'
import type { Network } from '../config/networks.js'
import { ConfigError } from '../config/problems.js'
import { type Config, type RouteConfig, timeoutsFor } from '../config/resolve.js'
import { exchangeLog } from '../observe/exchange-log.js'
import type { Logger } from '../observe/log.js'
import type { Binding } from '../plugin-host/binding.js'
import { PluginPool } from '../plugin-host/pool.js'
import { sharedTableMemory } from '../plugin-host/shared-table.js'
import { createUpstream, type Upstream } from '../upstream/upstream.js'
import { type Bindings, loadBindings } from './bindings.js'
import { Router } from './router.js'
import type { Route, Snapshot } from './snapshot.js'
import { phasesOf } from './view.js'

/**
 * Reads a configuration file; plugins and their settings are not looked at yet.
 * @throws ConfigError
 */
export function readConfig(file: string): Loaded {
  return loadConfig(file, { builtins: builtinPlugins() })
}

/**
 * Compiles a configuration into a snapshot: loads every plugin, runs each binding's initialisation on the plugin
 * threads, opens no port and no connection.
 * @throws ConfigError with everything that is wrong
 */
export async function buildSnapshot(loaded: Loaded, log: Logger): Promise<Snapshot> {
  const { config } = loaded
  const bindings = await loadBindings(loaded)
  if (bindings.problems.length > 0) throw new ConfigError(bindings.problems)
  const plugins = await openPlugins(loaded, bindings)
  const upstreams = new Map(config.upstreams.map(upstream => [upstream.name, openUpstream(upstream)]))
  const routes = config.routes.map((route, i) => compileRoute(route, config, bindings.routes[i] ?? []))
  return {
    router: new Router(routes),
    upstreams,
    plugins,
    log: exchangeLog(log, config.log.access),
    limits: config.limits,
    requestMs: config.timeouts.requestMs,
    trustedProxies: blockList(config.trustedProxies),
    close: async () => {
      await plugins.close()
      await Promise.all([...upstreams.values()].map(upstream => upstream.close()))
    }
  }
}

function builtinPlugins(): string[] {
  return readdirSync(BUILTIN_PLUGINS, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => entry.name)
}

/** The counters and buckets of all plugins outlive every snapshot: there is one table for the process. */
const SHARED = sharedTableMemory()

/** The plugin threads, once every binding was made ready on them. @throws ConfigError with those that cannot */
async function openPlugins(loaded: Loaded, bindings: Bindings): Promise<PluginPool> {
  const { all, modules } = bindings
  const plugins = new PluginPool({ bindings: all, modules }, { threads: loaded.config.pluginThreads, shared: SHARED })
  try {
    const problems = await prepareProblems(loaded, plugins, bindings)
    if (problems.length > 0) throw new ConfigError(problems)
    return plugins
  } catch (thrown) {
    await plugins.close() // its threads would keep the process
    throw thrown
  }
}

async function prepareProblems(
  loaded: Loaded,
  plugins: PluginPool,
  bindings: Bindings
): Promise<ReturnType<typeof problemAt>[]> {
  const failures = await plugins.prepare()
  return failures.map(({ binding, message }) => {
    const bound = bindings.all[binding]
    const route = bindings.routes.findIndex(policies => policies.some(each => each.index === binding))
    const place = bindings.routes[route]?.findIndex(each => each.index === binding) ?? 0
    return problemAt(loaded, ['routes', route, 'policies', place], `plugin ${bound?.plugin ?? ''} ${message}`)
  })
}

function openUpstream(config: Config['upstreams'][number]): Upstream {
  return createUpstream({
    name: config.name,
    targets: config.targets.map(target => target.origin),
    preserveHost: config.preserveHost,
    connections: config.connections,
    connectTimeoutMs: config.timeouts.connectMs
  })
}

function compileRoute(
  route: RouteConfig,
  config: Config,
  policies: readonly Binding[]
): { match: RouteConfig['match']; route: Route } {
  const timeouts = config.upstreams.map(upstream => {
    const { headersMs, idleMs } = timeoutsFor(route, upstream)
    return [upstream.name, { connect: upstream.timeouts.connectMs, headers: headersMs, idle: idleMs }] as const
  })
  return {
    match: route.match,
    route: {
      name: route.name,
      upstream: route.upstream,
      stripPrefix: route.stripPrefix ?? '',
      limits: route.limits,
      policies,
      phases: phasesOf(policies),
      timeouts: new Map(timeouts)
    }
  }
}

function blockList(networks: readonly Network[]): BlockList | undefined {
  if (networks.length === 0) return undefined
  const list = new BlockList()
  for (const { address, prefix, family } of networks) list.addSubnet(address, prefix, family)
  return list
}

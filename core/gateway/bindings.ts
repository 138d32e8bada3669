import { join } from 'node:path'
import { serialize } from 'node:v8'
import { type GatewayError, toGatewayError } from '../base/errors.js'
import type { Hook } from '../base/hooks.js'
import { DEFAULT_LIMITS, type Limits, type Manifest, type ResolvedLimits } from '../base/manifest.js'
import { BUILTIN_PLUGINS } from '../base/paths.js'
import { type Loaded, problemAt } from '../config/load.js'
import type { Path, Problem } from '../config/problems.js'
import type { Config, PluginConfig, PolicyConfig } from '../config/resolve.js'
import { type Binding, fromManifest } from '../plugin-host/binding.js'
import { builtinPlugins } from '../plugin-host/catalog/builtins.js'
import { installedFolder, type Lock, readLock } from '../plugin-host/catalog/lock.js'
import { readLocked } from '../plugin-host/catalog/locked.js'
import { hooksFor } from '../plugin-host/hooks.js'
import {
  compileFile,
  type LoadedModule,
  type PluginFiles,
  readManifest,
  readModule,
  sha256
} from '../plugin-host/load.js'
import { bothGrants, type Grants, grants } from '../plugin-host/permissions.js'
import { forbiddenOrigin } from '../upstream/guard.js'
import { blockList } from './block-list.js'
import { sameNames, tooManySeries } from './plugin-series.js'

/** Every policy of a configuration as a binding, and the modules they share. */
export interface Bindings {
  /** By route, in the order of the configuration. */
  readonly routes: readonly (readonly Binding[])[]
  readonly all: readonly Binding[]
  readonly modules: readonly KnownModule[]
  /** Everything that is wrong with the plugins and their settings. */
  readonly problems: readonly Problem[]
}

/** A compiled module, and what it was compiled from: from the same the same would come. */
export interface KnownModule extends LoadedModule {
  readonly key: string
}

/**
 * Loads every plugin the configuration uses, each once, and checks the settings of every policy against its manifest.
 * @param known - modules that need not be compiled again
 */
export async function loadBindings(loaded: Loaded, known: readonly KnownModule[] = []): Promise<Bindings> {
  const plugins = new Plugins(loaded.config, known)
  const problems: Problem[] = []
  const all: Binding[] = []
  const routes: Binding[][] = []
  for (const [r, route] of loaded.config.routes.entries()) {
    const bound: Binding[] = []
    for (const [p, policy] of route.policies.entries()) {
      const path: Path = ['routes', r, 'policies', p]
      const result = await bind(loaded, plugins, policy, path, all.length)
      if ('problems' in result) problems.push(...result.problems)
      else {
        bound.push(result.binding)
        all.push(result.binding)
      }
    }
    routes.push(bound)
  }
  problems.push(...sameNames(loaded, all))
  return { routes, all, modules: plugins.modules, problems }
}

type Bound = { readonly binding: Binding } | { readonly problems: readonly Problem[] }

async function bind(loaded: Loaded, plugins: Plugins, policy: PolicyConfig, path: Path, index: number): Promise<Bound> {
  const entry = plugins.entry(policy.plugin)
  const files = await plugins.files(entry)
  if (files instanceof Error) return { problems: [problemAt(loaded, [...path, 'plugin'], files.message)] }
  const { manifest } = files
  const settings = loaded.check([...path, 'settings'], manifest.settings ?? NO_SETTINGS)
  if (settings.problems.length > 0) return settings
  const limits = lowest(manifest.limits ?? {}, entry.limits, policy.limits)
  const hooks = hooksFor(manifest, settings.value ?? {})
  const granted = grantsOf(files, entry, settings.value)
  const blind = hooks.find(hook => BODY_HOOKS[hook] !== undefined && granted[BODY_HOOKS[hook]] === 'none')
  if (blind !== undefined) return { problems: [problemAt(loaded, [...path, 'plugin'], blindness(manifest, blind))] }
  const missing = missingNames(loaded, manifest.name, granted)
  if (missing !== undefined) return { problems: [problemAt(loaded, [...path, 'settings'], missing)] }
  const tooMany = tooManySeries(manifest, limits)
  if (tooMany !== undefined) return { problems: [problemAt(loaded, [...path, 'plugin'], tooMany)] }
  const module = await plugins.module(files, limits.memoryPages)
  if (module instanceof Error) return { problems: [problemAt(loaded, [...path, 'plugin'], module.message)] }
  return {
    binding: {
      index,
      where: `${path[0]}[${path[1]}].${path[2]}[${path[3]}]`,
      plugin: policy.plugin,
      namespace: policy.plugin,
      module: module.index,
      abi: module.abi,
      hooks: plugins.same(hooks),
      settings: JSON.stringify(settings.value ?? {}),
      grants: plugins.same(granted),
      limits: plugins.same(limits),
      metrics: manifest.metrics,
      failure: policy.failure ?? manifest.failure ?? 'closed',
      ...fromManifest(manifest),
      isolation: policy.isolation ?? manifest.isolation ?? 'pooled',
      ...(loaded.config.record !== undefined && {
        origin: {
          version: manifest.version,
          sha256: module.sha256,
          asked: manifest.permissions ?? {},
          granted: entry.grant,
          secrets: settings.secrets
        }
      })
    }
  }
}

/** What the grants name that the configuration does not have. */
function missingNames(loaded: Loaded, plugin: string, { route, callouts, secrets }: Grants): string | undefined {
  const upstreams = [...(route === 'any' ? [] : route), ...callouts.upstreams]
  const upstream = upstreams.find(name => !isUpstream(loaded, name))
  if (upstream !== undefined)
    return `plugin ${plugin} sends requests to the upstream "${upstream}", which is not under upstreams`
  const secret = [...secrets].find(name => !loaded.config.secrets.some(each => each.name === name))
  if (secret !== undefined) return `plugin ${plugin} asks for the secret "${secret}", which is not under secrets`
  const networks = blockList(loaded.config.callouts.allowNetworks)
  for (const origin of callouts.origins) {
    const forbidden = forbiddenOrigin(origin, networks)
    if (forbidden !== undefined) return `plugin ${plugin} calls ${origin}: ${forbidden.message}`
  }
  return undefined
}

/** What the manifest asks for, less what the configuration does not grant; and what the lock file does not, if there is one. */
function grantsOf({ manifest, pinned }: PluginFiles, { grant }: PluginConfig, settings: unknown): Grants {
  const asked = manifest.permissions ?? {}
  const granted = grants(asked, grant, settings)
  return pinned === undefined ? granted : bothGrants(granted, grants(asked, pinned.permissions, settings))
}

function isUpstream({ config }: Loaded, name: string): boolean {
  return config.upstreams.some(upstream => upstream.name === name)
}

const BODY_HOOKS: Partial<Record<Hook, 'requestBody' | 'responseBody' | 'prompt' | 'answer'>> = {
  on_request_body: 'requestBody',
  on_response_body: 'responseBody',
  on_prompt: 'prompt',
  on_delta: 'answer',
  on_tool_call: 'answer',
  on_completion: 'answer'
}

/** A policy that is to judge a body it cannot see would wave everything through: such a configuration is refused. */
function blindness({ name, permissions }: Manifest, hook: Hook): string {
  const body = BODY_HOOKS[hook] ?? 'requestBody'
  const asked = permissions?.[body] ?? 'none'
  return asked === 'none'
    ? `plugin ${name} has the hook ${hook}, but its manifest does not ask for the permission ${body}`
    : `plugin ${name} has the hook ${hook} and is not granted ${body}: say "grant" in its entry under plugins (it asks for "${asked}")`
}

/** A plugin without a settings schema takes none. */
const NO_SETTINGS = { type: 'object', additionalProperties: false } as const

/** Each plugin's files are read once, each module compiled once per memory limit. */
class Plugins {
  readonly modules: KnownModule[] = []
  private readonly read = new Map<string, Promise<PluginFiles | GatewayError>>()
  private readonly compiled = new Map<string, Promise<(LoadedModule & { index: number }) | GatewayError>>()
  private readonly lock: Lock | undefined
  private readonly builtins = new Set(builtinPlugins())
  private readonly values = new Map<string, unknown>()

  constructor(
    private readonly config: Config,
    private readonly known: readonly KnownModule[]
  ) {
    this.lock = readLock(config.places.lock.file, config.places.lock.required)
  }

  entry(name: string): PluginConfig {
    const entry = this.config.plugins.find(plugin => plugin.name === name)
    return entry ?? { name, path: undefined, grant: 'asked', limits: {} }
  }

  files(entry: PluginConfig): Promise<PluginFiles | GatewayError> {
    const { name, path } = entry
    const builtin = path === undefined && this.builtins.has(name)
    const folder = builtin ? join(BUILTIN_PLUGINS, name) : (path ?? this.installed(name))
    const read = () => (builtin ? readManifest(folder) : readLocked(name, folder, this.lock))
    // By name too: with a lock file, each name has its own content.
    return remember(this.read, `${name}\n${folder}`, read)
  }

  /** One value for all that are equal: a plan with hundreds of policies goes to every thread. */
  same<T>(value: T): T {
    const content = serialize(value).toString('latin1')
    const known = this.values.get(content)
    if (known === undefined) this.values.set(content, value)
    return (known as T | undefined) ?? value // of the same content, so of the same type
  }

  private installed(name: string): string {
    const { pluginsDir } = this.config.places
    const locked = this.lock?.plugins.get(name)
    return locked === undefined ? join(pluginsDir, name) : installedFolder(pluginsDir, locked)
  }

  module(files: PluginFiles, pages: number): Promise<(LoadedModule & { index: number }) | GatewayError> {
    return remember(this.compiled, `${files.file}\n${pages}\n${files.pinned?.sha256}`, async () => {
      const bytes = await readModule(files)
      const key = `${sha256(bytes)} ${pages} ${files.manifest.hooks.join()}`
      const known = this.known.find(each => each.key === key)
      const module = known ?? { ...(await compileFile(files, bytes, pages)), key }
      return { ...module, index: this.modules.push(module) - 1 }
    })
  }
}

function remember<T>(
  known: Map<string, Promise<T | GatewayError>>,
  key: string,
  make: () => Promise<T>
): Promise<T | GatewayError> {
  let value = known.get(key)
  if (value === undefined) {
    value = make().catch(toGatewayError)
    known.set(key, value)
  }
  return value
}

function lowest(...asked: readonly Limits[]): ResolvedLimits {
  const least = (name: keyof Limits): number => {
    const given = asked.flatMap(limits => limits[name] ?? [])
    return given.length === 0 ? DEFAULT_LIMITS[name] : Math.min(...given)
  }
  return {
    timeoutMs: least('timeoutMs'),
    memoryPages: least('memoryPages'),
    outputBytes: least('outputBytes'),
    hostCalls: least('hostCalls'),
    recycleCalls: least('recycleCalls'),
    logLines: least('logLines'),
    logBytes: least('logBytes'),
    metricSeries: least('metricSeries'),
    kvBytes: least('kvBytes')
  }
}

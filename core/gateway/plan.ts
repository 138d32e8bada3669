import { serialize } from 'node:v8'
import { openPrompts } from '../ai/prompts/library.js'
import { splitWarnings } from '../ai/prompts/split-warnings.js'
import { type Loaded, problemAt } from '../config/load.js'
import { ConfigError, type Path, type Problem } from '../config/problems.js'
import type { Config } from '../config/resolve.js'
import { servedByUws, sharesPort } from '../config/resolve-listen.js'
import { readTargetsFile } from '../config/targets-file.js'
import { tlsFindings } from '../config/tls-files.js'
import { sha256 } from '../plugin-host/load.js'
import { storesFor } from '../plugin-host/shared-stores.js'
import { withAiUpstreams } from './ai/upstreams.js'
import { type Bindings, loadBindings } from './bindings.js'
import { idleSettings } from './idle-settings.js'

/**
 * A configuration and the plugins it needs, loaded and compiled: what a snapshot is opened from. Sent to threads by
 * structured clone; there are as many snapshots of one plan as there are event loops, with one memory for what plugins keep.
 */
export interface Plan {
  readonly config: Config
  readonly bindings: Pick<Bindings, 'routes' | 'all' | 'modules'>
  /** By namespace, the memory of its keys and values. */
  readonly stores: ReadonlyMap<string, SharedArrayBuffer>
  /** The same for two plans, one made after the other, whose plugin threads would do the same: those of the first will do. */
  readonly pluginsDigest: string
  /** What may be served but should worry its operator, at its path in the configuration. */
  readonly warnings: readonly Finding[]
}

/** What the next plan takes over from the one that is served. */
export interface Former {
  readonly stores: Plan['stores']
  readonly modules: Plan['bindings']['modules']
}

/**
 * @param former - of the plan that is served: what plugins keep goes on, and what it compiled is not compiled again
 * @throws ConfigError with everything that is wrong with the plugins and their settings
 */
export async function makePlan(loaded: Loaded, former?: Former): Promise<Plan> {
  const config = withAiUpstreams(loaded.config)
  const { problems, routes, all, modules } = await loadBindings(loaded, former?.modules)
  const found = tlsFindings(config, Date.now())
  const tlsProblems = found
    .filter(({ warning }) => !warning)
    .map(({ path, message }) => problemAt(loaded, path, message))
  const prompts = promptFindings(config, loaded.file)
  const wrong = [...problems, ...prompts.problems, ...targetsFileProblems(config), ...tlsProblems]
  if (wrong.length > 0) throw new ConfigError(wrong)
  const stores = storesFor(all, former?.stores)
  const content = serialize([all, modules.map(({ key }) => key), config.pluginThreads, config.record !== undefined])
  return {
    config,
    bindings: { routes, all, modules },
    stores,
    pluginsDigest: sha256(content),
    warnings: [
      ...found.filter(({ warning }) => warning),
      ...closedTunnels(config),
      ...idleSettings(loaded.config),
      ...onOneLoop(config),
      ...prompts.warnings
    ]
  }
}

/** Ports that one event loop serves alone, of several. */
function onOneLoop({ listen, threads }: Config): Finding[] {
  const alone = threads > 1 ? listen.filter(each => !sharesPort(each)) : []
  const message = `is served by one of the ${threads} event loops: listeners of Node's share a port from Node 22.12 on, this is ${process.version}`
  return alone.map(({ at }) => ({ path: at, message }))
}

/** Routes that let other protocols through where no listener can. */
function closedTunnels({ listen, routes }: Config): Finding[] {
  if (!listen.every(servedByUws)) return []
  const message =
    'opens no tunnel: none of the listeners is one of Node\'s; "http2: true" makes one of them (GUIDE.md, "Tunnels for other protocols")'
  return routes.flatMap(({ upgrade }, index) =>
    upgrade === undefined ? [] : [{ path: ['routes', index, 'upgrade'], message }]
  )
}

/** What is wrong with prompts, their files and what was published of them, or should worry. */
function promptFindings({ prompts: config }: Config, file: string): { problems: Problem[]; warnings: Finding[] } {
  try {
    if (config === undefined) return { problems: [], warnings: [] }
    const { prompts } = openPrompts(config, file)
    const warnings = splitWarnings(prompts.values()).map(message => ({ path: ['prompts'], message }))
    return { problems: [], warnings }
  } catch (thrown) {
    if (thrown instanceof ConfigError) return { problems: [...thrown.problems], warnings: [] }
    throw thrown
  }
}

/** What is wrong with the files that list targets. */
function targetsFileProblems({ upstreams }: Config): Problem[] {
  return upstreams.flatMap(({ discover }) => {
    if (discover?.kind !== 'file') return []
    try {
      readTargetsFile(discover.file)
      return []
    } catch (thrown) {
      if (thrown instanceof ConfigError) return thrown.problems
      throw thrown
    }
  })
}

/** Something about a plan, at its path in the configuration. */
export interface Finding {
  readonly path: Path
  readonly message: string
}

/** A plan that cannot be opened. Whoever has the file can say where (`problemAt`). */
export class NotReady extends Error {
  constructor(readonly problems: readonly Finding[]) {
    super(problems.map(({ message }) => message).join('; '))
  }
}

import { PluginCounts } from '../observe/metered-log.js'
import type { Breaker } from '../plugin-host/breaker.js'
import { figuresMemory } from '../plugin-host/figures.js'
import { PluginPool } from '../plugin-host/pool.js'
import type { Metrics } from './metrics.js'
import { type Finding, NotReady, type Plan } from './plan.js'

export interface ThreadsOptions {
  readonly threads: number
  /** The counters and buckets of all plugins. */
  readonly shared: SharedArrayBuffer | undefined
  readonly metrics: Metrics | undefined
}

/**
 * The plugin threads of a snapshot, and what is counted of them. A snapshot whose plugins and settings are those of the one
 * before takes them over: starting threads and making instances is most of the work of a reload.
 */
export class PluginThreads {
  private users = 1
  /** What keeps failing plugins out, by the index of the binding. */
  readonly breakers = new Map<number, Breaker>()

  private constructor(
    /** `Plan.pluginsDigest` of the plan they were opened for. */
    private readonly digest: string,
    readonly pool: PluginPool,
    readonly counts: PluginCounts,
    private readonly uncounted: (() => void) | undefined
  ) {}

  /** Those of `former` when they will do, else new ones, ready to be called. @throws NotReady */
  static async open(plan: Plan, options: ThreadsOptions, former: PluginThreads | undefined): Promise<PluginThreads> {
    if (former !== undefined && former.users > 0 && former.digest === plan.pluginsDigest) {
      former.users++
      return former
    }
    const { metrics, threads } = options
    const { all } = plan.bindings
    const figures = metrics && figuresMemory(all, threads)
    const pool = await openPool(plan, options, figures)
    const counts = new PluginCounts()
    const uncounted = figures && metrics?.plugins.add({ bindings: all, figures, pool, counts })
    return new PluginThreads(plan.pluginsDigest, pool, counts, uncounted)
  }

  /** Called once by each snapshot that has them; the last one ends them. */
  async release(): Promise<void> {
    this.users--
    if (this.users > 0) return
    this.uncounted?.()
    await this.pool.close()
  }
}

/** A pool in which every binding was made ready. @throws NotReady with those that cannot be */
async function openPool(
  { config, bindings, stores }: Plan,
  { threads, shared }: ThreadsOptions,
  figures: SharedArrayBuffer | undefined
): Promise<PluginPool> {
  const { all } = bindings
  const modules = bindings.modules.map(({ module }) => module)
  const record = config.record !== undefined
  const pool = new PluginPool({ bindings: all, modules, record }, { threads, shared, stores, figures })
  try {
    const problems = await unready(pool, bindings)
    if (problems.length > 0) throw new NotReady(problems)
    return pool
  } catch (thrown) {
    await pool.close() // its threads would keep the process
    throw thrown
  }
}

async function unready(pool: PluginPool, { all, routes }: Plan['bindings']): Promise<Finding[]> {
  const failures = await pool.prepare()
  return failures.map(({ binding, message }) => {
    const route = routes.findIndex(policies => policies.some(each => each.index === binding))
    const place = routes[route]?.findIndex(each => each.index === binding) ?? 0
    return {
      path: ['routes', route, 'policies', place],
      message: `plugin ${all[binding]?.plugin ?? ''} ${message}`
    }
  })
}

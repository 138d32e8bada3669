import type { KeptLedger } from '../../ai/budgets/kept-ledger.js'
import type { Loaded } from '../../config/load.js'
import { problemAt } from '../../config/load.js'
import { ConfigError, type Path, showPath } from '../../config/problems.js'
import type { Config } from '../../config/resolve.js'
import type { OwnMemory } from '../../gateway/ai/memory.js'
import { located, readConfig } from '../../gateway/build.js'
import { makePlan, NotReady, type Plan } from '../../gateway/plan.js'
import type { Logger } from '../../observe/log.js'
import { placeOf } from '../../server/listeners.js'
import type { EventLoop } from './loop.js'

/** What AI traffic shares in the process. */
export interface AiShared {
  readonly ledger: KeptLedger
  readonly aiMemory: OwnMemory
}

/**
 * The gateway as its operator sees it: a configuration file, and the event loops that serve it. A new version of the file is
 * taken over by all loops or by none.
 */
export class Gateway {
  private plan: Plan | undefined
  /** How often a configuration was taken over. */
  generation = 0
  private last: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly file: string,
    private readonly loops: readonly EventLoop[],
    private readonly log: Logger,
    private readonly shared: AiShared
  ) {}

  get config(): Config | undefined {
    return this.plan?.config
  }

  /**
   * Reads the file and serves what it says. While it does, and when anything is wrong with it, what was served is served on.
   * Calls wait for each other.
   * @throws ConfigError with everything that is wrong
   */
  load(read: (file: string) => Loaded = readConfig): Promise<Loaded> {
    const loading = this.last.then(() => this.loadNow(read))
    this.last = loading.catch(() => undefined)
    return loading
  }

  /** When nothing is being loaded any more. */
  async settled(): Promise<void> {
    await this.last
  }

  private async loadNow(read: (file: string) => Loaded): Promise<Loaded> {
    const loaded = read(this.file)
    const { config } = loaded
    const fixed = this.plan === undefined ? [] : changed(this.plan.config, config)
    if (fixed.length > 0) {
      const message = 'cannot change while Sluice runs: restart it'
      throw new ConfigError(fixed.map(path => problemAt(loaded, path, message)))
    }
    const plan = await makePlan(loaded, this.plan)
    await this.open(loaded, plan)
    await this.spendBy(plan.config)
    await Promise.all(this.loops.map(loop => loop.swap()))
    const { completions } = plan.config.prompts ?? {}
    if (completions !== undefined) this.shared.aiMemory.arms.keep(completions)
    this.plan = plan
    this.generation++
    for (const { path, message } of plan.warnings) this.log.warn({ where: showPath(path) }, message)
    return loaded
  }

  /** @throws GatewayError GW_CONFIG_INVALID when what was spent cannot be read or written */
  private async spendBy({ ai }: Config): Promise<void> {
    try {
      await this.shared.ledger.use(ai)
    } catch (thrown) {
      await Promise.all(this.loops.map(loop => loop.discard()))
      throw thrown
    }
  }

  private async open(loaded: Loaded, plan: Plan): Promise<void> {
    const share = Math.max(1, Math.floor(plan.config.pluginThreads / this.loops.length))
    const opened = await Promise.allSettled(this.loops.map(loop => loop.open(plan, share)))
    const failed = opened.find(({ status }) => status === 'rejected')
    if (failed?.status !== 'rejected') return
    await Promise.all(this.loops.map(loop => loop.discard()))
    throw failed.reason instanceof NotReady ? located(loaded, failed.reason.problems) : failed.reason
  }
}

/** What only a start can bring about. */
const FIXED: readonly (readonly [Path, (config: Config) => unknown])[] = [
  [['listen'], ({ listen }) => listen.map(placeOf).join()],
  [['admin'], ({ admin }) => admin && `${admin.host}:${admin.port}`],
  [['threads'], ({ threads }) => threads]
]

function changed(before: Config, after: Config): Path[] {
  return FIXED.flatMap(([path, of]) => (of(before) === of(after) ? [] : [path]))
}

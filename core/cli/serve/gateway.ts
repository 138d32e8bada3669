import type { KeptLedger } from '../../ai/budgets/kept-ledger.js'
import { ConfigError, showPath } from '../../config/problems.js'
import type { Config } from '../../config/resolve.js'
import type { OwnMemory } from '../../gateway/ai/memory.js'
import { NotReady, type Plan } from '../../gateway/plan.js'
import type { Logger } from '../../observe/log.js'
import type { EventLoop } from './loop.js'
import { fixedParts, type Planned, type Planning, type Served } from './planner.js'

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
  load(planning: Planning): Promise<Planned> {
    const loading = this.last.then(() => this.loadNow(planning)).finally(() => planning.done())
    this.last = loading.catch(() => undefined)
    return loading
  }

  /** When nothing is being loaded any more. */
  async settled(): Promise<void> {
    await this.last
  }

  private async loadNow(planning: Planning): Promise<Planned> {
    const planned = await planning.plan(this.file, this.plan && servedBy(this.plan))
    const { plan } = planned
    await this.open(plan, planning)
    await this.spendBy(plan.config)
    await Promise.all(this.loops.map(loop => loop.swap()))
    const { completions } = plan.config.prompts ?? {}
    if (completions !== undefined) this.shared.aiMemory.arms.keep(completions)
    this.plan = plan
    this.generation++
    for (const { path, message } of plan.warnings) this.log.warn({ where: showPath(path) }, message)
    return planned
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

  private async open(plan: Plan, planning: Planning): Promise<void> {
    const share = Math.max(1, Math.floor(plan.config.pluginThreads / this.loops.length))
    const opened = await Promise.allSettled(this.loops.map(loop => loop.open(plan, share)))
    const failed = opened.find(({ status }) => status === 'rejected')
    if (failed?.status !== 'rejected') return
    await Promise.all(this.loops.map(loop => loop.discard()))
    if (!(failed.reason instanceof NotReady)) throw failed.reason
    throw new ConfigError(await planning.refusal(failed.reason.problems))
  }
}

function servedBy({ config, stores, bindings }: Plan): Served {
  return { stores, modules: bindings.modules, fixed: fixedParts(config) }
}

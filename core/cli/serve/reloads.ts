import { ConfigError } from '../../config/problems.js'
import type { Config } from '../../config/resolve.js'
import type { Logger } from '../../observe/log.js'
import type { Gateway } from './gateway.js'
import type { Status } from './operators.js'
import { RemotePlanner } from './remote-planner.js'
import { FileWatch } from './watch.js'

/** Has the configuration read again on SIGHUP and when one of its files changes. */
export class Reloads {
  private readonly watch = new FileWatch(() => void this.reload('file'))
  private readonly planner = new RemotePlanner()
  private closed = false

  constructor(
    private readonly gateway: Gateway,
    private readonly status: Status,
    private readonly log: Logger
  ) {
    // For good: without it, one that comes while Sluice drains would end the process there and then.
    process.on('SIGHUP', () => void this.reload('SIGHUP'))
  }

  /** Its files, from now on: what happens to them while they are being taken over counts. */
  follow(config: Config, files: readonly string[]): void {
    this.watch.follow(config.watch && !this.closed ? files : [])
  }

  /** None from now on. */
  close(): void {
    this.closed = true
    this.watch.close()
  }

  private async reload(cause: string): Promise<void> {
    if (this.closed) return
    const since = performance.now()
    try {
      const { plan, files } = await this.gateway.load(this.planner)
      this.status.reloaded('ok')
      this.follow(plan.config, files)
      const ms = Math.round(performance.now() - since)
      const { generation } = this.gateway
      this.log.info({ cause, routes: plan.config.routes.length, generation, ms }, 'reloaded')
    } catch (thrown) {
      if (this.closed) return this.log.info({ cause }, 'reload given up: it is draining')
      this.status.reloaded('refused')
      const wrong = thrown instanceof ConfigError ? { problems: thrown.message.split('\n') } : { err: thrown }
      this.log.error({ cause, ...wrong }, 'reload refused')
    }
    this.log.flush()
  }
}

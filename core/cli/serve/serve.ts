import { setTimeout } from 'node:timers/promises'
import type { AdminServer } from '../../admin/server.js'
import { KeptLedger } from '../../ai/budgets/kept-ledger.js'
import type { Config } from '../../config/resolve.js'
import { type ListenConfig, sharesPort } from '../../config/resolve-listen.js'
import { OwnMemory } from '../../gateway/ai/memory.js'
import { readConfig } from '../../gateway/read-config.js'
import { createLog, type Logger } from '../../observe/log.js'
import { freePort } from '../../server/port.js'
import { toldToEnd } from '../told-to-end.js'
import { Gateway } from './gateway.js'
import { keepCompiled } from './keep-compiled.js'
import { leave } from './leave.js'
import { type Loops, startLoops } from './loops.js'
import { openOperators, Status } from './operators.js'
import { Planner } from './planner.js'
import { Reloads } from './reloads.js'

/**
 * `sluice serve`: runs until SIGTERM or SIGINT, then drains. A second signal ends it at once. SIGHUP, and a change of the
 * file, make it read its configuration again.
 * @throws ConfigError, GatewayError GW_LISTEN_FAILED
 */
export async function serve(file: string): Promise<number> {
  keepCompiled()
  const first = readConfig(file)
  const { config } = first
  const log = createLog(config.log.level)
  // From here on: who is the first process of a container hears nothing it does not listen to.
  const told = toldToEnd(() => {
    log.warn('told to end again: ended at once')
    void leave(log, 1)
  })
  let early: NodeJS.Signals | undefined
  void told.then(signal => {
    early = signal
  })
  const ledger = new KeptLedger(log)
  const aiMemory = new OwnMemory()
  const loops = startLoops(config.threads, {
    log,
    ledger,
    aiMemory,
    logLevel: config.log.level,
    counted: config.admin !== undefined,
    onDied: reason => died(log, reason)
  })
  const status = new Status()
  const gateway = new Gateway(file, loops.all, log, { ledger, aiMemory })
  const reloads = new Reloads(gateway, status, log)
  reloads.follow(config, first.files)
  let admin: AdminServer | undefined
  let urls: readonly string[]
  const undo = async (): Promise<void> => {
    reloads.close()
    await admin?.close()
    await Promise.all(loops.all.map(loop => loop.drain(0)))
    await loops.end()
    await ledger.close()
  }
  try {
    await gateway.load(new Planner(first))
    if (early !== undefined) {
      log.info({ signal: early }, 'stopped before it was ready')
      await undo()
      await leave(log, 0)
    }
    admin = await openOperators(config, loops.all, status, { ledger, aiMemory })
    urls = await listen(loops, config)
  } catch (thrown) {
    await undo()
    throw thrown
  }
  status.state = 'ready'
  const { routes, threads } = config
  const [url, ...others] = urls
  const more = others.length > 0 ? others : undefined
  log.info({ url, more, admin: admin?.url, routes: routes.length, threads, pid: process.pid }, 'listening')
  log.flush()
  const signal = await told
  reloads.close()
  status.state = 'draining'
  await drain(loops, gateway, config, log, signal)
  await admin?.close()
  await ledger.close()
  await leave(log, 0)
  return 0
}

/**
 * Opens all ports, on all loops. What cannot be shared the first loop alone has.
 * @returns how clients write them
 */
async function listen({ all }: Loops, config: Config): Promise<readonly string[]> {
  const [first, ...others] = all
  const shared = others.length > 0
  const places = shared ? await Promise.all(config.listen.map(placed)) : config.listen
  const urls = (await first?.listen(places, shared)) ?? []
  await Promise.all(others.map(loop => loop.listen(places.filter(sharesPort), shared)))
  return urls
}

/** With the port it will have. */
async function placed(listen: ListenConfig): Promise<ListenConfig> {
  return sharesPort(listen) ? { ...listen, port: await freePort(listen.host, listen.port) } : listen
}

async function drain(loops: Loops, gateway: Gateway, first: Config, log: Logger, signal: string): Promise<void> {
  const { drainMs, drainDelayMs } = (gateway.config ?? first).timeouts
  log.info({ signal, deadlineMs: drainMs, delayMs: drainDelayMs || undefined }, 'draining')
  if (drainDelayMs > 0) {
    await Promise.all(loops.all.map(loop => loop.depart(drainDelayMs)))
    await setTimeout(drainDelayMs)
  }
  const cutOff = (await Promise.all(loops.all.map(loop => loop.drain(drainMs)))).reduce((sum, each) => sum + each, 0)
  // A thread must not be ended while it starts threads of its own: Node may not survive that.
  await Promise.race([gateway.settled(), setTimeout(drainMs, undefined, { ref: false })])
  await loops.end()
  if (cutOff > 0) log.warn({ cutOff }, 'exchanges were cut off at the drain deadline')
  log.info('stopped')
}

/** A loop that dies takes its connections with it: better a new process than one that serves with a part of itself. */
function died(log: Logger, reason: unknown): void {
  log.fatal({ err: reason }, 'an event loop died')
  void leave(log, 1)
}

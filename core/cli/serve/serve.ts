import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { AdminServer } from '../../admin/server.js'
import type { Config } from '../../config/resolve.js'
import { readConfig } from '../../gateway/build.js'
import { createLog, type Logger } from '../../observe/log.js'
import { freePort } from '../../server/port.js'
import { Gateway } from './gateway.js'
import { type Loops, startLoops } from './loops.js'
import { openOperators, Status } from './operators.js'
import { Reloads } from './reloads.js'

/**
 * `sluice serve`: runs until SIGTERM or SIGINT, then drains. A second signal ends it at once. SIGHUP, and a change of the
 * file, make it read its configuration again.
 * @throws ConfigError, GatewayError GW_LISTEN_FAILED
 */
export async function serve(file: string): Promise<number> {
  const first = readConfig(file)
  const { config } = first
  const log = createLog(config.log.level)
  const loops = startLoops(config.threads, {
    log,
    logLevel: config.log.level,
    counted: config.admin !== undefined,
    onDied: reason => died(log, reason)
  })
  const status = new Status()
  const gateway = new Gateway(file, loops.all)
  const reloads = new Reloads(gateway, status, log)
  reloads.follow(first)
  let admin: AdminServer | undefined
  let url: string
  try {
    await gateway.load(() => first)
    admin = await openOperators(config, loops.all, status)
    url = `http://${config.listen.host}:${await listen(loops, config)}`
  } catch (thrown) {
    reloads.close()
    await admin?.close()
    await Promise.all(loops.all.map(loop => loop.drain(0)))
    await loops.end()
    throw thrown
  }
  status.state = 'ready'
  const { routes, threads } = config
  log.info({ url, admin: admin?.url, routes: routes.length, threads, pid: process.pid }, 'listening')
  log.flush()
  const [signal] = await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  reloads.close()
  status.state = 'draining'
  await drain(loops, gateway.config ?? config, log, String(signal))
  await admin?.close()
  return 0
}

/** All loops on one port. @returns the port */
async function listen({ all }: Loops, { listen: { host, port } }: Config): Promise<number> {
  const shared = all.length > 1
  const chosen = shared ? await freePort(host, port) : port
  const opened = await Promise.all(all.map(loop => loop.listen(host, chosen, shared)))
  return opened[0] ?? chosen
}

async function drain(loops: Loops, { timeouts }: Config, log: Logger, signal: string): Promise<void> {
  const { drainMs, drainDelayMs } = timeouts
  log.info({ signal, deadlineMs: drainMs, delayMs: drainDelayMs || undefined }, 'draining')
  for (const again of ['SIGTERM', 'SIGINT']) process.once(again, () => process.exit(1))
  if (drainDelayMs > 0) await setTimeout(drainDelayMs)
  const cutOff = (await Promise.all(loops.all.map(loop => loop.drain(drainMs)))).reduce((sum, each) => sum + each, 0)
  await loops.end()
  if (cutOff > 0) log.warn({ cutOff }, 'exchanges were cut off at the drain deadline')
  log.info('stopped')
  log.flush()
}

/** A loop that dies takes its connections with it: better a new process than one that serves with a part of itself. */
function died(log: Logger, reason: unknown): void {
  log.fatal({ err: reason }, 'an event loop died')
  log.flush()
  process.exit(1)
}

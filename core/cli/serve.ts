import { once } from 'node:events'
import { adminPages } from '../admin/pages.js'
import { AdminServer } from '../admin/server.js'
import type { Config } from '../config/resolve.js'
import { buildSnapshot, readConfig } from '../gateway/build.js'
import { createMetrics, type Metrics } from '../gateway/metrics.js'
import { createLog, type Logger } from '../observe/log.js'
import { Listener } from '../server/listener.js'

/**
 * `sluice serve`: runs until SIGTERM or SIGINT, then drains. A second signal ends it at once.
 * @throws ConfigError, GatewayError GW_LISTEN_FAILED
 */
export async function serve(file: string): Promise<number> {
  const loaded = readConfig(file)
  const { config } = loaded
  const log = createLog(config.log.level)
  const metrics = config.admin && createMetrics()
  const snapshot = await buildSnapshot(loaded, log, metrics)
  let listener: Listener | undefined
  let admin: AdminServer | undefined
  try {
    listener = await Listener.open(snapshot, config.listen)
    admin = await openAdmin(config, listener, metrics)
  } catch (thrown) {
    await listener?.drain(0)
    await snapshot.close()
    throw thrown
  }
  const url = `http://${config.listen.host}:${listener.port}`
  log.info({ url, admin: admin?.url, routes: config.routes.length, pid: process.pid }, 'listening')
  log.flush()
  const signal = await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  const code = await drain(listener, snapshot, config.timeouts.drainMs, log, String(signal[0]))
  await admin?.close()
  return code
}

/** The operators' listener, where one is asked for. It answers until everything else has ended. */
async function openAdmin(
  { admin }: Config,
  listener: Listener,
  metrics: Metrics | undefined
): Promise<AdminServer | undefined> {
  if (admin === undefined || metrics === undefined) return undefined
  const { registry } = metrics
  registry.gauge('gateway_open_connections', 'Connections of clients that are open.', () => [
    { labels: {}, value: listener.connections }
  ])
  registry.gauge('gateway_active_exchanges', 'Exchanges under way.', () => [{ labels: {}, value: listener.active }])
  return AdminServer.open(admin, adminPages({ registry, draining: () => listener.draining }))
}

async function drain(
  listener: Listener,
  snapshot: { close(): Promise<void> },
  deadlineMs: number,
  log: Logger,
  signal: string
): Promise<number> {
  log.info({ signal, deadlineMs }, 'draining')
  for (const again of ['SIGTERM', 'SIGINT']) process.once(again, () => process.exit(1))
  const cutOff = await listener.drain(deadlineMs)
  await snapshot.close()
  if (cutOff > 0) log.warn({ cutOff }, 'exchanges were cut off at the drain deadline')
  log.info('stopped')
  log.flush()
  return 0
}

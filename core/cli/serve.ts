import { once } from 'node:events'
import { buildSnapshot, readConfig } from '../gateway/build.js'
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
  const snapshot = await buildSnapshot(loaded, log)
  let listener: Listener
  try {
    listener = await Listener.open(snapshot, config.listen)
  } catch (thrown) {
    await snapshot.close()
    throw thrown
  }
  const url = `http://${config.listen.host}:${listener.port}`
  log.info({ url, routes: config.routes.length, pid: process.pid }, 'listening')
  log.flush()
  const signal = await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  return drain(listener, snapshot, config.timeouts.drainMs, log, String(signal[0]))
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

import { buildSnapshot, readConfig } from '../gateway/build.js'
import { createLog } from '../observe/log.js'

/**
 * `sluice check`: everything `serve` would do before it opens its port.
 * @throws ConfigError with everything that is wrong
 */
export async function check(file: string): Promise<number> {
  const loaded = readConfig(file)
  const snapshot = await buildSnapshot(loaded, { log: createLog('silent') })
  await snapshot.close()
  const { routes, upstreams } = loaded.config
  process.stdout.write(`${file}: ok; routes: ${routes.length}, upstreams: ${upstreams.length}\n`)
  return 0
}

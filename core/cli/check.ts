import { showPath } from '../config/problems.js'
import { tlsFindings } from '../config/tls-files.js'
import { buildSnapshot, readConfig } from '../gateway/build.js'
import { createLog } from '../observe/log.js'
import { KeptTargets } from '../upstream/kept-targets.js'

/**
 * `sluice check`: everything `serve` would do before it opens its port.
 * @throws ConfigError with everything that is wrong
 */
export async function check(file: string): Promise<number> {
  const loaded = readConfig(file)
  // Nothing is looked up and nobody is probed.
  const targets = new KeptTargets({ live: false })
  const snapshot = await buildSnapshot(loaded, { log: createLog('silent'), targets })
  await snapshot.close()
  for (const { path, message, warning } of tlsFindings(loaded.config, Date.now())) {
    if (warning) process.stdout.write(`${file}: warning: ${showPath(path)}  ${message}\n`)
  }
  const { routes, upstreams } = loaded.config
  process.stdout.write(`${file}: ok; routes: ${routes.length}, upstreams: ${upstreams.length}\n`)
  return 0
}

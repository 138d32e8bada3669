import { showPath } from '../config/problems.js'
import { buildSnapshot } from '../gateway/build.js'
import { makePlan } from '../gateway/plan.js'
import { readConfig } from '../gateway/read-config.js'
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
  const plan = await makePlan(loaded)
  const snapshot = await buildSnapshot(loaded, { log: createLog('silent'), targets }, plan)
  await snapshot.close()
  for (const { path, message } of plan.warnings) {
    process.stdout.write(`${file}: warning: ${showPath(path)}  ${message}\n`)
  }
  const { routes, upstreams } = loaded.config
  process.stdout.write(`${file}: ok; routes: ${routes.length}, upstreams: ${upstreams.length}\n`)
  return 0
}

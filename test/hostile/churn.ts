import { spread } from '../../bench/stats.js'
import { buildSnapshot } from '../../core/gateway/build.js'
import { readConfig } from '../../core/gateway/read-config.js'
import { createLog } from '../../core/observe/log.js'
import { sharedTableMemory } from '../../core/plugin-host/shared-table.js'
import type { SluiceConfig } from '../support/sluice.js'

/** Ten policies of built-in plugins, as a real route might have them. */
export const TEN_POLICIES = [
  { plugin: 'ip-filter', settings: { deny: ['192.0.2.0/24'] } },
  { plugin: 'bot-filter' },
  { plugin: 'cors', settings: { origins: ['https://app.example'] } },
  { plugin: 'rate-limit', settings: { limits: [{ requests: 10, per: '1s' }] } },
  { plugin: 'transform-headers', settings: { request: { set: { 'x-a': 'b' } } } },
  { plugin: 'transform-path', settings: { addPrefix: '/v2' } },
  { plugin: 'waf' },
  { plugin: 'moderation-pii' },
  { plugin: 'moderation-injection' },
  { plugin: 'graphql-guard' }
]

/** A configuration of them. */
export const TEN_PLUGINS: SluiceConfig = {
  upstreams: { main: { targets: ['http://127.0.0.1:1'] } },
  routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', policies: TEN_POLICIES }]
}

/** Readings of memory, where there are as many builds. */
const READINGS = 100

/**
 * Builds and closes the snapshot of a configuration `times` times in this process, as reloads do.
 * @returns RSS after every hundredth of them, or after each, bytes
 */
export async function churn(file: string, times: number): Promise<number[]> {
  const log = createLog('silent')
  const shared = sharedTableMemory()
  const step = Math.ceil(times / READINGS)
  const readings: number[] = []
  for (let i = 1; i <= times; i++) {
    const snapshot = await buildSnapshot(readConfig(file), { log, shared })
    await snapshot.close()
    if (i % step !== 0) continue
    globalThis.gc?.()
    readings.push(process.memoryUsage.rss())
  }
  return readings
}

/**
 * The medians of the readings in the second tenth and in the last. What the first builds leave behind is there for good; one reading
 * says little, for whether the memory of the last thread has been returned yet is worth more than what is looked for.
 */
export function settled(readings: readonly number[]): { before: number; after: number } {
  const tenth = Math.floor(readings.length / 10)
  const before = spread(readings.slice(tenth, 2 * tenth))
  const after = spread(readings.slice(-tenth))
  if (before === undefined || after === undefined) throw new RangeError('ten builds at least were expected')
  return { before: before.median, after: after.median }
}
